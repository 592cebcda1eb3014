import * as tfc from '@tensorflow/tfjs-core';
import { OP } from './opNames';
import { runKernel } from './run';

/** TF.js's kernels whose gradient follows from dy and the output (`isInput`: the input) alone. */
const activations: Record<string, { name: string; isInput?: boolean }> = {
  Relu: { name: 'relu' },
  Sigmoid: { name: 'sigmoid' },
  Tanh: { name: 'tanh' },
  Elu: { name: 'elu' },
  Selu: { name: 'selu' },
  Relu6: { name: 'relu6', isInput: true },
  LeakyRelu: { name: 'leakyRelu', isInput: true },
};

/** Replaces TF.js's gradients of these activations, chains of small operations, by one kernel each. */
export function registerActivationGradients(): void {
  for (const [kernelName, { name, isInput = false }] of Object.entries(activations)) {
    tfc.unregisterGradient(kernelName);
    tfc.registerGradient({
      kernelName,
      inputsToSave: isInput ? ['x'] : [],
      outputsToSave: [!isInput],
      gradFunc: (dy, [y], attrs) => ({
        x: () =>
          runKernel(OP.activationGrad, { dy: dy as tfc.Tensor, y }, { name, alpha: (attrs as { alpha?: number } | undefined)?.alpha ?? 0 }),
      }),
    });
  }
}
