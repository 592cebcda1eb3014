import type { LayerInfo, WeightSpec } from '../../src/common/modelSpec';

/** The gradient's formula for a kind of weight, with this layer's own stride. */
export function formulaOf(layer: LayerInfo | null, weight: WeightSpec | null, map: readonly [number, number]): string {
  if (!layer || !weight) return '';
  const isMap = map[0] * map[1] > 1;
  if (weight.name === 'bias')
    return isMap ? 'dL/db[f] = Σ over images n, positions i, j of dY[n, i, j, f]' : 'dL/db[u] = Σ over images n of dY[n, u]';
  if (layer.className === 'Dense')
    return isMap
      ? 'dL/dW[k, u] = Σ over images n, places p of X[n, p, k] · dY[n, p, u]'
      : 'dL/dW[k, u] = Σ over images n of X[n, k] · dY[n, u]';
  const step = (key: string, axis: number): number => {
    const value = layer.config[key];
    return typeof value === 'number' ? value : Array.isArray(value) ? Number(value[axis] ?? value[0]) : 1;
  };
  const factor = (n: number): string => (n === 1 ? '' : `${n}·`);
  const at = (i: string, a: string, axis: number): string =>
    `${factor(step('strides', axis))}${i} + ${factor(step('dilation_rate', axis))}${a}`;
  if (/Transpose$/.test(layer.className))
    return `dL/dK[a, b, f, c] = Σ over images n, positions i, j of X[n, i, j, c] · dY[n, ${at('i', 'a', 0)}, ${at('j', 'b', 1)}, f]`;
  if (/1D$/.test(layer.className)) return `dL/dK[a, c, f] = Σ over images n, positions i of X[n, ${at('i', 'a', 0)}, c] · dY[n, i, f]`;
  const padding = layer.config.padding === 'same' ? ' (zeros around X)' : '';
  if (weight.name === 'depthwise_kernel' || layer.className === 'DepthwiseConv2D')
    return `dL/dK[a, b, c, m] = Σ over images n, positions i, j of X[n, ${at('i', 'a', 0)}, ${at('j', 'b', 1)}, c] · dY[n, i, j, c, m]${padding}`;
  return `dL/dK[a, b, c, f] = Σ over images n, positions i, j of X[n, ${at('i', 'a', 0)}, ${at('j', 'b', 1)}, c] · dY[n, i, j, f]${padding}`;
}
