import * as tfc from '@tensorflow/tfjs-core';
import { single } from './layerClasses';
import { OwnLayer } from './ownLayer';

/** Keras's ReLU with a slope below its threshold; TF.js's knows neither. */
export class SlopedRelu extends OwnLayer {
  static readonly className = 'SlopedReLU';

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    const [slope, threshold] = [Number(this.config.negativeSlope ?? 0), Number(this.config.threshold ?? 0)];
    return tfc.tidy(() => {
      const x = single(inputs);
      // Above the threshold x, below it slope · (x - threshold).
      const above = tfc.cast(tfc.greaterEqual(x, threshold), 'float32');
      const below = tfc.mul(tfc.sub(x, threshold), tfc.mul(tfc.sub(1, above), slope));
      const y = tfc.add(tfc.mul(x, above), below);
      const top = this.config.maxValue;
      return typeof top === 'number' ? tfc.minimum(y, top) : y;
    });
  }
}
