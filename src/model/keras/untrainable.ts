import type { JsonObject } from '../../common/json';
import { isAugmenting } from './augmentationLayers';
import type { Layer } from './layer';
import { LambdaLayer } from './lambdaLayer';
import { KerasModel } from './model';

/** Layer classes that the training engine has; all others can be read and drawn only. */
const TRAINABLE = new Set(
  (
    'InputLayer Conv1D Conv2D Conv3D Conv1DTranspose Conv2DTranspose Conv3DTranspose SeparableConv1D SeparableConv2D DepthwiseConv1D ' +
    'DepthwiseConv2D LocallyConnected1D LocallyConnected2D Cropping1D Cropping2D Cropping3D UpSampling1D UpSampling2D UpSampling3D ' +
    'ZeroPadding1D ZeroPadding2D ZeroPadding3D ReLU LeakyReLU PReLU ELU CELU ThresholdedReLU Softmax SimpleRNN GRU LSTM CuDNNGRU CuDNNLSTM ' +
    'ConvLSTM1D ConvLSTM2D ConvLSTM3D Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D GaussianNoise GaussianDropout ' +
    'AlphaDropout ActivityRegularization Dense Flatten Activation RepeatVector Reshape Permute Masking Embedding Add Subtract Multiply ' +
    'Average Maximum Minimum Concatenate Dot BatchNormalization LayerNormalization GroupNormalization UnitNormalization ' +
    'SpectralNormalization Normalization LocalResponseNorm MaxPooling1D MaxPooling2D MaxPooling3D AveragePooling1D AveragePooling2D ' +
    'AveragePooling3D GlobalAveragePooling1D GlobalAveragePooling2D GlobalAveragePooling3D GlobalMaxPooling1D GlobalMaxPooling2D ' +
    'GlobalMaxPooling3D TimeDistributed Bidirectional Attention AdditiveAttention MultiHeadAttention Rescaling CenterCrop Resizing ' +
    'AxisMaps RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness RandomCrop TFOpLambda'
  ).split(' '),
);

/** Why a layer can't be trained here, as a clause; null when it can. */
export function untrainableReason(layer: Layer): string | null {
  if (layer instanceof KerasModel) {
    if (layer.isOpaque) return 'it is a class of this file, which is read but never run';
    return layer.layers.map(untrainableReason).find((r) => r !== null) ?? null;
  }
  if (layer instanceof LambdaLayer) return layer.reason;
  const { className, config, definition, inner } = layer;
  if (definition.untrainable !== undefined) return definition.untrainable;
  if (isAugmenting(layer)) return null;
  if (!TRAINABLE.has(className)) return `the training engine has no ${className}`;
  return settingReason(className, config) ?? (inner ? untrainableReason(inner) : null);
}

function settingReason(className: string, config: JsonObject): string | null {
  if (config.stateful === true) return 'a stateful layer keeps its state from batch to batch, which shuffled images do not have';
  const isRecurrent = /^(SimpleRNN|GRU|LSTM|ConvLSTM)/.test(className);
  if (className === 'RandomCrop' && config.data_format === 'channels_first') return 'a RandomCrop is trained with channels last only';
  return isRecurrent && config.zero_output_for_mask === true ? 'zero_output_for_mask is not trained here' : null;
}
