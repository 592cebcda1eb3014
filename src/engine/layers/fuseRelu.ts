import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { single, type LayerMembers, type ReluFusing } from './layerClasses';

/**
 * Lets layers apply the relu that follows them as a layer of its own: one pass over the memory less, forward and backward. Only where
 * nobody else reads what comes in between.
 */
export function fuseRelu(model: tfl.LayersModel, layers: readonly tfl.layers.Layer[]): void {
  const outputs = new Set(model.outputs.map((o) => o.sourceLayer));
  for (const layer of layers) {
    if (!isFusing(layer) || !layer.isLinear || layer.outboundNodes.length !== 1 || layer.inboundNodes.length !== 1 || outputs.has(layer))
      continue;
    const next = layer.outboundNodes[0].outboundLayer;
    if (!isRelu(next) || next.inboundNodes.length !== 1) continue;
    layer.isReluFused = true;
    next.call = (inputs: tfc.Tensor | tfc.Tensor[]) => tfc.clone(single(inputs));
  }
}

const isFusing = (layer: tfl.layers.Layer): layer is ReluFusing => 'isReluFused' in layer;

function isRelu(layer: tfl.layers.Layer): boolean {
  const name = layer.getClassName();
  if (name === 'Activation') return (layer as LayerMembers).activation?.getClassName() === 'relu';
  // TF.js's ReLU knows no slope and no threshold.
  return name === 'ReLU' && ((layer as unknown as { maxValue?: number | null }).maxValue ?? null) === null;
}
