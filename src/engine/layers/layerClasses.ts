import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { LayerConfig } from './noiseLayer';

/** The members of TF.js's layers that ours build on; its types leave them out. */
export interface LayerMembers extends tfl.layers.Layer {
  activation: { getClassName(): string; apply(x: tfc.Tensor): tfc.Tensor } | null;
  bias: tfl.LayerVariable | null;
  kernel: tfl.LayerVariable;
  strides: number[];
  padding: 'valid' | 'same' | 'causal';
  dilationRate: number[];
  dataFormat: 'channelsFirst' | 'channelsLast';
}

/** TF.js's class of a layer, to derive from. */
export function layerClass(name: string): new (config: LayerConfig) => LayerMembers {
  const [constructor] = tfc.serialization.SerializationMap.getMap().classNameMap[name];
  return constructor as unknown as new (config: LayerConfig) => LayerMembers;
}

/** The one tensor that a layer was called with. */
export function single(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
  return Array.isArray(inputs) ? inputs[0] : inputs;
}

/** A layer that can take over the relu that follows it. */
export interface ReluFusing extends tfl.layers.Layer {
  isReluFused: boolean;
  /** Whether nothing is applied between its sums and its output. */
  readonly isLinear: boolean;
}
