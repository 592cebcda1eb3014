import type { JsonObject } from '../../../common/json';
import type { Shape } from '../../../common/modelSpec';
import { weight } from '../initializers';
import { plain, type LayerDefinition } from '../layerDefinition';
import { ShapeError, axisOf, known, numberIn, shapeText } from '../shapes';

const KERNEL: LayerDefinition['parameters'] = [
  ['use_bias', true],
  ['output_shape', null],
  ['attention_axes', null],
  ['kernel_initializer', 'glorot_uniform'],
  ['bias_initializer', 'zeros'],
  ['kernel_regularizer', null],
  ['bias_regularizer', null],
  ['activity_regularizer', null],
  ['kernel_constraint', null],
  ['bias_constraint', null],
];

const multiHead: LayerDefinition = {
  className: 'MultiHeadAttention',
  parameters: [
    ['num_heads', undefined],
    ['key_dim', undefined],
    ['value_dim', null],
    ['dropout', 0],
    ...KERNEL,
    ['use_causal_mask', false],
  ],
  build(config, inputs) {
    const [query, value = query, key = value] = inputs;
    const heads = numberIn(config, 'num_heads');
    const keySize = numberIn(config, 'key_dim');
    const valueSize = typeof config.value_dim === 'number' ? config.value_dim : keySize;
    const features = (s: Shape): number => known(s[s.length - 1], 'the number of input features');
    const given = Array.isArray(config.output_shape) ? config.output_shape[0] : config.output_shape;
    const output = typeof given === 'number' ? given : features(query);
    const projection = (name: string, shape: number[], bias: number[]) => [
      weight(`${name}_kernel`, shape, config, 'kernel_initializer'),
      ...(config.use_bias ? [weight(`${name}_bias`, bias, config, 'bias_initializer')] : []),
    ];
    return {
      outputs: [[...query.slice(0, -1), output]],
      weights: [
        ...projection('query', [features(query), heads, keySize], [heads, keySize]),
        ...projection('key', [features(key), heads, keySize], [heads, keySize]),
        ...projection('value', [features(value), heads, valueSize], [heads, valueSize]),
        ...projection('attention_output', [heads, valueSize, output], [output]),
      ],
    };
  },
};

/** Luong's and Bahdanau's attention over [query, value(, key)]. */
function attention(className: string, isScaled: boolean): LayerDefinition {
  return {
    className,
    parameters: [
      ['use_scale', isScaled],
      ['score_mode', 'dot'],
      ['dropout', 0],
      ['use_causal_mask', false],
    ],
    build(config, inputs) {
      const [query, value = query] = inputs;
      const size = isScaled ? [known(query[query.length - 1], 'the number of input features')] : [];
      const initial = { ...config, scale_initializer: isScaled ? 'glorot_uniform' : 'ones', concat_initializer: 'ones' };
      const weights = config.use_scale ? [weight('scale', size, initial, 'scale_initializer')] : [];
      if (!isScaled && config.score_mode === 'concat') weights.push(weight('concat_score_weight', [], initial, 'concat_initializer'));
      return { outputs: [[...query.slice(0, -1), value[value.length - 1]]], weights };
    },
  };
}

function dot(config: JsonObject, inputs: Shape[]): Shape {
  const [a, b] = inputs;
  if (!b) throw new ShapeError('it takes two inputs');
  const axes = Array.isArray(config.axes) ? config.axes.map(Number) : [Number(config.axes), Number(config.axes)];
  const [i, j] = [axisOf(axes[0], a.length), axisOf(axes[1], b.length)];
  if (a[i] !== b[j] && a[i] !== null && b[j] !== null) throw new ShapeError(`it can't multiply ${shapeText(a)} with ${shapeText(b)}`);
  const result = [...a.filter((_, k) => k !== i), ...b.filter((_, k) => k !== j && k !== 0)];
  return result.length === 1 ? [result[0], 1] : result;
}

export const attentionLayers: LayerDefinition[] = [
  multiHead,
  attention('Attention', false),
  attention('AdditiveAttention', true),
  plain(
    'Dot',
    [
      ['axes', undefined],
      ['normalize', false],
    ],
    (config, _input, inputs) => dot(config, inputs),
    { isMerge: true },
  ),
];
