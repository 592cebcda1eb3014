import type { JsonObject, JsonValue } from '../../../common/json';
import type { Shape } from '../../../common/modelSpec';
import { weight } from '../initializers';
import { plain, type LayerDefinition } from '../layerDefinition';
import { ShapeError, axisOf, known, numberIn, shapeText, sizeOf } from '../shapes';

const same = (_config: JsonObject, input: Shape): Shape => input;

const dense: LayerDefinition = {
  className: 'Dense',
  parameters: [
    ['units', undefined],
    ['activation', 'linear'],
    ['use_bias', true],
    ['kernel_initializer', 'glorot_uniform'],
    ['bias_initializer', 'zeros'],
    ['kernel_regularizer', null],
    ['bias_regularizer', null],
    ['activity_regularizer', null],
    ['kernel_constraint', null],
    ['bias_constraint', null],
  ],
  keras1: ['units', 'kernel_initializer', 'activation', 'weights', 'kernel_regularizer', 'bias_regularizer', 'activity_regularizer'],
  build(config, [input]) {
    if (input.length < 2) throw new ShapeError(`it expects an input with a feature axis but gets ${shapeText(input)}`);
    const units = numberIn(config, 'units');
    const inputs = known(input[input.length - 1], 'the number of input features');
    const weights = [weight('kernel', [inputs, units], config, 'kernel_initializer')];
    if (config.use_bias) weights.push(weight('bias', [units], config, 'bias_initializer'));
    return { outputs: [[...input.slice(0, -1), units]], weights };
  },
};

const embedding: LayerDefinition = {
  className: 'Embedding',
  parameters: [
    ['input_dim', undefined],
    ['output_dim', undefined],
    ['embeddings_initializer', 'uniform'],
    ['embeddings_regularizer', null],
    ['activity_regularizer', null],
    ['embeddings_constraint', null],
    ['mask_zero', false],
    ['input_length', null],
  ],
  build(config, [input]) {
    const shape = [numberIn(config, 'input_dim'), numberIn(config, 'output_dim')];
    return { outputs: [[...input, shape[1]]], weights: [weight('embeddings', shape, config, 'embeddings_initializer')] };
  },
};

const prelu: LayerDefinition = {
  className: 'PReLU',
  parameters: [
    ['alpha_initializer', 'zeros'],
    ['alpha_regularizer', null],
    ['alpha_constraint', null],
    ['shared_axes', null],
  ],
  build(config, [input]) {
    const shared = (Array.isArray(config.shared_axes) ? config.shared_axes : [config.shared_axes]).filter((a) => typeof a === 'number');
    const shape = input.slice(1).map((n, i) => (shared.includes(i + 1) ? 1 : known(n, 'the size of an input axis')));
    return { outputs: [input], weights: [weight('alpha', shape, config, 'alpha_initializer')] };
  },
};

function reshape(config: JsonObject, input: Shape): Shape {
  const target = config.target_shape;
  if (!Array.isArray(target)) throw new ShapeError('its target_shape is not known');
  const sizes = target.map((n) => (typeof n === 'number' ? n : null));
  const at = sizes.indexOf(-1);
  const total = sizeOf(input);
  const rest = sizes.reduce((p: number | null, n, i) => (i === at ? p : p === null || n === null ? null : p * n), 1);
  if (at >= 0) sizes[at] = total === null || rest === null ? null : total / rest;
  const isWrong = total !== null && rest !== null && (at >= 0 ? !Number.isInteger(sizes[at]) : rest !== total);
  if (isWrong) throw new ShapeError(`its target shape ${shapeText(sizes)} does not hold the ${total} values of ${shapeText(input)}`);
  return [input[0], ...sizes];
}

function permute(config: JsonObject, input: Shape): Shape {
  const dims = config.dims;
  if (!Array.isArray(dims) || dims.length !== input.length - 1) throw new ShapeError('its dims do not name every axis of the input');
  return [input[0], ...dims.map((d) => input[Number(d)] ?? null)];
}

/** Crop and padding sizes as [[before, after], …] for `rank` axes. */
function pairs(value: JsonValue | undefined, rank: number): [number, number][] {
  if (typeof value === 'number') return Array.from({ length: rank }, () => [value, value]);
  if (Array.isArray(value) && rank === 1 && value.length === 2 && value.every((v) => typeof v === 'number')) {
    return [[Number(value[0]), Number(value[1])]];
  }
  if (Array.isArray(value) && value.length === rank) {
    return value.map((v) => (Array.isArray(v) ? [Number(v[0]), Number(v[1])] : [Number(v), Number(v)]));
  }
  throw new ShapeError('its padding is not known');
}

/** Changes the lengths of the spatial axes. */
function spatially(config: JsonObject, input: Shape, rank: number, change: (n: number, i: number) => number): Shape {
  if (input.length !== rank + 2) throw new ShapeError(`it expects an input of ${rank + 2} axes but gets ${shapeText(input)}`);
  const at = config.data_format === 'channels_first' ? 2 : 1;
  return input.map((n, i) => (n !== null && i >= at && i < at + rank ? change(n, i - at) : n));
}

const zeroPadding = (rank: number) =>
  plain(
    `ZeroPadding${rank}D`,
    [
      ['padding', rank === 1 ? 1 : Array<number>(rank).fill(1)],
      ['data_format', 'channels_last'],
    ],
    (config, input) => {
      const sizes = pairs(config.padding, rank);
      return spatially(config, input, rank, (n, i) => n + sizes[i][0] + sizes[i][1]);
    },
  );

