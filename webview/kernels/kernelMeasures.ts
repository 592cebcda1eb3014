import { kernelGeometry } from '../../src/common/kernelGeometry';
import type { WeightView } from '../run/layerView';

/** Calls `visit` for every weight of every tile: kernel, unit or single value. */
function forEachWeight(view: WeightView, visit: (filter: number, offset: number) => void): number {
  const geometry = kernelGeometry(view.shape, view.kind);
  if (!geometry) {
    const units = view.shape[view.shape.length - 1] ?? 1;
    const count = view.shape.reduce((a, b) => a * b, 1);
    for (let i = 0; i < count; i++) visit(i % units, i);
    return units;
  }
  const { kh, kw, cin, filters, strides } = geometry;
  for (let y = 0; y < kh; y++)
    for (let x = 0; x < kw; x++)
      for (let c = 0; c < cin; c++)
        for (let f = 0; f < filters; f++) visit(f, y * strides[0] + x * strides[1] + c * strides[2] + f * strides[3]);
  return filters;
}

/** How many tiles a weight has: kernels, units or values. */
export function tileCount(view: WeightView): number {
  return kernelGeometry(view.shape, view.kind)?.filters ?? view.shape[view.shape.length - 1] ?? 1;
}

/** L2 norm of every tile. */
export function tileNorms(view: WeightView, values: Float32Array): Float64Array {
  const sums = new Float64Array(tileCount(view));
  forEachWeight(view, (f, i) => {
    sums[f] += values[i] * values[i];
  });
  return sums.map(Math.sqrt);
}

/** Offsets of one tile's weights in the values, row by row, channels innermost. */
export function tileOffsets(view: WeightView, filter: number): Uint32Array {
  const geometry = kernelGeometry(view.shape, view.kind);
  if (!geometry) {
    const units = view.shape[view.shape.length - 1] ?? 1;
    const inputs = view.shape.length >= 2 ? view.shape[0] : 1;
    return Uint32Array.from({ length: inputs }, (_, i) => i * units + filter);
  }
  const { kh, kw, cin, strides } = geometry;
  const out = new Uint32Array(kh * kw * cin);
  let at = 0;
  for (let y = 0; y < kh; y++)
    for (let x = 0; x < kw; x++)
      for (let c = 0; c < cin; c++) out[at++] = y * strides[0] + x * strides[1] + c * strides[2] + filter * strides[3];
  return out;
}

/** The values at some offsets. */
export function gather(values: Float32Array, offsets: Uint32Array): Float32Array {
  const out = new Float32Array(offsets.length);
  for (let i = 0; i < offsets.length; i++) out[i] = values[offsets[i]];
  return out;
}
