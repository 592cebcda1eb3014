import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

type Layer = tfl.layers.Layer;

/** @throws Error when the model has no such layer; `outer/inner` names layers of nested models. */
export function layerAt(model: tfl.LayersModel, path: string): Layer {
  const find = (layers: Layer[], prefix: string): Layer | undefined => {
    for (const layer of layers) {
      if (`${prefix}${layer.name}` === path) return layer;
      const inner = layer instanceof tfl.LayersModel ? find(layer.layers, `${prefix}${layer.name}/`) : undefined;
      if (inner) return inner;
    }
    return undefined;
  };
  const found = find(model.layers, '');
  if (!found) throw new Error(`the model has no layer ${path}`);
  return found;
}

/** Runs `use` while a layer's outputs pass through `change`, which also sees its inputs. */
export function interceptLayer<T>(layer: Layer, change: (output: tfc.Tensor, input: tfc.Tensor) => tfc.Tensor, use: () => T): T {
  const { call } = layer;
  layer.call = (inputs, kwargs) => {
    const outputs = call.call(layer, inputs, kwargs);
    const input = Array.isArray(inputs) ? inputs[0] : inputs;
    return Array.isArray(outputs) ? [change(outputs[0], input), ...outputs.slice(1)] : change(outputs, input);
  };
  try {
    return use();
  } finally {
    layer.call = call;
  }
}

/** The axis of a layer's outputs that its kernels make. */
export function channelAxis(layer: Layer, rank: number): number {
  return (layer as unknown as { dataFormat?: string }).dataFormat === 'channelsFirst' && rank > 2 ? 1 : rank - 1;
}
