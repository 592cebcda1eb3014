// The micro-kernels under every matrix product and convolution.
import { madd } from './arithmetic';
import { floats } from './args';
import { poolFour } from './poolTwo';

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

/** Stores two vectors, or their first `n` floats. */
// @ts-ignore: decorator
@inline
function storeRow(isWhole: bool, p: usize, low: v128, high: v128, n: i32): void {
  if (isWhole || n >= NR) {
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

/** What the sums of a product start from. */
export const FROM_ZERO: i32 = 0;
export const FROM_BIAS: i32 = 1;
export const FROM_OUTPUT: i32 = 2;

/**
 * C[i][0..8) = start + sum over k of A[i][k] · B[k][0..8), for rows i of r0..r1, four at a time. The loop over rows is in here because a
 * call for every four would cost as much as short sums do.
 *
 * Element k of row i is at a + rowTable[i] + table[k] ({@link BY_TABLE}: so one kernel serves convolutions and their weight gradients
 * without copying windows out), at a + i·rowStep + 4k ({@link IN_LINE}), or at a + 4i + k·step ({@link IN_COLUMNS}). B is a packed panel. Where
 * `isWhole`, r1 − r0 is a multiple of four and the panel has its 8 columns; otherwise what lies past r1 and `cols` is computed, but not
 * stored. Where `isPooled`, A is found by a table, and the rows of a tile are the pixels of a window of 2×2: the first two of a row of the table,
 * and those `rowStep` bytes after them. Their maximum alone is stored, and the winner. `how`, `isWhole` and `isPooled` are constants.
 */
// @ts-ignore: decorator
@inline
function tiles(
  how: i32,
  isWhole: bool,
  isPooled: bool,
  a: usize,
  rowTable: usize,
  rowStep: usize,
  r0: i32,
  r1: i32,
  table: usize,
  step: usize,
  terms: i32,
  panel: usize,
  start: i32,
  bias: usize,
  c: usize,
  cStep: usize,
  cols: i32,
  relu: bool,
  winners: usize,
  rectify: bool,
): void {
  const zero = f32x4.splat(0);
  for (let i = r0; i < r1; i += MR) {
    const rows = isWhole || isPooled ? MR : r1 - i;
    const t0 = rowTable + floats(isPooled ? i >> 1 : i);
    const t2 = isPooled ? t0 + rowStep : t0 + 8;
    let a0 = how == BY_TABLE ? a + <usize>load<u32>(t0) : how == IN_LINE ? a + <usize>i * rowStep : a + floats(i);
    // Rows past r1 read those before them, or what lies behind.
    let a1 = how == IN_COLUMNS || (!isWhole && !isPooled && rows < 2) ? a0 : how == BY_TABLE ? a + <usize>load<u32>(t0, 4) : a0 + rowStep;
    let a2 = how == IN_COLUMNS || (!isWhole && !isPooled && rows < 3) ? a0 : how == BY_TABLE ? a + <usize>load<u32>(t2) : a1 + rowStep;
    let a3 = how == IN_COLUMNS || (!isWhole && !isPooled && rows < 4) ? a0 : how == BY_TABLE ? a + <usize>load<u32>(t2, 4) : a2 + rowStep;
    const out = c + <usize>i * cStep;
    let c00 = zero,
      c01 = zero,
      c10 = zero,
      c11 = zero,
      c20 = zero,
      c21 = zero,
      c30 = zero,
      c31 = zero;
    if (start == FROM_BIAS) {
      c00 = c10 = c20 = c30 = isWhole ? v128.load(bias) : loadLanes(bias, cols);
      c01 = c11 = c21 = c31 = isWhole ? v128.load(bias, 16) : loadLanes(bias + 16, cols - 4);
    } else if (start == FROM_OUTPUT) {
      let q = out;
      c00 = isWhole ? v128.load(q) : loadLanes(q, cols);
      c01 = isWhole ? v128.load(q, 16) : loadLanes(q + 16, cols - 4);
      if (isWhole || rows > 1) {
        q += cStep;
        c10 = isWhole ? v128.load(q) : loadLanes(q, cols);
        c11 = isWhole ? v128.load(q, 16) : loadLanes(q + 16, cols - 4);
      }
      if (isWhole || rows > 2) {
        q += cStep;
        c20 = isWhole ? v128.load(q) : loadLanes(q, cols);
        c21 = isWhole ? v128.load(q, 16) : loadLanes(q + 16, cols - 4);
      }
      if (isWhole || rows > 3) {
        q += cStep;
        c30 = isWhole ? v128.load(q) : loadLanes(q, cols);
        c31 = isWhole ? v128.load(q, 16) : loadLanes(q + 16, cols - 4);
      }
    }
    let k = terms,
      b = panel,
      t = table;
    for (; k > 0; k -= 2) {
      let offset: usize = how == BY_TABLE ? load<u32>(t) : 0;
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
      if (how == BY_TABLE) offset = load<u32>(t, 4);
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
      if (how == BY_TABLE) t += 8;
      if (how == IN_LINE) {
        a0 += 8;
        a1 += 8;
        a2 += 8;
        a3 += 8;
      }
      if (how == IN_COLUMNS) a0 += step;
    }
    if (relu) {
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
    if (isPooled) {
      const won = winners ? winners + ((<usize>i * cStep) >> 2) : 0;
      poolFour(c00, c10, c20, c30, out, won, rectify);
      if (isWhole || cols > 4) poolFour(c01, c11, c21, c31, out + 16, won ? won + 4 : 0, rectify);
      continue;
    }
    let q = out;
    storeRow(isWhole, q, c00, c01, cols);
    q += cStep;
    if (isWhole || rows > 1) storeRow(isWhole, q, c10, c11, cols);
    q += cStep;
    if (isWhole || rows > 2) storeRow(isWhole, q, c20, c21, cols);
    q += cStep;
    if (isWhole || rows > 3) storeRow(isWhole, q, c30, c31, cols);
  }
}

function tableTiles(a: usize, rowTable: usize, table: usize, r0: i32, r1: i32, terms: i32, panel: usize, start: i32, bias: usize, c: usize, cStep: usize, relu: bool): void {
  tiles(BY_TABLE, true, false, a, rowTable, 0, r0, r1, table, 0, terms, panel, start, bias, c, cStep, NR, relu, 0, false);
}

function tableEdge(a: usize, rowTable: usize, table: usize, r0: i32, r1: i32, terms: i32, panel: usize, start: i32, bias: usize, c: usize, cStep: usize, cols: i32, relu: bool): void {
  tiles(BY_TABLE, false, false, a, rowTable, 0, r0, r1, table, 0, terms, panel, start, bias, c, cStep, cols, relu, 0, false);
}

function lineTiles(a: usize, rowStep: usize, r0: i32, r1: i32, terms: i32, panel: usize, start: i32, bias: usize, c: usize, cStep: usize, relu: bool): void {
  tiles(IN_LINE, true, false, a, 0, rowStep, r0, r1, 0, 0, terms, panel, start, bias, c, cStep, NR, relu, 0, false);
}

function lineEdge(a: usize, rowStep: usize, r0: i32, r1: i32, terms: i32, panel: usize, start: i32, bias: usize, c: usize, cStep: usize, cols: i32, relu: bool): void {
  tiles(IN_LINE, false, false, a, 0, rowStep, r0, r1, 0, 0, terms, panel, start, bias, c, cStep, cols, relu, 0, false);
}

function columnTiles(a: usize, step: usize, r0: i32, r1: i32, terms: i32, panel: usize, start: i32, bias: usize, c: usize, cStep: usize, relu: bool): void {
  tiles(IN_COLUMNS, true, false, a, 0, 0, r0, r1, 0, step, terms, panel, start, bias, c, cStep, NR, relu, 0, false);
}

function columnEdge(a: usize, step: usize, r0: i32, r1: i32, terms: i32, panel: usize, start: i32, bias: usize, c: usize, cStep: usize, cols: i32, relu: bool): void {
  tiles(IN_COLUMNS, false, false, a, 0, 0, r0, r1, 0, step, terms, panel, start, bias, c, cStep, cols, relu, 0, false);
}

function pooledTiles(a: usize, rowTable: usize, rowStep: usize, table: usize, r1: i32, terms: i32, panel: usize, start: i32, bias: usize, c: usize, cStep: usize, relu: bool, winners: usize, rectify: bool): void {
  tiles(BY_TABLE, true, true, a, rowTable, rowStep, 0, r1, table, 0, terms, panel, start, bias, c, cStep, NR, relu, winners, rectify);
}

function pooledEdge(a: usize, rowTable: usize, rowStep: usize, table: usize, r1: i32, terms: i32, panel: usize, start: i32, bias: usize, c: usize, cStep: usize, cols: i32, relu: bool, winners: usize, rectify: bool): void {
  tiles(BY_TABLE, false, true, a, rowTable, rowStep, 0, r1, table, 0, terms, panel, start, bias, c, cStep, cols, relu, winners, rectify);
}

/** Rows of A that are reused from the cache while the panels of B pass by. */
const ROW_BLOCK: i32 = 64;
/** Terms that are summed before the next panel: a panel's block (16 KB) stays in the first-level cache. */
export const DEPTH_BLOCK: i32 = 512;

/**
 * C[r0..r1)[panels p0..p1) = start + A · B. Row i of A starts at `a + rowTable[i]` and its element k lies `table[k]` bytes further; or, where
 * there are no tables, at `a + i·rowStep` and `k·step`: then `step` is 4, or `rowStep` is. B is packed in panels
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
      const rectify = relu && depth + terms == k;
      const left = table ? a : a + <usize>depth * step;
      const offsets = table + floats(depth);
      for (let p = p0; p < p1; p++) {
        const panel = b + <usize>p * panelBytes + floats(depth * NR);
        const column = floats(p * NR);
        const cols = n - p * NR;
        // Whole tiles, then what is left of the rows.
        const whole = cols < NR ? block : block + ((end - block) & ~(MR - 1));
        const out = c + column,
          init = bias + column;
        if (table) {
          if (block < whole) tableTiles(a, rowTable, offsets, block, whole, terms, panel, from, init, out, cStep, rectify);
          if (whole < end) tableEdge(a, rowTable, offsets, whole, end, terms, panel, from, init, out, cStep, cols, rectify);
        } else if (step == 4) {
          if (block < whole) lineTiles(left, rowStep, block, whole, terms, panel, from, init, out, cStep, rectify);
          if (whole < end) lineEdge(left, rowStep, whole, end, terms, panel, from, init, out, cStep, cols, rectify);
        } else {
          if (block < whole) columnTiles(left, step, block, whole, terms, panel, from, init, out, cStep, rectify);
          if (whole < end) columnEdge(left, step, whole, end, terms, panel, from, init, out, cStep, cols, rectify);
        }
      }
    }
  }
}

/**
 * {@link product} of two rows of pixels of which only maxima of windows of 2×2 are kept: `windows` rows of n columns at c, and unless `winners` is
 * 0 as many bytes there, as {@link poolFour} has them. The second row of pixels is `rowStep` bytes after the first in `rowTable`. n is a multiple of 4.
 */
export function pooledProduct(
  a: usize,
  rowTable: usize,
  rowStep: usize,
  windows: i32,
  table: usize,
  k: i32,
  b: usize,
  bias: usize,
  c: usize,
  n: i32,
  relu: bool,
  winners: usize,
  rectify: bool,
): void {
  const start = bias ? FROM_BIAS : FROM_ZERO,
    rows = windows * MR,
    // Four rows of pixels make one of maxima.
    cStep = <usize>n;
  for (let p = 0; p * NR < n; p++) {
    const panel = b + <usize>p * floats(k * NR),
      out = c + floats(p * NR),
      init = bias + floats(p * NR),
      won = winners ? winners + <usize>(p * NR) : 0,
      cols = n - p * NR;
    if (cols >= NR) pooledTiles(a, rowTable, rowStep, table, rows, k, panel, start, init, out, cStep, relu, won, rectify);
    else pooledEdge(a, rowTable, rowStep, table, rows, k, panel, start, init, out, cStep, cols, relu, won, rectify);
  }
}
