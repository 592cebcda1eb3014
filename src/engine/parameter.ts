import type * as tfc from '@tensorflow/tfjs-core';
import type * as tfl from '@tensorflow/tfjs-layers';
import type { WeightSpec } from '../common/modelSpec';

/** One variable of a built model, by the names it has in the model spec. */
export interface Parameter {
  /** Layer's name in the spec, `outer/inner` in nested models. */
  layer: string;
  /** Keras's short name: `kernel`, `bias`, … */
  name: string;
  className: string;
  spec: WeightSpec;
  size: number;
  /** Changed by gradients; batch normalisation's moving statistics and frozen layers are not. */
  isTrained: boolean;
  variable: tfc.Variable;
  constraint: tfl.LayerVariable['constraint'] | null;
}

/** `conv2d/kernel` */
export function parameterKey(parameter: Pick<Parameter, 'layer' | 'name'>): string {
  return `${parameter.layer}/${parameter.name}`;
}
