import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';

import type { Parameter } from '../parameter';

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

/** Layers that work on each channel alone, on what a kernel gives. */
const PER_CHANNEL = /^(BatchNorm|Activation|ReLU|LeakyReLU|PReLU|ELU|ThresholdedReLU|Seeded\w*Dropout|SeededGaussianNoise)$/;

/** The last of the layers that follow one by one and keep channels apart: what the rest of the network gets of a kernel. */
export function lastPerChannel(layer: Layer, ends: ReadonlySet<Layer> = new Set()): Layer {
  let last = layer;
  for (;;) {
    const next = last.outboundNodes.length === 1 ? last.outboundNodes[0].outboundLayer : null;
    if (!next || next.inboundNodes.length !== 1 || !PER_CHANNEL.test(next.getClassName()) || ends.has(next)) return last;
    last = next;
  }
}

/** The layer and all that its inputs are made by, by name. */
export function layersBefore(layer: Layer): Set<string> {
  const found = new Set<string>();
  const visit = (l: Layer): void => {
    if (found.has(l.name)) return;
    found.add(l.name);
    for (const node of l.inboundNodes) node.inboundLayers.forEach(visit);
  };
  visit(layer);
  return found;
}

/** Whether a parameter has no say in a layer's outputs. Inside nested models that is not followed: there all have. */
export function isBehind(layer: Layer, path: string): (parameter: Parameter) => boolean {
  const before = layersBefore(layer);
  return (p) => !path.includes('/') && !before.has(p.layer.split('/')[0]);
}

/** The axis of a layer's outputs that its kernels make. */
export function channelAxis(layer: Layer, rank: number): number {
  return (layer as unknown as { dataFormat?: string }).dataFormat === 'channelsFirst' && rank > 2 ? 1 : rank - 1;
}
