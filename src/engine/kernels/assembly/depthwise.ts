// Depthwise convolution and its gradients, image by image. Words of every job: x, dy or y, h, w, c, multiplier, kh, kw, stride h,
// stride w, dilation h, dilation w, top, left, out h, out w, filter [kh][kw][c][multiplier], dx or sums, bias or 0, relu, padded h, padded w,
// whether the filter is turned by 180°.
import { floats, int, ptr } from './args';
import { madd } from './arithmetic';
import { padImage } from './convolution';

/** The image of this item, padded in `scratch` when it needs to be. */
function image(a: usize, item: i32, scratch: usize): usize {
  const h = int(a, 2),
    w = int(a, 3),
    c = int(a, 4);
  const x = ptr(a, 0) + <usize>item * floats(h * w * c);
  if (int(a, 20) == h && int(a, 21) == w) return x;
  return padImage(x, h, w * c, scratch, int(a, 20), int(a, 21) * c, int(a, 12), int(a, 13) * c);
}

/** Job: forward, or with the filter turned the gradient with respect to the input where the stride is 1 and the multiplier, too. */
export function depthwiseJob(a: usize, item: i32, scratch: usize): void {
  const c = int(a, 4),
    m = int(a, 5),
    kh = int(a, 6),
    kw = int(a, 7),
    outH = int(a, 14),
    outW = int(a, 15),
    bias = ptr(a, 18),
    relu = int(a, 19) != 0,
    turned = int(a, 22) != 0;
  const x = image(a, item, scratch);
  const row = floats(int(a, 21) * c),
    down = <usize>int(a, 8) * row,
    across = <usize>int(a, 9) * floats(c),
    nextRow = <usize>int(a, 10) * row,
    nextTap = <usize>int(a, 11) * floats(c);
  const filterStep = turned ? 0 - floats(c * m) : floats(c * m),
    filter = ptr(a, 16) + (turned ? floats((kh * kw - 1) * c * m) : 0);
  const zero = f32x4.splat(0);
  for (let i = 0; i < outH; i++) {
    const left = x + <usize>i * down,
      out = ptr(a, 1) + <usize>item * floats(outH * outW * c * m) + floats(i * outW * c * m);
    let k = 0;
    if (m == 1)
      for (; k + 4 <= c; k += 4) {
        const o = floats(k),
          b = bias ? v128.load(bias + o) : zero;
        let j = 0;
        let y = out + o;
        for (; j + 4 <= outW; j += 4) {
          let y0 = b,
            y1 = b,
            y2 = b,
            y3 = b;
          let f = filter + o,
            line = left + <usize>j * across + o;
          for (let p = 0; p < kh; p++) {
            let s = line;
            for (let q = 0; q < kw; q++) {
              const g = v128.load(f);
              y0 = madd(v128.load(s), g, y0);
              y1 = madd(v128.load(s + across), g, y1);
              y2 = madd(v128.load(s + 2 * across), g, y2);
              y3 = madd(v128.load(s + 3 * across), g, y3);
              f += filterStep;
              s += nextTap;
            }
            line += nextRow;
          }
          v128.store(y, relu ? f32x4.pmax(y0, zero) : y0);
          v128.store(y + floats(c), relu ? f32x4.pmax(y1, zero) : y1);
          v128.store(y + floats(2 * c), relu ? f32x4.pmax(y2, zero) : y2);
          v128.store(y + floats(3 * c), relu ? f32x4.pmax(y3, zero) : y3);
          y += floats(4 * c);
        }
        for (; j < outW; j++) {
          let y0 = b;
          let f = filter + o,
            line = left + <usize>j * across + o;
          for (let p = 0; p < kh; p++) {
            for (let q = 0; q < kw; q++) {
              y0 = madd(v128.load(line + <usize>q * nextTap), v128.load(f), y0);
              f += filterStep;
            }
            line += nextRow;
          }
          v128.store(y, relu ? f32x4.pmax(y0, zero) : y0);
          y += floats(c);
        }
      }
    for (; k < c; k++)
      for (let l = 0; l < m; l++) {
        const o = floats(k * m + l);
        for (let j = 0; j < outW; j++) {
          let sum: f32 = bias ? load<f32>(bias + o) : 0;
          let f = filter + o;
          const corner = left + <usize>j * across + floats(k);
          for (let p = 0; p < kh; p++)
            for (let q = 0; q < kw; q++) {
              sum += load<f32>(corner + <usize>p * nextRow + <usize>q * nextTap) * load<f32>(f);
              f += filterStep;
            }
          store<f32>(out + floats(j * c * m) + o, relu && sum < 0 ? 0 : sum);
        }
      }
  }
}

/** Job: gradient with respect to the input, at word 17, for any stride and multiplier. */
export function depthwiseInputGradJob(a: usize, item: i32): void {
  const h = int(a, 2),
    w = int(a, 3),
    c = int(a, 4),
    m = int(a, 5),
    kh = int(a, 6),
    kw = int(a, 7),
    dh = int(a, 10),
    dw = int(a, 11),
    outH = int(a, 14),
    outW = int(a, 15);
  const dx = ptr(a, 17) + <usize>item * floats(h * w * c);
  let dy = ptr(a, 1) + <usize>item * floats(outH * outW * c * m);
  memory.fill(dx, 0, floats(h * w * c));
  for (let i = 0; i < outH; i++)
    for (let j = 0; j < outW; j++) {
      const y0 = i * int(a, 8) - int(a, 12),
        x0 = j * int(a, 9) - int(a, 13);
      for (let p = 0; p < kh; p++) {
        const r = y0 + p * dh;
        if (r < 0 || r >= h) continue;
        for (let q = 0; q < kw; q++) {
          const s = x0 + q * dw;
          if (s < 0 || s >= w) continue;
          const d = dx + floats((r * w + s) * c),
            f = ptr(a, 16) + floats((p * kw + q) * c * m);
          let k = 0;
          if (m == 1)
            for (; k + 4 <= c; k += 4) {
              const o = floats(k);
              v128.store(d + o, madd(v128.load(dy + o), v128.load(f + o), v128.load(d + o)));
            }
          for (; k < c; k++) {
            let sum: f32 = load<f32>(d + floats(k));
            for (let l = 0; l < m; l++) sum += load<f32>(dy + floats(k * m + l)) * load<f32>(f + floats(k * m + l));
            store<f32>(d + floats(k), sum);
          }
        }
      }
      dy += floats(c * m);
    }
}

