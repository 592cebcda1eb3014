import * as tfc from '@tensorflow/tfjs-core';
import { areFloats, type Context, type Info, sizeOf } from './context';
import { BINARY, filled, withNumber } from './elementwiseKernels';
import { JOB } from './jobs';
import { blocks, chunksOf, perItem, whole } from './launch';

/** One dimension of a copy: how many, and the strides in elements. */
interface Dimension {
  size: number;
  from: number;
  to: number;
}

const MAX_DIMENSIONS = 5;

/** Elements from one index to the next, by dimension. */
function stridesOf(shape: readonly number[]): number[] {
  return shape.map((_, i) => sizeOf(shape.slice(i + 1)));
}

/** Dimensions that can be walked as one are, those of size 1 go. */
function simplified(dimensions: readonly Dimension[]): Dimension[] {
  const result: Dimension[] = [];
  for (const d of dimensions) {
    const last = result.at(-1);
    if (d.size === 1) continue;
    if (last && last.from === d.from * d.size && last.to === d.to * d.size) result[result.length - 1] = { ...d, size: last.size * d.size };
    else result.push(d);
  }
  return result;
}

/**
 * Copies elements of x, the first at `fromOffset`, to y, the first at `toOffset`. The first of `all` dimensions is kept apart as the
 * items, so that a copy within examples can share a lane with what comes before and after it.
 * @returns false when there are too many dimensions
 */
function copy(c: Context, x: Info, fromOffset: number, y: Info, toOffset: number, all: readonly Dimension[]): boolean {
  let [first = { size: 1, from: 0, to: 0 }, ...others] = all;
  let rest = simplified(others);
  const [second] = others;
  if (rest.length > MAX_DIMENSIONS - 1 && first.from === second.size * second.from && first.to === second.size * second.to) {
    // Rows of examples as items: better than not at all.
    [first, ...others] = [{ ...second, size: first.size * second.size }, ...others.slice(1)];
    rest = simplified(others);
  }
  if (rest.length > MAX_DIMENSIONS - 1) return false;
  while (rest.length < MAX_DIMENSIONS - 1) rest.unshift({ size: 1, from: 0, to: 0 });
  const reach = (key: 'from' | 'to'): number => rest.reduce((sum, d) => sum + (d.size - 1) * d[key], 0) + 1;
  const [n, m] = [sizeOf(x.shape), sizeOf(y.shape)];
  // Items that keep to their own part of a tensor that is cut evenly.
  const part = (t: Info, total: number, offset: number, key: 'from' | 'to') =>
    first[key] > 0 && rest.every((d) => d[key] >= 0) && first[key] * first.size === total && offset + reach(key) <= first[key]
      ? blocks(c.at(t), total, first[key])
      : whole(c.at(t), total * 4);
  c.machine.launch({
    job: JOB.copy,
    items: first.size,
    chunks: chunksOf(first.size),
    words: [c.at(x) + fromOffset * 4, c.at(y) + toOffset * 4, ...[first, ...rest].flatMap((d) => [d.size, d.from, d.to])],
    reads: [part(x, n, fromOffset, 'from')],
    writes: [part(y, m, toOffset, 'to')],
    work: all.reduce((product, d) => product * d.size, 1) * 2,
  });
  return true;
}

/** The part of x that begins at `begin`, of the size of `shape`, at `at` in y. */
function move(c: Context, x: Info, begin: readonly number[], y: Info, at: readonly number[], shape: readonly number[]): boolean {
  const [from, to] = [stridesOf(x.shape), stridesOf(y.shape)];
  const offset = (index: readonly number[], strides: readonly number[]): number => index.reduce((sum, v, i) => sum + v * strides[i], 0);
  const dimensions = shape.map((size, i) => ({ size, from: from[i], to: to[i] }));
  return copy(c, x, offset(begin, from), y, offset(at, to), dimensions);
}

const zeros = (shape: readonly number[]): number[] => shape.map(() => 0);

/** x with its axes in the order of `perm`; undefined when there are too many to be walked. */
export function transpose(c: Context, x: Info, perm: readonly number[]): Info | undefined {
  const shape = perm.map((d) => x.shape[d]);
  const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
  const dimensions = shape.map((size, i) => ({ size, from: from[perm[i]], to: to[i] }));
  return filledBy(c, shape, (y) => copy(c, x, 0, y, 0, dimensions));
}

