/** Numbers that sum up one weight, gradient or update. */
export interface Statistics {
  count: number;
  min: number;
  max: number;
  mean: number;
  /** Population standard deviation. */
  std: number;
  /** Euclidean length. */
  norm: number;
  /** How many values are exactly zero. */
  zeros: number;
  /** How many are NaN or infinite; they count in none of the others. */
  notFinite: number;
}

/** Of every `stride`-th value from `start` on; by default all. Sums are in double precision, the spread in two passes. */
export function statistics(values: Float32Array, start = 0, stride = 1): Statistics {
  let count = 0;
  let sum = 0;
  let squares = 0;
  let min = Infinity;
  let max = -Infinity;
  let zeros = 0;
  let notFinite = 0;
  for (let i = start; i < values.length; i += stride) {
    const v = values[i];
    if (!Number.isFinite(v)) {
      notFinite++;
      continue;
    }
    count++;
    sum += v;
    squares += v * v;
    if (v < min) min = v;
    if (v > max) max = v;
    if (v === 0) zeros++;
  }
  const mean = count ? sum / count : NaN;
  let deviation = 0;
  for (let i = start; i < values.length; i += stride) {
    const v = values[i];
    if (Number.isFinite(v)) deviation += (v - mean) ** 2;
  }
  return {
    count,
    min: count ? min : NaN,
    max: count ? max : NaN,
    mean,
    std: count ? Math.sqrt(deviation / count) : NaN,
    norm: Math.sqrt(squares),
    zeros,
    notFinite,
  };
}

/** Largest absolute value among the finite ones; 0 when there is none. */
export function maxAbs(values: Float32Array): number {
  let max = 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    const a = v < 0 ? -v : v;
    if (a > max && a !== Infinity) max = a;
  }
  return max;
}

export interface Histogram {
  /** Lower edge of the first bin, upper edge of the last. */
  low: number;
  high: number;
  counts: Uint32Array;
}

/** Counts in equal bins over [low, high]; the last bin takes its upper edge too, what lies outside counts in the outermost bins. */
export function histogram(values: Float32Array, bins: number, low: number, high: number): Histogram {
  const counts = new Uint32Array(bins);
  const factor = high > low ? bins / (high - low) : 0;
  for (let i = 0; i < values.length; i++) {
    const v = values[i];
    if (!Number.isFinite(v)) continue;
    const at = Math.floor((v - low) * factor);
    counts[at < 0 ? 0 : at >= bins ? bins - 1 : at]++;
  }
  return { low, high, counts };
}
