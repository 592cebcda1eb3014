// Element-wise operations, softmax, random masks. Items are blocks of `per` elements.
import { floats, int, num, ptr } from './args';
import { sigmoid4, tanh4 } from './functions';

// Operations of unaryJob and binaryJob; the same numbers are in `elementwiseKernels.ts`.
export const RELU: i32 = 0;
export const RELU6: i32 = 1;
export const SIGMOID: i32 = 2;
export const TANH: i32 = 3;
export const SQUARE: i32 = 4;
export const SQRT: i32 = 5;
export const NEGATE: i32 = 6;
export const COPY: i32 = 7;
export const STEP: i32 = 8;
export const LEAKY_RELU: i32 = 9;
export const EXP: i32 = 10;
export const LOG: i32 = 11;
export const ABS: i32 = 12;
export const RECIPROCAL: i32 = 13;
export const RSQRT: i32 = 14;
export const FILL: i32 = 15;
export const ELU: i32 = 16;
export const SELU: i32 = 17;
export const SOFTPLUS: i32 = 18;

export const ADD: i32 = 0;
export const SUBTRACT: i32 = 1;
export const MULTIPLY: i32 = 2;
export const DIVIDE: i32 = 3;
export const MAXIMUM: i32 = 4;
export const MINIMUM: i32 = 5;
export const SQUARED_DIFFERENCE: i32 = 6;
export const RELU_GRAD: i32 = 7;
export const SIGMOID_GRAD: i32 = 8;
export const TANH_GRAD: i32 = 9;
export const RELU6_GRAD: i32 = 10;
export const LEAKY_RELU_GRAD: i32 = 11;
export const ELU_GRAD: i32 = 12;
export const SELU_GRAD: i32 = 13;

// Klambauer et al. 2017.
const SELU_SCALE: f64 = 1.0507009873554804934193349852946;
const SELU_ALPHA: f64 = 1.6732632423543772848170429916717;

// @ts-ignore: decorator
@inline
function unary4(op: i32, x: v128, alpha: f32): v128 {
  const zero = f32x4.splat(0);
  if (op == RELU) return f32x4.pmax(x, zero);
  if (op == RELU6) return f32x4.pmin(f32x4.pmax(x, zero), f32x4.splat(6));
  if (op == SIGMOID) return sigmoid4(x);
  if (op == TANH) return tanh4(x);
  if (op == SQUARE) return f32x4.mul(x, x);
  if (op == SQRT) return f32x4.sqrt(x);
  if (op == NEGATE) return f32x4.neg(x);
  if (op == STEP) return v128.bitselect(f32x4.splat(1), f32x4.splat(alpha), f32x4.gt(x, zero));
  if (op == LEAKY_RELU) return v128.bitselect(x, f32x4.mul(x, f32x4.splat(alpha)), f32x4.gt(x, zero));
  if (op == ABS) return f32x4.abs(x);
  if (op == RECIPROCAL) return f32x4.div(f32x4.splat(1), x);
  if (op == RSQRT) return f32x4.div(f32x4.splat(1), f32x4.sqrt(x));
  if (op == FILL) return f32x4.splat(alpha);
  return x;
}

function unary1(op: i32, x: f32, alpha: f32): f32 {
  if (op == EXP) return <f32>Math.exp(<f64>x);
  if (op == LOG) return <f32>Math.log(<f64>x);
  if (op == ELU) return x >= 0 ? x : <f32>Math.expm1(<f64>x);
  if (op == SELU) return <f32>(SELU_SCALE * (x >= 0 ? <f64>x : SELU_ALPHA * Math.expm1(<f64>x)));
  if (op == SOFTPLUS) return <f32>(Math.max(<f64>x, 0) + Math.log1p(Math.exp(-Math.abs(<f64>x))));
  return f32x4.extract_lane(unary4(op, f32x4.splat(x), alpha), 0);
}

/** Job: y = op(x). Words: x, y, n, per, op, alpha. */
export function unaryJob(a: usize, item: i32): void {
  const n = int(a, 2),
    per = int(a, 3),
    op = int(a, 4),
    alpha = num(a, 5);
  let i = item * per;
  const end = min(n, i + per);
  let x = ptr(a, 0) + floats(i),
    y = ptr(a, 1) + floats(i);
  if (op != EXP && op != LOG && op < ELU)
    for (; i + 4 <= end; i += 4) {
      v128.store(y, unary4(op, v128.load(x), alpha));
      x += 16;
      y += 16;
    }
  for (; i < end; i++) {
    store<f32>(y, unary1(op, load<f32>(x), alpha));
    x += 4;
    y += 4;
  }
}

