import * as tfc from '@tensorflow/tfjs-core';
import { OP, type HostOp } from './opNames';
import { runKernel } from './run';

/**
 * Values that JavaScript makes anew in every step: noise, or changed images.
 * @param x what they are made of; null when they come from nothing
 * @param run fills `out`, of `shape`, from x's values
 */
export function host(x: tfc.Tensor | null, shape: number[], run: HostOp['run']): tfc.Tensor {
  return runKernel(OP.host, { x: x ?? undefined }, { shape, run });
}

/** There is none: images are changed before the layers that learn. */
export function registerHostGradient(): void {
  tfc.registerGradient({
    kernelName: OP.host,
    gradFunc: () => ({
      x: () => {
        throw new Error('layers that change images at random belong before the first layer with weights');
      },
    }),
  });
}
