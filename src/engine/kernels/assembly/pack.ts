// Packing of the right-hand matrix into panels: [columns / 8][rows][8], so that the micro-kernel reads it in one stream.
import { floats, int, ptr } from './args';
import { NR } from './tile';

/** Panels p0..p1 of a [k][n] matrix whose rows lie `rowStep` bytes apart; columns past n become zeros. */
export function packRows(source: usize, rowStep: usize, k: i32, n: i32, out: usize, p0: i32, p1: i32): void {
  out += floats(p0 * k * NR);
  for (let p = p0; p < p1; p++) {
    const cols = min(NR, n - p * NR);
    let s = source + floats(p * NR);
    if (cols == NR) {
      for (let i = 0; i < k; i++) {
        v128.store(out, v128.load(s));
        v128.store(out, v128.load(s, 16), 16);
        s += rowStep;
        out += 32;
      }
    } else {
      for (let i = 0; i < k; i++) {
        for (let j = 0; j < NR; j++) store<f32>(out + floats(j), j < cols ? load<f32>(s + floats(j)) : 0);
        s += rowStep;
        out += 32;
      }
    }
  }
}

/** As {@link packRows}, of the transpose: element (i, j) is at `source + j * columnStep + i * 4`. */
export function packColumns(source: usize, columnStep: usize, k: i32, n: i32, out: usize, p0: i32, p1: i32): void {
  out += floats(p0 * k * NR);
  for (let p = p0; p < p1; p++) {
    const cols = min(NR, n - p * NR);
    const s = source + <usize>(p * NR) * columnStep;
    let i = 0;
    if (cols == NR) {
      for (; i + 4 <= k; i += 4) {
        for (let half: usize = 0; half < 2; half++) {
          const q = s + floats(i) + half * 4 * columnStep;
          const r0 = v128.load(q),
            r1 = v128.load(q + columnStep),
            r2 = v128.load(q + 2 * columnStep),
            r3 = v128.load(q + 3 * columnStep);
          const t0 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5),
            t1 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5),
            t2 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7),
            t3 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
          const d = out + half * 16;
          v128.store(d, v128.shuffle<f32>(t0, t1, 0, 1, 4, 5));
          v128.store(d, v128.shuffle<f32>(t0, t1, 2, 3, 6, 7), 32);
          v128.store(d, v128.shuffle<f32>(t2, t3, 0, 1, 4, 5), 64);
          v128.store(d, v128.shuffle<f32>(t2, t3, 2, 3, 6, 7), 96);
        }
        out += 128;
      }
    }
    for (; i < k; i++) {
      for (let j = 0; j < NR; j++) store<f32>(out + floats(j), j < cols ? load<f32>(s + <usize>j * columnStep + floats(i)) : 0);
      out += 32;
    }
  }
}

/**
 * Job: panels of a matrix. Words: source, k, n, out, transposed, panels per item.
 * A batch of matrices is packed as one: words 6..8 are items per matrix, bytes between sources, bytes between outputs.
 */
export function packJob(a: usize, item: i32): void {
  const k = int(a, 1),
    n = int(a, 2),
    per = int(a, 5),
    itemsPerMatrix = int(a, 6);
  const matrix = item / itemsPerMatrix;
  const source = ptr(a, 0) + <usize>matrix * ptr(a, 7);
  const out = ptr(a, 3) + <usize>matrix * ptr(a, 8);
  const p0 = (item % itemsPerMatrix) * per;
  const p1 = min(p0 + per, (n + NR - 1) / NR);
  if (int(a, 4)) packColumns(source, floats(k), k, n, out, p0, p1);
  else packRows(source, floats(n), k, n, out, p0, p1);
}

/**
 * Job: the filter [kh·kw][cin][cout], turned by 180° and with its channels swapped, as panels over cin: what the gradient with
 * respect to the input is a convolution with. Words: filter, kh·kw, cin, cout, out, panels per item.
 */
export function packTurnedJob(a: usize, item: i32): void {
  const filter = ptr(a, 0),
    window = int(a, 1),
    cin = int(a, 2),
    cout = int(a, 3),
    per = int(a, 5);
  const k = window * cout;
  const p1 = min((item + 1) * per, (cin + NR - 1) / NR);
  for (let p = item * per; p < p1; p++) {
    const out = ptr(a, 4) + floats(p * k * NR);
    const c = p * NR;
    for (let t = 0; t < window; t++) {
      const tap = filter + floats((window - 1 - t) * cin * cout + c * cout);
      packColumns(tap, floats(cout), cout, min(NR, cin - c), out + floats(t * cout * NR), 0, 1);
    }
  }
}
