import type { LayerDefinition } from './layerDefinition';
import { ShapeError } from './shapes';
import { convLayers } from './layers/conv';
import { attentionLayers } from './layers/attention';
import { coreLayers } from './layers/core';
import { locallyConnectedLayers } from './layers/locallyConnected';
import { normalizationLayers } from './layers/normalization';
import { poolLayers } from './layers/pool';
import { preprocessingLayers, vocabularyLayers } from './layers/preprocessing';
import { recurrentLayers } from './layers/recurrent';
import { wrapperLayers } from './layers/wrappers';

const DEFINITIONS = new Map<string, LayerDefinition>();
const ALL = [
  convLayers,
  poolLayers,
  coreLayers,
  normalizationLayers,
  preprocessingLayers,
  vocabularyLayers,
  recurrentLayers,
  wrapperLayers,
  attentionLayers,
  locallyConnectedLayers,
];
for (const d of ALL.flat()) DEFINITIONS.set(d.className, d);

/** Other spellings of layer classes, from Keras 1 on. */
const ALIASES: Record<string, string> = {
  Convolution1D: 'Conv1D',
  Convolution2D: 'Conv2D',
  Convolution3D: 'Conv3D',
  Deconvolution2D: 'Conv2DTranspose',
  Deconvolution3D: 'Conv3DTranspose',
  Deconv2D: 'Conv2DTranspose',
  Deconv3D: 'Conv3DTranspose',
  Convolution1DTranspose: 'Conv1DTranspose',
  Convolution2DTranspose: 'Conv2DTranspose',
  Convolution3DTranspose: 'Conv3DTranspose',
  SeparableConvolution1D: 'SeparableConv1D',
  SeparableConvolution2D: 'SeparableConv2D',
  AtrousConvolution1D: 'Conv1D',
  AtrousConvolution2D: 'Conv2D',
  AtrousConv1D: 'Conv1D',
  AtrousConv2D: 'Conv2D',
  MaxPool1D: 'MaxPooling1D',
  MaxPool2D: 'MaxPooling2D',
  MaxPool3D: 'MaxPooling3D',
  AvgPool1D: 'AveragePooling1D',
  AvgPool2D: 'AveragePooling2D',
  AvgPool3D: 'AveragePooling3D',
  GlobalMaxPool1D: 'GlobalMaxPooling1D',
  GlobalMaxPool2D: 'GlobalMaxPooling2D',
  GlobalMaxPool3D: 'GlobalMaxPooling3D',
  GlobalAvgPool1D: 'GlobalAveragePooling1D',
  GlobalAvgPool2D: 'GlobalAveragePooling2D',
  GlobalAvgPool3D: 'GlobalAveragePooling3D',
  LSTMV2: 'LSTM',
  GRUV2: 'GRU',
  AtrousConvolution3D: 'Conv3D',
  SyncBatchNormalization: 'BatchNormalization',
  BatchNormalizationV1: 'BatchNormalization',
  BatchNormalizationV2: 'BatchNormalization',
};

/** The current name of a layer class. */
export function layerClass(name: string): string {
  return Object.hasOwn(ALIASES, name) ? ALIASES[name] : name;
}

/** A layer of a saved model whose class nobody here knows: taken to leave the shape as it is, which its note says. */
export function assumedLayer(className: string): LayerDefinition {
  return {
    className,
    parameters: [],
    untrainable: 'its class is not known here',
    build: (_config, [input]) => ({ outputs: [input], weights: [] }),
  };
}

/** A layer class that nobody here knows: it keeps its place in the model, but what comes out of it is not known. */
export function unknownLayer(className: string): LayerDefinition {
  return {
    className,
    parameters: [],
    build() {
      throw new ShapeError('this layer class is not known here');
    },
  };
}

/** The definition of a layer class under any of its names. */
export function layerDefinition(name: string): LayerDefinition | undefined {
  return DEFINITIONS.get(layerClass(name));
}

/** Every name a layer class can be called by. */
export function layerNames(): string[] {
  return [...DEFINITIONS.keys(), ...Object.keys(ALIASES)];
}
