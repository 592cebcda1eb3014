import { betaTail } from './betaTail';

/** P(|cosine| ≥ this) for two random isotropic vectors of length d: cosine² is Beta(1/2, (d − 1) / 2). For d = 1 it is always 1. */
export function cosineTail(cosine: number, d: number): number {
  return d < 2 ? 1 : betaTail(0.5, (d - 1) / 2, cosine ** 2);
}

/** The |cosine| to its nearest that half of n random kernels of length d pass (negatives counting as near); null for a single kernel. */
export function nearestByChance(n: number, d: number): number | null {
  if (n < 2) return null;
  const wanted = 1 - 0.5 ** (1 / (n - 1));
  let [low, high] = [0, 1];
  for (let i = 0; i < 50; i++) {
    const middle = (low + high) / 2;
    if (cosineTail(middle, d) > wanted) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}

/** How many of n random kernels of length d have another one at least this near, on average. */
export function twinsByChance(cosine: number, n: number, d: number): number {
  return n * (1 - (1 - cosineTail(cosine, d)) ** (n - 1));
}
