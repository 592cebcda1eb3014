// Cross-entropies of probabilities, as TF.js Layers defines them, and their gradients.
import { floats, int, num, ptr } from './args';

/**
 * Job: loss of every row, −Σ t·log p with p scaled to sum 1 and clipped to [ε, 1 − ε], and its derivative by p.
 * Words: target, p, loss [rows], dp, rows, c, rows per item, epsilon.
 */
export function categoricalCrossentropyJob(a: usize, item: i32): void {
  const c = int(a, 5),
    end = min(int(a, 4), (item + 1) * int(a, 6)),
    epsilon: f64 = num(a, 7);
  for (let r = item * int(a, 6); r < end; r++) {
    const t = ptr(a, 0) + floats(r * c),
      p = ptr(a, 1) + floats(r * c),
      d = ptr(a, 3) + floats(r * c);
    let sum: f64 = 0;
    for (let k = 0; k < c; k++) sum += <f64>load<f32>(p + floats(k));
    let loss: f64 = 0,
      dot: f64 = 0;
    for (let k = 0; k < c; k++) {
      const q = <f64>load<f32>(p + floats(k)) / sum,
        target: f64 = load<f32>(t + floats(k));
      const clipped = min(max(q, epsilon), 1 - epsilon);
      loss -= target * Math.log(clipped);
      // The derivative by q, which the scaling to sum 1 then turns into one by p.
      const g = q == clipped ? -target / clipped : 0;
      dot += g * q;
      store<f32>(d + floats(k), <f32>g);
    }
    for (let k = 0; k < c; k++) store<f32>(d + floats(k), <f32>((<f64>load<f32>(d + floats(k)) - dot) / sum));
    store<f32>(ptr(a, 2) + floats(r), <f32>loss);
  }
}

/**
 * Job: mean over the row of the binary cross-entropy, p clipped to [ε, 1 − ε], and its derivative by p.
 * Words: target, p, loss [rows], dp, rows, c, rows per item, epsilon.
 */
export function binaryCrossentropyJob(a: usize, item: i32): void {
  const c = int(a, 5),
    end = min(int(a, 4), (item + 1) * int(a, 6)),
    epsilon: f64 = num(a, 7);
  for (let r = item * int(a, 6); r < end; r++) {
    let loss: f64 = 0;
    for (let k = 0; k < c; k++) {
      const o = floats(r * c + k);
      const t: f64 = load<f32>(ptr(a, 0) + o),
        p: f64 = load<f32>(ptr(a, 1) + o);
      const q = min(max(p, epsilon), 1 - epsilon);
      loss -= t * Math.log(q) + (1 - t) * Math.log(1 - q);
      store<f32>(ptr(a, 3) + o, q == p ? <f32>((q - t) / (q * (1 - q)) / <f64>c) : 0);
    }
    store<f32>(ptr(a, 2) + floats(r), <f32>(loss / <f64>c));
  }
}
