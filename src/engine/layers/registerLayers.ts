import * as tfc from '@tensorflow/tfjs-core';
import { registerActivations } from './activations';
import { FusedConv2D } from './convolution2d';
import { FusedDense } from './dense';
import { GlobalAveragePool, GlobalMaxPool } from './globalPooling';
import { AnyFlatten } from './flatten';
import { ResetAfterGru } from './gru';
import { FixedNormalization } from './normalization';
import {
  SeededRandomBrightness,
  SeededRandomContrast,
  SeededRandomFlip,
  SeededRandomRotation,
  SeededRandomTranslation,
  SeededRandomZoom,
} from './randomImage';
import { SlopedRelu } from './slopedRelu';
import { BatchNorm } from './batchNormalization';
import { SeededAlphaDropout, SeededDropout, SeededGaussianDropout, SeededGaussianNoise, SeededSpatialDropout } from './dropout';

/** The layers of ours that stand in for Keras's, by Keras class name. */
export const replacedLayers: Record<string, string | undefined> = {
  Dropout: SeededDropout.className,
  SpatialDropout1D: SeededSpatialDropout.className,
  SpatialDropout2D: SeededSpatialDropout.className,
  SpatialDropout3D: SeededSpatialDropout.className,
  GaussianNoise: SeededGaussianNoise.className,
  GaussianDropout: SeededGaussianDropout.className,
  AlphaDropout: SeededAlphaDropout.className,
  BatchNormalization: BatchNorm.className,
  SyncBatchNormalization: BatchNorm.className,
  RandomFlip: SeededRandomFlip.className,
  RandomRotation: SeededRandomRotation.className,
  RandomZoom: SeededRandomZoom.className,
  RandomTranslation: SeededRandomTranslation.className,
  RandomContrast: SeededRandomContrast.className,
  RandomBrightness: SeededRandomBrightness.className,
  Normalization: FixedNormalization.className,
  Conv2D: FusedConv2D.className,
  Flatten: AnyFlatten.className,
  Dense: FusedDense.className,
  GlobalAveragePooling2D: GlobalAveragePool.className,
  GlobalMaxPooling2D: GlobalMaxPool.className,
};

let done = false;

/** Makes our layers and activations known to TF.js's deserialiser. */
export function registerLayers(): void {
  if (done) return;
  done = true;
  for (const layer of [
    SeededDropout,
    SeededSpatialDropout,
    SeededGaussianNoise,
    SeededGaussianDropout,
    SeededAlphaDropout,
    BatchNorm,
    FusedConv2D,
    FusedDense,
    GlobalAveragePool,
    GlobalMaxPool,
    SeededRandomFlip,
    SeededRandomRotation,
    SeededRandomZoom,
    SeededRandomTranslation,
    SeededRandomContrast,
    SeededRandomBrightness,
    FixedNormalization,
    AnyFlatten,
    ResetAfterGru,
    SlopedRelu,
  ] as unknown as tfc.serialization.SerializableConstructor<tfc.serialization.Serializable>[])
    tfc.serialization.registerClass(layer);
  registerActivations();
}
