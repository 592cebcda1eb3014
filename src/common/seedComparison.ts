/** What runs of one model that differ in their seed only have in common in one layer, beside what chance gives; see insight/acrossSeeds.ts. */
export interface LayerAcrossSeeds {
  name: string;
  shape: number[];
  /** Signed cosine of kernels matched by weights, over all pairs of runs; null where the inputs of the layer cannot be lined up. */
  matchedCosine: { mean: number; chanceMean: number; chance95: number } | null;
  /** Correlation of channels matched by their outputs, over all pairs of runs; `untrained`: of the runs' random starts. */
  matchedActivation: { mean: number; untrained: number };
  /** Debiased linear CKA, mean over all pairs of runs. */
  cka: number;
  /** The same of the runs' random starts: networks that have learned nothing are alike this much. */
  ckaUntrained: number;
  /** Kernels of the first run that every other run has too: matched above what 95 % of matched random kernels reach. */
  inEverySeed: number | null;
  /** How many that would be if the runs had nothing in common: one in twenty matched random kernels is above that line, and in every other run again. */
  inEverySeedByChance: number | null;
  /** Kernels of the first run that no other run has. */
  inNoOther: number | null;
  /** The kernels of every other run that belong to those of the first, by weights or else by outputs. */
  partners: number[][];
  /** Signed cosine of every kernel of the first run with its partner in every other run; null like `matchedCosine`. */
  cosines: number[][] | null;
  /** What 95 % of single pairs of matched random kernels stay below: above it a kernel counts as found again. */
  pairChance95: number | null;
}

export interface AcrossSeeds {
  images: number;
  accuracy: { values: number[]; mean: number; standardDeviation: number } | null;
  layers: LayerAcrossSeeds[];
  /** What a person can quote. */
  summary: string;
}

/** The kernels of all runs in one order. */
export interface LinedUpLayer {
  name: string;
  shape: number[];
  /** Per run [kh, kw, cin, filters], its kernels and their input channels in the order of the first run's. */
  kernels: Float32Array[];
}

/** How many kernels every run would seem to have found if they had nothing in common, as text. */
export function sharedByChance({ inEverySeedByChance: shared }: LayerAcrossSeeds): string {
  if (shared === null) return 'an unknown number';
  return shared < 0.1 ? 'next to none' : `about ${shared.toFixed(1)}`;
}
