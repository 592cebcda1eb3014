// Matrix products.
import { floats, int, ptr } from './args';
import { packColumns, packRows } from './pack';
import { DEPTH_BLOCK, FROM_BIAS, FROM_OUTPUT, FROM_ZERO, NR, product } from './tile';

/**
 * Job: a block of a product. Words: A, bytes between rows, bytes between their elements, m, n, k, panels of B, bias or 0, C, relu, rows per item, panels per
 * item, items across; then for a batch of products: items per product, bytes between As, between Bs, between Cs; then, where B is not
 * packed: B itself or 0, bytes between its rows, or its columns where it is transposed, whether it is.
 */
export function matmulJob(a: usize, item: i32, scratch: usize): void {
  const m = int(a, 3),
    n = int(a, 4),
    k = int(a, 5),
    across = int(a, 12),
    itemsPerProduct = int(a, 13);
  const one: usize = <usize>(item / itemsPerProduct);
  const block = item % itemsPerProduct;
  const r0 = (block / across) * int(a, 10);
  const p0 = (block % across) * int(a, 11);
  const r1 = min(r0 + int(a, 10), m),
    p1 = min(p0 + int(a, 11), (n + NR - 1) / NR);
  const left = ptr(a, 0) + one * ptr(a, 14),
    rowStep = ptr(a, 1),
    step = ptr(a, 2),
    bias = ptr(a, 7),
    start = bias ? FROM_BIAS : FROM_ZERO,
    c = ptr(a, 8) + one * ptr(a, 16),
    relu = int(a, 9) != 0,
    b = ptr(a, 17);
  if (b == 0) {
    product(left, 0, rowStep, r0, r1, 0, step, k, ptr(a, 6) + one * ptr(a, 15), p0, p1, start, bias, c, floats(n), n, relu);
    return;
  }
  for (let p = p0; p < p1; p++)
    for (let depth = 0; depth < k; depth += DEPTH_BLOCK) {
      const terms = min(DEPTH_BLOCK, k - depth);
      // Where the first panel would lie for this one to be in scratch.
      const panels = scratch - floats(p * terms * NR);
      if (int(a, 19)) packColumns(b + floats(depth), ptr(a, 18), terms, n, panels, p, p + 1);
      else packRows(b + <usize>depth * ptr(a, 18), ptr(a, 18), terms, n, panels, p, p + 1);
      const from = depth > 0 ? FROM_OUTPUT : start,
        rectify = relu && depth + terms == k;
      product(left + <usize>depth * step, 0, rowStep, r0, r1, 0, step, terms, panels, p, p + 1, from, bias, c, floats(n), n, rectify);
    }
}