/**
 * Sums at `sums`, and one and two channel rows after it, over a row of pixels: of dy times what lies under a tap and the two after it.
 * `taps` (1 to 3) of them are kept; `n` vectors of four channels (1 or 2) at a time.
 */
// @ts-ignore: decorator
@inline
function addTaps(n: i32, taps: i32, x: usize, across: usize, nextTap: usize, dy: usize, pixel: usize, outW: i32, sums: usize): void {
  const one = taps > 1 ? nextTap : 0,
    two = taps > 2 ? 2 * nextTap : 0;
  const zero = f32x4.splat(0);
  const at1 = taps > 1 ? sums + pixel : sums,
    at2 = taps > 2 ? sums + 2 * pixel : sums;
  let a0 = v128.load(sums),
    a1 = v128.load(at1),
    a2 = v128.load(at2),
    b0 = zero,
    b1 = zero,
    b2 = zero;
  if (n == 2) {
    b0 = v128.load(sums, 16);
    b1 = v128.load(at1, 16);
    b2 = v128.load(at2, 16);
  }
  for (let j = 0; j < outW; j++) {
    const g = v128.load(dy);
    a0 = madd(g, v128.load(x), a0);
    a1 = madd(g, v128.load(x + one), a1);
    a2 = madd(g, v128.load(x + two), a2);
    if (n == 2) {
      const h = v128.load(dy, 16);
      b0 = madd(h, v128.load(x, 16), b0);
      b1 = madd(h, v128.load(x + one, 16), b1);
      b2 = madd(h, v128.load(x + two, 16), b2);
    }
    dy += pixel;
    x += across;
  }
  v128.store(sums, a0);
  if (taps > 1) v128.store(at1, a1);
  if (taps > 2) v128.store(at2, a2);
  if (n == 2) {
    v128.store(sums, b0, 16);
    if (taps > 1) v128.store(at1, b1, 16);
    if (taps > 2) v128.store(at2, b2, 16);
  }
}

function addTaps8(taps: i32, x: usize, across: usize, nextTap: usize, dy: usize, pixel: usize, outW: i32, sums: usize): void {
  addTaps(2, taps, x, across, nextTap, dy, pixel, outW, sums);
}

function addTaps4(taps: i32, x: usize, across: usize, nextTap: usize, dy: usize, pixel: usize, outW: i32, sums: usize): void {
  addTaps(1, taps, x, across, nextTap, dy, pixel, outW, sums);
}

/** Job: filter gradient, summed per chunk of images at word 17: [chunks][kh][kw][c][multiplier]. */
export function depthwiseFilterGradJob(a: usize, item: i32, chunk: i32, first: bool, scratch: usize): void {
  const c = int(a, 4),
    m = int(a, 5),
    kh = int(a, 6),
    kw = int(a, 7),
    outH = int(a, 14),
    outW = int(a, 15);
  const x = image(a, item, scratch),
    sums = ptr(a, 17) + <usize>chunk * floats(kh * kw * c * m);
  if (first) memory.fill(sums, 0, floats(kh * kw * c * m));
  const row = floats(int(a, 21) * c),
    down = <usize>int(a, 8) * row,
    across = <usize>int(a, 9) * floats(c),
    nextRow = <usize>int(a, 10) * row,
    nextTap = <usize>int(a, 11) * floats(c);
  // Row by row: what is read for all taps and channels stays in the first-level cache.
  for (let i = 0; i < outH; i++) {
    const dy = ptr(a, 1) + <usize>item * floats(outH * outW * c * m) + floats(i * outW * c * m);
    for (let p = 0; p < kh; p++) {
      const line = x + <usize>i * down + <usize>p * nextRow;
      for (let q = 0; q < kw; q += m == 1 ? 3 : 1) {
        const corner = line + <usize>q * nextTap,
          f = sums + floats((p * kw + q) * c * m),
          taps = min(3, kw - q);
        let k = 0;
        if (m == 1) {
          for (; k + 8 <= c; k += 8) addTaps8(taps, corner + floats(k), across, nextTap, dy + floats(k), floats(c), outW, f + floats(k));
          for (; k + 4 <= c; k += 4) addTaps4(taps, corner + floats(k), across, nextTap, dy + floats(k), floats(c), outW, f + floats(k));
        }
        for (; k < c; k++)
          for (let l = 0; l < m; l++)
            for (let t = 0; t < (m == 1 ? taps : 1); t++) {
              const o = floats(k * m + l),
                at = f + o + floats(t * c * m);
              let sum: f32 = load<f32>(at);
              for (let j = 0; j < outW; j++)
                sum +=
                  load<f32>(corner + floats(k) + <usize>t * nextTap + <usize>j * across) * load<f32>(dy + o + floats(j * c * m));
              store<f32>(at, sum);
            }
      }
    }
  }
}
