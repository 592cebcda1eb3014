import { classifySlice, isOriented, orientedByChance } from './kernelClass';

/** One kernel (unit, value) at several steps, ascending; `length` numbers per step, row by row, channels innermost. */
export interface KernelFilm {
  steps: readonly number[];
  length: number;
  values: Float32Array;
  /** Of the steps' own batches and updates; NaN where a frame does not hold them. */
  gradients: Float32Array | null;
  updates: Float32Array | null;
}

export interface Moment {
  step: number;
  kind: 'largest-step' | 'half-way' | 'turned' | 'edge-found' | 'edge-lost' | 'no-gradient' | 'settled';
  text: string;
}

/** A kernel's life as curves, one number per step, and the moments that stand out. */
export interface KernelStory {
  norms: number[];
  /** Euclidean distance from the first step's values. */
  distances: number[];
  /** Cosine of the angle to the first step's values; null where one of the two is zero. */
  cosines: (number | null)[];
  gradientNorms: (number | null)[];
  /** Mean |ΔW| ÷ mean |W| of the kernel. */
  updateRatios: (number | null)[];
  moments: Moment[];
}

/** From this cosine on a kernel no longer is what was drawn. */
const TURNED = 0.7;
/** Closer than this, as a part of its length, it has arrived. */
const SETTLED = 0.05;
/** Whoever arrives later in the run than this has not shown that it stays. */
const LATE = 0.8;
const FEWEST_FRAMES = 4;

/** @param shape [kh, kw, channels] of the kernel; null where it has no picture to be classified */
export function kernelStory(film: KernelFilm, shape: readonly [number, number, number] | null): KernelStory {
  const { steps, length, values, gradients, updates } = film;
  const at = (of: Float32Array, s: number) => of.subarray(s * length, (s + 1) * length);
  const frames = steps.map((_, s) => at(values, s));
  const [first] = frames;
  const norms = frames.map(norm);
  const story: Omit<KernelStory, 'moments'> = {
    norms,
    distances: frames.map((w) => distance(w, first)),
    cosines: frames.map((w, s) => (norms[s] > 0 && norms[0] > 0 ? dot(w, first) / (norms[s] * norms[0]) : null)),
    gradientNorms: steps.map((_, s) => (gradients ? known(norm(at(gradients, s))) : null)),
    updateRatios: frames.map((w, s) => (updates && norms[s] > 0 ? known(meanAbs(at(updates, s)) / meanAbs(w)) : null)),
  };
  if (steps.length < FEWEST_FRAMES) return { ...story, moments: [] };
  const moments = [...travel(film, frames, story), ...gradientMoments(steps, story), ...(shape ? edgeMoments(steps, frames, shape) : [])];
  return { ...story, moments: moments.sort((a, b) => a.step - b.step) };
}

function travel({ steps, updates, length }: KernelFilm, frames: Float32Array[], story: Omit<KernelStory, 'moments'>): Moment[] {
  const { distances, norms, cosines } = story;
  const last = steps.length - 1;
  const moments: Moment[] = [];
  const sizes = updates && steps.map((_, s) => norm(updates.subarray(s * length, (s + 1) * length)));
  if (sizes?.some((x) => x > 0)) {
    const largest = sizes.reduce((best, x, s) => (x > (sizes[best] || 0) ? s : best), 0);
    moments.push({ step: steps[largest], kind: 'largest-step', text: 'its largest recorded step' });
  }
  const end = distances[last];
  if (end > SETTLED * norms[0]) {
    const half = distances.findIndex((x) => x >= end / 2);
    moments.push({ step: steps[half], kind: 'half-way', text: 'half as far from its start as it is in the end' });
    // From here on it stays near where it ends.
    const away = frames.map((w) => distance(w, frames[last]) > SETTLED * norms[last]).lastIndexOf(true) + 1;
    if (steps[away] < LATE * steps[last])
      moments.push({ step: steps[away], kind: 'settled', text: `from here on within ${100 * SETTLED} % of what it ends as` });
  }
  const turned = cosines.findIndex((c) => c !== null && c < TURNED);
  if (turned > 0)
    moments.push({
      step: steps[turned],
      kind: 'turned',
      text: `no longer the pattern that was drawn: its cosine to the start falls below ${TURNED}`,
    });
  return moments;
}

/** A gradient that is exactly zero from some step to the end: behind a dead relu, say. */
function gradientMoments(steps: readonly number[], { gradientNorms }: Omit<KernelStory, 'moments'>): Moment[] {
  const recorded = gradientNorms.flatMap((g, s) => (g === null ? [] : [{ step: steps[s], g }]));
  const alive = recorded.map(({ g }) => g > 0).lastIndexOf(true);
  if (recorded.length - alive - 1 < 3) return [];
  return [
    { step: recorded[alive + 1].step, kind: 'no-gradient', text: 'no gradient at all from here to the end: it has stopped learning' },
  ];
}

/** When it became an edge filter (or ceased to be one) for good. */
function edgeMoments(steps: readonly number[], frames: Float32Array[], [kh, kw, channels]: readonly [number, number, number]): Moment[] {
  if (kh < 2 || kw < 2) return [];
  const isEdge = frames.map((w) => {
    const slice = Float64Array.from({ length: kh * kw }, (_, p) => {
      let sum = 0;
      for (let c = 0; c < channels; c++) sum += w[p * channels + c];
      return sum;
    });
    return isOriented(classifySlice(slice, kh, kw, 0).kernelClass);
  });
  const last = isEdge[isEdge.length - 1];
  const since = isEdge.lastIndexOf(!last) + 1;
  if (since === 0) return [];
  const chance = Math.round(1 / orientedByChance(kh, kw));
  const text = last
    ? `an edge filter from here on, as about 1 random kernel in ${chance} is`
    : 'the last time that it was an edge filter was just before';
  return [{ step: steps[since], kind: last ? 'edge-found' : 'edge-lost', text }];
}

function dot(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}

function norm(w: Float32Array): number {
  return Math.sqrt(dot(w, w));
}

function distance(a: Float32Array, b: Float32Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += (a[i] - b[i]) ** 2;
  return Math.sqrt(sum);
}

function meanAbs(w: Float32Array): number {
  let sum = 0;
  for (const x of w) sum += Math.abs(x);
  return sum / w.length;
}

function known(x: number): number | null {
  return Number.isFinite(x) ? x : null;
}
