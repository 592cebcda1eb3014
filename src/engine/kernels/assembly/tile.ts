// The one micro-kernel under every matrix product and convolution.
import { floats } from './args';

/** Columns of a tile, and of a packed panel. */
export const NR: i32 = 8;
/** Rows of a tile. */
export const MR: i32 = 4;

/** Stores the first `n` (at most 4) lanes. */
// @ts-ignore: decorator
@inline
function storeLanes(p: usize, v: v128, n: i32): void {
  if (n >= 4) {
    v128.store(p, v);
    return;
  }
  if (n > 0) store<f32>(p, f32x4.extract_lane(v, 0));
  if (n > 1) store<f32>(p, f32x4.extract_lane(v, 1), 4);
  if (n > 2) store<f32>(p, f32x4.extract_lane(v, 2), 8);
}

/** Loads the first `n` (at most 4) lanes, zeros after them. */
function loadLanes(p: usize, n: i32): v128 {
  if (n >= 4) return v128.load(p);
  let v = f32x4.splat(0);
  if (n > 0) v = f32x4.replace_lane(v, 0, load<f32>(p));
  if (n > 1) v = f32x4.replace_lane(v, 1, load<f32>(p, 4));
  if (n > 2) v = f32x4.replace_lane(v, 2, load<f32>(p, 8));
  return v;
}

/**
 * C[i][0..8) = init[i][0..8) + sum over r of A[aᵢ + table[r]] · B[r][0..8), for four rows i.
 *
 * The table of byte offsets is what lets one kernel serve a dense layer (offsets 0, 4, 8 …), its transposes (a column's
 * stride), a convolution (the window's pixels) and its weight gradient (the image's pixels), without copying the windows out.
 * B is a packed panel. `init` is 0, a bias (`initStep` 0) or C itself. Rows past `rows` and columns past `cols` are not stored.
 */
function tile(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  table: usize,
  tableEnd: usize,
  b: usize,
  init: usize,
  initStep: usize,
  c: usize,
  cStep: usize,
  rows: i32,
  cols: i32,
  relu: bool,
): void {
  let c00 = f32x4.splat(0),
    c01 = c00,
    c10 = c00,
    c11 = c00,
    c20 = c00,
    c21 = c00,
    c30 = c00,
    c31 = c00;
  if (init) {
    if (cols >= NR && rows == MR) {
      c00 = v128.load(init);
      c01 = v128.load(init, 16);
      init += initStep;
      c10 = v128.load(init);
      c11 = v128.load(init, 16);
      init += initStep;
      c20 = v128.load(init);
      c21 = v128.load(init, 16);
      init += initStep;
      c30 = v128.load(init);
      c31 = v128.load(init, 16);
    } else {
      c00 = loadLanes(init, cols);
      c01 = loadLanes(init + 16, cols - 4);
      if (rows > 1) {
        init += initStep;
        c10 = loadLanes(init, cols);
        c11 = loadLanes(init + 16, cols - 4);
      }
      if (rows > 2) {
        init += initStep;
        c20 = loadLanes(init, cols);
        c21 = loadLanes(init + 16, cols - 4);
      }
      if (rows > 3) {
        init += initStep;
        c30 = loadLanes(init, cols);
        c31 = loadLanes(init + 16, cols - 4);
      }
    }
  }
  for (; table < tableEnd; table += 4) {
    const offset: usize = load<u32>(table);
    const b0 = v128.load(b);
    const b1 = v128.load(b, 16);
    const x0 = v128.load_splat<f32>(a0 + offset);
    c00 = f32x4.add(c00, f32x4.mul(x0, b0));
    c01 = f32x4.add(c01, f32x4.mul(x0, b1));
    const x1 = v128.load_splat<f32>(a1 + offset);
    c10 = f32x4.add(c10, f32x4.mul(x1, b0));
    c11 = f32x4.add(c11, f32x4.mul(x1, b1));
    const x2 = v128.load_splat<f32>(a2 + offset);
    c20 = f32x4.add(c20, f32x4.mul(x2, b0));
    c21 = f32x4.add(c21, f32x4.mul(x2, b1));
    const x3 = v128.load_splat<f32>(a3 + offset);
    c30 = f32x4.add(c30, f32x4.mul(x3, b0));
    c31 = f32x4.add(c31, f32x4.mul(x3, b1));
    b += 32;
  }
  if (relu) {
    const zero = f32x4.splat(0);
    // pmax(zero, x) is a single instruction, and keeps a NaN a NaN.
    c00 = f32x4.pmax(c00, zero);
    c01 = f32x4.pmax(c01, zero);
    c10 = f32x4.pmax(c10, zero);
    c11 = f32x4.pmax(c11, zero);
    c20 = f32x4.pmax(c20, zero);
    c21 = f32x4.pmax(c21, zero);
    c30 = f32x4.pmax(c30, zero);
    c31 = f32x4.pmax(c31, zero);
  }
  if (cols >= NR) {
    v128.store(c, c00);
    v128.store(c, c01, 16);
    if (rows > 1) {
      c += cStep;
      v128.store(c, c10);
      v128.store(c, c11, 16);
    }
    if (rows > 2) {
      c += cStep;
      v128.store(c, c20);
      v128.store(c, c21, 16);
    }
    if (rows > 3) {
      c += cStep;
      v128.store(c, c30);
      v128.store(c, c31, 16);
    }
  } else {
    storeLanes(c, c00, cols);
    storeLanes(c + 16, c01, cols - 4);
    if (rows > 1) {
      c += cStep;
      storeLanes(c, c10, cols);
      storeLanes(c + 16, c11, cols - 4);
    }
    if (rows > 2) {
      c += cStep;
      storeLanes(c, c20, cols);
      storeLanes(c + 16, c21, cols - 4);
    }
    if (rows > 3) {
      c += cStep;
      storeLanes(c, c30, cols);
      storeLanes(c + 16, c31, cols - 4);
    }
  }
}

