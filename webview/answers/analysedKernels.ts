import { kernelGeometry, kernelKind } from '../../src/common/kernelGeometry';
import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';

/** A weight as the analysis wants it: [kh, kw, cin, filters], whatever its layer keeps. */
export interface AnalysedKernels {
  shape: [number, number, number, number];
  /** Two-dimensional kernels with room for an edge. */
  hasEdges: boolean;
  /** What one of them is called. */
  item: 'kernel' | 'unit';
  arrange(values: Float32Array): Float32Array;
}

/** @returns null for vectors, which hold no kernels. */
export function analysedKernels(layer: LayerInfo, weight: WeightSpec): AnalysedKernels | null {
  const { shape } = weight;
  if (shape.length === 2) {
    return { shape: [1, 1, shape[0], shape[1]], hasEdges: false, item: 'unit', arrange: (values) => values };
  }
  const kind = kernelKind(layer.className, weight.name);
  const geometry = kernelGeometry(shape, kind);
  if (!geometry) return null;
  const { kh, kw, cin, filters, strides } = geometry;
  const arrange = (values: Float32Array) => {
    if (kind !== 'transpose') return values;
    const out = new Float32Array(values.length);
    let at = 0;
    for (let y = 0; y < kh; y++)
      for (let x = 0; x < kw; x++)
        for (let c = 0; c < cin; c++)
          for (let f = 0; f < filters; f++) out[at++] = values[y * strides[0] + x * strides[1] + c * strides[2] + f * strides[3]];
    return out;
  };
  return { shape: [kh, kw, cin, filters], hasEdges: shape.length === 4 && kh > 1 && kw > 1, item: 'kernel', arrange };
}
