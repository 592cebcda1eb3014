import type { PlaneRequest } from '../common/weightsProtocol';
import { isReducible, MAX_GAP } from '../common/planeReduction';
import { LineReducer } from './reduceLines';
import { denseStrides } from './tensorData';

/** Reads values start … end - 1 of a tensor as stored. */
export type ReadRange = (start: number, end: number) => Float32Array | Promise<Float32Array>;

const MAX_VALUES = 1 << 22;

/**
 * A rectangle of a tensor, row-major, reading no more than it needs. With steps and a `reduce`, each value stands for step × step of
 * them where common/planeReduction.ts says so.
 * @throws RangeError when it is not inside the tensor.
 */
export async function readPlane(
  shape: readonly number[],
  request: PlaneRequest,
  read: ReadRange,
  signal?: AbortSignal,
): Promise<Float32Array> {
  const { rowAxis, columnAxis, top, left, rows, columns, step } = request;
  checkPlane(shape, request);
  const strides = denseStrides(shape);
  let base = 0;
  request.at.forEach((i, k) => {
    if (k !== rowAxis && k !== columnAxis) base += i * strides[k];
  });
  const [rowStride, columnStride] = [strides[rowAxis], strides[columnAxis]];
  base += top * rowStride + left * columnStride;
  const out = new Float32Array(rows * columns);
  // Lines run along the axis whose values lie closer together.
  const isByRow = columnStride <= rowStride;
  const [lines, length] = isByRow ? [rows, columns] : [columns, rows];
  const [lineStride, stride] = isByRow ? [rowStride * step, columnStride * step] : [columnStride * step, rowStride * step];
  const [lineOut, out1] = isByRow ? [columns, 1] : [1, columns];
  const reducer =
    request.reduce && step > 1 && isReducible(shape, rowAxis, columnAxis) ? new LineReducer(length, step, request.reduce) : null;
  const ends = isByRow ? [shape[rowAxis] - top, shape[columnAxis] - left] : [shape[columnAxis] - left, shape[rowAxis] - top];
  for (let line = 0; line < lines; line++) {
    if ((line & 15) === 15) {
      await new Promise((resolve) => setImmediate(resolve));
      signal?.throwIfAborted();
    }
    const begin = base + line * lineStride;
    if (reducer) {
      const span = (Math.min(length * step, ends[1]) - 1) * (stride / step) + 1;
      for (let k = 0; k < Math.min(step, ends[0] - line * step); k++) {
        const from = begin + k * (lineStride / step);
        reducer.add(await read(from, from + span), stride / step);
      }
      reducer.take().forEach((v, i) => (out[line * lineOut + i * out1] = v));
    } else if (stride <= MAX_GAP) {
      const values = await read(begin, begin + (length - 1) * stride + 1);
      for (let i = 0; i < length; i++) out[line * lineOut + i * out1] = values[i * stride];
    } else for (let i = 0; i < length; i++) out[line * lineOut + i * out1] = (await read(begin + i * stride, begin + i * stride + 1))[0];
  }
  return out;
}

function checkPlane(shape: readonly number[], { rowAxis, columnAxis, at, top, left, rows, columns, step }: PlaneRequest): void {
  const isAxis = (k: number): boolean => Number.isInteger(k) && k >= 0 && k < shape.length;
  const fits = (axis: number, begin: number, count: number): boolean =>
    begin >= 0 && count >= 1 && begin + (count - 1) * step < shape[axis];
  const isInside =
    isAxis(rowAxis) &&
    isAxis(columnAxis) &&
    rowAxis !== columnAxis &&
    step >= 1 &&
    fits(rowAxis, top, rows) &&
    fits(columnAxis, left, columns);
  const isAt = at.length === shape.length && at.every((i, k) => k === rowAxis || k === columnAxis || (i >= 0 && i < shape[k]));
  if (!isInside || !isAt || rows * columns > MAX_VALUES)
    throw new RangeError(`there is no such part of a tensor of shape [${shape.join(', ')}]`);
}
