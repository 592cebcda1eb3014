// Batch normalisation over the last axis, and sums over the others. Rows are pixels, or samples of a flat layer.
import { floats, int, num, ptr } from './args';

/** Adds the columns of `rows` rows into out[c). A line of the cache, 16 channels, is read at a time. */
function addColumns(x: usize, rows: i32, c: i32, out: usize): void {
  const step = floats(c);
  let k = 0;
  for (; k + 16 <= c; k += 16) {
    let s = x + floats(k);
    let a0 = f32x4.splat(0),
      a1 = a0,
      a2 = a0,
      a3 = a0,
      b0 = a0,
      b1 = a0,
      b2 = a0,
      b3 = a0;
    let r = 0;
    for (; r + 2 <= rows; r += 2) {
      a0 = f32x4.add(a0, v128.load(s));
      a1 = f32x4.add(a1, v128.load(s, 16));
      a2 = f32x4.add(a2, v128.load(s, 32));
      a3 = f32x4.add(a3, v128.load(s, 48));
      s += step;
      b0 = f32x4.add(b0, v128.load(s));
      b1 = f32x4.add(b1, v128.load(s, 16));
      b2 = f32x4.add(b2, v128.load(s, 32));
      b3 = f32x4.add(b3, v128.load(s, 48));
      s += step;
    }
    if (r < rows) {
      a0 = f32x4.add(a0, v128.load(s));
      a1 = f32x4.add(a1, v128.load(s, 16));
      a2 = f32x4.add(a2, v128.load(s, 32));
      a3 = f32x4.add(a3, v128.load(s, 48));
    }
    const o = out + floats(k);
    v128.store(o, f32x4.add(v128.load(o), f32x4.add(a0, b0)));
    v128.store(o, f32x4.add(v128.load(o, 16), f32x4.add(a1, b1)), 16);
    v128.store(o, f32x4.add(v128.load(o, 32), f32x4.add(a2, b2)), 32);
    v128.store(o, f32x4.add(v128.load(o, 48), f32x4.add(a3, b3)), 48);
  }
  for (; k + 4 <= c; k += 4) {
    let s = x + floats(k);
    let even = f32x4.splat(0),
      odd = f32x4.splat(0);
    let r = 0;
    for (; r + 2 <= rows; r += 2) {
      even = f32x4.add(even, v128.load(s));
      odd = f32x4.add(odd, v128.load(s + step));
      s += 2 * step;
    }
    if (r < rows) even = f32x4.add(even, v128.load(s));
    v128.store(out + floats(k), f32x4.add(v128.load(out + floats(k)), f32x4.add(even, odd)));
  }
  for (; k < c; k++) {
    let s = x + floats(k);
    let sum: f32 = 0;
    for (let r = 0; r < rows; r++) {
      sum += load<f32>(s);
      s += step;
    }
    store<f32>(out + floats(k), load<f32>(out + floats(k)) + sum);
  }
}

/** Job: sums of columns per chunk of items. Words: x, rows per item, c, sums [chunks][c]. */
export function columnSumsJob(a: usize, item: i32, chunk: i32, first: bool): void {
  const rows = int(a, 1),
    c = int(a, 2);
  const sums = ptr(a, 3) + <usize>chunk * floats(c);
  if (first) memory.fill(sums, 0, floats(c));
  addColumns(ptr(a, 0) + <usize>item * floats(rows * c), rows, c, sums);
}

/**
 * Job: mean and sum of squared deviations of every column, per chunk of items, merged item by item with Chan's formula: one pass
 * over the memory, and no cancellation. Words: x, rows per item, c, statistics [chunks][2][c], items, chunks.
 */
