// Winograd's minimal filtering F(4×4, 3×3) for 3×3 convolutions with stride 1: 36 small matrix products in place of 144
// multiplications per 4×4 outputs. Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
//
//   y = Aᵀ [ (G w Gᵀ) ⊙ (Bᵀ x B) ] A,   and by transposition   dw = Gᵀ [ Σ (Bᵀ x B) ⊙ (A dy Aᵀ) ] G
//
// Points 0, ±1, ±2, ∞. A plane holds one of the 36 transformed elements of every tile.
import { floats, int, ptr } from './args';
import { madd, nmadd } from './arithmetic';
import { padImage } from './convolution';
import { poolStrip } from './poolTwo';
import { FROM_OUTPUT, FROM_ZERO, NR, product } from './tile';

const PLANES: i32 = 36;
/** Keeps planes from starting at the same address modulo 4 KB, which would make their lines evict each other. */
const PLANE_PADDING: usize = 64;

/** Bytes from plane to plane of `n` floats each. */
// @ts-ignore: decorator
@inline
function planeStep(n: i32): usize {
  return floats(n) + PLANE_PADDING;
}

// @ts-ignore: decorator
@inline
function add(a: v128, b: v128): v128 {
  return f32x4.add(a, b);
}

// @ts-ignore: decorator
@inline
function sub(a: v128, b: v128): v128 {
  return f32x4.sub(a, b);
}

// @ts-ignore: decorator
@inline
function times(k: f32, a: v128): v128 {
  return f32x4.mul(f32x4.splat(k), a);
}

/** out[0..6) = Bᵀ x[0..6); elements `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transformInput(x: usize, step: usize, out: usize, outStep: usize): void {
  const x0 = v128.load(x),
    x1 = v128.load(x + step),
    x2 = v128.load(x + 2 * step),
    x3 = v128.load(x + 3 * step),
    x4 = v128.load(x + 4 * step),
    x5 = v128.load(x + 5 * step);
  const two = f32x4.splat(2),
    four = f32x4.splat(4),
    five = f32x4.splat(5);
  v128.store(out, madd(four, x0, nmadd(five, x2, x4)));
  const p = nmadd(four, x2, x4),
    q = nmadd(four, x1, x3);
  out += outStep;
  v128.store(out, add(p, q));
  out += outStep;
  v128.store(out, sub(p, q));
  const r = sub(x4, x2),
    s = sub(x3, x1);
  out += outStep;
  v128.store(out, madd(two, s, r));
  out += outStep;
  v128.store(out, nmadd(two, s, r));
  out += outStep;
  v128.store(out, madd(four, x1, nmadd(five, x3, x5)));
}

/** out[0..4) = Aᵀ m[0..6). */
// @ts-ignore: decorator
@inline
function transformOutput(m: usize, step: usize, out: usize, outStep: usize): void {
  const m1 = v128.load(m + step),
    m2 = v128.load(m + 2 * step),
    m3 = v128.load(m + 3 * step),
    m4 = v128.load(m + 4 * step);
  const p = add(m1, m2),
    q = sub(m1, m2),
    r = add(m3, m4),
    s = sub(m3, m4);
  v128.store(out, add(add(v128.load(m), p), r));
  v128.store(out + outStep, madd(f32x4.splat(2), s, q));
  v128.store(out + 2 * outStep, madd(f32x4.splat(4), r, p));
  v128.store(out + 3 * outStep, add(madd(f32x4.splat(8), s, q), v128.load(m + 5 * step)));
}

/**
 * {@link transformOutput} of a row of six side by side, with the bias added and nothing less than `least`: the first `n` (at most 4) of the
 * results, `pixel` bytes apart.
 */
