import * as tfc from '@tensorflow/tfjs-core';
import type { Batch } from '../batches';
import type { Network } from '../network';
import { clearLayer } from '../ops/mark';
import type { Parameter } from '../parameter';
import { peekValues } from '../tensorMemory';

/** dL/dw of one weight on a batch as in training, regularisation included; with the weights and the noise as they are now. */
export function weightGradient(network: Network, batch: Batch, { layer, variable }: Parameter, offset: number): number {
  let gradient = 0;
  // All of the layer: a bias's products show in the kernel's gradient.
  const variables = network.built.parameters.filter((p) => p.layer === layer && p.isTrained).map((p) => p.variable);
  tfc.tidy(() => {
    const { grads } = tfc.variableGrads(() => {
      clearLayer();
      return network.forward(batch, true).loss;
    }, variables);
    gradient = peekValues(grads[variable.name], (values) => values[offset]);
  });
  return gradient;
}

/** The part of it that comes from regularisation. */
export function regularizationGradient({ built }: Network, { variable }: Parameter, offset: number): number {
  const { regularization } = built;
  if (!regularization) return 0;
  let gradient = 0;
  tfc.tidy(() => {
    // Plus nothing of the weight: terms of other layers alone would have no gradient by it.
    const { grads } = tfc.variableGrads(() => tfc.add(regularization(), tfc.mul(tfc.sum(variable), 0)), [variable]);
    gradient = peekValues(grads[variable.name], (values) => values[offset]);
  });
  return gradient;
}
