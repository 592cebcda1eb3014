import type { FoundTensor } from '../formatReader';

/**
 * What Keras 3 says of a data set `…/<owner>/vars/<number>`: the layer, and by the owner's class and the number the role.
 * @param layerName Reads the attribute `name` of the group `vars`; without it the owner's name, a class counter, stands in.
 * @returns null when the path is no variable of Keras 3.
 */
export function kerasVariable(path: string, shape: readonly number[], layerName: () => unknown): Partial<FoundTensor> | null {
  const match = /(?:^|\/)([^/]*)\/vars\/(\d+)$/.exec(path);
  if (!match && !/^\/vars\/\d+$/.test(path)) return null;
  const owner = match?.[1] ?? '';
  const index = Number(match?.[2] ?? 0);
  const isOptimiser = /^\/optimizer\//.test(path);
  const name = isOptimiser ? null : layerName();
  const layer = typeof name === 'string' && name ? { layer: name } : owner && !isOptimiser ? { layer: owner } : {};
  if (isOptimiser) return { role: 'optimiser' };
  if (/normalization/.test(owner)) return { ...layer, role: 'normalisation' };
  if (/^embedding/.test(owner)) return { ...layer, role: 'embedding' };
  if (shape.length === 1 && index > 0 && /conv|dense/.test(owner)) return { ...layer, role: 'bias' };
  const reason = 'the first weight of a separable convolution';
  if (/^separable_conv2d/.test(owner) && index === 0 && shape.length === 4)
    return { ...layer, role: 'conv kernel', layout: 'HWIM', layoutReason: reason };
  if (/^separable_conv1d/.test(owner) && index === 0 && shape.length === 3)
    return { ...layer, role: 'conv kernel', layout: 'KIM', layoutReason: reason };
  return layer;
}