export function momentsJob(a: usize, item: i32, chunk: i32, first: bool): void {
  const rows = int(a, 1),
    c = int(a, 2),
    items = int(a, 4),
    chunks = int(a, 5);
  const mean = ptr(a, 3) + <usize>(2 * chunk) * floats(c),
    squares = mean + floats(c);
  const x = ptr(a, 0) + <usize>item * floats(rows * c),
    step = floats(c);
  const before = <f32>((item - (chunk * items) / chunks) * rows),
    count = <f32>rows;
  const share: f32 = count / (before + count);
  const weight: f32 = before * share;
  let k = 0;
  for (; k + 16 <= c; k += 16) {
    let s = x + floats(k);
    let a0 = f32x4.splat(0),
      a1 = a0,
      a2 = a0,
      a3 = a0;
    for (let r = 0; r < rows; r++) {
      a0 = f32x4.add(a0, v128.load(s));
      a1 = f32x4.add(a1, v128.load(s, 16));
      a2 = f32x4.add(a2, v128.load(s, 32));
      a3 = f32x4.add(a3, v128.load(s, 48));
      s += step;
    }
    const n = f32x4.splat(count);
    const m0 = f32x4.div(a0, n),
      m1 = f32x4.div(a1, n),
      m2 = f32x4.div(a2, n),
      m3 = f32x4.div(a3, n);
    a0 = a1 = a2 = a3 = f32x4.splat(0);
    s = x + floats(k);
    for (let r = 0; r < rows; r++) {
      const d0 = f32x4.sub(v128.load(s), m0),
        d1 = f32x4.sub(v128.load(s, 16), m1),
        d2 = f32x4.sub(v128.load(s, 32), m2),
        d3 = f32x4.sub(v128.load(s, 48), m3);
      a0 = f32x4.add(a0, f32x4.mul(d0, d0));
      a1 = f32x4.add(a1, f32x4.mul(d1, d1));
      a2 = f32x4.add(a2, f32x4.mul(d2, d2));
      a3 = f32x4.add(a3, f32x4.mul(d3, d3));
      s += step;
    }
    const at = floats(k);
    keepMoments(mean + at, squares + at, m0, a0, share, weight, first);
    keepMoments(mean + at + 16, squares + at + 16, m1, a1, share, weight, first);
    keepMoments(mean + at + 32, squares + at + 32, m2, a2, share, weight, first);
    keepMoments(mean + at + 48, squares + at + 48, m3, a3, share, weight, first);
  }
  for (; k + 4 <= c; k += 4) {
    let s = x + floats(k);
    let even = f32x4.splat(0),
      odd = f32x4.splat(0);
    let r = 0;
    for (; r + 2 <= rows; r += 2) {
      even = f32x4.add(even, v128.load(s));
      odd = f32x4.add(odd, v128.load(s + step));
      s += 2 * step;
    }
    if (r < rows) even = f32x4.add(even, v128.load(s));
    const m = f32x4.div(f32x4.add(even, odd), f32x4.splat(count));
    s = x + floats(k);
    even = f32x4.splat(0);
    odd = f32x4.splat(0);
    for (r = 0; r + 2 <= rows; r += 2) {
      const p = f32x4.sub(v128.load(s), m),
        q = f32x4.sub(v128.load(s + step), m);
      even = f32x4.add(even, f32x4.mul(p, p));
      odd = f32x4.add(odd, f32x4.mul(q, q));
      s += 2 * step;
    }
    if (r < rows) {
      const p = f32x4.sub(v128.load(s), m);
      even = f32x4.add(even, f32x4.mul(p, p));
    }
    const sum = f32x4.add(even, odd);
    keepMoments(mean + floats(k), squares + floats(k), m, sum, share, weight, first);
  }
  for (; k < c; k++) momentsOfColumn(x + floats(k), rows, step, mean + floats(k), squares + floats(k), share, weight, first);
}

// @ts-ignore: decorator
@inline
function keepMoments(mean: usize, squares: usize, m: v128, sum: v128, share: f32, weight: f32, first: bool): void {
  if (first) {
    v128.store(mean, m);
    v128.store(squares, sum);
    return;
  }
  const m0 = v128.load(mean);
  const d = f32x4.sub(m, m0);
  v128.store(mean, f32x4.add(m0, f32x4.mul(d, f32x4.splat(share))));
  v128.store(
    squares,
    f32x4.add(f32x4.add(v128.load(squares), sum), f32x4.mul(f32x4.mul(d, d), f32x4.splat(weight))),
  );
}

