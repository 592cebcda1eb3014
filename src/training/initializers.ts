import type { WeightSpec } from '../common/modelSpec';
import { describeInitializer, drawWeight } from '../insight/initializers';
import type { Initializers } from './initialWeights';

/** An initialiser in one sentence, with this layer's own numbers plugged into its formula. */
function sentenceOf(weight: WeightSpec): string {
  const { name, sentence, substituted } = describeInitializer(weight);
  return substituted === name ? sentence : `${sentence.replace(/\.$/, '')} (${substituted}).`;
}

export const initializers: Initializers = {
  draw: (seed, layer, weight) => drawWeight(weight, seed, layer),
  describe: sentenceOf,
};