// @ts-ignore: decorator
@inline
function finishRow(m: usize, bias: v128, least: v128, out: usize, pixel: usize, n: i32): void {
  const m1 = v128.load(m, 16),
    m2 = v128.load(m, 32),
    m3 = v128.load(m, 48),
    m4 = v128.load(m, 64);
  const p = add(m1, m2),
    q = sub(m1, m2),
    r = add(m3, m4),
    s = sub(m3, m4);
  // pmax keeps a NaN a NaN.
  v128.store(out, f32x4.pmax(add(add(add(v128.load(m), p), r), bias), least));
  if (n > 1) v128.store(out + pixel, f32x4.pmax(add(madd(f32x4.splat(2), s, q), bias), least));
  if (n > 2) v128.store(out + 2 * pixel, f32x4.pmax(add(madd(f32x4.splat(4), r, p), bias), least));
  if (n > 3) v128.store(out + 3 * pixel, f32x4.pmax(add(add(madd(f32x4.splat(8), s, q), v128.load(m, 80)), bias), least));
}

/** out[0..6) = A d[0..4). */
// @ts-ignore: decorator
@inline
function transformGradient(d: usize, step: usize, out: usize, outStep: usize): void {
  const d0 = v128.load(d),
    d1 = v128.load(d + step),
    d2 = v128.load(d + 2 * step),
    d3 = v128.load(d + 3 * step);
  v128.store(out, d0);
  const even = add(d0, d2),
    odd = add(d1, d3);
  v128.store(out + outStep, add(even, odd));
  v128.store(out + 2 * outStep, sub(even, odd));
  const even2 = madd(f32x4.splat(4), d2, d0),
    odd2 = times(2, madd(f32x4.splat(4), d3, d1));
  v128.store(out + 3 * outStep, add(even2, odd2));
  v128.store(out + 4 * outStep, sub(even2, odd2));
  v128.store(out + 5 * outStep, d3);
}

/** Tile rows r0..r1 of a padded image -> planes [36][tiles][c]. `t` is 36 vectors of scratch. */
function inputPlanes(x: usize, rowBytes: usize, c: i32, r0: i32, r1: i32, wide: i32, planes: usize, t: usize): void {
  const step = planeStep((r1 - r0) * wide * c),
    pixel = floats(c);
  let out = planes;
  for (let r = r0; r < r1; r++) {
    for (let w = 0; w < wide; w++) {
      const corner = x + <usize>(4 * r) * rowBytes + <usize>(4 * w) * pixel;
      for (let i: usize = 0; i < pixel; i += 16) {
        for (let j: usize = 0; j < 6; j++) transformInput(corner + i + j * pixel, rowBytes, t + j * 16, 96);
        for (let j: usize = 0; j < 6; j++) transformInput(t + j * 96, 16, out + j * 6 * step, step);
        out += 16;
      }
    }
  }
}

/** Planes [36][tiles][cout] -> rows of the output image, with bias and relu. */
function outputTiles(planes: usize, r0: i32, r1: i32, wide: i32, h: i32, w: i32, cout: i32, bias: usize, relu: bool, y: usize, t: usize): void {
  const step = planeStep((r1 - r0) * wide * cout),
    pixel = floats(cout),
    row = floats(w * cout);
  const zero = f32x4.splat(0),
    least = f32x4.splat(relu ? 0 : -Infinity);
  let m = planes;
  for (let r = r0; r < r1; r++) {
    const high = min(4, h - 4 * r);
    for (let q = 0; q < wide; q++) {
      const across = min(4, w - 4 * q);
      const corner = y + <usize>(4 * r) * row + <usize>(4 * q) * pixel;
      for (let i: usize = 0; i < pixel; i += 16) {
        for (let j: usize = 0; j < 6; j++) transformOutput(m + j * step, 6 * step, t + j * 16, 96);
        const b = bias ? v128.load(bias + i) : zero;
        for (let k = 0; k < high; k++) finishRow(t + <usize>k * 96, b, least, corner + i + <usize>k * row, pixel, across);
        m += 16;
      }
    }
  }
}

