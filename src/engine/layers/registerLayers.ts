import * as tfc from '@tensorflow/tfjs-core';
import { registerActivations } from './activations';
import { FusedConv2D } from './convolution2d';
import { FusedDense } from './dense';
import { GlobalAveragePool, GlobalMaxPool } from './globalPooling';
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
  Conv2D: FusedConv2D.className,
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
  ] as unknown as tfc.serialization.SerializableConstructor<tfc.serialization.Serializable>[])
    tfc.serialization.registerClass(layer);
  registerActivations();
}
