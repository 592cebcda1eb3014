// The micro-kernels under every matrix product and convolution.
import { madd } from './arithmetic';
import { floats } from './args';

/** Columns of a tile, and of a packed panel. */
export const NR: i32 = 8;
/**
 * Rows of a tile. V8 loads all operands of a basic block before it computes with them: eight sums of four floats, four elements of A and
 * two vectors of B are what sixteen registers hold. Larger tiles spill.
 */
export const MR: i32 = 4;

// How the elements of a row of A are found.
/** By a table of byte offsets: a convolution's window, or its pixels. */
const BY_TABLE: i32 = 0;
/** One after the other. */
const IN_LINE: i32 = 1;
/** A stride apart, the rows side by side: a transposed matrix. */
const IN_COLUMNS: i32 = 2;

/** Loads the first `n` (at most 4) lanes, zeros after them. */
function loadLanes(p: usize, n: i32): v128 {
  if (n >= 4) return v128.load(p);
  let v = f32x4.splat(0);
  if (n > 0) v = f32x4.replace_lane(v, 0, load<f32>(p));
  if (n > 1) v = f32x4.replace_lane(v, 1, load<f32>(p, 4));
  if (n > 2) v = f32x4.replace_lane(v, 2, load<f32>(p, 8));
  return v;
}

/** Stores the first `n` (at most 8) floats of two vectors. */
// @ts-ignore: decorator
@inline
function storeRow(p: usize, low: v128, high: v128, n: i32): void {
  if (n >= NR) {
    v128.store(p, low);
    v128.store(p, high, 16);
  } else storeLanes(p, low, high, n);
}

/** {@link storeRow} for fewer than 8. */
function storeLanes(p: usize, low: v128, high: v128, n: i32): void {
  if (n >= 4) {
    v128.store(p, low);
    low = high;
    p += 16;
    n -= 4;
  }
  if (n > 0) store<f32>(p, f32x4.extract_lane(low, 0));
  if (n > 1) store<f32>(p, f32x4.extract_lane(low, 1), 4);
  if (n > 2) store<f32>(p, f32x4.extract_lane(low, 2), 8);
}

/**
 * C[i][0..8) = init[i][0..8) + sum over k of A[i][k] · B[k][0..8), for four rows i.
 *
 * Element k of row i is at aᵢ + table[k] ({@link BY_TABLE}: so one kernel serves convolutions and their weight gradients without
 * copying windows out), at aᵢ + 4k ({@link IN_LINE}), or at a₀ + 4i + k·step ({@link IN_COLUMNS}). B is a packed panel. `init` is 0, a
 * bias (`initStep` 0) or C itself. Rows past `rows` and columns past `cols` are not stored. `how` is a constant.
 */