// @ts-ignore: decorator
@inline
function binary4(op: i32, p: v128, q: v128, alpha: f32): v128 {
  const zero = f32x4.splat(0),
    one = f32x4.splat(1);
  if (op == ADD) return f32x4.add(p, q);
  if (op == SUBTRACT) return f32x4.sub(p, q);
  if (op == MULTIPLY) return f32x4.mul(p, q);
  if (op == DIVIDE) return f32x4.div(p, q);
  if (op == MAXIMUM) return f32x4.max(p, q);
  if (op == MINIMUM) return f32x4.min(p, q);
  if (op == SQUARED_DIFFERENCE) return f32x4.mul(f32x4.sub(p, q), f32x4.sub(p, q));
  // Gradients: p is dy, q the output (of relu6 and leaky relu: the input).
  if (op == RELU_GRAD) return v128.and(p, f32x4.gt(q, zero));
  if (op == SIGMOID_GRAD) return f32x4.mul(p, f32x4.mul(q, f32x4.sub(one, q)));
  if (op == TANH_GRAD) return f32x4.mul(p, f32x4.sub(one, f32x4.mul(q, q)));
  if (op == RELU6_GRAD) return v128.and(p, v128.and(f32x4.gt(q, zero), f32x4.le(q, f32x4.splat(6))));
  if (op == ELU_GRAD) return f32x4.mul(p, v128.bitselect(one, f32x4.add(q, one), f32x4.gt(q, zero)));
  if (op == SELU_GRAD) {
    const steep = f32x4.splat(<f32>SELU_SCALE);
    return f32x4.mul(p, v128.bitselect(steep, f32x4.add(q, f32x4.splat(<f32>(SELU_SCALE * SELU_ALPHA))), f32x4.gt(q, zero)));
  }
  if (op == LEAKY_RELU_GRAD) return v128.bitselect(p, f32x4.mul(p, f32x4.splat(alpha)), f32x4.gt(q, zero));
  return p;
}

/**
 * Job: z = op(x, y). Words: x, y, z, n, per, op, alpha, x modulus, y modulus, x step, y step. An operand's part for an item begins `step`
 * elements after that of the item before. Within an item a modulus m > 0 repeats it: of 1, one value for all; of c, a row of c; of −c,
 * one value for every c elements (a column). `per` is a multiple of |modulus|.
 */
export function binaryJob(a: usize, item: i32): void {
  const per = int(a, 4),
    op = int(a, 5),
    alpha = num(a, 6),
    xm = int(a, 7),
    ym = int(a, 8);
  const end = min(int(a, 3) - item * per, per);
  const x0 = ptr(a, 0) + floats(item * int(a, 9)),
    y0 = ptr(a, 1) + floats(item * int(a, 10));
  let z = ptr(a, 2) + floats(item * per);
  let i = 0;
  let x = x0,
    y = y0;
  if (xm == 0 && ym == 0) {
    for (; i + 4 <= end; i += 4) {
      v128.store(z, binary4(op, v128.load(x), v128.load(y), alpha));
      x += 16;
      y += 16;
      z += 16;
    }
  } else if (ym == 1 && xm == 0) {
    const v = v128.load_splat<f32>(y0);
    for (; i + 4 <= end; i += 4) {
      v128.store(z, binary4(op, v128.load(x), v, alpha));
      x += 16;
      z += 16;
    }
  } else if (ym >= 4 && (ym & 3) == 0 && xm == 0) {
    for (; i + ym <= end; i += ym)
      for (let k = 0; k < ym; k += 4) {
        v128.store(z, binary4(op, v128.load(x), v128.load(y0 + floats(k)), alpha));
        x += 16;
        z += 16;
      }
  }
  for (; i < end; i++) {
    const p = load<f32>(x0 + floats(operand(i, xm))),
      q = load<f32>(y0 + floats(operand(i, ym)));
    store<f32>(z, f32x4.extract_lane(binary4(op, f32x4.splat(p), f32x4.splat(q), alpha), 0));
    z += 4;
  }
}

// @ts-ignore: decorator
@inline
function operand(i: i32, modulus: i32): i32 {
  return modulus == 0 ? i : modulus > 0 ? i % modulus : i / -modulus;
}

