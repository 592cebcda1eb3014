import * as tfc from '@tensorflow/tfjs-core';
import { convolution } from '../ops/convolution';
import { layerClass, single, type ReluFusing } from './layerClasses';

const Base = layerClass('Conv2D');

/** Conv2D with bias and relu in one kernel, and gradients when dilated. */
export class FusedConv2D extends Base implements ReluFusing {
  static readonly className = 'KernelscopeConv2D';
  isReluFused = false;

  get isLinear(): boolean {
    return this.dataFormat === 'channelsLast' && (!this.activation || this.activation.getClassName() === 'linear');
  }

  override call(inputs: tfc.Tensor | tfc.Tensor[], kwargs: Record<string, unknown>): tfc.Tensor | tfc.Tensor[] {
    const { activation, bias, dataFormat, padding } = this;
    if (dataFormat !== 'channelsLast' || padding === 'causal') return super.call(inputs, kwargs);
    return tfc.tidy(() => {
      const isRelu = this.isReluFused || activation?.getClassName() === 'relu';
      const how = { strides: this.strides as [number, number], pad: padding, dilations: this.dilationRate as [number, number], isRelu };
      const y = convolution(single(inputs) as tfc.Tensor4D, this.kernel.read() as tfc.Tensor4D, bias?.read(), how);
      return activation && !isRelu && !this.isLinear ? activation.apply(y) : y;
    });
  }
}
