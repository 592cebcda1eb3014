// Pooling and its gradients, image by image. Words of every job: x, y, dy, dx, h, w, c, kh, kw, stride h, stride w, dilation h,
// dilation w, top, left, out h, out w, and for the gradient of max pooling: relu. Word 18: windows of 2×2 side by side, inside the
// image, channels in whole vectors.
import { floats, int, ptr } from './args';
import { maxPoolGradTwo, maxPoolTwo } from './poolTwo';

/** First and one-past-last window element that lies inside the image, for a window that starts at `at`. */
// @ts-ignore: decorator
@inline
function firstInside(at: i32, dilation: i32): i32 {
  return at >= 0 ? 0 : (dilation - 1 - at) / dilation;
}

// @ts-ignore: decorator
@inline
function endInside(at: i32, dilation: i32, size: i32, window: i32): i32 {
  return min(window, size - at <= 0 ? 0 : (size - at + dilation - 1) / dilation);
}

export function maxPoolJob(a: usize, item: i32): void {
  if (int(a, 18)) {
    maxPoolTwo(a, item);
    return;
  }
  const h = int(a, 4),
    w = int(a, 5),
    c = int(a, 6),
    kh = int(a, 7),
    kw = int(a, 8),
    dh = int(a, 11),
    dw = int(a, 12),
    outH = int(a, 15),
    outW = int(a, 16);
  const x = ptr(a, 0) + <usize>item * floats(h * w * c);
  let y = ptr(a, 1) + <usize>item * floats(outH * outW * c);
  for (let i = 0; i < outH; i++) {
    const y0 = i * int(a, 9) - int(a, 13),
      i0 = firstInside(y0, dh),
      i1 = endInside(y0, dh, h, kh);
    for (let j = 0; j < outW; j++) {
      const x0 = j * int(a, 10) - int(a, 14),
        j0 = firstInside(x0, dw),
        j1 = endInside(x0, dw, w, kw);
      let k = 0;
      for (; k + 4 <= c; k += 4) {
        let best = f32x4.splat(-Infinity);
        for (let p = i0; p < i1; p++) {
          let s = x + floats(((y0 + p * dh) * w + x0 + j0 * dw) * c + k);
          for (let q = j0; q < j1; q++) {
            best = f32x4.max(best, v128.load(s));
            s += floats(dw * c);
          }
        }
        v128.store(y, best);
        y += 16;
      }
      for (; k < c; k++) {
        let best: f32 = -Infinity;
        for (let p = i0; p < i1; p++)
          for (let q = j0; q < j1; q++) best = max(best, load<f32>(x + floats(((y0 + p * dh) * w + x0 + q * dw) * c + k)));
        store<f32>(y, best);
        y += 4;
      }
    }
  }
}

/**
 * The first element of a window that equals its maximum gets the gradient; if word 17 is set, only where the maximum is positive: the
 * gradient of a relu before the pooling.
 */
export function maxPoolGradJob(a: usize, item: i32): void {
  if (int(a, 18)) {
    maxPoolGradTwo(a, item);
    return;
  }
  const rectify = int(a, 17) != 0;
  const h = int(a, 4),
    w = int(a, 5),
    c = int(a, 6),
    kh = int(a, 7),
    kw = int(a, 8),
    sh = int(a, 9),
    sw = int(a, 10),
    dh = int(a, 11),
    dw = int(a, 12),
    top = int(a, 13),
    left = int(a, 14),
    outH = int(a, 15),
    outW = int(a, 16);
  const x = ptr(a, 0) + <usize>item * floats(h * w * c),
    dx = ptr(a, 3) + <usize>item * floats(h * w * c);
  let at = <usize>item * floats(outH * outW * c);
  // Windows that tile the image exactly write every element once.
  const exact = sh == kh && sw == kw && dh == 1 && dw == 1 && top == 0 && left == 0 && outH * sh == h && outW * sw == w;
  if (!exact) memory.fill(dx, 0, floats(h * w * c));
  for (let i = 0; i < outH; i++) {
    const y0 = i * sh - top,
      i0 = firstInside(y0, dh),
      i1 = endInside(y0, dh, h, kh);
    for (let j = 0; j < outW; j++) {
      const x0 = j * sw - left,
        j0 = firstInside(x0, dw),
        j1 = endInside(x0, dw, w, kw);
      let k = 0;
      for (; k + 4 <= c; k += 4) {
        const best = v128.load(ptr(a, 1) + at);
        let g = v128.load(ptr(a, 2) + at);
        if (rectify) g = v128.and(g, f32x4.gt(best, f32x4.splat(0)));
        for (let p = i0; p < i1; p++) {
          let o = floats(((y0 + p * dh) * w + x0 + j0 * dw) * c + k);
          for (let q = j0; q < j1; q++) {
            const hit = f32x4.eq(v128.load(x + o), best);
            const v = v128.and(g, hit);
            v128.store(dx + o, exact ? v : f32x4.add(v128.load(dx + o), v));
            g = v128.andnot(g, hit);
            o += floats(dw * c);
          }
        }
        at += 16;
      }
      for (; k < c; k++) {
        const best = load<f32>(ptr(a, 1) + at);
        let g = load<f32>(ptr(a, 2) + at);
        if (rectify && !(best > 0)) g = 0;
        for (let p = i0; p < i1; p++)
          for (let q = j0; q < j1; q++) {
            const o = floats(((y0 + p * dh) * w + x0 + q * dw) * c + k);
            const hit = load<f32>(x + o) == best;
            store<f32>(dx + o, (exact ? 0 : load<f32>(dx + o)) + (hit ? g : 0));
            if (hit) g = 0;
          }
        at += 4;
      }
    }
  }
}

