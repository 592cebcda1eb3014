import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info, sizeOf } from './context';
import { JOB } from './jobs';
import { blocks, chunksOf, floatWord, whole } from './launch';

/** Operations of the unary and binary jobs; `assembly/elementwise.ts` has the same numbers. */
export const UNARY = {
  Relu: 0,
  Relu6: 1,
  Sigmoid: 2,
  Tanh: 3,
  Square: 4,
  Sqrt: 5,
  Neg: 6,
  Abs: 12,
  Exp: 10,
  Log: 11,
  Reciprocal: 13,
  Rsqrt: 14,
  Elu: 16,
  Selu: 17,
  Softplus: 18,
} as const;
/** Unary operations with a number. */
export const WITH_ALPHA = { LeakyRelu: 9, Step: 8 } as const;
const COPY = 7;
const FILL = 15;
export const BINARY = { Add: 0, Sub: 1, Multiply: 2, RealDiv: 3, Maximum: 4, Minimum: 5, SquaredDifference: 6 } as const;

/** Gradients that follow from dy and the output (of relu6 and leaky relu: the input) alone. */
export const GRADIENT = { relu: 7, sigmoid: 8, tanh: 9, relu6: 10, leakyRelu: 11, elu: 12, selu: 13 } as const;
export type GradientName = keyof typeof GRADIENT;

/** Elements of a block where the first dimension is no batch. */
const BLOCK = 16_384;

/** How elements are cut into items: by the first dimension, or in blocks. */
function cut(shape: readonly number[]): { items: number; per: number } {
  const n = sizeOf([...shape]);
  const rows = shape[0] ?? 1;
  if (shape.length > 1 && rows > 1) return { items: rows, per: n / rows };
  const per = Math.min(n, BLOCK);
  return { items: Math.ceil(n / per), per };
}

/** y = op(x), element by element, in a new tensor if none is given. */
export function unary(c: Context, op: number, x: Info, alpha = 0, y: Info = c.output(x.shape)): Info {
  const n = sizeOf(x.shape);
  const { items, per } = cut(x.shape);
  c.machine.launch({
    job: JOB.unary,
    items,
    chunks: chunksOf(items),
    words: [c.at(x), c.at(y), n, per, op, floatWord(alpha)],
    reads: [blocks(c.at(x), n, per)],
    writes: [blocks(c.at(y), n, per)],
    inPlace: [c.at(x)],
    work: n * 2,
  });
  return y;
}

/** A tensor full of one value. */
export function filled(c: Context, shape: number[], value: number): Info {
  const y = c.output(shape);
  const n = sizeOf(shape);
  const { items, per } = cut(shape);
  c.machine.launch({
    job: JOB.unary,
    items,
    chunks: chunksOf(items),
    words: [c.at(y), c.at(y), n, per, FILL, floatWord(value)],
    reads: [],
    writes: [blocks(c.at(y), n, per)],
    work: n,
  });
  return y;
}

/** op(x, number), element by element. */
export function withNumber(c: Context, op: number, x: Info, number: number): Info {
  const y = c.output(x.shape);
  const n = sizeOf(x.shape);
  const { items, per } = cut(x.shape);
  const at = c.machine.table(`number ${number}`, () => Uint32Array.of(floatWord(number)));
  c.machine.launch({
    job: JOB.binary,
    items,
    chunks: chunksOf(items),
    words: [c.at(x), at, c.at(y), n, per, op, 0, 0, 1, per, 0],
    reads: [blocks(c.at(x), n, per), whole(at, 4)],
    writes: [blocks(c.at(y), n, per)],
    inPlace: [c.at(x)],
    work: n,
  });
  return y;
}

/** Gives a tensor the values of another of its size, where it is. */
export function assign(c: Context, target: Info, x: Info): void {
  unary(c, COPY, x, 0, target);
}

/** How the binary job walks an operand: elements from item to item, and the modulus that repeats it within one. */
interface Walk {
  readonly step: number;
  readonly modulus: number;
}

/** The walk of an operand over an output; undefined when it is repeated in another way than the job knows. */
function walkOf(operand: readonly number[], out: readonly number[], isBatch: boolean, per: (unit: number) => number): Walk | undefined {
  const shape = [...new Array<number>(out.length - operand.length).fill(1), ...operand];
  const follows = isBatch && shape[0] !== 1;
  const [inner, outer] = isBatch ? [shape.slice(1), out.slice(1)] : [shape, [...out]];
  const size = sizeOf(inner);
  const total = sizeOf(outer);
  const first = inner.findIndex((s) => s !== 1);
  const last = inner.findLastIndex((s) => s !== 1);
  if (size === total && (follows || !isBatch)) return { modulus: 0, step: per(1) };
  if (size === 1) return { modulus: 1, step: follows ? 1 : 0 };
  if (inner.slice(first).every((s, i) => s === outer[first + i])) return { modulus: size, step: follows ? size : 0 };
  if (inner.slice(0, last + 1).every((s, i) => s === outer[i])) {
    const width = total / size;
    return { modulus: -width, step: follows ? size : isBatch ? 0 : per(width) / width };
  }
  return undefined;
}

