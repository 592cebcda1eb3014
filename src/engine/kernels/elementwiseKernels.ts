import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info, sizeOf } from './context';
import { sumChunks } from './convolutionKernels';
import { JOB } from './jobs';
import { chunksOf, floatWord, perItem, whole } from './launch';

/** Operations of the unary and binary jobs; `assembly/elementwise.ts` has the same numbers. */
const UNARY = { Relu: 0, Relu6: 1, Sigmoid: 2, Tanh: 3, Square: 4, Sqrt: 5, Neg: 6, Abs: 12, Reciprocal: 13, Rsqrt: 14 } as const;
const LEAKY_RELU = 9;
const BINARY = { Add: 0, Sub: 1, Multiply: 2, RealDiv: 3, Maximum: 4, Minimum: 5, SquaredDifference: 6 } as const;

/** Gradients that follow from dy and the output (of relu6 and leaky relu: the input) alone. */
export const GRADIENT = { relu: 7, sigmoid: 8, tanh: 9, relu6: 10, leakyRelu: 11 } as const;
export type GradientName = keyof typeof GRADIENT;

/** Elements of a block where the first dimension is no batch. */
const BLOCK = 16_384;

/** How elements are cut into items: by the first dimension, or in blocks that hold whole multiples of `unit`. */
function cut(shape: readonly number[], unit: number): { items: number; per: number } {
  const n = sizeOf([...shape]);
  const rows = shape[0] ?? 1;
  if (shape.length > 1 && rows > 1 && (n / rows) % unit === 0) return { items: rows, per: n / rows };
  const per = Math.ceil(Math.min(n, BLOCK) / unit) * unit;
  return { items: Math.ceil(n / per), per };
}

/** y = op(x), element by element. */
export function unary(c: Context, op: number, x: Info, alpha = 0): Info {
  const y = c.output(x.shape);
  const n = sizeOf(x.shape);
  const { items, per } = cut(x.shape, 1);
  c.machine.launch({
    job: JOB.unary,
    items,
    chunks: chunksOf(items),
    words: [c.at(x), c.at(y), n, per, op, floatWord(alpha)],
    reads: [perItem(c.at(x), items, per * 4)],
    writes: [perItem(c.at(y), items, per * 4)],
    work: n * 2,
  });
  return y;
}

/** How an operand is repeated over the output: 0 not at all, 1 one value, c a row of c, -c one value for every c elements. */
function modulusOf(operand: readonly number[], out: readonly number[]): number | undefined {
  const size = sizeOf([...operand]);
  const total = sizeOf([...out]);
  if (size === total) return 0;
  if (size === 1) return 1;
  const shape = [...new Array<number>(out.length - operand.length).fill(1), ...operand];
  const first = shape.findIndex((s) => s !== 1);
  if (shape.slice(first).every((s, i) => s === out[first + i])) return size;
  const last = shape.findLastIndex((s) => s !== 1);
  if (shape.slice(0, last + 1).every((s, i) => s === out[i])) return -(total / size);
  return undefined;
}

/** z = op(x, y) where the shapes can be broadcast in one of the simple ways; undefined otherwise. */
export function binary(c: Context, op: number, x: Info, y: Info, alpha = 0): Info | undefined {
  const shape = tfc.backend_util.assertAndGetBroadcastShape(x.shape, y.shape);
  const xm = modulusOf(x.shape, shape);
  const ym = modulusOf(y.shape, shape);
  if (xm === undefined || ym === undefined) return undefined;
  const n = sizeOf(shape);
  const { items, per } = cut(shape, Math.max(Math.abs(xm), 1) * Math.max(Math.abs(ym), 1));
  const z = c.output(shape);
  const read = (t: Info, modulus: number) => (modulus === 0 ? perItem(c.at(t), items, per * 4) : whole(c.at(t), sizeOf(t.shape) * 4));
  c.machine.launch({
    job: JOB.binary,
    items,
    chunks: chunksOf(items),
    words: [c.at(x), c.at(y), c.at(z), n, per, op, floatWord(alpha), xm, ym],
    reads: [read(x, xm), read(y, ym)],
    writes: [perItem(c.at(z), items, per * 4)],
    work: n * 2,
  });
  return z;
}

/** Sums over all axes but the last, times nothing: [rows][columns] -> [columns]. */
export function columnSums(c: Context, x: Info, columns: number, out: Info): void {
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
  c.register(tfc.Identity, ({ inputs: { x } }) => {
    c.backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
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
