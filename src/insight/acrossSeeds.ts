import type { LayerInfo, ModelSpec, WeightSpec } from '../common/modelSpec';
import { sharedByChance, type AcrossSeeds, type LayerAcrossSeeds } from '../common/seedComparison';
import type { LayerActivity } from '../common/trainingProtocol';
import { debiasedLinearCka } from './centredKernelAlignment';
import { kernelRows, type Rows } from './distinctiveness';
import { chanceOfDraws, matchKernels, permuteInputs, type KernelMatch } from './matchKernels';

/** One run of a model: final kernels by layer, and what its layers make of the same images. */
export interface SeedRun {
  seed: number;
  accuracy: number | null;
  kernels: Map<string, Float32Array>;
  activity: Map<string, LayerActivity>;
  /** The same of the run's random start: what unrelated networks show on these images. */
  untrained: Map<string, LayerActivity>;
}

/** Share of matched random kernels that count as found again: those above the 95th percentile. */
const PASSED_BY_CHANCE = 0.05;

/** Layers through which channels pass one to one. */
const KEEPS_CHANNELS =
  /^(Activation|ReLU|LeakyReLU|ELU|PReLU|ThresholdedReLU|Dropout|SpatialDropout2D|GaussianNoise|GaussianDropout|BatchNormalization|(Max|Average)(Pooling2D)|ZeroPadding2D|Cropping2D|UpSampling2D)$/;

/** The conv layers whose kernels can be compared. */
export function comparedLayers(spec: ModelSpec): LayerInfo[] {
  return spec.layers.filter((l) => !l.name.includes('/') && kernelOf(l) !== null);
}

/**
 * Compares runs of one model that differ in their seed only: which kernels they share, beside what random kernels would share.
 * @throws RangeError for fewer than two runs
 */
export function compareAcrossSeeds(spec: ModelSpec, runs: readonly SeedRun[], images: number): AcrossSeeds {
  if (runs.length < 2) throw new RangeError('at least two runs are needed to compare seeds');
  // For every run but the first: the order in which its channels are those of the first run.
  const orders = new Map<string, Int32Array[]>();
  const layers = comparedLayers(spec).map((layer) => compareLayer(spec, layer, runs, images, orders));
  const accuracies = runs.map((r) => r.accuracy).filter((a) => a !== null);
  const accuracy = accuracies.length === runs.length ? { values: accuracies, ...spread(accuracies) } : null;
  return { images, accuracy, layers, summary: summarise(runs.length, layers, accuracy) };
}

function compareLayer(
  spec: ModelSpec,
  layer: LayerInfo,
  runs: readonly SeedRun[],
  images: number,
  orders: Map<string, Int32Array[]>,
): LayerAcrossSeeds {
  const kernel = kernelOf(layer);
  const shape = kernel?.shape ?? [];
  const source = channelSource(spec, layer);
  const byOutput = matchOutputs(runs.map((r) => required(r.activity, layer.name)));
  const untrained = runs.map((r) => required(r.untrained, layer.name));
  let byWeights: KernelMatch[][] | null = null;
  if (source !== null && (source === 'input' || orders.has(source))) {
    const rows = runs.map((run, r) => {
      const values = required(run.kernels, layer.name);
      const order = r === 0 || source === 'input' ? undefined : orders.get(source)?.[r - 1];
      return kernelRows(order ? permuteInputs(values, shape, order) : values, shape);
    });
    byWeights = pairs(runs.length, (a, b) => matchKernels(rows[a], rows[b]));
  }
  const firstRow = (byWeights ?? byOutput)[0];
  orders.set(
    layer.name,
    firstRow.map((m) => m.partner),
  );
  const chance = byWeights && kernel && chanceOfDraws(kernel);
  const isFound = (index: number) => firstRow.map((m) => m.cosine[index] > (chance?.pair95 ?? Infinity));
  const found = byWeights && Array.from({ length: shape.at(-1) ?? 0 }, (_, index) => isFound(index));
  return {
    name: layer.name,
    shape,
    matchedCosine: byWeights && chance && { mean: meanOf(byWeights), chanceMean: chance.mean, chance95: chance.mean95 },
    matchedActivation: { mean: meanOf(byOutput), untrained: meanOf(matchOutputs(untrained)) },
    cka: meanCka(
      runs.map((r) => required(r.activity, layer.name)),
      images,
    ),
    ckaUntrained: meanCka(untrained, images),
    inEverySeed: found && found.filter((f) => f.every(Boolean)).length,
    inEverySeedByChance: found && found.length * PASSED_BY_CHANCE ** (runs.length - 1),
    inNoOther: found && found.filter((f) => !f.some(Boolean)).length,
    partners: firstRow.map((m) => [...m.partner]),
    cosines: byWeights && firstRow.map((m) => [...m.cosine]),
    pairChance95: chance && chance.pair95,
  };
}

