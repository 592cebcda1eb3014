import * as tfc from '@tensorflow/tfjs-core';
import { single } from './layerClasses';
import { OwnLayer } from './ownLayer';

/** Keras's ReLU with a slope below its threshold, which TF.js's does not know, or with a largest value. */
export class SlopedRelu extends OwnLayer {
  static readonly className = 'SlopedReLU';

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    const [slope, threshold] = [Number(this.config.negativeSlope ?? 0), Number(this.config.threshold ?? 0)];
    return tfc.tidy(() => {
      const x = single(inputs);
      const top = this.config.maxValue;
      if (slope === 0 && threshold === 0 && typeof top === 'number') {
        // In kernels that a plan can hold: top - relu(top - relu(x)) stays between 0 and top.
        return top === 6 ? tfc.relu6(x) : tfc.sub(top, tfc.relu(tfc.sub(top, tfc.relu(x))));
      }
      // Above the threshold x, below it slope · (x - threshold).
      const above = tfc.cast(tfc.greaterEqual(x, threshold), 'float32');
      const below = tfc.mul(tfc.sub(x, threshold), tfc.mul(tfc.sub(1, above), slope));
      const y = tfc.add(tfc.mul(x, above), below);
      return typeof top === 'number' ? tfc.minimum(y, top) : y;
    });
  }
}