export function avgPoolJob(a: usize, item: i32): void {
  const h = int(a, 4),
    w = int(a, 5),
    c = int(a, 6),
    dh = int(a, 11),
    dw = int(a, 12),
    outH = int(a, 15),
    outW = int(a, 16);
  const x = ptr(a, 0) + <usize>item * floats(h * w * c);
  let y = ptr(a, 1) + <usize>item * floats(outH * outW * c);
  for (let i = 0; i < outH; i++) {
    const y0 = i * int(a, 9) - int(a, 13),
      i0 = firstInside(y0, dh),
      i1 = endInside(y0, dh, h, int(a, 7));
    for (let j = 0; j < outW; j++) {
      const x0 = j * int(a, 10) - int(a, 14),
        j0 = firstInside(x0, dw),
        j1 = endInside(x0, dw, w, int(a, 8));
      const share: f32 = (<f32>1) / <f32>((i1 - i0) * (j1 - j0));
      let k = 0;
      for (; k + 4 <= c; k += 4) {
        let sum = f32x4.splat(0);
        for (let p = i0; p < i1; p++) {
          let s = x + floats(((y0 + p * dh) * w + x0 + j0 * dw) * c + k);
          for (let q = j0; q < j1; q++) {
            sum = f32x4.add(sum, v128.load(s));
            s += floats(dw * c);
          }
        }
        v128.store(y, f32x4.mul(sum, f32x4.splat(share)));
        y += 16;
      }
      for (; k < c; k++) {
        let sum: f32 = 0;
        for (let p = i0; p < i1; p++)
          for (let q = j0; q < j1; q++) sum += load<f32>(x + floats(((y0 + p * dh) * w + x0 + q * dw) * c + k));
        store<f32>(y, sum * share);
        y += 4;
      }
    }
  }
}

/** Every element of a window gets its share: one over the elements that lie inside the image, as the forward pass divides. */
export function avgPoolGradJob(a: usize, item: i32): void {
  const h = int(a, 4),
    w = int(a, 5),
    c = int(a, 6),
    dh = int(a, 11),
    dw = int(a, 12),
    outH = int(a, 15),
    outW = int(a, 16);
  const dx = ptr(a, 3) + <usize>item * floats(h * w * c);
  let at = ptr(a, 2) + <usize>item * floats(outH * outW * c);
  memory.fill(dx, 0, floats(h * w * c));
  for (let i = 0; i < outH; i++) {
    const y0 = i * int(a, 9) - int(a, 13),
      i0 = firstInside(y0, dh),
      i1 = endInside(y0, dh, h, int(a, 7));
    for (let j = 0; j < outW; j++) {
      const x0 = j * int(a, 10) - int(a, 14),
        j0 = firstInside(x0, dw),
        j1 = endInside(x0, dw, w, int(a, 8));
      const share: f32 = (<f32>1) / <f32>((i1 - i0) * (j1 - j0));
      let k = 0;
      for (; k + 4 <= c; k += 4) {
        const g = f32x4.mul(v128.load(at), f32x4.splat(share));
        for (let p = i0; p < i1; p++) {
          let d = dx + floats(((y0 + p * dh) * w + x0 + j0 * dw) * c + k);
          for (let q = j0; q < j1; q++) {
            v128.store(d, f32x4.add(v128.load(d), g));
            d += floats(dw * c);
          }
        }
        at += 16;
      }
      for (; k < c; k++) {
        const g = load<f32>(at) * share;
        for (let p = i0; p < i1; p++)
          for (let q = j0; q < j1; q++) {
            const d = dx + floats(((y0 + p * dh) * w + x0 + q * dw) * c + k);
            store<f32>(d, load<f32>(d) + g);
          }
        at += 4;
      }
    }
  }
}
