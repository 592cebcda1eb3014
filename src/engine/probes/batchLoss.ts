import * as tfc from '@tensorflow/tfjs-core';
import type { Batch } from '../batches';
import type { Network } from '../network';
import { peekValues } from '../tensorMemory';

/**
 * The loss of a batch with the weights as they are now: the same as the training step's, but averaged in double precision, because
 * differences of losses are taken from it.
 */
export function batchLoss(network: Network, batch: Batch, isTraining: boolean): number {
  let loss = NaN;
  tfc.tidy(() => {
    const mean = peekValues(network.exampleLosses(network.forward(batch, isTraining)), (losses) => {
      let sum = 0;
      for (let i = 0; i < losses.length; i++) sum += losses[i];
      return sum / losses.length;
    });
    const { regularization } = network.built;
    loss = mean + (regularization ? peekValues(regularization(), ([value]) => value) : 0);
  });
  return loss;
}