/** Gradient image -> planes of panels [36][cout / 8][tiles][8], as the right-hand side of the weight gradient's products. */
function gradientPanels(dy: usize, r0: i32, r1: i32, wide: i32, h: i32, w: i32, cout: i32, planes: usize, t: usize): void {
  const tiles = (r1 - r0) * wide,
    panels = (cout + NR - 1) / NR;
  const step = planeStep(tiles * panels * NR),
    pixel = floats(cout),
    row = floats(w * cout);
  const zero = f32x4.splat(0);
  const u = t + 16 * 16;
  // The last panel's other half when cout is not a multiple of 8.
  if (panels * NR != cout) memory.fill(planes, 0, step * PLANES);
  let tile = 0;
  for (let r = r0; r < r1; r++) {
    const high = min(4, h - 4 * r);
    for (let q = 0; q < wide; q++) {
      const across = min(4, w - 4 * q);
      const corner = dy + <usize>(4 * r) * row + <usize>(4 * q) * pixel;
      for (let c = 0; c < cout; c += 4) {
        let d = corner + floats(c),
          pixelStep = pixel,
          rowStep = row;
        if (high < 4 || across < 4) {
          // What sticks out of the image is zero.
          for (let k = 0; k < 4; k++)
            for (let j = 0; j < 4; j++)
              v128.store(t + <usize>(k * 4 + j) * 16, k < high && j < across ? v128.load(d + <usize>k * row + <usize>j * pixel) : zero);
          d = t;
          pixelStep = 16;
          rowStep = 64;
        }
        for (let j: usize = 0; j < 4; j++) transformGradient(d + j * pixelStep, rowStep, u + j * 16, 64);
        const out = planes + floats(((c / NR) * tiles + tile) * NR + (c % NR));
        for (let k: usize = 0; k < 6; k++) transformGradient(u + k * 64, 16, out + k * 6 * step, step);
      }
      tile++;
    }
  }
}

/** The image of this item, padded so that whole tiles can be read. Words 0..6: x, h, w·c, padded h, padded w·c, top, left·c. */
function paddedImage(a: usize, item: i32, scratch: usize): usize {
  const h = int(a, 1),
    wc = int(a, 2);
  const x = ptr(a, 0) + <usize>item * floats(h * wc);
  return padImage(x, h, wc, scratch, int(a, 3), int(a, 4), int(a, 5), int(a, 6));
}

/**
 * Job: forward, or the gradient with respect to the input (on dy, with turned filters). Words 7..: cin, tiles high, tiles wide,
 * tile rows per block, transformed filter panels, bias or 0, y, out h, out w, cout, relu, then those of the pooling that follows: maxima
 * or 0, winners or 0, pooled height, pooled width, only positive, where the strip lies in scratch. When pooled, y is not written.
 */
export function winogradJob(a: usize, item: i32, scratch: usize): void {
  const cin = int(a, 7),
    high = int(a, 8),
    wide = int(a, 9),
    block = int(a, 10),
    filters = ptr(a, 11),
    h = int(a, 14),
    w = int(a, 15),
    cout = int(a, 16),
    isPooled = ptr(a, 18) != 0;
  const y = isPooled ? scratch + ptr(a, 23) : ptr(a, 13) + <usize>item * floats(h * w * cout);
  const rowBytes = floats(int(a, 4)),
    panels = (cout + NR - 1) / NR;
  const t = scratch;
  const padded = scratch + 1024;
  const x = paddedImage(a, item, padded);
  const v = padded + ((floats(int(a, 3) * int(a, 4)) + 127) & ~127);
  const m = v + <usize>PLANES * planeStep(block * wide * cin);
  for (let r = 0; r < high; r += block) {
    const end = min(high, r + block),
      tiles = (end - r) * wide;
    inputPlanes(x, rowBytes, cin, r, end, wide, v, t);
    for (let p = 0; p < PLANES; p++)
      product(
        v + <usize>p * planeStep(tiles * cin),
        0,
        floats(cin),
        0,
        tiles,
        0,
        4,
        cin,
        filters + floats(p * panels * NR * cin),
        0,
        panels,
        FROM_ZERO,
        0,
        m + <usize>p * planeStep(tiles * cout),
        floats(cout),
        cout,
        false,
      );
    const first = isPooled ? y - floats(4 * r * w * cout) : y;
    outputTiles(m, r, end, wide, h, w, cout, ptr(a, 12), int(a, 17) != 0, first, t);
    if (isPooled) poolStrip(a, 18, item, y, 2 * r, min(2 * end, int(a, 20)) - 2 * r, w, cout);
  }
}

