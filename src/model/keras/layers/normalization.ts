import type { JsonObject } from '../../../common/json';
import type { Shape, WeightSpec } from '../../../common/modelSpec';
import { weight } from '../initializers';
import type { LayerDefinition } from '../layerDefinition';
import { axisOf, known } from '../shapes';

const AFFINE: LayerDefinition['parameters'] = [
  ['center', true],
  ['scale', true],
  ['beta_initializer', 'zeros'],
  ['gamma_initializer', 'ones'],
];

const REGULARISERS: LayerDefinition['parameters'] = [
  ['beta_regularizer', null],
  ['gamma_regularizer', null],
  ['beta_constraint', null],
  ['gamma_constraint', null],
];

function affine(config: JsonObject, shape: number[]): WeightSpec[] {
  const weights: WeightSpec[] = [];
  if (config.scale !== false) weights.push(weight('gamma', shape, config, 'gamma_initializer'));
  if (config.center !== false) weights.push(weight('beta', shape, config, 'beta_initializer'));
  return weights;
}

/** The lengths of the axes that the configuration names. */
function axisLengths(config: JsonObject, input: Shape): number[] {
  const axes = Array.isArray(config.axis) ? config.axis : [config.axis];
  return axes.map((a) => known(input[axisOf(Number(a), input.length)], 'the size of the normalised axis'));
}

export const normalizationLayers: LayerDefinition[] = [
  {
    className: 'BatchNormalization',
    parameters: [
      ['axis', -1],
      ['momentum', 0.99],
      ['epsilon', 0.001],
      ...AFFINE,
      ['moving_mean_initializer', 'zeros'],
      ['moving_variance_initializer', 'ones'],
      ...REGULARISERS,
    ],
    keras1: [
      'epsilon',
      'mode',
      'axis',
      'momentum',
      'weights',
      'beta_initializer',
      'gamma_initializer',
      'gamma_regularizer',
      'beta_regularizer',
    ],
    build(config, [input]) {
      const shape = axisLengths(config, input);
      const moving = ['moving_mean', 'moving_variance'].map((name) => weight(name, shape, config, `${name}_initializer`, false));
      return { outputs: [input], weights: [...affine(config, shape), ...moving] };
    },
  },
  {
    className: 'LayerNormalization',
    parameters: [['axis', -1], ['epsilon', 0.001], ...AFFINE, ...REGULARISERS],
    build: (config, [input]) => ({ outputs: [input], weights: affine(config, axisLengths(config, input)) }),
  },
  {
    className: 'GroupNormalization',
    parameters: [['groups', 32], ['axis', -1], ['epsilon', 0.001], ...AFFINE, ...REGULARISERS],
    build: (config, [input]) => ({ outputs: [input], weights: affine(config, axisLengths(config, input)) }),
  },
  {
    className: 'UnitNormalization',
    parameters: [['axis', -1]],
    build: (_config, [input]) => ({ outputs: [input], weights: [] }),
  },
  {
    className: 'Normalization',
    parameters: [
      ['axis', -1],
      ['mean', null],
      ['variance', null],
      ['invert', false],
    ],
    build(config, [input]) {
      // Given statistics are constants; learned ones are weights that adapt() sets.
      if (config.mean !== null || config.variance !== null) return { outputs: [input], weights: [] };
      const shape = config.axis === null ? [] : axisLengths(config, input);
      const fixed = { ...config, zeros: 'zeros', ones: 'ones' };
      const weights = [
        weight('mean', shape, fixed, 'zeros', false),
        weight('variance', shape, fixed, 'ones', false),
        weight('count', [], fixed, 'zeros', false),
      ];
      return { outputs: [input], weights };
    },
  },
];
