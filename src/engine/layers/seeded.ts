import * as tfc from '@tensorflow/tfjs-core';
import { noiseKey } from '../noise';
import { OP, type DropMaskOp } from '../ops/opNames';
import { runKernel } from '../ops/run';
import type { NoiseClock } from './noiseLayer';

/** A layer that draws from the run's seed and step. */
export interface Seeded {
  clock: NoiseClock;
}

/**
 * Zeros with probability `rate`, else 1 / (1 - rate): the same for the same seed, step and name.
 * @param name tells the masks of a step apart
 */
export function dropoutMask(clock: NoiseClock, name: string, shape: number[], rate: number): tfc.Tensor {
  if (rate >= 1) return tfc.zeros(shape);
  const attributes: DropMaskOp = { shape, rate, scale: 1 / (1 - rate), layer: name, ...noiseKey(clock.seed, clock.step, name) };
  return runKernel<tfc.Tensor>(OP.dropMask, {}, attributes);
}
