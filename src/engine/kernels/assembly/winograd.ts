// Winograd's minimal filtering F(4×4, 3×3) for 3×3 convolutions with stride 1: 36 small matrix products in place of 144
// multiplications per 4×4 outputs. Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
//
//   y = Aᵀ [ (G w Gᵀ) ⊙ (Bᵀ x B) ] A,   and by transposition   dw = Gᵀ [ Σ (Bᵀ x B) ⊙ (A dy Aᵀ) ] G
//
// Points 0, ±1, ±2, ∞. A plane holds one of the 36 transformed elements of every tile. A larger window is a sum of 3×3 ones over the image
// moved by 3, 6, … taps: in the transformed domain, their channels side by side. In a dilated one, pixels that lie a dilation apart are images of
// their own.
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

/**
 * Where a job's factors 2, 4, 5 and 8 lie in its scratch, behind the intermediate results. V8 makes a constant vector anew, out of three
 * instructions, wherever it is used: loaded from memory they cost nothing.
 */
const FACTORS: usize = 960;

function storeFactors(t: usize): void {
  v128.store(t + FACTORS, f32x4(2, 4, 5, 8));
}

// @ts-ignore: decorator
@inline
function factor(t: usize, i: usize): v128 {
  return v128.load_splat<f32>(t + FACTORS + (i << 2));
}

