import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import { single } from './layerClasses';
import type { LayerConfig } from './noiseLayer';

/** Keras's Normalization with statistics that the file gives: (x - mean) / sqrt(variance), or the other way round. */
export class FixedNormalization extends tfl.layers.Layer {
  static readonly className = 'FixedNormalization';

  constructor(private readonly config: LayerConfig) {
    super(config);
  }

  override computeOutputShape(inputShape: tfl.SymbolicTensor['shape']): tfl.SymbolicTensor['shape'] {
    return inputShape;
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const mean = this.statistic('mean', x, 0);
      // Keras's backend epsilon keeps a variance of 0 apart from a division by it.
      const deviation = tfc.maximum(tfc.sqrt(this.statistic('variance', x, 1)), 1e-7);
      return this.config.invert === true ? tfc.add(tfc.mul(x, deviation), mean) : tfc.div(tfc.sub(x, mean), deviation);
    });
  }

  override getConfig(): tfc.serialization.ConfigDict {
    return { ...super.getConfig(), ...(this.config as tfc.serialization.ConfigDict) };
  }

  private statistic(name: 'mean' | 'variance', { shape }: tfc.Tensor, fallback: number): tfc.Tensor {
    const values = [this.config[name] ?? fallback].flat(Infinity).map(Number);
    const axis = ((Number(this.config.axis ?? -1) % shape.length) + shape.length) % shape.length;
    return tfc.tensor(values, values.length === 1 ? [] : shape.map((_, i) => (i === axis ? values.length : 1)));
  }
}
