import { logGamma } from './binomial';
import { gram } from './gram';
import { symmetricEigenvalues } from './symmetricEigenvalues';

/** Kernels as rows: n vectors of length d. */
export interface Rows {
  values: Float64Array;
  n: number;
  d: number;
}

const TOGETHER = 8;

/** The kernels of a weight [kh, kw, cin, filters] (or [inputs, units]) as rows of length kh · kw · cin. */
export function kernelRows(values: Float32Array, shape: readonly number[]): Rows {
  const n = shape.at(-1) ?? 1;
  const d = values.length / n;
  const rows = new Float64Array(values.length);
  // A few rows at a time: what is written then stays in the cache.
  for (let from = 0; from < n; from += TOGETHER) {
    const to = Math.min(n, from + TOGETHER);
    for (let i = 0; i < d; i++) for (let f = from; f < to; f++) rows[f * d + i] = values[i * n + f];
  }
  return { values: rows, n, d };
}

/** n × n cosines of the angles between rows, the sign kept, means not removed; a zero row has cosine 0 to all others. */
export function cosines({ values, n, d }: Rows): Float64Array {
  const result = gram(values, n, d);
  const norms = Float64Array.from({ length: n }, (_, a) => Math.sqrt(result[a * n + a]));
  for (let a = 0; a < n; a++)
    for (let b = 0; b < n; b++) {
      const scale = norms[a] * norms[b];
      result[a * n + b] = a === b ? 1 : scale > 0 ? result[a * n + b] / scale : 0;
    }
  return result;
}

/** The most similar other kernel, negatives counting as similar; null for a single kernel. */
export function nearestTwin(cosine: Float64Array, n: number, kernel: number): { index: number; cosine: number } | null {
  let best = -1;
  for (let b = 0; b < n; b++) {
    if (b === kernel) continue;
    if (best < 0 || Math.abs(cosine[kernel * n + b]) > Math.abs(cosine[kernel * n + best])) best = b;
  }
  return best < 0 ? null : { index: best, cosine: cosine[kernel * n + best] };
}

/** Mean |cos| over pairs. */
export function meanAbsCosine(cosine: Float64Array, n: number): number {
  let sum = 0;
  for (let a = 0; a < n; a++) for (let b = 0; b < a; b++) sum += Math.abs(cosine[a * n + b]);
  return n > 1 ? sum / ((n * (n - 1)) / 2) : 0;
}

/** What random isotropic kernels of length d give for mean |cos|: Γ(d/2) / (√π Γ((d + 1)/2)), which is √(2 / (π d)) for large d. */
export function chanceMeanAbsCosine(d: number): number {
  return Math.exp(logGamma(d / 2) - logGamma((d + 1) / 2)) / Math.sqrt(Math.PI);
}

/** 1 − Σ_{i≠j} |cos| / (n (n − 1)), as CNN Filter DB defines orthogonality: 1 for orthogonal kernels, 0 for parallel ones. */
export function orthogonality(cosine: Float64Array, n: number): number {
  return 1 - meanAbsCosine(cosine, n);
}

/** Share of the kh × kw slices whose largest |w| is below a hundredth of the layer's (CNN Filter DB). */
export function sparsity(values: Float32Array, shape: readonly number[]): number {
  const [kh, kw, cin, filters] = shape;
  const slices = cin * filters;
  const largest = new Float64Array(slices);
  for (let p = 0; p < kh * kw; p++)
    for (let s = 0; s < slices; s++) {
      const size = Math.abs(values[p * slices + s]);
      if (size > largest[s]) largest[s] = size;
    }
  const threshold = 0.01 * largest.reduce((a, b) => Math.max(a, b), 0);
  return largest.reduce((count, m) => count + (m < threshold || threshold === 0 ? 1 : 0), 0) / slices;
}

/** Base-10 entropy of shares that sum to 1. */
export function entropy10(shares: ArrayLike<number>): number {
  let h = 0;
  for (let i = 0; i < shares.length; i++) if (shares[i] > 0) h -= shares[i] * Math.log10(shares[i]);
  return h;
}

