import type { JsonObject } from '../../common/json';
import { isAugmenting } from './augmentationLayers';
import type { Layer } from './layer';
import { KerasModel } from './model';

/** Layer classes that the training engine has; all others can be read and drawn only. */
const TRAINABLE = new Set(
  (
    'InputLayer Conv1D Conv2D Conv3D Conv2DTranspose Conv3DTranspose SeparableConv2D DepthwiseConv2D Cropping2D UpSampling2D ZeroPadding2D ' +
    'ReLU LeakyReLU PReLU ELU ThresholdedReLU Softmax SimpleRNN GRU LSTM ConvLSTM2D Dropout SpatialDropout1D SpatialDropout2D SpatialDropout3D ' +
    'GaussianNoise GaussianDropout AlphaDropout Dense Flatten Activation RepeatVector Reshape Permute Masking Embedding Add Multiply Average ' +
    'Maximum Minimum Concatenate Dot BatchNormalization LayerNormalization MaxPooling1D AveragePooling1D MaxPooling2D AveragePooling2D ' +
    'AveragePooling3D GlobalAveragePooling1D GlobalMaxPooling1D GlobalAveragePooling2D GlobalMaxPooling2D TimeDistributed ' +
    'Bidirectional Rescaling CenterCrop Resizing RandomFlip RandomRotation RandomZoom RandomTranslation RandomContrast RandomBrightness ' +
    'Normalization'
  ).split(' '),
);

/** Why a layer can't be trained here, as a clause; null when it can. */
export function untrainableReason(layer: Layer): string | null {
  if (layer instanceof KerasModel) return layer.isOpaque ? 'it is a class of this file, and Python is never run' : null;
  const { className, config, definition, inner } = layer;
  if (definition.untrainable !== undefined) return definition.untrainable;
  if (isAugmenting(layer)) return null;
  if (!TRAINABLE.has(className)) return `the training engine has no ${className}`;
  const rank = Number(/^Conv(\d)D$/.exec(className)?.[1] ?? 0);
  const axes = layer.nodes[0]?.inputs[0]?.shape?.length ?? 0;
  if (rank > 0 && axes > rank + 2) return `a ${className} over inputs of ${axes} axes is not trained here`;
  return settingReason(className, config) ?? (inner ? untrainableReason(inner) : null);
}

function settingReason(className: string, config: JsonObject): string | null {
  if (typeof config.groups === 'number' && config.groups > 1) return 'convolutions in groups are not trained here';
  if (className === 'Normalization' && config.mean === null && config.variance === null)
    return 'its mean and variance come from adapt(), which is not run; write mean=… and variance=…';
  if (className === 'ELU' && config.alpha !== 1) return 'an ELU whose alpha is not 1 is not trained here';
  const isBent = Number(config.negative_slope ?? 0) !== 0 || Number(config.threshold ?? 0) !== 0;
  if (className === 'ReLU' && isBent) return 'a ReLU with a negative slope or a threshold is not trained here; use LeakyReLU';
  if (className === 'Conv1D' && config.padding === 'causal') return 'causal padding is not trained here';
  if (className === 'AveragePooling3D' && config.padding === 'same') return 'padded average pooling of volumes is not trained here';
  return null;
}