/** A new tensor that `fill` fills; undefined when it can't. */
function filledBy(c: Context, shape: number[], fill: (y: Info) => boolean): Info | undefined {
  const y = c.output(shape);
  if (sizeOf(shape) === 0 || fill(y)) return y;
  c.backend.disposeData(y.dataId);
  return undefined;
}

/** Tensors one after the other along an axis. */
function concat(c: Context, tensors: readonly Info[], axis: number): Info | undefined {
  const shape = [...tensors[0].shape];
  shape[axis] = tensors.reduce((n, t) => n + t.shape[axis], 0);
  return filledBy(c, shape, (y) => {
    let at = 0;
    return tensors.every((t) => {
      const isMoved = sizeOf(t.shape) === 0 || move(c, t, zeros(t.shape), y, zeros(shape).with(axis, at), t.shape);
      at += t.shape[axis];
      return isMoved;
    });
  });
}

/** The part of x of the size of `shape` that begins at `begin`. */
const slice = (c: Context, x: Info, begin: number[], shape: number[]): Info | undefined =>
  filledBy(c, shape, (y) => move(c, x, begin, y, zeros(shape), shape));

/** x cut along an axis into parts of these sizes; undefined when it can't be. */
function split(c: Context, x: Info, sizes: readonly number[], axis: number): Info[] | undefined {
  let at = 0;
  const parts = sizes.map((size) => {
    const part = slice(c, x, zeros(x.shape).with(axis, at), x.shape.with(axis, size));
    at += size;
    return part;
  });
  const made = parts.filter((part) => part !== undefined);
  if (made.length === parts.length) return made;
  for (const part of made) c.backend.disposeData(part.dataId);
  return undefined;
}

/** Registers what moves elements about, so that steps with it can be captured. */
export function registerShapes(c: Context): void {
  c.register<{ begin: number | number[]; size: number | number[] }>(tfc.Slice, ({ inputs: { x }, attrs }) => {
    if (!areFloats(x)) return undefined;
    const [begin, size] = tfc.slice_util.parseSliceParams(x as tfc.Tensor, attrs.begin, attrs.size);
    return slice(c, x, begin, size);
  });
  c.register<{ numOrSizeSplits: number | number[]; axis: number }>(tfc.SplitV, ({ inputs: { x }, attrs }) => {
    if (!areFloats(x)) return undefined;
    const [axis] = tfc.util.parseAxisParam(attrs.axis, x.shape);
    return split(c, x, tfc.backend_util.prepareSplitSize(x as tfc.Tensor, attrs.numOrSizeSplits, axis), axis);
  });
  c.register<{ axis: number }>(tfc.Unpack, ({ inputs: { value }, attrs }) => {
    if (!areFloats(value)) return undefined;
    const axis = attrs.axis < 0 ? attrs.axis + value.shape.length : attrs.axis;
    const parts = split(c, value, new Array<number>(value.shape[axis]).fill(1), axis);
    return parts?.map((part) => ({ ...part, shape: value.shape.toSpliced(axis, 1) }));
  });
  c.register<{ axis: number }>(tfc.Concat, ({ inputs, attrs }) => {
    const tensors = Object.values(inputs);
    if (!areFloats(...tensors)) return undefined;
    return concat(c, tensors, tfc.util.parseAxisParam(attrs.axis, tensors[0].shape)[0]);
  });
  c.register<{ axis: number }>(tfc.Pack, ({ inputs, attrs }) => {
    const tensors = Object.values(inputs);
    if (!areFloats(...tensors)) return undefined;
    return concat(
      c,
      tensors.map((t) => ({ ...t, shape: t.shape.toSpliced(attrs.axis, 0, 1) })),
      attrs.axis,
    );
  });
  c.register<{ perm: number[] }>(tfc.Transpose, ({ inputs: { x }, attrs }) => (areFloats(x) ? transpose(c, x, attrs.perm) : undefined));
  c.register<{ dims: number[] }>(tfc.Reverse, ({ inputs: { x }, attrs }) => {
    if (!areFloats(x)) return undefined;
    const strides = stridesOf(x.shape);
    const axes = tfc.util.parseAxisParam(attrs.dims, x.shape);
    const last = axes.reduce((sum, a) => sum + (x.shape[a] - 1) * strides[a], 0);
    const dimensions = x.shape.map((size, i) => ({ size, from: axes.includes(i) ? -strides[i] : strides[i], to: strides[i] }));
    return filledBy(c, x.shape, (y) => copy(c, x, last, y, 0, dimensions));
  });
  c.register<{ reps: number[] }>(tfc.Tile, ({ inputs: { x }, attrs: { reps } }) => {
    if (!areFloats(x)) return undefined;
    const shape = x.shape.map((n, i) => n * reps[i]);
    const [from, to] = [stridesOf(x.shape), stridesOf(shape)];
    // Every dimension is repetitions of the original one.
    const dimensions = x.shape.flatMap((size, i) => [
      { size: reps[i], from: 0, to: to[i] * size },
      { size, from: from[i], to: to[i] },
    ]);
    return filledBy(c, shape, (y) => copy(c, x, 0, y, 0, dimensions));
  });
  c.register<{ paddings: [number, number][]; constantValue: number }>(tfc.PadV2, ({ inputs: { x }, attrs }) => {
    if (!areFloats(x)) return undefined;
    const shape = x.shape.map((n, i) => n + attrs.paddings[i][0] + attrs.paddings[i][1]);
    const before = attrs.paddings.map(([size]) => size);
    const y = filled(c, shape, attrs.constantValue);
    if (sizeOf(x.shape) === 0 || move(c, x, zeros(x.shape), y, before, x.shape)) return y;
    c.backend.disposeData(y.dataId);
    return undefined;
  });
  registerNearest(c);
}

