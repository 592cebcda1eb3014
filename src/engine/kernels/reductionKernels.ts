import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info, sizeOf } from './context';
import { sumChunks } from './convolutionKernels';
import { BINARY } from './elementwiseKernels';
import { JOB } from './jobs';
import { chunksOf, floatWord, perItem, whole } from './launch';
import { pooledSums } from './pooledGradient';
import { transpose } from './shapeKernels';

/** Sums over all axes but the last, times nothing: [rows][columns] -> [columns]. */
export function columnSums(c: Context, x: Info, columns: number, out: number): void {
  const pooled = x.shape.length === 4 ? c.pooledGradients.of(x) : undefined;
  if (pooled && pooled.maxima.shape[3] === columns)
    return pooledSums(c, pooled, (chunks, sums) => sumChunks(c, sums, chunks, columns, out));
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
    sumChunks(c, sums, chunks, columns, out);
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

/** The largest of every row of `columns` elements: halves are laid over each other until one is left. */
function rowMaxima(c: Context, at: number, rows: number, columns: number, out: number): void {
  const fold = (from: number, width: number, to: number): void => {
    const half = Math.ceil(width / 2);
    c.machine.launch({
      job: JOB.binary,
      items: rows,
      chunks: chunksOf(rows),
      words: [from, from + (width - half) * 4, to, rows * half, half, BINARY.Maximum, 0, 0, 0, width, width],
      reads: [perItem(from, rows, width * 4)],
      writes: [perItem(to, rows, half * 4)],
      work: rows * half * 2,
    });
  };
  c.temporarily((reserve) => {
    let [from, width] = [at, columns];
    do {
      const half = Math.ceil(width / 2);
      const to = half === 1 ? out : reserve(rows * half * 4);
      fold(from, width, to);
      [from, width] = [to, half];
    } while (width > 1);
  });
}

interface Attributes {
  axis?: number | number[];
  reductionIndices?: number | number[];
  keepDims: boolean;
}

/** Registers sums, means and maxima over any axes. */
export function registerReductions(c: Context): void {
  type Rows = (at: number, rows: number, columns: number, out: number) => void;
  const reduce = (x: Info, { axis, reductionIndices, keepDims }: Attributes, alongRows: Rows, alongColumns?: Rows): Info | undefined => {
    if (!areFloats(x) || sizeOf(x.shape) === 0) return undefined;
    const axes = [...tfc.util.parseAxisParam((axis ?? reductionIndices)!, x.shape)].sort((p, q) => p - q);
    const [shape, reduced] = tfc.backend_util.computeOutAndReduceShapes(x.shape, axes);
    const [rows, count] = [sizeOf(shape), sizeOf(reduced)];
    const outShape = keepDims ? tfc.backend_util.expandShapeToKeepDim(shape, axes) : shape;
    const isLast = axes.every((a, i) => a === x.shape.length - axes.length + i);
    if (!isLast && alongColumns && axes.every((a, i) => a === i)) {
      const out = c.output(outShape);
      alongColumns(c.at(x), count, rows, c.at(out));
      return out;
    }
    const others = x.shape.map((_, i) => i).filter((i) => !axes.includes(i));
    const lined = isLast ? c.alias(x) : transpose(c, x, [...others, ...axes]);
    if (!lined) return undefined;
    const out = c.output(outShape);
    c.consume([lined], () => alongRows(c.at(lined), rows, count, c.at(out)));
    return out;
  };
  c.register<Attributes>(tfc.Sum, ({ inputs: { x }, attrs }) =>
    reduce(
      x,
      attrs,
      (at, rows, columns, out) => rowSums(c, at, rows, columns, out, 1),
      (_at, _rows, columns, out) => columnSums(c, x, columns, out),
    ),
  );
  c.register<Attributes>(tfc.Mean, ({ inputs: { x }, attrs }) =>
    reduce(x, attrs, (at, rows, columns, out) => rowSums(c, at, rows, columns, out, 1 / columns)),
  );
  c.register<Attributes>(tfc.Max, ({ inputs: { x }, attrs }) =>
    reduce(x, attrs, (at, rows, columns, out) => rowMaxima(c, at, rows, columns, out)),
  );
}