/**
 * Job: weight gradient in the transformed domain, summed per chunk of images. Words 7..: cin, tiles high, tiles wide, tile rows per
 * block, dy, out h, out w, cout, sums [chunks][36][cin][cout].
 */
export function winogradFilterGradJob(a: usize, item: i32, chunk: i32, first: bool, scratch: usize): void {
  const cin = int(a, 7),
    high = int(a, 8),
    wide = int(a, 9),
    block = int(a, 10),
    h = int(a, 12),
    w = int(a, 13),
    cout = int(a, 14);
  const panels = (cout + NR - 1) / NR;
  const t = scratch;
  const padded = scratch + 1024;
  const x = paddedImage(a, item, padded);
  const v = padded + ((floats(int(a, 3) * int(a, 4)) + 127) & ~127);
  const z = v + <usize>PLANES * planeStep(block * wide * cin);
  const sums = ptr(a, 15) + <usize>chunk * floats(PLANES * cin * cout);
  for (let r = 0; r < high; r += block) {
    const end = min(high, r + block),
      tiles = (end - r) * wide;
    inputPlanes(x, floats(int(a, 4)), cin, r, end, wide, v, t);
    gradientPanels(ptr(a, 11) + <usize>item * floats(h * w * cout), r, end, wide, h, w, cout, z, t);
    for (let p = 0; p < PLANES; p++)
      product(
        v + <usize>p * planeStep(tiles * cin),
        0,
        4,
        0,
        cin,
        0,
        floats(cin),
        tiles,
        z + <usize>p * planeStep(tiles * panels * NR),
        0,
        panels,
        first && r == 0 ? FROM_ZERO : FROM_OUTPUT,
        0,
        sums + floats(p * cin * cout),
        floats(cout),
        cout,
        false,
      );
  }
}

/** out[0..6) = G g[0..3), elements `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transformTaps(g0: v128, g1: v128, g2: v128, out: usize, outStep: usize): void {
  v128.store(out, times(0.25, g0));
  const p = times(<f32>(-1.0 / 6.0), add(g0, g2)),
    q = times(<f32>(-1.0 / 6.0), g1);
  v128.store(out + outStep, add(p, q));
  v128.store(out + 2 * outStep, sub(p, q));
  const r = add(times(<f32>(1.0 / 24.0), g0), times(<f32>(1.0 / 6.0), g2)),
    t = times(<f32>(1.0 / 12.0), g1);
  v128.store(out + 3 * outStep, add(r, t));
  v128.store(out + 4 * outStep, sub(r, t));
  v128.store(out + 5 * outStep, g2);
}

/** Four floats `step` bytes apart. */
// @ts-ignore: decorator
@inline
function gather(p: usize, step: usize): v128 {
  return v128.load32_lane(p + 3 * step, v128.load32_lane(p + 2 * step, v128.load32_lane(p + step, v128.load32_zero(p), 1), 2), 3);
}

/**
 * Job: transforms and packs the filter, a panel of 8 outputs per item: u = G g Gᵀ. Words: filter [3][3][cin][cout], cin, cout, turned,
 * out. When turned, the roles of cin and cout swap: the panels hold 8 input channels, and the taps run backwards.
 */
