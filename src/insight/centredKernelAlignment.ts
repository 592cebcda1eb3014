/**
 * Debiased linear CKA of two representations of the same n images, from their Gram matrices X Xᵀ and Y Yᵀ: HSIC₁(K, L) / √(HSIC₁(K, K)
 * HSIC₁(L, L)) with the unbiased HSIC₁ of Song et al. 2012 (Kornblith et al. 2019; Nguyen et al. 2021). Around 0 for unrelated
 * representations whatever their width, 1 for those equal up to rotation and scale. Can be slightly negative.
 * @param k and @param l n × n, row by row
 * @throws RangeError for fewer than 4 images
 */
export function debiasedLinearCka(k: ArrayLike<number>, l: ArrayLike<number>, n: number): number {
  if (n < 4) throw new RangeError(`CKA needs at least 4 images, not ${n}`);
  const [a, b] = [withoutDiagonal(k, n), withoutDiagonal(l, n)];
  const norm = Math.sqrt(unbiasedHsic(a, a, n) * unbiasedHsic(b, b, n));
  return norm > 0 ? unbiasedHsic(a, b, n) / norm : 0;
}

interface HollowGram {
  values: Float64Array;
  rowSums: Float64Array;
  sum: number;
}

function withoutDiagonal(gram: ArrayLike<number>, n: number): HollowGram {
  const values = new Float64Array(n * n);
  const rowSums = new Float64Array(n);
  let sum = 0;
  for (let i = 0; i < n; i++)
    for (let j = 0; j < n; j++) {
      if (i === j) continue;
      const x = gram[i * n + j];
      values[i * n + j] = x;
      rowSums[i] += x;
      sum += x;
    }
  return { values, rowSums, sum };
}

/** (tr(K̃L̃) + ΣK̃ ΣL̃ / ((n−1)(n−2)) − 2/(n−2) 1ᵀK̃L̃1) / (n(n−3)), for symmetric matrices without their diagonals. */
function unbiasedHsic(a: HollowGram, b: HollowGram, n: number): number {
  let trace = 0;
  for (let i = 0; i < n * n; i++) trace += a.values[i] * b.values[i];
  let mixed = 0;
  for (let i = 0; i < n; i++) mixed += a.rowSums[i] * b.rowSums[i];
  return (trace + (a.sum * b.sum) / ((n - 1) * (n - 2)) - (2 * mixed) / (n - 2)) / (n * (n - 3));
}