/** Job: softmax of rows. Words: x, y, rows, c, rows per item. */
export function softmaxJob(a: usize, item: i32): void {
  const c = int(a, 3),
    end = min(int(a, 2), (item + 1) * int(a, 4));
  for (let r = item * int(a, 4); r < end; r++) {
    const x = ptr(a, 0) + floats(r * c),
      y = ptr(a, 1) + floats(r * c);
    let top: f32 = -Infinity;
    for (let k = 0; k < c; k++) top = max(top, load<f32>(x + floats(k)));
    let sum: f64 = 0;
    for (let k = 0; k < c; k++) {
      const e = Math.exp(<f64>(load<f32>(x + floats(k)) - top));
      store<f32>(y + floats(k), <f32>e);
      sum += e;
    }
    for (let k = 0; k < c; k++) store<f32>(y + floats(k), <f32>(<f64>load<f32>(y + floats(k)) / sum));
  }
}

/** Job: dx = (dy − Σ dy·y)·y per row. Words: dy, y, dx, rows, c, rows per item. */
export function softmaxGradJob(a: usize, item: i32): void {
  const c = int(a, 4),
    end = min(int(a, 3), (item + 1) * int(a, 5));
  for (let r = item * int(a, 5); r < end; r++) {
    const o = floats(r * c);
    let dot: f64 = 0;
    for (let k = 0; k < c; k++) dot += <f64>load<f32>(ptr(a, 0) + o + floats(k)) * <f64>load<f32>(ptr(a, 1) + o + floats(k));
    for (let k = 0; k < c; k++)
      store<f32>(
        ptr(a, 2) + o + floats(k),
        <f32>((<f64>load<f32>(ptr(a, 0) + o + floats(k)) - dot) * <f64>load<f32>(ptr(a, 1) + o + floats(k))),
      );
  }
}

/** Job: sum of every row, times a factor. Words: x, y, rows, c, rows per item, factor. */
export function rowSumsJob(a: usize, item: i32): void {
  const c = int(a, 3),
    end = min(int(a, 2), (item + 1) * int(a, 4));
  for (let r = item * int(a, 4); r < end; r++) {
    let sum: f64 = 0;
    for (let k = 0; k < c; k++) sum += <f64>load<f32>(ptr(a, 0) + floats(r * c + k));
    store<f32>(ptr(a, 1) + floats(r), <f32>(sum * <f64>num(a, 5)));
  }
}

// @ts-ignore: decorator
@inline
function mix4(v: v128): v128 {
  v = i32x4.mul(v128.xor(v, i32x4.shr_u(v, 16)), i32x4.splat(0x21f0aaad));
  v = i32x4.mul(v128.xor(v, i32x4.shr_u(v, 15)), i32x4.splat(0x735a2d97));
  return v128.xor(v, i32x4.shr_u(v, 15));
}

/**
 * Job: a dropout mask of 0 and `scale`, element i a function of the key and i alone, as in `noise.ts`: the same on any number of
 * threads, and after resuming. Words: mask, n, per, key (two words), threshold, scale. `per` is a multiple of 4.
 */
export function dropoutMaskJob(a: usize, item: i32): void {
  const n = int(a, 1),
    per = int(a, 2),
    low = i32x4.splat(load<i32>(ptr(a, 3))),
    high = i32x4.splat(load<i32>(ptr(a, 3), 4)),
    threshold = i32x4.splat(int(a, 4)),
    scale = f32x4.splat(num(a, 5));
  const end = min(n, (item + 1) * per);
  const golden = <i32>0x9e3779b9;
  let counter = i32x4.mul(i32x4.add(i32x4.splat(item * per), i32x4(0, 1, 2, 3)), i32x4.splat(golden));
  const step = i32x4.splat(golden * 4);
  for (let i = item * per; i < end; i += 4) {
    const bits = mix4(v128.xor(mix4(i32x4.add(counter, low)), high));
    const v = v128.and(i32x4.ge_u(bits, threshold), scale);
    const p = ptr(a, 0) + floats(i);
    if (i + 4 <= end) v128.store(p, v);
    else {
      store<f32>(p, f32x4.extract_lane(v, 0));
      if (i + 1 < end) store<f32>(p, f32x4.extract_lane(v, 1), 4);
      if (i + 2 < end) store<f32>(p, f32x4.extract_lane(v, 2), 8);
    }
    counter = i32x4.add(counter, step);
  }
}