const cropping = (rank: number) =>
  plain(
    `Cropping${rank}D`,
    [
      ['cropping', rank === 1 ? [1, 1] : Array.from({ length: rank }, () => [rank === 3 ? 1 : 0, rank === 3 ? 1 : 0])],
      ['data_format', 'channels_last'],
    ],
    (config, input) => {
      const sizes = pairs(config.cropping, rank);
      return spatially(config, input, rank, (n, i) => n - sizes[i][0] - sizes[i][1]);
    },
  );

const upSampling = (rank: number) =>
  plain(
    `UpSampling${rank}D`,
    [
      ['size', rank === 1 ? 2 : Array<number>(rank).fill(2)],
      ['data_format', 'channels_last'],
      ['interpolation', 'nearest'],
    ],
    (config, input) => {
      const size = config.size;
      const factors = typeof size === 'number' ? Array<number>(rank).fill(size) : Array.isArray(size) ? size.map(Number) : [];
      return spatially(config, input, rank, (n, i) => n * (factors[i] ?? 1));
    },
  );

function concatenate(config: JsonObject, inputs: Shape[]): Shape {
  const axis = axisOf(Number(config.axis), inputs[0].length);
  const lengths = inputs.map((s) => s[axis]);
  for (const shape of inputs) {
    const isOther =
      shape.length !== inputs[0].length || shape.some((n, i) => i !== axis && n !== inputs[0][i] && n !== null && inputs[0][i] !== null);
    if (isOther) throw new ShapeError(`it can't join ${inputs.map(shapeText).join(' and ')} along axis ${String(config.axis)}`);
  }
  const total = lengths.reduce((s: number | null, n) => (s === null || n === null ? null : s + n), 0);
  return inputs[0].map((n, i) => (i === axis ? total : n));
}

/** The shape of an element-wise combination, broadcast behind the batch axis. */
function elementwise(inputs: Shape[]): Shape {
  return inputs.reduce((a, b) => {
    const [long, short] = a.length >= b.length ? [a, b] : [b, a];
    const shift = long.length - short.length;
    return long.map((n, i) => {
      // A missing axis stands behind the batch, not before it.
      const m = i === 0 ? short[0] : i <= shift ? 1 : short[i - shift];
      if (n === m || m === 1) return n;
      if (n === 1 || n === null) return m;
      if (m === null) return n;
      throw new ShapeError(`it can't combine ${inputs.map(shapeText).join(' and ')}`);
    });
  });
}

const merge = (className: string, parameters: LayerDefinition['parameters'] = []): LayerDefinition =>
  plain(className, parameters, (_config, _input, inputs) => elementwise(inputs), { isMerge: true });

const seeded: LayerDefinition['parameters'] = [
  ['rate', undefined],
  ['noise_shape', null],
  ['seed', null],
];

export const coreLayers: LayerDefinition[] = [
  plain(
    'InputLayer',
    [
      ['input_shape', null],
      ['batch_size', null],
    ],
    same,
  ),
  dense,
  embedding,
  prelu,
  plain('Flatten', [['data_format', 'channels_last']], (_config, input) => [input[0], input.length === 1 ? 1 : sizeOf(input)]),
  plain('Reshape', [['target_shape', undefined]], reshape, { keras1: ['target_shape'] }),
  plain('Permute', [['dims', undefined]], permute),
  plain('RepeatVector', [['n', undefined]], (config, input) => [input[0], numberIn(config, 'n'), ...input.slice(1)]),
  plain('Activation', [['activation', undefined]], same),
  plain('Dropout', seeded, same, { keras1: ['rate'] }),
  plain('AlphaDropout', seeded, same),
  ...[1, 2, 3].map((rank) =>
    plain(
      `SpatialDropout${rank}D`,
      [['rate', undefined], ...(rank > 1 ? [['data_format', 'channels_last'] as [string, JsonValue]] : [])],
      same,
    ),
  ),
  plain(
    'GaussianNoise',
    [
      ['stddev', undefined],
      ['seed', null],
    ],
    same,
  ),
  plain(
    'GaussianDropout',
    [
      ['rate', undefined],
      ['seed', null],
    ],
    same,
  ),
  plain(
    'ActivityRegularization',
    [
      ['l1', 0],
      ['l2', 0],
    ],
    same,
  ),
  plain('Masking', [['mask_value', 0]], same),
  plain('LeakyReLU', [['alpha', 0.3]], same),
  plain(
    'ReLU',
    [
      ['max_value', null],
      ['negative_slope', 0],
      ['threshold', 0],
    ],
    same,
  ),
  plain('ELU', [['alpha', 1]], same),
  plain('ThresholdedReLU', [['theta', 1]], same),
  plain('Softmax', [['axis', -1]], same),
  ...[1, 2, 3].map(zeroPadding),
  ...[1, 2, 3].map(cropping),
  ...[1, 2, 3].map(upSampling),
  ...['Add', 'Subtract', 'Multiply', 'Average', 'Maximum', 'Minimum'].map((name) => merge(name)),
  plain('Concatenate', [['axis', -1]], (config, _input, inputs) => concatenate(config, inputs), { isMerge: true }),
];
