import type { WeightSpec } from '../common/modelSpec';
import { Random } from '../common/random';
import { bestAssignment } from './assignment';
import { kernelRows, type Rows } from './distinctiveness';
import { distributionOf, drawWeight, type Distribution } from './initializers';

/** One run's kernels paired with another's. */
export interface KernelMatch {
  /** For every kernel of the first run its partner in the second. */
  partner: Int32Array;
  /** Signed cosine between partners. */
  cosine: Float64Array;
  mean: number;
}

/** What matching random kernels of the same number and length gives. */
export interface MatchChance {
  /** Average of the mean cosine between partners. */
  mean: number;
  /** 95th percentile of that mean. */
  mean95: number;
  /** 95th percentile of a single pair's cosine. */
  pair95: number;
  trials: number;
}

/**
 * Pairs the kernels of two runs one to one so that the sum of their signed cosines is largest (weight matching, Ainsworth et al. 2022,
 * of one layer; Li et al. 2016 do the same with activations).
 * @param a and @param b the same number n of rows of the same length
 */
export function matchKernels(a: Rows, b: Rows): KernelMatch {
  const { n } = a;
  const similarity = crossCosines(a, b);
  const partner = bestAssignment(similarity, n);
  const cosine = Float64Array.from(partner, (j, i) => similarity[i * n + j]);
  return { partner, cosine, mean: mean(cosine) };
}

/** Orthogonalising so many weights as often as matching is tried would take seconds. */
const MAX_ORTHOGONAL = 300_000;

/**
 * What matching the kernels of two untrained runs gives: draws of the layer's own initialiser, since uniform and orthogonal kernels match a
 * little better than normal ones; isotropic kernels where that draws nothing at random.
 * @param weight kernel of shape [kh, kw, cin, filters]
 */
export function chanceOfDraws(weight: WeightSpec): MatchChance {
  const n = weight.shape[weight.shape.length - 1];
  const size = weight.shape.reduce((a, b) => a * b, 1);
  const kind = kindOf(weight);
  const isRandom =
    kind === 'uniform' || kind === 'normal' || kind === 'truncated-normal' || (kind === 'orthogonal' && size <= MAX_ORTHOGONAL);
  let seed = 0;
  return chanceOfMatching(n, size / n, isRandom ? () => kernelRows(drawWeight(weight, seed++, 'chance/match'), weight.shape) : undefined);
}

function kindOf(weight: WeightSpec): Distribution['kind'] | null {
  try {
    return distributionOf(weight).kind;
  } catch {
    return null;
  }
}

/**
 * Matches random kernels with random ones: what two runs that have nothing in common would show. The same numbers each time.
 * @param n kernels, each of @param d weights
 * @param draw n such kernels; by default isotropic ones
 */
export function chanceOfMatching(n: number, d: number, draw = isotropic(n, d)): MatchChance {
  // Matching costs n³, drawing and comparing n² d: larger layers vary less and need fewer trials. The 95th percentile of 1,000 is known
  // to 0.7 points.
  const trials = Math.max(5, Math.min(1000, Math.floor(4e8 / (n * n * (n + d)))));
  const means: number[] = [];
  const pairs: number[] = [];
  for (let t = 0; t < trials; t++) {
    const match = matchKernels(draw(), draw());
    means.push(match.mean);
    pairs.push(...match.cosine);
  }
  return { mean: mean(means), mean95: quantile(means, 0.95), pair95: quantile(pairs, 0.95), trials };
}

function isotropic(n: number, d: number): () => Rows {
  const random = Random.stream(n * 65_537 + d, 'chance/match');
  return () => ({ values: Float64Array.from({ length: n * d }, () => random.normal()), n, d });
}

/** Kernels [kh, kw, cin, filters] with their input channels in another order: channel c becomes what channel `order[c]` was. */
export function permuteInputs(values: Float32Array, shape: readonly number[], order: Int32Array): Float32Array {
  const [kh, kw, cin, filters] = shape;
  const result = new Float32Array(values.length);
  for (let p = 0; p < kh * kw; p++)
    for (let c = 0; c < cin; c++) {
      const from = (p * cin + order[c]) * filters;
      result.set(values.subarray(from, from + filters), (p * cin + c) * filters);
    }
  return result;
}

/** n × n cosines between the rows of a and those of b. */
function crossCosines(a: Rows, b: Rows): Float64Array {
  const { n, d } = a;
  const [u, v] = [unit(a), unit(b)];
  const result = new Float64Array(n * n);
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      let dot = 0;
      for (let k = 0; k < d; k++) dot += u[i * d + k] * v[j * d + k];
      result[i * n + j] = dot;
    }
  return result;
}

/** Rows scaled to length 1; zero rows stay zero. */
function unit({ values, n, d }: Rows): Float64Array {
  const result = new Float64Array(values.length);
  for (let i = 0; i < n; i++) {
    let squares = 0;
    for (let k = 0; k < d; k++) squares += values[i * d + k] ** 2;
    const scale = squares > 0 ? 1 / Math.sqrt(squares) : 0;
    for (let k = 0; k < d; k++) result[i * d + k] = values[i * d + k] * scale;
  }
  return result;
}

function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return values.length > 0 ? sum / values.length : 0;
}

function quantile(values: readonly number[], q: number): number {
  const sorted = [...values].sort((x, y) => x - y);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))];
}
