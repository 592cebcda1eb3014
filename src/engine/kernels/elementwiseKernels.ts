import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info, sizeOf } from './context';
import { sumChunks } from './convolutionKernels';
import { JOB } from './jobs';
import { pooledSums } from './pooledGradient';
import { blocks, chunksOf, floatWord, perItem, whole } from './launch';

/** Operations of the unary and binary jobs; `assembly/elementwise.ts` has the same numbers. */
const UNARY = {
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
const LEAKY_RELU = 9;
const FILL = 15;
const BINARY = { Add: 0, Sub: 1, Multiply: 2, RealDiv: 3, Maximum: 4, Minimum: 5, SquaredDifference: 6 } as const;

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

/** y = op(x), element by element. */
export function unary(c: Context, op: number, x: Info, alpha = 0): Info {
  const y = c.output(x.shape);
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

/** x · factor, in place. */
export function scale(c: Context, x: Info, factor: number): void {
  const n = sizeOf(x.shape);
  const { items, per } = cut(x.shape);
  const at = c.machine.table(`factor ${factor}`, () => Uint32Array.of(floatWord(factor)));
  c.machine.launch({
    job: JOB.binary,
    items,
    chunks: chunksOf(items),
    words: [c.at(x), at, c.at(x), n, per, BINARY.Multiply, 0, 0, 1, per, 0],
    reads: [blocks(c.at(x), n, per), whole(at, 4)],
    writes: [blocks(c.at(x), n, per)],
    work: n,
  });
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

/** Sums over all axes but the last, times nothing: [rows][columns] -> [columns]. */
export function columnSums(c: Context, x: Info, columns: number, out: Info): void {
  const pooled = x.shape.length === 4 ? c.pooledGradients.of(x) : undefined;
  if (pooled && pooled.maxima.shape[3] === columns)
    return pooledSums(c, pooled, (chunks, sums) => sumChunks(c, sums, chunks, columns, c.at(out)));
  const n = sizeOf(x.shape);
  const items = x.shape.length > 1 ? x.shape[0] : n / columns;
  const rows = n / columns / items;
  const chunks = chunksOf(items);
  c.temporarily((reserve) => {
    const sums = reserve(chunks * columns * 4);
    c.machine.launch({
      job: JOB.columnSums,
      items,
      chunks,
      words: [c.at(x), rows, columns, sums],
      reads: [perItem(c.at(x), items, rows * columns * 4)],
      writes: [whole(sums, chunks * columns * 4)],
      work: n,
    });
    sumChunks(c, sums, chunks, columns, c.at(out));
  });
}

/** Sums of rows of `columns` elements, times `factor`. */
export function rowSums(c: Context, at: number, rows: number, columns: number, out: number, factor: number): void {
  const per = Math.ceil(rows / 8);
  const items = Math.ceil(rows / per);
  c.machine.launch({
    job: JOB.rowSums,
    items,
    chunks: items,
    words: [at, out, rows, columns, per, floatWord(factor)],
    reads: [whole(at, rows * columns * 4)],
    writes: [whole(out, rows * 4)],
    work: rows * columns * 2,
  });
}

/** Registers element-wise operations, sums and means, so that a step can be captured; what they leave out goes to TF.js's own. */
export function registerElementwise(c: Context): void {
  for (const [name, op] of Object.entries(UNARY)) c.register(name, ({ inputs: { x } }) => (areFloats(x) ? unary(c, op, x) : undefined));
  c.register<{ alpha: number }>(tfc.LeakyRelu, ({ inputs: { x }, attrs }) =>
    areFloats(x) ? unary(c, LEAKY_RELU, x, attrs.alpha) : undefined,
  );
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
    return rest.reduce((sum, t) => {
      // Equal shapes always go.
      const next = binary(c, BINARY.Add, sum, t)!;
      c.backend.disposeData(sum.dataId);
      return next;
    }, c.alias(first));
  });
  const reduce = (x: Info, axis: number | number[], keepDims: boolean, isMean: boolean): Info | undefined => {
    if (!areFloats(x) || sizeOf(x.shape) === 0) return undefined;
    const axes = [...tfc.util.parseAxisParam(axis, x.shape)].sort((p, q) => p - q);
    const [shape, reduced] = tfc.backend_util.computeOutAndReduceShapes(x.shape, axes);
    const count = sizeOf(reduced);
    const outShape = keepDims ? tfc.backend_util.expandShapeToKeepDim(shape, axes) : shape;
    if (axes.every((a, i) => a === x.shape.length - axes.length + i)) {
      const out = c.output(outShape);
      rowSums(c, c.at(x), sizeOf(shape), count, c.at(out), isMean ? 1 / count : 1);
      return out;
    }
    if (isMean || !axes.every((a, i) => a === i)) return undefined;
    const out = c.output(outShape);
    columnSums(c, x, sizeOf(shape), out);
    return out;
  };
  c.register<{ axis: number | number[]; keepDims: boolean }>(tfc.Sum, ({ inputs: { x }, attrs }) =>
    reduce(x, attrs.axis, attrs.keepDims, false),
  );
  c.register<{ axis: number | number[]; keepDims: boolean }>(tfc.Mean, ({ inputs: { x }, attrs }) =>
    reduce(x, attrs.axis, attrs.keepDims, true),
  );
}
