import * as tfc from '@tensorflow/tfjs-core';
import { OP } from './opNames';
import { runKernel } from './run';

/** y = relu(x · kernel + bias), x of shape [rows, inputs]. */
export function dense(x: tfc.Tensor2D, kernel: tfc.Tensor2D, bias: tfc.Tensor | undefined, isRelu: boolean): tfc.Tensor2D {
  return runKernel(OP.dense, { x, kernel, bias }, { isRelu }) as tfc.Tensor2D;
}

/** Tells TF.js how to differentiate it. */
export function registerDenseGradient(): void {
  tfc.registerGradient({
    kernelName: OP.dense,
    inputsToSave: ['x', 'kernel'],
    outputsToSave: [true],
    gradFunc: (dy, saved, attrs) => {
      const [x, kernel, y] = saved;
      const dz = attrs.isRelu ? runKernel(OP.activationGrad, { dy: dy as tfc.Tensor, y }, { name: 'relu' }) : (dy as tfc.Tensor);
      return {
        x: () => tfc.matMul(dz, kernel, false, true),
        kernel: () => tfc.matMul(x, dz, true, false),
        bias: () => tfc.sum(dz, 0),
      };
    },
  });
}
