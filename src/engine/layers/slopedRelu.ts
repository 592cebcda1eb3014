import * as tfc from '@tensorflow/tfjs-core';
import { isAtMost } from '../ops/comparisons';
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
      if (slope === 0 && threshold === 0 && typeof top === 'number') return top === 6 ? tfc.relu6(x) : tfc.minimum(tfc.relu(x), top);
      // Above the threshold x, below it slope · (x - threshold).
      const above = isAtMost(tfc.neg(x), -threshold);
      const below = tfc.mul(tfc.sub(x, threshold), tfc.mul(tfc.sub(1, above), slope));
      const y = tfc.add(tfc.mul(x, above), below);
      return typeof top === 'number' ? tfc.minimum(y, top) : y;
    });
  }
}