/** Enlarging by whole factors, as UpSampling2D does, and its gradient: the sum over the copies of a pixel. */
function registerNearest(c: Context): void {
  interface Attributes {
    alignCorners: boolean;
    halfPixelCenters: boolean;
    size: [number, number];
  }
  const factors = (small: number[], large: number[], attrs: Attributes): [number, number] | undefined => {
    const [fh, fw] = [large[1] / small[1], large[2] / small[2]];
    return Number.isInteger(fh) && Number.isInteger(fw) && !attrs.alignCorners && !attrs.halfPixelCenters ? [fh, fw] : undefined;
  };
  c.register<Attributes>(tfc.ResizeNearestNeighbor, ({ inputs: { images }, attrs }) => {
    const [n, h, w, channels] = images.shape;
    const shape = [n, ...attrs.size, channels];
    const f = factors(images.shape, shape, attrs);
    if (!areFloats(images) || !f) return undefined;
    const [fh, fw] = f;
    const row = w * fw * channels;
    return filledBy(c, shape, (y) =>
      copy(c, images, 0, y, 0, [
        { size: n * h, from: w * channels, to: fh * row },
        { size: fh, from: 0, to: row },
        { size: w, from: channels, to: fw * channels },
        { size: fw, from: 0, to: channels },
        { size: channels, from: 1, to: 1 },
      ]),
    );
  });
  c.register<Attributes>(tfc.ResizeNearestNeighborGrad, ({ inputs: { images, dy }, attrs }) => {
    const f = factors(images.shape, dy.shape, attrs);
    if (!areFloats(images, dy) || !f) return undefined;
    const [n, h, w, channels] = images.shape;
    const [, height, width] = dy.shape;
    const dx = c.output(images.shape);
    c.machine.launch({
      job: JOB.avgPool,
      items: n,
      chunks: chunksOf(n),
      words: [c.at(dy), c.at(dx), 0, 0, height, width, channels, ...f, ...f, 1, 1, 0, 0, h, w, 0, 0],
      reads: [perItem(c.at(dy), n, height * width * channels * 4)],
      writes: [perItem(c.at(dx), n, h * w * channels * 4)],
      work: n * height * width * channels,
    });
    return c.consume([dx], () => withNumber(c, BINARY.Multiply, dx, f[0] * f[1]));
  });
}