/** z = op(x, y) where the shapes can be broadcast in one of the simple ways; undefined otherwise. */
export function binary(c: Context, op: number, x: Info, y: Info, alpha = 0): Info | undefined {
  const shape = tfc.backend_util.assertAndGetBroadcastShape(x.shape, y.shape);
  const n = sizeOf(shape);
  const isBatch = shape.length > 1 && shape[0] > 1;
  // Without a batch, blocks must hold whole multiples of what is repeated.
  const walks = (per: (unit: number) => number): (Walk | undefined)[] => [x, y].map((t) => walkOf(t.shape, shape, isBatch, per));
  const units = walks(() => 0).map((w) => Math.max(1, Math.abs(w?.modulus ?? 0)));
  const unit = units[0] * units[1];
  const per = isBatch ? n / shape[0] : Math.ceil(Math.min(n, BLOCK) / unit) * unit;
  const [xw, yw] = walks(() => per);
  if (!xw || !yw) return undefined;
  const items = Math.ceil(n / per);
  const z = c.output(shape);
  const read = (t: Info, walk: Walk) => (walk.step > 0 ? blocks(c.at(t), sizeOf(t.shape), walk.step) : whole(c.at(t), sizeOf(t.shape) * 4));
  c.machine.launch({
    job: JOB.binary,
    items,
    chunks: chunksOf(items),
    words: [c.at(x), c.at(y), c.at(z), n, per, op, floatWord(alpha), xw.modulus, yw.modulus, xw.step, yw.step],
    reads: [read(x, xw), read(y, yw)],
    writes: [blocks(c.at(z), n, per)],
    inPlace: [xw.modulus === 0 ? c.at(x) : 0, yw.modulus === 0 ? c.at(y) : 0],
    work: n * 2,
  });
  return z;
}

/** Registers element-wise operations, so that a step can be captured; what they leave out goes to TF.js's own. */
export function registerElementwise(c: Context): void {
  for (const [name, op] of Object.entries(UNARY)) c.register(name, ({ inputs: { x } }) => (areFloats(x) ? unary(c, op, x) : undefined));
  for (const [name, op] of Object.entries(WITH_ALPHA))
    c.register<{ alpha: number }>(name, ({ inputs: { x }, attrs }) => (areFloats(x) ? unary(c, op, x, attrs.alpha) : undefined));
  c.register<{ shape: number[]; value: number; dtype: tfc.DataType }>(tfc.Fill, ({ attrs: { shape, value, dtype } }) =>
    dtype === 'float32' ? filled(c, shape, value) : undefined,
  );
  c.register<{ clipValueMin: number; clipValueMax: number }>(tfc.ClipByValue, ({ inputs: { x }, attrs }) => {
    if (!areFloats(x)) return undefined;
    const y = withNumber(c, BINARY.Maximum, x, attrs.clipValueMin);
    return c.consume([y], () => withNumber(c, BINARY.Minimum, y, attrs.clipValueMax));
  });
  for (const [name, op] of Object.entries(BINARY))
    c.register(name, ({ inputs: { a, b } }) => (areFloats(a, b) ? binary(c, op, a, b) : undefined));
  // Nothing changes a tensor in place but the optimiser, when no other name for it is alive.
  c.register(tfc.Identity, ({ inputs: { x } }) => c.alias(x));
  for (const [name, value] of [
    [tfc.ZerosLike, 0],
    [tfc.OnesLike, 1],
  ] as const)
    c.register(name, ({ inputs: { x } }) => (areFloats(x) ? filled(c, x.shape, value) : undefined));
  c.register<{ dtype: tfc.DataType }>(tfc.Cast, ({ inputs: { x }, attrs }) => (x.dtype === attrs.dtype ? c.alias(x) : undefined));
  c.register(tfc.AddN, ({ inputs }) => {
    const [first, ...rest] = Object.values(inputs);
    if (!areFloats(first, ...rest)) return undefined;
    // Equal shapes always go.
    return rest.reduce((sum, t) => c.consume([sum], () => binary(c, BINARY.Add, sum, t)!), c.alias(first));
  });
}
