// Convolution and its two gradients, image by image. NHWC images, [kh][kw][cin][cout] filters.
import { floats, int, ptr } from './args';
import { packRows } from './pack';
import { FROM_BIAS, FROM_OUTPUT, FROM_ZERO, NR, pooledProduct, product } from './tile';

/** Pixels whose gradients are packed at a time for the weight gradient: two such blocks stay in the first-level cache. */
const PIXEL_BLOCK: i32 = 128;

/** Window positions whose gradients are computed at a time for the input gradient. */
const WINDOW_BLOCK: i32 = 64;

/** Copies an image [h][w·c] into the middle of a zeroed one [hp][wp·c]. Returns `out`. */
export function padImage(x: usize, h: i32, wc: i32, out: usize, hp: i32, wpc: i32, top: i32, leftC: i32): usize {
  memory.fill(out, 0, floats(hp * wpc));
  let d = out + floats(top * wpc + leftC);
  for (let i = 0; i < h; i++) {
    memory.copy(d, x, floats(wc));
    x += floats(wc);
    d += floats(wpc);
  }
  return out;
}

/**
 * Geometry words that every job here starts with: x, h, w·c, padded h, padded w·c, top, left·c. Returns where the image lies,
 * padded in `scratch` when it needs to be.
 */
function image(a: usize, item: i32, scratch: usize): usize {
  const h = int(a, 1),
    wc = int(a, 2),
    hp = int(a, 3),
    wpc = int(a, 4);
  const x = ptr(a, 0) + <usize>item * floats(h * wc);
  return hp == h && wpc == wc ? x : padImage(x, h, wc, scratch, hp, wpc, int(a, 5), int(a, 6));
}

/**
 * Job: forward. Words 7..: pixel table, pixels, window table, k, panels, bias or 0, y, cout, relu, out w, then those of the pooling that
 * follows: maxima or 0, winners or 0, pooled height, pooled width, only positive. When pooled, y is not written.
 */
export function convolutionJob(a: usize, item: i32, scratch: usize): void {
  const pixelTable = ptr(a, 7),
    pixels = int(a, 8),
    windowTable = ptr(a, 9),
    k = int(a, 10),
    panels = ptr(a, 11),
    bias = ptr(a, 12),
    cout = int(a, 14),
    relu = int(a, 15) != 0,
    maxima = ptr(a, 17);
  const x = image(a, item, scratch);
  if (!maxima) {
    const y = ptr(a, 13) + <usize>item * floats(pixels * cout);
    const end = (cout + NR - 1) / NR;
    product(x, pixelTable, 0, 0, pixels, windowTable, 0, k, panels, 0, end, bias ? FROM_BIAS : FROM_ZERO, bias, y, floats(cout), cout, relu);
    return;
  }
  const winners = ptr(a, 18),
    high = int(a, 19),
    wide = int(a, 20),
    row = floats(int(a, 16));
  for (let i = 0; i < high; i++) {
    const at = (item * high + i) * wide * cout;
    const won = winners ? winners + <usize>at : 0;
    pooledProduct(x, pixelTable + <usize>(2 * i) * row, row, wide, windowTable, k, panels, bias, maxima + floats(at), cout, relu, won, int(a, 21) != 0);
  }
}

/** Job: weight gradient, summed per chunk of images. Words 7..: pixel table, pixels, window table, k, dy, cout, sums [chunks][k][cout]. */
export function convolutionFilterGradJob(a: usize, item: i32, chunk: i32, first: bool, scratch: usize): void {
  const pixelTable = ptr(a, 7),
    pixels = int(a, 8),
    windowTable = ptr(a, 9),
    k = int(a, 10),
    cout = int(a, 12);
  const sums = ptr(a, 13) + <usize>chunk * floats(k * cout);
  const panels = (cout + NR - 1) / NR;
  const block = scratch;
  const x = image(a, item, scratch + floats(PIXEL_BLOCK * panels * NR));
  const dy = ptr(a, 11) + <usize>item * floats(pixels * cout);
  for (let p = 0; p < pixels; p += PIXEL_BLOCK) {
    const n = min(PIXEL_BLOCK, pixels - p);
    packRows(dy + floats(p * cout), floats(cout), n, cout, block, 0, panels);
    product(
      x,
      windowTable,
      0,
      0,
      k,
      pixelTable + floats(p),
      0,
      n,
      block,
      0,
      panels,
      first && p == 0 ? FROM_ZERO : FROM_OUTPUT,
      0,
      sums,
      floats(cout),
      cout,
      false,
    );
  }
}