// @ts-ignore: decorator
@inline
function tile(
  how: i32,
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  table: usize,
  step: usize,
  k: i32,
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
  if (init && cols >= NR && rows == MR) {
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
  } else if (init) {
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
  for (; k > 0; k -= 2) {
    let offset: usize = how == BY_TABLE ? load<u32>(table) : 0;
    let b0 = v128.load(b);
    let b1 = v128.load(b, 16);
    let x = v128.load_splat<f32>(a0 + offset);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = how == IN_COLUMNS ? v128.load_splat<f32>(a0, 4) : v128.load_splat<f32>(a1 + offset);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = how == IN_COLUMNS ? v128.load_splat<f32>(a0, 8) : v128.load_splat<f32>(a2 + offset);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = how == IN_COLUMNS ? v128.load_splat<f32>(a0, 12) : v128.load_splat<f32>(a3 + offset);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    if (k == 1) break;
    if (how == BY_TABLE) offset = load<u32>(table, 4);
    if (how == IN_COLUMNS) a0 += step;
    b0 = v128.load(b, 32);
    b1 = v128.load(b, 48);
    x = how == BY_TABLE ? v128.load_splat<f32>(a0 + offset) : how == IN_LINE ? v128.load_splat<f32>(a0, 4) : v128.load_splat<f32>(a0);
    c00 = madd(x, b0, c00);
    c01 = madd(x, b1, c01);
    x = how == BY_TABLE ? v128.load_splat<f32>(a1 + offset) : how == IN_LINE ? v128.load_splat<f32>(a1, 4) : v128.load_splat<f32>(a0, 4);
    c10 = madd(x, b0, c10);
    c11 = madd(x, b1, c11);
    x = how == BY_TABLE ? v128.load_splat<f32>(a2 + offset) : how == IN_LINE ? v128.load_splat<f32>(a2, 4) : v128.load_splat<f32>(a0, 8);
    c20 = madd(x, b0, c20);
    c21 = madd(x, b1, c21);
    x = how == BY_TABLE ? v128.load_splat<f32>(a3 + offset) : how == IN_LINE ? v128.load_splat<f32>(a3, 4) : v128.load_splat<f32>(a0, 12);
    c30 = madd(x, b0, c30);
    c31 = madd(x, b1, c31);
    b += 64;
    if (how == BY_TABLE) table += 8;
    if (how == IN_LINE) {
      a0 += 8;
      a1 += 8;
      a2 += 8;
      a3 += 8;
    }
    if (how == IN_COLUMNS) a0 += step;
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
  storeRow(c, c00, c01, cols);
  if (rows > 1) storeRow(c + cStep, c10, c11, cols);
  c += 2 * cStep;
  if (rows > 2) storeRow(c, c20, c21, cols);
  if (rows > 3) storeRow(c + cStep, c30, c31, cols);
}

function tableTile(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  table: usize,
  k: i32,
  b: usize,
  init: usize,
  initStep: usize,
  c: usize,
  cStep: usize,
  rows: i32,
  cols: i32,
  relu: bool,
): void {
  tile(BY_TABLE, a0, a1, a2, a3, table, 0, k, b, init, initStep, c, cStep, rows, cols, relu);
}

function lineTile(
  a0: usize,
  a1: usize,
  a2: usize,
  a3: usize,
  k: i32,
  b: usize,
  init: usize,
  initStep: usize,
  c: usize,
  cStep: usize,
  rows: i32,
  cols: i32,
  relu: bool,
): void {
  tile(IN_LINE, a0, a1, a2, a3, 0, 0, k, b, init, initStep, c, cStep, rows, cols, relu);
}

function columnTile(
  a0: usize,
  step: usize,
  k: i32,
  b: usize,
  init: usize,
  initStep: usize,
  c: usize,
  cStep: usize,
  rows: i32,
  cols: i32,
  relu: bool,
): void {
  tile(IN_COLUMNS, a0, a0, a0, a0, 0, step, k, b, init, initStep, c, cStep, rows, cols, relu);
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
 * C[r0..r1)[panels p0..p1) = start + A · B. Row i of A starts at `a + rowTable[i]`, or at `a + i·rowStep` where there is no table;
 * element k of a row lies `table[k]` bytes further, or without table `k·step`: then `step` is 4, or `rowStep` is. B is packed in panels
 * of 8 columns; C has `n` columns and rows `cStep` bytes apart.
 */
export function product(
  a: usize,
  rowTable: usize,
  rowStep: usize,
  r0: i32,
  r1: i32,
  table: usize,
  step: usize,
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
      const terms = min(DEPTH_BLOCK, k - depth);
      const from = depth > 0 ? FROM_OUTPUT : start;
      const initStep: usize = from == FROM_OUTPUT ? cStep : 0;
      const rectify = relu && depth + terms == k;
      const left = table ? a : a + <usize>depth * step;
      const offsets = table + floats(depth);
      for (let p = p0; p < p1; p++) {
        const panel = b + <usize>p * panelBytes + floats(depth * NR);
        const column = floats(p * NR);
        const cols = n - p * NR;
        for (let i = block; i < end; i += MR) {
          const rows = min(MR, end - i);
          const out = c + <usize>i * cStep + column;
          const init = from == FROM_BIAS ? bias + column : from == FROM_OUTPUT ? out : 0;
          if (!table && step != 4) {
            // Rows past the last one are read and dropped.
            columnTile(left + floats(i), step, terms, panel, init, initStep, out, cStep, rows, cols, rectify);
            continue;
          }
          const t = rowTable + floats(i);
          const a0 = left + (rowTable ? <usize>load<u32>(t) : <usize>i * rowStep);
          const a1 = rows > 1 ? (rowTable ? left + <usize>load<u32>(t, 4) : a0 + rowStep) : a0;
          const a2 = rows > 2 ? (rowTable ? left + <usize>load<u32>(t, 8) : a1 + rowStep) : a0;
          const a3 = rows > 3 ? (rowTable ? left + <usize>load<u32>(t, 12) : a2 + rowStep) : a0;
          if (table) tableTile(a0, a1, a2, a3, offsets, terms, panel, init, initStep, out, cStep, rows, cols, rectify);
          else lineTile(a0, a1, a2, a3, terms, panel, init, initStep, out, cStep, rows, cols, rectify);
        }
      }
    }
  }
}
