import * as tfc from '@tensorflow/tfjs-core';
import { OP, type NormaliseOp } from './opNames';
import { runKernel } from './run';

export interface NormaliseInputs {
  x: tfc.Tensor;
  gamma: tfc.Tensor | undefined;
  beta: tfc.Tensor | undefined;
  movingMean: tfc.Tensor;
  movingVariance: tfc.Tensor;
}

/**
 * Batch normalisation over the last axis in training, with a relu after it if wanted (Ioffe and Szegedy 2015). Also moves the moving
 * statistics, in place: moving · momentum + batch · (1 − momentum), with the batch's biased variance, as Keras 3 does.
 */
export function normalise(inputs: NormaliseInputs, how: NormaliseOp): tfc.Tensor {
  return runKernel<tfc.Tensor[]>(OP.normalise, { ...inputs }, how)[0];
}

/** Tells TF.js how to differentiate it. */
export function registerNormaliseGradient(): void {
  tfc.registerGradient({
    kernelName: OP.normalise,
    // Not gamma, which may be missing: y and the statistics say the rest.
    inputsToSave: ['x'],
    outputsToSave: [true, true, true, true],
    gradFunc: (dys, saved, attrs) => {
      const [x, y, mean, variance, scale] = saved;
      const [dy] = dys as tfc.Tensor[];
      const [dx, gamma, beta] = runKernel<tfc.Tensor[]>(OP.normaliseGrad, { dy, x, y, mean, variance, scale }, attrs);
      return { x: () => dx, gamma: () => gamma, beta: () => beta };
    },
  });
}
