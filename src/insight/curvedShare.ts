import { betaTail } from './betaTail';

/**
 * Share of a slice's zero-mean energy in the second-order surfaces x², y² and xy, their means removed: lines and centre-surround patterns of
 * any size, as the plane is for edges.
 * @param w height × width values, row-major
 */
export function curvedShare(w: ArrayLike<number>, height: number, width: number): number {
  const n = height * width;
  const [cx, cy] = [(width - 1) / 2, (height - 1) / 2];
  const surface = (f: (x: number, y: number) => number): Float64Array =>
    Float64Array.from({ length: n }, (_, i) => f((i % width) - cx, Math.floor(i / width) - cy));
  // x² and y² are orthogonal once their means are off; xy has none.
  const basis = [surface((x) => x * x), surface((_, y) => y * y), surface((x, y) => x * y)].map(withoutMean);
  const values = withoutMean(Float64Array.from(w));
  const energy = dot(values, values);
  if (energy === 0) return 0;
  return basis.reduce((sum, b) => (dot(b, b) > 0 ? sum + dot(values, b) ** 2 / dot(b, b) : sum), 0) / energy;
}

/** P(share of random isotropic weights ≥ this): Beta(3/2, (n − 4) / 2) for n weights. */
export function curvedChance(share: number, n: number): number {
  return betaTail(1.5, (n - 4) / 2, share);
}

function withoutMean(v: Float64Array): Float64Array {
  const mean = v.reduce((a, b) => a + b, 0) / v.length;
  return v.map((x) => x - mean);
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  return sum;
}