export function winogradFilterJob(a: usize, item: i32, scratch: usize): void {
  const cin = int(a, 1),
    cout = int(a, 2),
    turned = int(a, 3) != 0;
  const k = turned ? cout : cin,
    n = turned ? cin : cout;
  const tap = floats(cin * cout);
  const plane = floats(((n + NR - 1) / NR) * NR * k);
  const out = ptr(a, 4) + floats(item * k * NR);
  const t = scratch;
  for (let i = 0; i < k; i++)
    for (let j = 0; j < NR; j += 4) {
      const u = out + floats(i * NR + j);
      const column = item * NR + j;
      if (column >= n) {
        for (let q: usize = 0; q < 36; q++) v128.store(u + q * plane, f32x4.splat(0));
        continue;
      }
      const first = ptr(a, 0) + floats(turned ? column * cout + i : i * cout + column);
      for (let c: usize = 0; c < 3; c++) {
        // A column of taps: 0, 3, 6 and so on, or from the end.
        const g = turned ? first + (8 - c) * tap : first + c * tap;
        const step = turned ? 0 - 3 * tap : 3 * tap;
        if (turned) {
          const lane = floats(cout);
          transformTaps(gather(g, lane), gather(g + step, lane), gather(g + 2 * step, lane), t + c * 16, 48);
        } else transformTaps(v128.load(g), v128.load(g + step), v128.load(g + 2 * step), t + c * 16, 48);
      }
      for (let r: usize = 0; r < 6; r++) {
        const row = t + r * 48;
        transformTaps(v128.load(row), v128.load(row + 16), v128.load(row + 32), u + r * 6 * plane, plane);
      }
    }
}

/** Gᵀ applied to six vectors: rows 0..2 of the result at `out`, `outStep` apart. */
// @ts-ignore: decorator
@inline
function untransformFilter(u: usize, step: usize, out: usize, outStep: usize): void {
  const u0 = v128.load(u),
    u1 = v128.load(u + step),
    u2 = v128.load(u + 2 * step),
    u3 = v128.load(u + 3 * step),
    u4 = v128.load(u + 4 * step),
    u5 = v128.load(u + 5 * step);
  const p = add(u1, u2),
    q = sub(u2, u1),
    r = add(u3, u4),
    s = sub(u3, u4);
  v128.store(out, add(sub(times(0.25, u0), times(<f32>(1.0 / 6.0), p)), times(<f32>(1.0 / 24.0), r)));
  v128.store(out + outStep, add(times(<f32>(1.0 / 6.0), q), times(<f32>(1.0 / 12.0), s)));
  v128.store(out + 2 * outStep, add(times(<f32>(1.0 / 6.0), sub(r, p)), u5));
}

/**
 * Job: the filter's gradient from the chunks' sums, rows of cin per item. Words: sums, chunks, cin, cout, dw, rows per item.
 */
export function winogradFilterSumJob(a: usize, item: i32, scratch: usize): void {
  const chunks = int(a, 1),
    cin = int(a, 2),
    cout = int(a, 3);
  const plane = floats(cin * cout),
    chunkStep = <usize>PLANES * plane;
  const total = scratch,
    half = scratch + 36 * 16,
    end = min(cin, (item + 1) * int(a, 5));
  for (let i = item * int(a, 5); i < end; i++)
    for (let c = 0; c < cout; c += 4) {
      const at = floats(i * cout + c);
      for (let q: usize = 0; q < 36; q++) {
        let s = ptr(a, 0) + at + q * plane;
        let v = v128.load(s);
        for (let k = 1; k < chunks; k++) {
          s += chunkStep;
          v = add(v, v128.load(s));
        }
        v128.store(total + q * 16, v);
      }
      for (let j: usize = 0; j < 6; j++) untransformFilter(total + j * 16, 96, half + j * 16, 96);
      for (let k: usize = 0; k < 3; k++) untransformFilter(half + k * 96, 16, ptr(a, 4) + at + k * 3 * plane, plane);
    }
}