/** {@link momentsJob} for one column. */
function momentsOfColumn(x: usize, rows: i32, step: usize, mean: usize, squares: usize, share: f32, weight: f32, first: bool): void {
  let sum: f32 = 0;
  for (let r = 0; r < rows; r++) sum += load<f32>(x + <usize>r * step);
  const m = sum / <f32>rows;
  let sq: f32 = 0;
  for (let r = 0; r < rows; r++) {
    const d = load<f32>(x + <usize>r * step) - m;
    sq += d * d;
  }
  const m0: f32 = first ? 0 : load<f32>(mean);
  const d = m - m0;
  store<f32>(mean, first ? m : m0 + d * share);
  store<f32>(squares, first ? sq : load<f32>(squares) + sq + d * d * weight);
}

/**
 * Job (one item): merges the chunks' statistics. Words: statistics, chunks, items, rows per item, c, mean, variance, gamma or 0,
 * beta or 0, epsilon, scale [c], shift [c] (the layer is then x·scale + shift).
 */
export function finishMomentsJob(a: usize): void {
  const chunks = int(a, 1),
    items = int(a, 2),
    rows = int(a, 3),
    c = int(a, 4);
  for (let k = 0; k < c; k++) {
    let s = ptr(a, 0) + floats(k);
    let mean: f64 = load<f32>(s),
      squares: f64 = load<f32>(s + floats(c));
    let count = <f64>((items / chunks) * rows);
    for (let h = 1; h < chunks; h++) {
      s += floats(2 * c);
      const n = <f64>((((h + 1) * items) / chunks - (h * items) / chunks) * rows);
      const d = <f64>load<f32>(s) - mean;
      mean += (d * n) / (count + n);
      squares += <f64>load<f32>(s + floats(c)) + (d * d * count * n) / (count + n);
      count += n;
    }
    const variance = squares / count;
    const at = floats(k);
    store<f32>(ptr(a, 5) + at, <f32>mean);
    store<f32>(ptr(a, 6) + at, <f32>variance);
    const gamma: f64 = ptr(a, 7) ? load<f32>(ptr(a, 7) + at) : 1;
    const beta: f64 = ptr(a, 8) ? load<f32>(ptr(a, 8) + at) : 0;
    const scale = gamma / Math.sqrt(variance + <f64>num(a, 9));
    store<f32>(ptr(a, 10) + at, <f32>scale);
    store<f32>(ptr(a, 11) + at, <f32>(beta - mean * scale));
  }
}

/** Job: y = x·scale + shift per column, with relu. Words: x, rows per item, c, y, scale, shift, relu. */
export function affineJob(a: usize, item: i32): void {
  const rows = int(a, 1),
    c = int(a, 2),
    relu = int(a, 6) != 0;
  let x = ptr(a, 0) + <usize>item * floats(rows * c),
    y = ptr(a, 3) + <usize>item * floats(rows * c);
  const zero = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    let k = 0;
    for (; k + 4 <= c; k += 4) {
      const at = floats(k);
      const v = f32x4.add(f32x4.mul(v128.load(x), v128.load(ptr(a, 4) + at)), v128.load(ptr(a, 5) + at));
      v128.store(y, relu ? f32x4.pmax(v, zero) : v);
      x += 16;
      y += 16;
    }
    for (; k < c; k++) {
      const v = load<f32>(x) * load<f32>(ptr(a, 4) + floats(k)) + load<f32>(ptr(a, 5) + floats(k));
      store<f32>(y, relu && v < 0 ? 0 : v);
      x += 4;
      y += 4;
    }
  }
}

