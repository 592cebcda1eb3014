// Max pooling by windows of 2×2 side by side, channels in whole vectors, and its gradient.
import { floats, int, ptr } from './args';

/** Marks a window without a winner: its gradient goes nowhere. */
export const NOBODY: i32 = 4;

/**
 * The maximum of a window's four, in reading order, and unless `winners` is 0 a byte that says which of them came first to it; {@link NOBODY}
 * where the maximum is not a number or, when `rectify`, not positive.
 */
// @ts-ignore: decorator
@inline
export function poolFour(a: v128, b: v128, c: v128, d: v128, y: usize, winners: usize, rectify: bool): void {
  const best = f32x4.max(f32x4.max(a, b), f32x4.max(c, d));
  v128.store(y, best);
  if (!winners) return;
  const zero = f32x4.splat(0);
  // A mask is −1: as many as come before the winner.
  const not0 = f32x4.ne(a, best),
    not1 = v128.and(not0, f32x4.ne(b, best)),
    not2 = v128.and(not1, f32x4.ne(c, best)),
    not3 = v128.and(not2, f32x4.ne(d, best));
  let before = i32x4.add(i32x4.add(not0, not1), i32x4.add(not2, not3));
  if (rectify) before = v128.bitselect(i32x4.splat(-NOBODY), before, f32x4.le(best, zero));
  const half = i16x8.narrow_i32x4_s(i32x4.neg(before), zero);
  v128.store32_lane(winners, i8x16.narrow_i16x8_s(half, half), 0);
}

/**
 * Maxima of `rows` rows of `n` windows each, from pixels `pixel` bytes and rows `row` bytes apart, and winners as {@link poolFour} has them.
 */
export function poolPairs(x: usize, row: usize, pixel: usize, rows: i32, n: i32, y: usize, winners: usize, rectify: bool): void {
  for (let i = 0; i < rows; i++) {
    let s = x + <usize>(2 * i) * row;
    for (let j = 0; j < n; j++) {
      for (let end = s + pixel; s < end; s += 16) {
        poolFour(v128.load(s), v128.load(s + pixel), v128.load(s + row), v128.load(s + row + pixel), y, winners, rectify);
        y += 16;
        if (winners) winners += 4;
      }
      s += pixel;
    }
  }
}

/** `maxPoolJob` for windows of 2×2. */
export function maxPoolTwo(a: usize, item: i32): void {
  const h = int(a, 4),
    pixel = floats(int(a, 6)),
    outH = int(a, 15),
    outW = int(a, 16);
  const row = <usize>int(a, 5) * pixel;
  const y = ptr(a, 1) + <usize>item * <usize>(outH * outW) * pixel;
  poolPairs(ptr(a, 0) + <usize>item * <usize>h * row, row, pixel, outH, outW, y, 0, false);
}

/**
 * Pools rows of a convolution's output [h][w][c] that lie in a strip: `rows` pooled rows, from row r on. Words from `at` on: maxima, winners or
 * 0, pooled height, pooled width, whether only positive maxima have winners.
 */
export function poolStrip(a: usize, at: i32, item: i32, strip: usize, r: i32, rows: i32, w: i32, c: i32): void {
  const poolW = int(a, at + 3),
    pixel = floats(c);
  const first = (item * int(a, at + 2) + r) * poolW * c;
  const winners = ptr(a, at + 1);
  poolPairs(strip, <usize>w * pixel, pixel, rows, poolW, ptr(a, at) + floats(first), winners ? winners + <usize>first : 0, int(a, at + 4) != 0);
}

/** `maxPoolGradJob` for windows of 2×2. */
export function maxPoolGradTwo(a: usize, item: i32): void {
  const h = int(a, 4),
    w = int(a, 5),
    pixel = floats(int(a, 6)),
    outH = int(a, 15),
    outW = int(a, 16),
    rectify = int(a, 17) != 0;
  const row = <usize>w * pixel,
    image = <usize>item * <usize>h * row,
    at = <usize>item * <usize>(outH * outW) * pixel;
  let x = ptr(a, 0) + image,
    dx = ptr(a, 3) + image,
    y = ptr(a, 1) + at,
    dy = ptr(a, 2) + at;
  const zero = f32x4.splat(0);
  for (let i = 0; i < outH; i++) {
    let s = x,
      d = dx;
    for (let j = 0; j < outW; j++) {
      for (let end = s + pixel; s < end; s += 16) {
        const best = v128.load(y);
        let g = v128.load(dy);
        if (rectify) g = v128.and(g, f32x4.gt(best, zero));
        const hit0 = f32x4.eq(v128.load(s), best);
        v128.store(d, v128.and(g, hit0));
        g = v128.andnot(g, hit0);
        const hit1 = f32x4.eq(v128.load(s + pixel), best);
        v128.store(d + pixel, v128.and(g, hit1));
        g = v128.andnot(g, hit1);
        const hit2 = f32x4.eq(v128.load(s + row), best);
        v128.store(d + row, v128.and(g, hit2));
        g = v128.andnot(g, hit2);
        v128.store(d + row + pixel, v128.and(g, f32x4.eq(v128.load(s + row + pixel), best)));
        d += 16;
        y += 16;
        dy += 16;
      }
      s += pixel;
      d += pixel;
    }
    // What no window covers, at the right and below.
    for (let rest = 2 * outW; rest < w; rest++) {
      memory.fill(dx + <usize>rest * pixel, 0, pixel);
      memory.fill(dx + row + <usize>rest * pixel, 0, pixel);
    }
    x += 2 * row;
    dx += 2 * row;
  }
  memory.fill(dx, 0, <usize>(h - 2 * outH) * row);
}
