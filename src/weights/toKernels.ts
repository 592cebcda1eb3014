import { kernelAxes } from '../common/kernelAxes';
import type { WeightLayout } from '../common/weightFile';
import { denseStrides } from './tensorData';

export interface KernelPlan {
  /** [kh, kw, cin, filters] of the whole tensor; depth slices stand one below the other. */
  shape: [number, number, number, number];
  /** Filter f's values begin here in the stored tensor. */
  beginOf(filter: number): number;
  /** In values, from one row, column and channel to the next. */
  row(y: number): number;
  column: number;
  channel: number;
}

/**
 * How kernels lie in a tensor as stored.
 * @throws RangeError when the layout has another number of axes than the shape, or is none of kernels.
 */
export function kernelPlan(shape: readonly number[], layout: WeightLayout): KernelPlan {
  const axes = kernelAxes(layout);
  if (!axes || layout.length !== shape.length)
    throw new RangeError(`a tensor of shape [${shape.join(', ')}] cannot have the layout ${layout}`);
  const strides = denseStrides(shape);
  const space = axes.space;
  const width = space[space.length - 1];
  const tall = space.slice(0, -1);
  const kh = tall.reduce((n, k) => n * shape[k], 1);
  const [slow, fast] = axes.output.length === 2 ? axes.output : [null, axes.output[0]];
  const filters = axes.output.reduce((n, k) => n * shape[k], 1);
  return {
    shape: [kh, shape[width], axes.input === null ? 1 : shape[axes.input], filters],
    beginOf: (f) => (slow === null ? f * strides[fast] : Math.floor(f / shape[fast]) * strides[slow] + (f % shape[fast]) * strides[fast]),
    row: (y) => {
      let at = 0;
      for (let k = tall.length - 1; k >= 0; k--) {
        at += (y % shape[tall[k]]) * strides[tall[k]];
        y = Math.floor(y / shape[tall[k]]);
      }
      return at;
    },
    column: strides[width],
    channel: axes.input === null ? 0 : strides[axes.input],
  };
}

/**
 * The kernels first … first + count - 1 as [kh, kw, cin, count], row-major.
 * @param values of the tensor, row-major as stored, from value `offset` on.
 */
export function takeKernels(values: Float32Array, plan: KernelPlan, first: number, count: number, offset = 0): Float32Array {
  const [kh, kw, cin] = plan.shape;
  const out = new Float32Array(kh * kw * cin * count);
  for (let f = 0; f < count; f++) {
    const begin = plan.beginOf(first + f) - offset;
    for (let y = 0; y < kh; y++) {
      const row = begin + plan.row(y);
      for (let x = 0; x < kw; x++) {
        let from = row + x * plan.column;
        let to = (y * kw + x) * cin * count + f;
        for (let c = 0; c < cin; c++, from += plan.channel, to += count) out[to] = values[from];
      }
    }
  }
  return out;
}
