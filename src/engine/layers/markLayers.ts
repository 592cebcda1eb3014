import type * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import { marked, underName } from '../ops/mark';

/** Lets every kernel call be told apart by layer, forward and backward. */
export function markLayers(layers: ReadonlyMap<string, tfl.layers.Layer>): void {
  for (const [name, layer] of layers) {
    const call = layer.call.bind(layer);
    layer.call = (inputs, kwargs) => {
      const outputs = underName(name, () => call(inputs, kwargs));
      return (Array.isArray(outputs) ? outputs.map((y) => marked(y, name)) : marked(outputs, name)) as tfc.Tensor | tfc.Tensor[];
    };
  }
}