/**
 * Job: per chunk, the columns' sums of dy and of dy·(x − mean), with dy set to zero where y ≤ 0 when a relu follows.
 * Words: x, rows per item, c, dy, mean, y or 0, sums [chunks][2][c].
 */
export function normaliseGradSumsJob(a: usize, item: i32, chunk: i32, first: bool): void {
  const rows = int(a, 1),
    c = int(a, 2);
  const offset = <usize>item * floats(rows * c),
    step = floats(c);
  const x = ptr(a, 0) + offset,
    dy = ptr(a, 3) + offset,
    y = ptr(a, 5) ? ptr(a, 5) + offset : 0;
  const sums = ptr(a, 6) + <usize>(2 * chunk) * step;
  if (first) memory.fill(sums, 0, 2 * step);
  const zero = f32x4.splat(0);
  let k = 0;
  for (; k + 16 <= c; k += 16) {
    const at = floats(k);
    const m0 = v128.load(ptr(a, 4) + at),
      m1 = v128.load(ptr(a, 4) + at, 16),
      m2 = v128.load(ptr(a, 4) + at, 32),
      m3 = v128.load(ptr(a, 4) + at, 48);
    let s = at;
    let a0 = f32x4.splat(0),
      a1 = a0,
      a2 = a0,
      a3 = a0,
      b0 = a0,
      b1 = a0,
      b2 = a0,
      b3 = a0;
    for (let r = 0; r < rows; r++) {
      const d = dy + s,
        v = x + s;
      let g0 = v128.load(d),
        g1 = v128.load(d, 16),
        g2 = v128.load(d, 32),
        g3 = v128.load(d, 48);
      if (y) {
        const o = y + s;
        g0 = v128.and(g0, f32x4.gt(v128.load(o), zero));
        g1 = v128.and(g1, f32x4.gt(v128.load(o, 16), zero));
        g2 = v128.and(g2, f32x4.gt(v128.load(o, 32), zero));
        g3 = v128.and(g3, f32x4.gt(v128.load(o, 48), zero));
      }
      a0 = f32x4.add(a0, g0);
      a1 = f32x4.add(a1, g1);
      a2 = f32x4.add(a2, g2);
      a3 = f32x4.add(a3, g3);
      b0 = f32x4.add(b0, f32x4.mul(g0, f32x4.sub(v128.load(v), m0)));
      b1 = f32x4.add(b1, f32x4.mul(g1, f32x4.sub(v128.load(v, 16), m1)));
      b2 = f32x4.add(b2, f32x4.mul(g2, f32x4.sub(v128.load(v, 32), m2)));
      b3 = f32x4.add(b3, f32x4.mul(g3, f32x4.sub(v128.load(v, 48), m3)));
      s += step;
    }
    const o = sums + at,
      q = o + step;
    v128.store(o, f32x4.add(v128.load(o), a0));
    v128.store(o, f32x4.add(v128.load(o, 16), a1), 16);
    v128.store(o, f32x4.add(v128.load(o, 32), a2), 32);
    v128.store(o, f32x4.add(v128.load(o, 48), a3), 48);
    v128.store(q, f32x4.add(v128.load(q), b0));
    v128.store(q, f32x4.add(v128.load(q, 16), b1), 16);
    v128.store(q, f32x4.add(v128.load(q, 32), b2), 32);
    v128.store(q, f32x4.add(v128.load(q, 48), b3), 48);
  }
  for (; k + 4 <= c; k += 4) {
    const at = floats(k);
    const m = v128.load(ptr(a, 4) + at);
    let s = at;
    let sum = v128.load(sums + at),
      dot = v128.load(sums + step + at);
    for (let r = 0; r < rows; r++) {
      let g = v128.load(dy + s);
      if (y) g = v128.and(g, f32x4.gt(v128.load(y + s), zero));
      sum = f32x4.add(sum, g);
      dot = f32x4.add(dot, f32x4.mul(g, f32x4.sub(v128.load(x + s), m)));
      s += step;
    }
    v128.store(sums + at, sum);
    v128.store(sums + step + at, dot);
  }
  for (; k < c; k++) {
    const at = floats(k);
    const m = load<f32>(ptr(a, 4) + at);
    let s = at;
    let sum = load<f32>(sums + at),
      dot = load<f32>(sums + step + at);
    for (let r = 0; r < rows; r++) {
      const g: f32 = y && load<f32>(y + s) <= 0 ? 0 : load<f32>(dy + s);
      sum += g;
      dot += g * (load<f32>(x + s) - m);
      s += step;
    }
    store<f32>(sums + at, sum);
    store<f32>(sums + step + at, dot);
  }
}