/** What the sums of a product start from. */
export const FROM_ZERO: i32 = 0;
export const FROM_BIAS: i32 = 1;
export const FROM_OUTPUT: i32 = 2;

/** Rows of A that are reused from the cache while the panels of B pass by. */
const ROW_BLOCK: i32 = 64;
/** Terms that are summed before the next panel: a panel's block (16 KB) stays in the first-level cache. */
const DEPTH_BLOCK: i32 = 512;

/**
 * C[r0..r1)[panels p0..p1) = start + A · B. Row i of A starts at `a + rowTable[i]`; element k of a row lies `table[k]` bytes
 * further; B is packed in panels of 8 columns; C has `n` columns and rows `cStep` bytes apart.
 */
export function product(
  a: usize,
  rowTable: usize,
  r0: i32,
  r1: i32,
  table: usize,
  k: i32,
  b: usize,
  p0: i32,
  p1: i32,
  start: i32,
  bias: usize,
  c: usize,
  cStep: usize,
  n: i32,
  relu: bool,
): void {
  const panelBytes = floats(k * NR);
  for (let block = r0; block < r1; block += ROW_BLOCK) {
    const end = min(block + ROW_BLOCK, r1);
    for (let depth = 0; depth < k; depth += DEPTH_BLOCK) {
      const depthEnd = min(depth + DEPTH_BLOCK, k);
      const from = depth > 0 ? FROM_OUTPUT : start;
      const initStep: usize = from == FROM_OUTPUT ? cStep : 0;
      const rectify = relu && depthEnd == k;
      for (let p = p0; p < p1; p++) {
        const panel = b + <usize>p * panelBytes + floats(depth * NR);
        const column = floats(p * NR);
        const cols = n - p * NR;
        for (let i = block; i < end; i += MR) {
          const rows = min(MR, end - i);
          const t = rowTable + floats(i);
          const a0 = a + <usize>load<u32>(t);
          const a1 = rows > 1 ? a + <usize>load<u32>(t, 4) : a0;
          const a2 = rows > 2 ? a + <usize>load<u32>(t, 8) : a0;
          const a3 = rows > 3 ? a + <usize>load<u32>(t, 12) : a0;
          const out = c + <usize>i * cStep + column;
          const init = from == FROM_BIAS ? bias + column : from == FROM_OUTPUT ? out : 0;
          tile(a0, a1, a2, a3, table + floats(depth), table + floats(depthEnd), panel, init, initStep, out, cStep, rows, cols, rectify);
        }
      }
    }
  }
}
