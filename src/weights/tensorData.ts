import type { ByteSource } from './byteSource';
import { checkRange } from './byteSource';
import { decodeElements, type ElementType } from './elementType';
import { damaged, WeightError } from './weightError';

/** Reads values of one tensor, row-major, as float32. */
export interface TensorData {
  /** Values start … end - 1, in memory of their own. */
  read(start: number, end: number): Float32Array;
}

/** More axes than any library makes. */
const MAX_RANK = 64;
/** A view may repeat its storage (a stride of 0), but not without end. */
const REPEATS = 64;
const MOST_REPEATED = 1 << 24;
/** A strided storage up to this many bytes is read whole. */
const GATHER_BYTES = 256 * 1024 * 1024;

/**
 * The number of values of a shape read from a file.
 * @throws WeightError when an axis is no whole number or there are more values than a file can hold.
 */
export function checkedLength(name: string, shape: readonly number[]): number {
  if (shape.length > MAX_RANK) damaged(`tensor ${name} has ${shape.length} axes`);
  let length = 1;
  for (const n of shape) {
    if (!Number.isSafeInteger(n) || n < 0) damaged(`tensor ${name} has an axis of length ${n}`);
    length *= n;
    if (!Number.isSafeInteger(length * 16)) damaged(`tensor ${name} has the impossible shape [${shape.slice(0, 16).join(', ')}]`);
  }
  return length;
}

/**
 * Values that lie one after the other from `offset` on.
 * @throws WeightError when they do not fit the source.
 */
export function denseData(source: ByteSource, offset: number, length: number, type: ElementType, isBigEndian = false): TensorData {
  checkRange(source.label, source.size, offset, length * type.size);
  return {
    read: (start, end) => decodeElements(type, source.read(offset + start * type.size, (end - start) * type.size), isBigEndian),
  };
}

export interface Strides {
  /** In elements, from the storage's begin. */
  offset: number;
  shape: readonly number[];
  /** In elements. */
  strides: readonly number[];
}

/** Strides of values that lie one after the other; `isColumnMajor` for Fortran's order. */
export function denseStrides(shape: readonly number[], isColumnMajor = false): number[] {
  const strides = new Array<number>(shape.length);
  let step = 1;
  for (let k = 0; k < shape.length; k++) {
    const axis = isColumnMajor ? k : shape.length - 1 - k;
    strides[axis] = step;
    step *= shape[axis];
  }
  return strides;
}

/**
 * A tensor that is a view into a storage of `length` elements from byte `begin` on, as PyTorch has them.
 * @throws WeightError when the view leaves the storage.
 */
export function stridedData(
  name: string,
  source: ByteSource,
  begin: number,
  length: number,
  type: ElementType,
  view: Strides,
  isBigEndian = false,
): TensorData {
  const { offset, shape, strides } = view;
  if (strides.length !== shape.length) damaged(`tensor ${name} has ${shape.length} axes and ${strides.length} strides`);
  const count = checkedLength(name, shape);
  let last = offset;
  for (let k = 0; k < shape.length; k++) {
    if (!Number.isSafeInteger(strides[k]) || strides[k] < 0) damaged(`tensor ${name} has a stride of ${strides[k]}`);
    last += Math.max(0, shape[k] - 1) * strides[k];
  }
  if (!Number.isSafeInteger(offset) || offset < 0 || (count > 0 && !(last < length)))
    damaged(`tensor ${name} takes elements ${offset} to ${last} of a storage of ${length}`);
  const dense = denseStrides(shape);
  if (count === 0 || shape.every((n, k) => n === 1 || strides[k] === dense[k]))
    return denseData(source, count === 0 ? begin : begin + offset * type.size, count, type, isBigEndian);
  checkRange(source.label, source.size, begin, length * type.size);
  if (count > MOST_REPEATED && count > length * REPEATS) damaged(`tensor ${name} claims ${count} values, but its storage has ${length}`);
  const span = last + 1 - offset;
  let whole: Float32Array | null = null;
  return {
    read(start, end) {
      if (span * type.size > GATHER_BYTES)
        throw new WeightError(`tensor ${name} is a view with strides into ${span * type.size} bytes`, 'save it contiguous to read it');
      whole ??= decodeElements(type, source.read(begin + offset * type.size, span * type.size), isBigEndian);
      const out = gather(whole, shape, strides, dense, start, end);
      if (end === count) whole = null;
      return out;
    },
  };
}

function gather(
  values: Float32Array,
  shape: readonly number[],
  strides: readonly number[],
  dense: readonly number[],
  start: number,
  end: number,
): Float32Array {
  const out = new Float32Array(end - start);
  const index = shape.map((n, k) => Math.floor(start / dense[k]) % n);
  let at = index.reduce((sum, i, k) => sum + i * strides[k], 0);
  for (let o = 0; o < out.length; o++) {
    out[o] = values[at];
    for (let k = shape.length - 1; k >= 0; k--) {
      at += strides[k];
      if (++index[k] < shape[k]) break;
      at -= index[k] * strides[k];
      index[k] = 0;
    }
  }
  return out;
}