function matchOutputs(activity: readonly LayerActivity[]): KernelMatch[][] {
  const rows = activity.map(channelRows);
  return pairs(rows.length, (a, b) => matchKernels(rows[a], rows[b]));
}

function meanCka(activity: readonly LayerActivity[], images: number): number {
  const all = pairs(activity.length, (a, b) => debiasedLinearCka(activity[a].gram, activity[b].gram, images)).flat();
  return all.reduce((s, x) => s + x, 0) / all.length;
}

/** For every compared layer the compared layer whose channels it reads; null for the model's input and where channels cannot be followed. */
export function channelSources(spec: ModelSpec): Map<string, string | null> {
  return new Map(
    comparedLayers(spec).map((layer) => {
      const source = channelSource(spec, layer);
      return [layer.name, source === 'input' ? null : source];
    }),
  );
}

/** Where a conv layer's input channels come from: the model's input, a conv layer whose channels reach it one to one, or neither. */
function channelSource(spec: ModelSpec, layer: LayerInfo): 'input' | string | null {
  const byName = new Map(spec.layers.map((l) => [l.name, l]));
  let at: LayerInfo | undefined = layer;
  for (;;) {
    const [input, ...more]: string[] = at.inputs;
    if (more.length > 0) return null;
    // Sequential models often leave their input layer out: the first layer then names one that is not there, or none.
    if (input === undefined) return 'input';
    at = byName.get(input);
    if (!at) return spec.layers.some((l) => l.name.startsWith(`${input}/`)) ? null : 'input';
    if (at.className === 'InputLayer') return 'input';
    if (kernelOf(at)) return at.name;
    if (!KEEPS_CHANNELS.test(at.className)) return null;
  }
}

function kernelOf(layer: LayerInfo): WeightSpec | null {
  const kernel = layer.weights.find((w) => w.name === 'kernel' && w.shape.length === 4);
  return kernel && layer.className === 'Conv2D' ? kernel : null;
}

/** Channels as rows over all samples, their means taken off, so that the cosine of two is their correlation. */
function channelRows({ samples, units }: LayerActivity): Rows {
  const d = samples.length / units;
  const values = new Float64Array(samples.length);
  for (let u = 0; u < units; u++) {
    let mean = 0;
    for (let i = 0; i < d; i++) mean += samples[i * units + u] / d;
    for (let i = 0; i < d; i++) values[u * d + i] = samples[i * units + u] - mean;
  }
  return { values, n: units, d };
}

/** `[[0,1], [0,2], …], [[1,2], …], …`: what `compare` gives for every pair, by the first of the two. */
function pairs<T>(count: number, compare: (a: number, b: number) => T): T[][] {
  return Array.from({ length: count - 1 }, (_, a) => Array.from({ length: count - 1 - a }, (_, k) => compare(a, a + 1 + k)));
}

function meanOf(matches: KernelMatch[][]): number {
  const all = matches.flat();
  return all.reduce((s, m) => s + m.mean, 0) / all.length;
}

function spread(values: readonly number[]): { mean: number; standardDeviation: number } {
  const mean = values.reduce((s, v) => s + v, 0) / values.length;
  return { mean, standardDeviation: Math.sqrt(values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - 1)) };
}

function summarise(runs: number, layers: LayerAcrossSeeds[], accuracy: AcrossSeeds['accuracy']): string {
  const parts: string[] = [];
  if (accuracy) {
    const percent = (x: number) => `${(100 * x).toFixed(1)} %`;
    parts.push(`${runs} runs reach ${percent(accuracy.mean)} accuracy, ± ${percent(accuracy.standardDeviation)} (standard deviation).`);
  }
  const [first] = layers;
  if (first?.matchedCosine && first.inEverySeed !== null) {
    const { mean, chanceMean, chance95 } = first.matchedCosine;
    const verdict =
      mean > chance95
        ? 'They are more alike than random kernels.'
        : 'They are no more alike than random kernels: each run found filters of its own, or these are too few to tell.';
    parts.push(
      `Matched kernels of ${first.name} have a cosine of ${mean.toFixed(2)} on average; random ones would have ${chanceMean.toFixed(2)}, and above ${chance95.toFixed(2)} in one case of twenty. ${verdict}`,
      `${first.inEverySeed} of ${first.shape.at(-1)} kernels ${first.inEverySeed === 1 ? 'was' : 'were'} found by every run; runs with nothing in common would share ${sharedByChance(first)}.`,
    );
  }
  if (runs < 5) parts.push(`With ${runs} runs only large differences show; take five or more before concluding that two runs differ.`);
  return parts.join(' ');
}

function required<V>(map: Map<string, V>, key: string): V {
  const value = map.get(key);
  if (value === undefined) throw new RangeError(`nothing is known of layer ${key}`);
  return value;
}
