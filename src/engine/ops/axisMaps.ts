import * as tfc from '@tensorflow/tfjs-core';

/** What is done along one axis, as a matrix [to, from] of weights. */
export type AxisMap = (from: number) => { to: number; weights: Float32Array };

export type Interpolation = 'nearest' | 'nearestExact' | 'bilinear' | 'bicubic' | 'area';

function matrixOf(to: number, from: number, fill: (row: number, add: (column: number, weight: number) => void) => void): Float32Array {
  const weights = new Float32Array(to * from);
  for (let row = 0; row < to; row++)
    fill(row, (column, weight) => {
      weights[row * from + Math.min(from - 1, Math.max(0, column))] += weight;
    });
  return weights;
}

/** Keys's cubic with a = -0.5 (TensorFlow, Keras) or -0.75 (PyTorch). */
function cubic(distance: number, a: number): number {
  const d = Math.abs(distance);
  if (d < 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
  return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
}

/**
 * Resizes an axis, pixels being squares whose centres lie at halves.
 * @param isAligned the outer pixels' centres stay where they are (PyTorch's `align_corners`)
 * @param scale output over input length, where it is not `to / from`
 */
export function resizeAxis(to: number, method: Interpolation, isAligned = false, a = -0.5, scale?: number): AxisMap {
  return (from) => {
    const step = scale ? 1 / scale : from / to;
    const weights = matrixOf(to, from, (row, add) => {
      const centre = isAligned ? (to > 1 ? (row * (from - 1)) / (to - 1) : 0) : (row + 0.5) * step - 0.5;
      if (method === 'nearest') return add(Math.min(from - 1, Math.floor(row * step)), 1);
      if (method === 'nearestExact') return add(Math.min(from - 1, Math.floor((row + 0.5) * step)), 1);
      if (method === 'area') return averageOf(row, step, from, add);
      const base = Math.floor(centre);
      if (method === 'bicubic') {
        for (let k = -1; k <= 2; k++) add(base + k, cubic(centre - base - k, a));
        return;
      }
      const share = Math.fround(centre - base);
      add(base, 1 - share);
      add(base + 1, share);
    });
    return { to, weights };
  };
}

function averageOf(row: number, step: number, from: number, add: (column: number, weight: number) => void): void {
  const [start, end] = [row * step, Math.min(from, (row + 1) * step)];
  for (let column = Math.floor(start); column < Math.ceil(end - 1e-9); column++)
    add(column, (Math.min(end, column + 1) - Math.max(start, column)) / (end - start));
}

/** PyTorch's adaptive average pooling: windows that may overlap, from floor(i · from / to) to ceil((i + 1) · from / to). */
export function adaptiveAverageAxis(to: number): AxisMap {
  return (from) => ({
    to,
    weights: matrixOf(to, from, (row, add) => {
      const [start, end] = [Math.floor((row * from) / to), Math.ceil(((row + 1) * from) / to)];
      for (let column = start; column < end; column++) add(column, 1 / (end - start));
    }),
  });
}

/** Padding with what is there: mirrored without or with the edge, the edge itself, or from the other end. */
export function padAxisWith(mode: 'reflect' | 'symmetric' | 'replicate' | 'circular', before: number, after: number): AxisMap {
  return (from) => ({
    to: from + before + after,
    weights: matrixOf(from + before + after, from, (row, add) => {
      let at = row - before;
      if (mode === 'reflect' && from > 1) {
        at = Math.abs(at) % (2 * (from - 1));
        if (at >= from) at = 2 * (from - 1) - at;
      } else if (mode === 'symmetric') {
        at = ((at % (2 * from)) + 2 * from) % (2 * from);
        if (at >= from) at = 2 * from - 1 - at;
      } else if (mode === 'circular') at = ((at % from) + from) % from;
      add(at, 1);
    }),
  });
}

/** The places of an axis in another order, some of them several times. @param indices of the places that are taken, each in the axis */
export function takeAxis(indices: readonly number[]): AxisMap {
  return (from) => ({ to: indices.length, weights: matrixOf(indices.length, from, (row, add) => add(indices[row], 1)) });
}

/** Applies maps to the axes between the batch and the channels of x [n, …axes, c]; differentiable, by matrix products. */
export function mapAxes(x: tfc.Tensor, maps: readonly (AxisMap | null)[]): tfc.Tensor {
  return tfc.tidy(() =>
    maps.reduce<tfc.Tensor>((y, map, i) => {
      const axis = i + 1;
      if (!map) return y;
      const from = y.shape[axis]!;
      const { to, weights } = map(from);
      const outer = tfc.util.sizeFromShape(y.shape.slice(0, axis));
      const inner = tfc.util.sizeFromShape(y.shape.slice(axis + 1));
      const product = tfc.matMul(tfc.tensor(weights, [1, to, from]), tfc.reshape(y, [outer, from, inner]));
      return tfc.reshape(product, [...y.shape.slice(0, axis), to, ...y.shape.slice(axis + 1)]);
    }, x),
  );
}