/**
 * Job (one item): the gradients of gamma and beta, and the three factors of dx = p·dy + q·x + r. Words: sums, chunks, count (rows in
 * all), c, mean, variance, scale (gamma over the standard deviation), epsilon, dgamma, dbeta, factors [3][c].
 */
export function finishNormaliseGradJob(a: usize): void {
  const chunks = int(a, 1),
    c = int(a, 3);
  const count = <f64>int(a, 2);
  for (let k = 0; k < c; k++) {
    const at = floats(k);
    let sum: f64 = 0,
      dot: f64 = 0;
    for (let h = 0; h < chunks; h++) {
      const s = ptr(a, 0) + <usize>(2 * h) * floats(c) + at;
      sum += <f64>load<f32>(s);
      dot += <f64>load<f32>(s + floats(c));
    }
    const inverse = 1.0 / Math.sqrt(<f64>load<f32>(ptr(a, 5) + at) + <f64>num(a, 7));
    const p: f64 = load<f32>(ptr(a, 6) + at);
    store<f32>(ptr(a, 8) + at, <f32>(dot * inverse));
    store<f32>(ptr(a, 9) + at, <f32>sum);
    const q = (-p * inverse * inverse * dot) / count;
    store<f32>(ptr(a, 10) + at, <f32>p);
    store<f32>(ptr(a, 10) + floats(c) + at, <f32>q);
    store<f32>(ptr(a, 10) + floats(2 * c) + at, <f32>((-p * sum) / count - q * <f64>load<f32>(ptr(a, 4) + at)));
  }
}

/** Job: dx = p·dy + q·x + r per column, dy masked by y > 0 when a relu follows. Words: x, rows per item, c, dy, y or 0, factors, dx. */
export function normaliseInputGradJob(a: usize, item: i32): void {
  const rows = int(a, 1),
    c = int(a, 2);
  const offset = <usize>item * floats(rows * c);
  let x = ptr(a, 0) + offset,
    dy = ptr(a, 3) + offset,
    y = ptr(a, 4) ? ptr(a, 4) + offset : 0,
    dx = ptr(a, 6) + offset;
  const p = ptr(a, 5),
    q = p + floats(c),
    s = q + floats(c);
  const zero = f32x4.splat(0);
  for (let r = 0; r < rows; r++) {
    let k = 0;
    for (; k + 4 <= c; k += 4) {
      const at = floats(k);
      let g = v128.load(dy);
      if (y) {
        g = v128.and(g, f32x4.gt(v128.load(y), zero));
        y += 16;
      }
      v128.store(
        dx,
        f32x4.add(
          f32x4.add(f32x4.mul(g, v128.load(p + at)), f32x4.mul(v128.load(x), v128.load(q + at))),
          v128.load(s + at),
        ),
      );
      x += 16;
      dy += 16;
      dx += 16;
    }
    for (; k < c; k++) {
      const at = floats(k);
      let g = load<f32>(dy);
      if (y) {
        if (load<f32>(y) <= 0) g = 0;
        y += 4;
      }
      store<f32>(dx, g * load<f32>(p + at) + load<f32>(x) * load<f32>(q + at) + load<f32>(s + at));
      x += 4;
      dy += 4;
      dx += 4;
    }
  }
}
