// Cross-entropies from logits, with their gradients.
import { floats, int, num, ptr } from './args';

/**
 * Job: softmax cross-entropy of every row, −Σ t·log softmax(z), and its gradient times a factor.
 * Words: target, z, loss [rows], dz, rows, c, rows per item, factor.
 */
export function categoricalCrossentropyJob(a: usize, item: i32): void {
  const c = int(a, 5),
    end = min(int(a, 4), (item + 1) * int(a, 6)),
    factor: f64 = num(a, 7);
  for (let r = item * int(a, 6); r < end; r++) {
    const t = ptr(a, 0) + floats(r * c),
      z = ptr(a, 1) + floats(r * c),
      d = ptr(a, 3) + floats(r * c);
    let top: f32 = -Infinity;
    for (let k = 0; k < c; k++) top = max(top, load<f32>(z + floats(k)));
    let sum: f64 = 0,
      loss: f64 = 0,
      weight: f64 = 0;
    for (let k = 0; k < c; k++) {
      const shifted = <f64>load<f32>(z + floats(k)) - <f64>top;
      const e = Math.exp(shifted);
      sum += e;
      store<f32>(d + floats(k), <f32>e);
      const target: f64 = load<f32>(t + floats(k));
      loss -= target * shifted;
      weight += target;
    }
    for (let k = 0; k < c; k++)
      store<f32>(
        d + floats(k),
        <f32>((((<f64>load<f32>(d + floats(k)) / sum) * weight) - <f64>load<f32>(t + floats(k))) * factor),
      );
    store<f32>(ptr(a, 2) + floats(r), <f32>(loss + weight * Math.log(sum)));
  }
}

/**
 * Job: mean over the row of the sigmoid cross-entropy, max(z, 0) − z·t + log(1 + exp(−|z|)), and its gradient times a factor.
 * Words: target, z, loss [rows], dz, rows, c, rows per item, factor.
 */
export function binaryCrossentropyJob(a: usize, item: i32): void {
  const c = int(a, 5),
    end = min(int(a, 4), (item + 1) * int(a, 6)),
    factor: f64 = num(a, 7);
  for (let r = item * int(a, 6); r < end; r++) {
    let loss: f64 = 0;
    for (let k = 0; k < c; k++) {
      const o = floats(r * c + k);
      const t: f64 = load<f32>(ptr(a, 0) + o),
        z: f64 = load<f32>(ptr(a, 1) + o);
      const tail = Math.exp(-Math.abs(z));
      loss += Math.max(z, 0) - z * t + Math.log1p(tail);
      const p = z >= 0 ? 1 / (1 + tail) : tail / (1 + tail);
      store<f32>(ptr(a, 3) + o, <f32>(((p - t) * factor) / <f64>c));
    }
    store<f32>(ptr(a, 2) + floats(r), <f32>(loss / <f64>c));
  }
}
