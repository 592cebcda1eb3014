import * as tfc from '@tensorflow/tfjs-core';
import { registerActivations } from './activations';
import { AdditiveAttention, DotAttention, MultiHeadAttention } from './attention';
import { BatchNorm } from './batchNormalization';
import { Convolution1D, Convolution2D, Convolution3D, Depthwise1D, Depthwise2D, Separable1D, Separable2D } from './convolution';
import { ConvLstm1D, ConvLstm2D, ConvLstm3D } from './convLstm';
import { FusedDense } from './dense';
import { SeededAlphaDropout, SeededDropout, SeededGaussianDropout, SeededGaussianNoise, SeededSpatialDropout } from './dropout';
import {
  ActivityRegularization,
  AxisSoftmax,
  Celu,
  ParametricRelu,
  Rescaling,
  ScaledElu,
  Subtract,
  ThresholdedRelu,
} from './elementwiseLayers';
import { AnyFlatten } from './flatten';
import { AxisMaps, CenterCrop, Resizing } from './imageLayers';
import { LocallyConnected1D, LocallyConnected2D } from './locallyConnected';
import { KerasNormalization } from './normalization';
import { GroupNorm, LayerNorm, LocalResponseNorm, UnitNorm } from './normalise';
import { OperationLayer } from './operation';
import { poolingLayers } from './pooling';
import {
  SeededRandomBrightness,
  SeededRandomContrast,
  SeededRandomCrop,
  SeededRandomFlip,
  SeededRandomRotation,
  SeededRandomTranslation,
  SeededRandomZoom,
} from './randomImage';
import { Gru, Lstm, SimpleRecurrent } from './recurrent';
import { Cropping1D, Cropping3D, UpSampling1D, UpSampling2D, UpSampling3D, ZeroPadding1D, ZeroPadding3D } from './resize';
import { SlopedRelu } from './slopedRelu';
import { SpectralNorm } from './spectral';
import { Transposed1D, Transposed2D, Transposed3D } from './transposed';
import { Bidirectional, TimeDistributed, TracedLambda } from './wrappers';

interface LayerClass {
  readonly className: string;
}

/** The layers of ours that stand in for Keras's, by Keras class name. */
const classes: Record<string, LayerClass> = {
  ActivityRegularization,
  AdditiveAttention,
  AlphaDropout: SeededAlphaDropout,
  Attention: DotAttention,
  AxisMaps,
  BatchNormalization: BatchNorm,
  Bidirectional,
  CELU: Celu,
  CenterCrop,
  Conv1D: Convolution1D,
  Conv1DTranspose: Transposed1D,
  Conv2D: Convolution2D,
  Conv2DTranspose: Transposed2D,
  Conv3D: Convolution3D,
  Conv3DTranspose: Transposed3D,
  ConvLSTM1D: ConvLstm1D,
  ConvLSTM2D: ConvLstm2D,
  ConvLSTM3D: ConvLstm3D,
  Cropping1D,
  Cropping3D,
  CuDNNGRU: Gru,
  CuDNNLSTM: Lstm,
  Dense: FusedDense,
  DepthwiseConv1D: Depthwise1D,
  DepthwiseConv2D: Depthwise2D,
  Dropout: SeededDropout,
  ELU: ScaledElu,
  Flatten: AnyFlatten,
  GRU: Gru,
  GaussianDropout: SeededGaussianDropout,
  GaussianNoise: SeededGaussianNoise,
  GroupNormalization: GroupNorm,
  LSTM: Lstm,
  Lambda: TracedLambda,
  LayerNormalization: LayerNorm,
  LocalResponseNorm,
  LocallyConnected1D,
  LocallyConnected2D,
  MultiHeadAttention,
  Normalization: KerasNormalization,
  PReLU: ParametricRelu,
  RandomBrightness: SeededRandomBrightness,
  RandomContrast: SeededRandomContrast,
  RandomCrop: SeededRandomCrop,
  RandomFlip: SeededRandomFlip,
  RandomRotation: SeededRandomRotation,
  RandomTranslation: SeededRandomTranslation,
  RandomZoom: SeededRandomZoom,
  Rescaling,
  Resizing,
  SeparableConv1D: Separable1D,
  SeparableConv2D: Separable2D,
  SimpleRNN: SimpleRecurrent,
  SlopedReLU: SlopedRelu,
  Softmax: AxisSoftmax,
  SpatialDropout1D: SeededSpatialDropout,
  SpatialDropout2D: SeededSpatialDropout,
  SpatialDropout3D: SeededSpatialDropout,
  SpectralNormalization: SpectralNorm,
  Subtract,
  SyncBatchNormalization: BatchNorm,
  TFOpLambda: OperationLayer,
  ThresholdedReLU: ThresholdedRelu,
  TimeDistributed,
  UnitNormalization: UnitNorm,
  UpSampling1D,
  UpSampling2D,
  UpSampling3D,
  ZeroPadding1D,
  ZeroPadding3D,
  ...Object.fromEntries(poolingLayers.map(({ keras, layer }) => [keras, layer])),
};

/** The class name of ours that stands in for a Keras class; undefined where TF.js's own does. */
export function replacedLayer(kerasClass: string): string | undefined {
  return Object.hasOwn(classes, kerasClass) ? classes[kerasClass].className : undefined;
}

let done = false;

/** Makes our layers and activations known to TF.js's deserialiser. */
export function registerLayers(): void {
  if (done) return;
  done = true;
  for (const layer of new Set(Object.values(classes)))
    tfc.serialization.registerClass(layer as unknown as tfc.serialization.SerializableConstructor<tfc.serialization.Serializable>);
  registerActivations();
}
