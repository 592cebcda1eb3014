import * as tfc from '@tensorflow/tfjs-core';
import { dense } from '../ops/dense';
import { layerClass, single, type ReluFusing } from './layerClasses';

const Base = layerClass('Dense');

/** Dense with bias and relu in one kernel. */
export class FusedDense extends Base implements ReluFusing {
  static readonly className = 'KernelscopeDense';
  isReluFused = false;

  get isLinear(): boolean {
    return !this.activation || this.activation.getClassName() === 'linear';
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[]): tfc.Tensor {
    return tfc.tidy(() => {
      const x = single(inputs);
      const kernel = this.kernel.read() as tfc.Tensor2D;
      const [inputUnits, units] = kernel.shape;
      const { activation } = this;
      const isRelu = this.isReluFused || activation?.getClassName() === 'relu';
      const rows = tfc.reshape(x, [-1, inputUnits]) as tfc.Tensor2D;
      const flat = dense(rows, kernel, this.bias?.read(), isRelu);
      const y = x.rank === 2 ? flat : tfc.reshape(flat, [...x.shape.slice(0, -1), units]);
      return activation && !isRelu && !this.isLinear ? activation.apply(y) : y;
    });
  }
}
