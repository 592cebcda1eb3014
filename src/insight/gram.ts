/** Coordinates taken together, so that two panels of them stay in the first cache. */
const BLOCK = 128;
/** Vectors that lie side by side in a panel. */
const PANEL = 4;

/**
 * The scalar products of n vectors of length d, in double precision. Tiles of 4 × 2 products keep their sums in registers, and vectors are
 * packed in panels that tiles read in a line: with the stride of whole rows, a multiple of 4 KB for many layers, all that a tile reads would
 * fall into the same lines of the cache.
 * @param rows n × d, row by row
 * @returns n × n, symmetric
 */
export function gram(rows: Float64Array, n: number, d: number): Float64Array {
  const result = new Float64Array(n * n);
  // Panel after panel: for each coordinate of the block that of its four vectors. Panels that stick out have zeros that are never read out.
  const panels = Math.ceil(n / PANEL);
  const packed = new Float64Array(panels * PANEL * BLOCK);
  for (let from = 0; from < d; from += BLOCK) {
    const count = Math.min(BLOCK, d - from);
    const length = count * PANEL;
    for (let j = 0; j < n; j++) {
      const at = (j >> 2) * length + (j & 3);
      for (let i = 0; i < count; i++) packed[at + i * PANEL] = rows[j * d + from + i];
    }
    for (let a = 0; a < panels; a++)
      for (let b = 0; b <= a; b++)
        for (let half = 0; half < PANEL; half += 2)
          addTile(packed, length, a * length, b * length + half, result, n, a * PANEL, b * PANEL + half);
  }
  for (let a = 0; a < n; a++) for (let b = 0; b < a; b++) result[b * n + a] = result[a * n + b];
  return result;
}

/** Adds the products of the panel at x with half of the panel at y to the result from (row, column) on. */
function addTile(
  v: Float64Array,
  length: number,
  x: number,
  y: number,
  result: Float64Array,
  n: number,
  row: number,
  column: number,
): void {
  let s00 = 0;
  let s01 = 0;
  let s10 = 0;
  let s11 = 0;
  let s20 = 0;
  let s21 = 0;
  let s30 = 0;
  let s31 = 0;
  for (let i = 0; i < length; i += PANEL) {
    const y0 = v[y + i];
    const y1 = v[y + i + 1];
    const x0 = v[x + i];
    s00 += x0 * y0;
    s01 += x0 * y1;
    const x1 = v[x + i + 1];
    s10 += x1 * y0;
    s11 += x1 * y1;
    const x2 = v[x + i + 2];
    s20 += x2 * y0;
    s21 += x2 * y1;
    const x3 = v[x + i + 3];
    s30 += x3 * y0;
    s31 += x3 * y1;
  }
  const sums = [s00, s01, s10, s11, s20, s21, s30, s31];
  for (let k = 0; k < 8; k++) {
    const r = row + (k >> 1);
    const c = column + (k & 1);
    if (r < n && c < n) result[r * n + c] += sums[k];
  }
}
