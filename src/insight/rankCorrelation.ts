import { betaTail } from './betaTail';

/**
 * Spearman's rank correlation of two lists of the same length n ≥ 3, ties sharing their mean rank, and its two-sided p-value by Student's t
 * with n − 2 degrees of freedom.
 */
export function rankCorrelation(a: readonly number[], b: readonly number[]): { rho: number; pValue: number } {
  const n = a.length;
  const [x, y] = [ranks(a), ranks(b)];
  const mean = (n + 1) / 2;
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    xy += (x[i] - mean) * (y[i] - mean);
    xx += (x[i] - mean) ** 2;
    yy += (y[i] - mean) ** 2;
  }
  if (n < 3 || xx === 0 || yy === 0) return { rho: 0, pValue: 1 };
  const rho = xy / Math.sqrt(xx * yy);
  // ρ² ~ Beta(1/2, (n − 2) / 2) when nothing is related: the same as Student's t of ρ √((n − 2) / (1 − ρ²)).
  return { rho, pValue: betaTail(0.5, (n - 2) / 2, rho * rho) };
}

function ranks(values: readonly number[]): Float64Array {
  const order = values.map((_, i) => i).sort((i, j) => values[i] - values[j]);
  const result = new Float64Array(values.length);
  for (let from = 0; from < order.length;) {
    let to = from;
    while (to + 1 < order.length && values[order[to + 1]] === values[order[from]]) to++;
    for (let i = from; i <= to; i++) result[order[i]] = (from + to) / 2 + 1;
    from = to + 1;
  }
  return result;
}