/** Job: sums of chunks, in order. Words: sums, chunks, n, out, elements per item, bytes between chunks. */
export function sumChunksJob(a: usize, item: i32): void {
  const chunks = int(a, 1),
    n = int(a, 2),
    per = int(a, 4),
    step = ptr(a, 5);
  const end = min(n, (item + 1) * per);
  let i = item * per;
  for (; i + 4 <= end; i += 4) {
    let s = ptr(a, 0) + floats(i);
    let v = v128.load(s);
    for (let c = 1; c < chunks; c++) {
      s += step;
      v = f32x4.add(v, v128.load(s));
    }
    v128.store(ptr(a, 3) + floats(i), v);
  }
  for (; i < end; i++) {
    let s = ptr(a, 0) + floats(i);
    let v = load<f32>(s);
    for (let c = 1; c < chunks; c++) {
      s += step;
      v += load<f32>(s);
    }
    store<f32>(ptr(a, 3) + floats(i), v);
  }
}

/**
 * Job: gradient with respect to the input for any stride and dilation: dy · filterᵀ gives what every window position gets back,
 * which is then added where the window lay. Words: dy, pixels, cout, panels over k, k (kh·kw·cin), dx,
 * h, w, cin, kh, kw, stride h, stride w, dilation h, dilation w, top, left, out width.
 */
export function convolutionInputGradJob(a: usize, item: i32, scratch: usize): void {
  const pixels = int(a, 1),
    cout = int(a, 2),
    k = int(a, 4);
  const h = int(a, 6),
    w = int(a, 7),
    cin = int(a, 8),
    kh = int(a, 9),
    kw = int(a, 10);
  const strideH = int(a, 11),
    strideW = int(a, 12),
    dilationH = int(a, 13),
    dilationW = int(a, 14),
    top = int(a, 15),
    left = int(a, 16),
    outW = int(a, 17);
  const dy = ptr(a, 0) + <usize>item * floats(pixels * cout),
    dx = ptr(a, 5) + <usize>item * floats(h * w * cin);
  memory.fill(dx, 0, floats(h * w * cin));
  for (let p = 0; p < pixels; p++) {
    if (p % WINDOW_BLOCK == 0) {
      const end = min(pixels, p + WINDOW_BLOCK);
      const rows = scratch - floats(p * k);
      product(dy, 0, floats(cout), p, end, 0, 4, cout, ptr(a, 3), 0, (k + NR - 1) / NR, FROM_ZERO, 0, rows, floats(k), k, false);
    }
    const y0 = (p / outW) * strideH - top,
      x0 = (p % outW) * strideW - left;
    for (let i = 0; i < kh; i++) {
      const y = y0 + i * dilationH;
      if (y < 0 || y >= h) continue;
      for (let j = 0; j < kw; j++) {
        const x = x0 + j * dilationW;
        if (x < 0 || x >= w) continue;
        let s = scratch + floats((p % WINDOW_BLOCK) * k + (i * kw + j) * cin);
        let d = dx + floats((y * w + x) * cin);
        let c = 0;
        for (; c + 4 <= cin; c += 4) {
          v128.store(d, f32x4.add(v128.load(d), v128.load(s)));
          s += 16;
          d += 16;
        }
        for (; c < cin; c++) {
          store<f32>(d, load<f32>(d) + load<f32>(s));
          s += 4;
          d += 4;
        }
      }
    }
  }
}
