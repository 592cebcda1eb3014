// Matrix products.
import { floats, int, ptr } from './args';
import { FROM_BIAS, FROM_ZERO, NR, product } from './tile';

/**
 * Job: a block of a product. Words: A, bytes between rows, bytes between their elements, m, n, k, panels of B, bias or 0, C, relu, rows per item, panels per
 * item, items across; then for a batch of products: items per product, bytes between As, between Bs, between Cs.
 */
export function matmulJob(a: usize, item: i32): void {
  const m = int(a, 3),
    n = int(a, 4),
    across = int(a, 12),
    itemsPerProduct = int(a, 13);
  const one: usize = <usize>(item / itemsPerProduct);
  const block = item % itemsPerProduct;
  const r0 = (block / across) * int(a, 10);
  const p0 = (block % across) * int(a, 11);
  const bias = ptr(a, 7);
  product(
    ptr(a, 0) + one * ptr(a, 14),
    0,
    ptr(a, 1),
    r0,
    min(r0 + int(a, 10), m),
    0,
    ptr(a, 2),
    int(a, 5),
    ptr(a, 6) + one * ptr(a, 15),
    p0,
    min(p0 + int(a, 11), (n + NR - 1) / NR),
    bias ? FROM_BIAS : FROM_ZERO,
    bias,
    ptr(a, 8) + one * ptr(a, 16),
    floats(n),
    n,
    int(a, 9) != 0,
  );
}
