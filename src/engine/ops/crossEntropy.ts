import * as tfc from '@tensorflow/tfjs-core';
import { OP } from './opNames';
import { runKernel } from './run';

/** Mean over examples of the softmax or sigmoid cross-entropy, from logits of shape [examples, units]; sigmoid: mean over units, too. */
export function crossEntropy(target: tfc.Tensor2D, logits: tfc.Tensor2D, kind: 'softmax' | 'sigmoid'): tfc.Scalar {
  return runKernel<tfc.Tensor[]>(OP.crossEntropy, { target, logits }, { kind })[0] as tfc.Scalar;
}

/** Tells TF.js how to differentiate it. */
export function registerCrossEntropyGradient(): void {
  tfc.registerGradient({
    kernelName: OP.crossEntropy,
    outputsToSave: [false, true],
    gradFunc: (dys, [gradient]) => ({ logits: () => tfc.mul(gradient, (dys as tfc.Tensor[])[0]) }),
  });
}
