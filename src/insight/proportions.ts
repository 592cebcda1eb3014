import { binomialTail } from './binomial';

/** z of a two-sided 95 % interval. */
const Z95 = 1.959963984540054;

/**
 * Wilson's 95 % score interval for a proportion (Wilson 1927): honest for proportions near 1 and for few trials, unlike the usual
 * p ± 1.96 s.
 */
export function wilsonInterval(successes: number, trials: number): [low: number, high: number] {
  if (trials <= 0) return [0, 1];
  const p = successes / trials;
  const z2 = Z95 ** 2 / trials;
  const centre = (p + z2 / 2) / (1 + z2);
  const half = (Z95 / (1 + z2)) * Math.sqrt((p * (1 - p)) / trials + z2 / (4 * trials));
  return [Math.max(0, centre - half), Math.min(1, centre + half)];
}

/** Two-sided p-value of the exact sign test: how likely so uneven a split of `a + b` changes is when each way is as likely. */
export function signTest(a: number, b: number): number {
  return a + b === 0 ? 1 : Math.min(1, 2 * binomialTail(a + b, 0.5, Math.max(a, b)));
}