/** out[0..6) = Bᵀ x[0..6); elements `step` bytes apart. */
// @ts-ignore: decorator
@inline
function transformInput(x: usize, step: usize, out: usize, outStep: usize, two: v128, four: v128, five: v128): void {
  const x0 = v128.load(x),
    x1 = v128.load(x + step),
    x2 = v128.load(x + 2 * step),
    x3 = v128.load(x + 3 * step),
    x4 = v128.load(x + 4 * step),
    x5 = v128.load(x + 5 * step);
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
function transformOutput(m: usize, step: usize, out: usize, outStep: usize, two: v128, four: v128, eight: v128): void {
  const m1 = v128.load(m + step),
    m2 = v128.load(m + 2 * step),
    m3 = v128.load(m + 3 * step),
    m4 = v128.load(m + 4 * step);
  const p = add(m1, m2),
    q = sub(m1, m2),
    r = add(m3, m4),
    s = sub(m3, m4);
  v128.store(out, add(add(v128.load(m), p), r));
  v128.store(out + outStep, madd(two, s, q));
  v128.store(out + 2 * outStep, madd(four, r, p));
  v128.store(out + 3 * outStep, add(madd(eight, s, q), v128.load(m + 5 * step)));
}

/**
 * {@link transformOutput} of a row of six side by side, with the bias added and nothing less than `least`: the first `n` (at most 4) of the
 * results, `pixel` bytes apart.
 */
// @ts-ignore: decorator
@inline
function finishRow(m: usize, bias: v128, least: v128, out: usize, pixel: usize, n: i32, two: v128, four: v128, eight: v128): void {
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
  if (n > 1) v128.store(out + pixel, f32x4.pmax(add(madd(two, s, q), bias), least));
  if (n > 2) v128.store(out + 2 * pixel, f32x4.pmax(add(madd(four, r, p), bias), least));
  if (n > 3) v128.store(out + 3 * pixel, f32x4.pmax(add(add(madd(eight, s, q), v128.load(m, 80)), bias), least));
}

/** out[0..6) = A d[0..4). */
// @ts-ignore: decorator
@inline
function transformGradient(d: usize, step: usize, out: usize, outStep: usize, two: v128, four: v128): void {
  const d0 = v128.load(d),
    d1 = v128.load(d + step),
    d2 = v128.load(d + 2 * step),
    d3 = v128.load(d + 3 * step);
  v128.store(out, d0);
  const even = add(d0, d2),
    odd = add(d1, d3);
  v128.store(out + outStep, add(even, odd));
  v128.store(out + 2 * outStep, sub(even, odd));
  const even2 = madd(four, d2, d0),
    odd2 = f32x4.mul(two, madd(four, d3, d1));
  v128.store(out + 3 * outStep, add(even2, odd2));
  v128.store(out + 4 * outStep, sub(even2, odd2));
  v128.store(out + 5 * outStep, d3);
}

/** The words that the jobs over images share, from 7 on: cin, tiles high, tiles wide, tile rows per block, dilations, taps. */
const CIN: i32 = 7,
  HIGH: i32 = 8,
  WIDE: i32 = 9,
  BLOCK: i32 = 10,
  DILATION_H: i32 = 11,
  DILATION_W: i32 = 12,
  TAPS_H: i32 = 13,
  TAPS_W: i32 = 14;

/** 3×3 groups along `taps` taps: a larger window is a sum of 3×3 ones, which move over the image 3 taps apart. */
// @ts-ignore: decorator
@inline
function groups(taps: i32): i32 {
  return (taps + 2) / 3;
}

/** First output of a tile. The outputs of a tile are `dilation` pixels apart; so many tiles interlock. */
// @ts-ignore: decorator
@inline
function firstOf(tile: i32, dilation: i32): i32 {
  return (tile / dilation) * 4 * dilation + (tile % dilation);
}

/** How many of four outputs from `first` on, `dilation` apart, lie within `n`; less than 1: none. */
// @ts-ignore: decorator
@inline
function within(n: i32, first: i32, dilation: i32): i32 {
  return min(4, (n - first + dilation - 1) / dilation);
}

/** Tile rows r0..r1 of a padded image -> planes [36][tiles][groups][c]. `t` is 36 vectors of scratch. */
function inputPlanes(a: usize, x: usize, r0: i32, r1: i32, planes: usize, t: usize): void {
  const c = int(a, CIN),
    wide = int(a, WIDE),
    dilationH = int(a, DILATION_H),
    dilationW = int(a, DILATION_W),
    groupsH = groups(int(a, TAPS_H)),
    groupsW = groups(int(a, TAPS_W));
  const step = planeStep((r1 - r0) * wide * groupsH * groupsW * c),
    rowBytes = floats(int(a, 4)),
    pixel = floats(c),
    down = <usize>dilationH * rowBytes,
    across = <usize>dilationW * pixel,
    two = factor(t, 0),
    four = factor(t, 1),
    five = factor(t, 2);
  let out = planes;
  for (let r = r0; r < r1; r++) {
    for (let w = 0; w < wide; w++) {
      const first = x + <usize>firstOf(r, dilationH) * rowBytes + <usize>firstOf(w, dilationW) * pixel;
      for (let g = 0; g < groupsH; g++)
        for (let h = 0; h < groupsW; h++) {
          const corner = first + <usize>(3 * g) * down + <usize>(3 * h) * across;
          for (let i: usize = 0; i < pixel; i += 16) {
            let s = corner + i;
            for (let u = t; u < t + 96; u += 16) {
              transformInput(s, down, u, 96, two, four, five);
              s += across;
            }
            let plane = out;
            for (let u = t; u < t + 576; u += 96) {
              transformInput(u, 16, plane, step, two, four, five);
              plane += 6 * step;
            }
            out += 16;
          }
        }
    }
  }
}

/** Planes [36][tiles][cout] -> rows of the output image, with bias and relu. */
function outputTiles(a: usize, planes: usize, r0: i32, r1: i32, h: i32, w: i32, cout: i32, bias: usize, relu: bool, y: usize, t: usize): void {
  const wide = int(a, WIDE),
    dilationH = int(a, DILATION_H),
    dilationW = int(a, DILATION_W);
  const step = planeStep((r1 - r0) * wide * cout),
    pixel = floats(cout),
    row = floats(w * cout),
    down = <usize>dilationH * row,
    next = <usize>dilationW * pixel,
    two = factor(t, 0),
    four = factor(t, 1),
    eight = factor(t, 3);
  const zero = f32x4.splat(0),
    least = f32x4.splat(relu ? 0 : -Infinity);
  let m = planes;
  for (let r = r0; r < r1; r++) {
    const top = firstOf(r, dilationH);
    const high = max(0, within(h, top, dilationH));
    for (let q = 0; q < wide; q++) {
      const left = firstOf(q, dilationW);
      const across = within(w, left, dilationW);
      if (across < 1) {
        m += pixel;
        continue;
      }
      const corner = y + <usize>top * row + <usize>left * pixel;
      for (let i: usize = 0; i < pixel; i += 16) {
        let plane = m;
        for (let u = t; u < t + 96; u += 16) {
          transformOutput(plane, 6 * step, u, 96, two, four, eight);
          plane += step;
        }
        const b = bias ? v128.load(bias + i) : zero;
        let out = corner + i;
        for (let u = t; u < t + <usize>high * 96; u += 96) {
          finishRow(u, b, least, out, next, across, two, four, eight);
          out += down;
        }
        m += 16;
      }
    }
  }
}

/** Gradient image -> planes of panels [36][cout / 8][tiles][8], as the right-hand side of the weight gradient's products. */
function gradientPanels(a: usize, dy: usize, r0: i32, r1: i32, h: i32, w: i32, cout: i32, planes: usize, t: usize): void {
  const wide = int(a, WIDE),
    dilationH = int(a, DILATION_H),
    dilationW = int(a, DILATION_W);
  const tiles = (r1 - r0) * wide,
    panels = (cout + NR - 1) / NR;
  const step = planeStep(tiles * panels * NR),
    pixel = floats(cout),
    row = floats(w * cout),
    two = factor(t, 0),
    four = factor(t, 1);
  const zero = f32x4.splat(0);
  const u = t + 16 * 16;
  // The last panel's other half when cout is not a multiple of 8.
  if (panels * NR != cout) memory.fill(planes, 0, step * PLANES);
  let tile = 0;
  for (let r = r0; r < r1; r++) {
    const top = firstOf(r, dilationH);
    const high = within(h, top, dilationH);
    for (let q = 0; q < wide; q++) {
      const left = firstOf(q, dilationW);
      const across = within(w, left, dilationW);
      const corner = dy + <usize>top * row + <usize>left * pixel;
      for (let c = 0; c < cout; c += 4) {
        let d = corner + floats(c),
          pixelStep = <usize>dilationW * pixel,
          rowStep = <usize>dilationH * row;
        if (high < 4 || across < 4) {
          // What sticks out of the image is zero.
          for (let k = 0; k < 4; k++)
            for (let j = 0; j < 4; j++)
              v128.store(
                t + <usize>(k * 4 + j) * 16,
                k < high && j < across ? v128.load(d + <usize>k * rowStep + <usize>j * pixelStep) : zero,
              );
          d = t;
          pixelStep = 16;
          rowStep = 64;
        }
        for (let v = u; v < u + 64; v += 16) {
          transformGradient(d, rowStep, v, 64, two, four);
          d += pixelStep;
        }
        let plane = planes + floats(((c / NR) * tiles + tile) * NR + (c % NR));
        for (let v = u; v < u + 384; v += 64) {
          transformGradient(v, 16, plane, step, two, four);
          plane += 6 * step;
        }
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
 * Job: forward, or the gradient with respect to the input (on dy, with turned filters). Words 7..14: as above; then transformed filter
 * panels, bias or 0, y, out h, out w, cout, relu, then those of the pooling that follows: maxima or 0, winners or 0, pooled height, pooled
 * width, only positive, where the strip lies in scratch. When pooled, y is not written.
 */
export function winogradJob(a: usize, item: i32, scratch: usize): void {
  const depth = groups(int(a, TAPS_H)) * groups(int(a, TAPS_W)) * int(a, CIN),
    high = int(a, HIGH),
    wide = int(a, WIDE),
    block = int(a, BLOCK),
    filters = ptr(a, 15),
    h = int(a, 18),
    w = int(a, 19),
    cout = int(a, 20),
    isPooled = ptr(a, 22) != 0;
  const y = isPooled ? scratch + ptr(a, 27) : ptr(a, 17) + <usize>item * floats(h * w * cout);
  const panels = (cout + NR - 1) / NR;
  const t = scratch;
  storeFactors(t);
  const padded = scratch + 1024;
  const x = paddedImage(a, item, padded);
  const v = padded + ((floats(int(a, 3) * int(a, 4)) + 127) & ~127);
  const m = v + <usize>PLANES * planeStep(block * wide * depth);
  for (let r = 0; r < high; r += block) {
    const end = min(high, r + block),
      tiles = (end - r) * wide;
    inputPlanes(a, x, r, end, v, t);
    for (let p = 0; p < PLANES; p++)
      product(
        v + <usize>p * planeStep(tiles * depth),
        0,
        floats(depth),
        0,
        tiles,
        0,
        4,
        depth,
        filters + floats(p * panels * NR * depth),
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
    outputTiles(a, m, r, end, h, w, cout, ptr(a, 16), int(a, 21) != 0, first, t);
    if (isPooled) poolStrip(a, 22, item, y, 2 * r, min(2 * end, int(a, 24)) - 2 * r, w, cout);
  }
}

/**
 * Job: weight gradient in the transformed domain, summed per chunk of images. Words 7..14: as above; then dy, out h, out w, cout, sums
 * [chunks][36][groups][cin][cout].
 */
export function winogradFilterGradJob(a: usize, item: i32, chunk: i32, first: bool, scratch: usize): void {
  const depth = groups(int(a, TAPS_H)) * groups(int(a, TAPS_W)) * int(a, CIN),
    high = int(a, HIGH),
    wide = int(a, WIDE),
    block = int(a, BLOCK),
    h = int(a, 16),
    w = int(a, 17),
    cout = int(a, 18);
  const panels = (cout + NR - 1) / NR;
  const t = scratch;
  storeFactors(t);
  const padded = scratch + 1024;
  const x = paddedImage(a, item, padded);
  const v = padded + ((floats(int(a, 3) * int(a, 4)) + 127) & ~127);
  const z = v + <usize>PLANES * planeStep(block * wide * depth);
  const sums = ptr(a, 19) + <usize>chunk * floats(PLANES * depth * cout);
  for (let r = 0; r < high; r += block) {
    const end = min(high, r + block),
      tiles = (end - r) * wide;
    inputPlanes(a, x, r, end, v, t);
    gradientPanels(a, ptr(a, 15) + <usize>item * floats(h * w * cout), r, end, h, w, cout, z, t);
    for (let p = 0; p < PLANES; p++)
      product(
        v + <usize>p * planeStep(tiles * depth),
        0,
        4,
        0,
        depth,
        0,
        floats(depth),
        tiles,
        z + <usize>p * planeStep(tiles * panels * NR),
        0,
        panels,
        first && r == 0 ? FROM_ZERO : FROM_OUTPUT,
        0,
        sums + floats(p * depth * cout),
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

/** Four outputs' weights at one tap; zeros behind the last tap. When turned, the taps run backwards and outputs are `lane` bytes apart. */
// @ts-ignore: decorator
@inline
function tapAt(g: usize, r: i32, c: i32, high: i32, wide: i32, tap: usize, turned: bool, lane: usize): v128 {
  if (r >= high || c >= wide) return f32x4.splat(0);
  return turned ? gather(g + <usize>((high - 1 - r) * wide + wide - 1 - c) * tap, lane) : v128.load(g + <usize>(r * wide + c) * tap);
}

/**
 * Job: transforms and packs the filter, a panel of 8 outputs per item: u = G g Gᵀ for every group of 3×3 taps. Words: filter
 * [high][wide][cin][cout], cin, cout, turned, out, high, wide. When turned, the roles of cin and cout swap: the panels hold 8 input
 * channels, and the taps run backwards.
 */
export function winogradFilterJob(a: usize, item: i32, scratch: usize): void {
  const cin = int(a, 1),
    cout = int(a, 2),
    turned = int(a, 3) != 0,
    high = int(a, 5),
    wide = int(a, 6);
  const k = turned ? cout : cin,
    n = turned ? cin : cout,
    groupsW = groups(wide),
    depth = groups(high) * groupsW * k;
  const tap = floats(cin * cout),
    lane = floats(cout);
  const plane = floats(((n + NR - 1) / NR) * NR * depth);
  const out = ptr(a, 4) + floats(item * depth * NR);
  const t = scratch;
  for (let i = 0; i < depth; i++) {
    const group = i / k,
      channel = i % k,
      r = (group / groupsW) * 3,
      c = (group % groupsW) * 3;
    for (let j = 0; j < NR; j += 4) {
      const u = out + floats(i * NR + j);
      const column = item * NR + j;
      if (column >= n) {
        for (let q: usize = 0; q < 36; q++) v128.store(u + q * plane, f32x4.splat(0));
        continue;
      }
      const g = ptr(a, 0) + floats(turned ? column * cout + channel : channel * cout + column);
      for (let x = 0; x < 3; x++)
        transformTaps(
          tapAt(g, r, c + x, high, wide, tap, turned, lane),
          tapAt(g, r + 1, c + x, high, wide, tap, turned, lane),
          tapAt(g, r + 2, c + x, high, wide, tap, turned, lane),
          t + <usize>x * 16,
          48,
        );
      for (let y: usize = 0; y < 6; y++) {
        const row = t + y * 48;
        transformTaps(v128.load(row), v128.load(row + 16), v128.load(row + 32), u + y * 6 * plane, plane);
      }
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
 * Job: the filter's gradient from the chunks' sums, rows of groups and cin per item. Words: sums, chunks, cin, cout, dw, rows per item,
 * taps high, taps wide.
 */
export function winogradFilterSumJob(a: usize, item: i32, scratch: usize): void {
  const chunks = int(a, 1),
    cin = int(a, 2),
    cout = int(a, 3),
    high = int(a, 6),
    wide = int(a, 7);
  const groupsW = groups(wide),
    depth = groups(high) * groupsW * cin;
  const plane = floats(depth * cout),
    chunkStep = <usize>PLANES * plane,
    tap = floats(cin * cout);
  const total = scratch,
    half = scratch + 36 * 16,
    taps = half + 18 * 16,
    end = min(depth, (item + 1) * int(a, 5));
  for (let i = item * int(a, 5); i < end; i++) {
    const group = i / cin,
      r = (group / groupsW) * 3,
      q = (group % groupsW) * 3;
    const out = ptr(a, 4) + <usize>(r * wide + q) * tap + floats((i % cin) * cout);
    for (let c = 0; c < cout; c += 4) {
      const at = floats(i * cout + c);
      for (let p: usize = 0; p < 36; p++) {
        let s = ptr(a, 0) + at + p * plane;
        let v = v128.load(s);
        for (let k = 1; k < chunks; k++) {
          s += chunkStep;
          v = add(v, v128.load(s));
        }
        v128.store(total + p * 16, v);
      }
      for (let j: usize = 0; j < 6; j++) untransformFilter(total + j * 16, 96, half + j * 16, 96);
      for (let k: usize = 0; k < 3; k++) untransformFilter(half + k * 96, 16, taps + k * 48, 16);
      // Groups at the window's edge have taps behind the last one.
      for (let y = 0; y < min(3, high - r); y++)
        for (let x = 0; x < min(3, wide - q); x++)
          v128.store(out + floats(c) + <usize>(y * wide + x) * tap, v128.load(taps + <usize>(3 * y + x) * 16));
    }
  }
}