/**
 * Variance entropy of a layer's 3×3 slices (CNN Filter DB, CVPR 2022): entropy of the variance shares of their principal components.
 * @returns `entropy` (at most log10 9) and `ratio` to the threshold for as many slices: about 0.9 is good, near 0 redundant, above 1
 * random, null for too few slices to tell; null unless the kernels are 3×3.
 */
export function varianceEntropy(values: Float32Array, shape: readonly number[]): { entropy: number; ratio: number | null } | null {
  const [kh, kw, cin, filters] = shape;
  if (kh !== 3 || kw !== 3 || shape.length !== 4) return null;
  const n = cin * filters;
  const centred = new Float64Array(9 * n);
  for (let p = 0; p < 9; p++) {
    let mean = 0;
    for (let s = 0; s < n; s++) mean += values[p * n + s];
    mean /= n;
    for (let s = 0; s < n; s++) centred[p * n + s] = values[p * n + s] - mean;
  }
  const covariance = gram(centred, 9, n);
  const eigenvalues = symmetricEigenvalues(covariance, 9).map((x) => Math.max(0, x));
  const total = eigenvalues.reduce((a, b) => a + b, 0);
  // Equal slices have no variance to share.
  const entropy = total > 1e-18 ? entropy10(eigenvalues.map((x) => x / total)) : 0;
  return { entropy, ratio: n < FEWEST_SLICES ? null : entropy / varianceEntropyThreshold(n) };
}

/** The published curve is of 8 slices and more; below it falls to nothing and under it. */
const FEWEST_SLICES = 8;

/** T_H(n) of CNN Filter DB: what n random slices reach. */
export function varianceEntropyThreshold(n: number): number {
  return 1.2618047 / (1 + Math.exp(-0.88767525 * (Math.log2(n) - 2.30436435))) - 0.31050834;
}

/**
 * How many different kernels there effectively are: exp of the Shannon entropy of the normalised eigenvalues of the n × n matrix of cosines
 * (Roy & Vetterli 2007, effective rank). n for orthogonal kernels, 1 when all are parallel.
 */
export function effectiveKernels(cosine: Float64Array, n: number): number {
  return effectiveRank(symmetricEigenvalues(cosine, n));
}

/**
 * The same from the kernels themselves. Where there are more of them than each has weights, the products of the normalised kernels'
 * coordinates have the same eigenvalues but for zeros, and are fewer; kernels of zeros, which the cosines take for unlike all others, count
 * one each.
 */
export function effectiveNumber({ values, n, d }: Rows, cosine?: Float64Array): number {
  if (n <= d) return effectiveKernels(cosine ?? cosines({ values, n, d }), n);
  const coordinates = new Float64Array(n * d);
  let zeros = 0;
  for (let a = 0; a < n; a++) {
    let square = 0;
    for (let i = a * d; i < (a + 1) * d; i++) square += values[i] * values[i];
    if (square === 0) zeros++;
    else for (let i = 0; i < d; i++) coordinates[i * n + a] = values[a * d + i] / Math.sqrt(square);
  }
  return effectiveRank([...symmetricEigenvalues(gram(coordinates, d, n), d), ...new Array<number>(zeros).fill(1)]);
}

function effectiveRank(eigenvalues: ArrayLike<number>): number {
  const positive = Array.from(eigenvalues, (x) => Math.max(0, x));
  const total = positive.reduce((a, b) => a + b, 0);
  return total > 0 ? 10 ** entropy10(positive.map((x) => x / total)) : 0;
}

/**
 * What n random isotropic kernels of length d count as: m exp(−(m − 1) / 2M) with m = min(n, d), M = max(n, d). Under the law of Marchenko
 * and Pastur the entropy of the shares is log m − m / 2M; the finite m − 1 comes from the mean square of their cosines, 1 / d. Within
 * 3 % of drawing them from n = 4 on.
 */
export function chanceEffectiveKernels(n: number, d: number): number {
  const [m, most] = [Math.min(n, d), Math.max(n, d)];
  return m * Math.exp(-(m - 1) / (2 * most));
}
