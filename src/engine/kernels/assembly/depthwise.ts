// Depthwise convolution and its gradients, image by image. Words of every job: x, dy or y, h, w, c, multiplier, kh, kw, stride h,
// stride w, dilation h, dilation w, top, left, out h, out w, filter [kh][kw][c][multiplier], dx or sums.
import { floats, int, ptr } from './args';

/** Job: forward. Word 18: bias or 0; word 19: relu. */
export function depthwiseJob(a: usize, item: i32): void {
  const h = int(a, 2),
    w = int(a, 3),
    c = int(a, 4),
    m = int(a, 5),
    kh = int(a, 6),
    kw = int(a, 7),
    dh = int(a, 10),
    dw = int(a, 11),
    outH = int(a, 14),
    outW = int(a, 15),
    bias = ptr(a, 18),
    relu = int(a, 19) != 0;
  const x = ptr(a, 0) + <usize>item * floats(h * w * c);
  let y = ptr(a, 1) + <usize>item * floats(outH * outW * c * m);
  const zero = f32x4.splat(0);
  for (let i = 0; i < outH; i++)
    for (let j = 0; j < outW; j++) {
      const y0 = i * int(a, 8) - int(a, 12),
        x0 = j * int(a, 9) - int(a, 13);
      let k = 0;
      if (m == 1)
        for (; k + 4 <= c; k += 4) {
          let sum = bias ? v128.load(bias + floats(k)) : zero;
          for (let p = 0; p < kh; p++) {
            const r = y0 + p * dh;
            if (r < 0 || r >= h) continue;
            for (let q = 0; q < kw; q++) {
              const s = x0 + q * dw;
              if (s < 0 || s >= w) continue;
              const v = v128.load(x + floats((r * w + s) * c + k));
              sum = f32x4.add(sum, f32x4.mul(v, v128.load(ptr(a, 16) + floats((p * kw + q) * c + k))));
            }
          }
          v128.store(y, relu ? f32x4.pmax(sum, zero) : sum);
          y += 16;
        }
      for (; k < c; k++)
        for (let l = 0; l < m; l++) {
          let sum: f32 = bias ? load<f32>(bias + floats(k * m + l)) : 0;
          for (let p = 0; p < kh; p++) {
            const r = y0 + p * dh;
            if (r < 0 || r >= h) continue;
            for (let q = 0; q < kw; q++) {
              const s = x0 + q * dw;
              if (s < 0 || s >= w) continue;
              sum += load<f32>(x + floats((r * w + s) * c + k)) * load<f32>(ptr(a, 16) + floats(((p * kw + q) * c + k) * m + l));
            }
          }
          store<f32>(y, relu && sum < 0 ? 0 : sum);
          y += 4;
        }
    }
}

/** Job: gradient with respect to the input, at word 17. */
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
              v128.store(d + o, f32x4.add(v128.load(d + o), f32x4.mul(v128.load(dy + o), v128.load(f + o))));
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

/** Job: filter gradient, summed per chunk of images at word 17: [chunks][kh][kw][c][multiplier]. */
export function depthwiseFilterGradJob(a: usize, item: i32, chunk: i32, first: bool): void {
  const h = int(a, 2),
    w = int(a, 3),
    c = int(a, 4),
    m = int(a, 5),
    kh = int(a, 6),
    kw = int(a, 7),
    sh = int(a, 8),
    sw = int(a, 9),
    outH = int(a, 14),
    outW = int(a, 15);
  const x = ptr(a, 0) + <usize>item * floats(h * w * c),
    dy = ptr(a, 1) + <usize>item * floats(outH * outW * c * m),
    sums = ptr(a, 17) + <usize>chunk * floats(kh * kw * c * m);
  if (first) memory.fill(sums, 0, floats(kh * kw * c * m));
  for (let p = 0; p < kh; p++)
    for (let q = 0; q < kw; q++) {
      const y0 = p * int(a, 10) - int(a, 12),
        x0 = q * int(a, 11) - int(a, 13);
      const f = sums + floats((p * kw + q) * c * m);
      let k = 0;
      if (m == 1)
        for (; k + 4 <= c; k += 4) {
          let sum = v128.load(f + floats(k));
          for (let i = 0; i < outH; i++) {
            const r = y0 + i * sh;
            if (r < 0 || r >= h) continue;
            for (let j = 0; j < outW; j++) {
              const s = x0 + j * sw;
              if (s < 0 || s >= w) continue;
              sum = f32x4.add(sum, f32x4.mul(v128.load(x + floats((r * w + s) * c + k)), v128.load(dy + floats((i * outW + j) * c + k))));
            }
          }
          v128.store(f + floats(k), sum);
        }
      for (; k < c; k++)
        for (let l = 0; l < m; l++) {
          let sum: f32 = load<f32>(f + floats(k * m + l));
          for (let i = 0; i < outH; i++) {
            const r = y0 + i * sh;
            if (r < 0 || r >= h) continue;
            for (let j = 0; j < outW; j++) {
              const s = x0 + j * sw;
              if (s < 0 || s >= w) continue;
              sum += load<f32>(x + floats((r * w + s) * c + k)) * load<f32>(dy + floats(((i * outW + j) * c + k) * m + l));
            }
          }
          store<f32>(f + floats(k * m + l), sum);
        }
    }
}
