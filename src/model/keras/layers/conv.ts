import type { JsonObject } from '../../../common/json';
import type { Shape } from '../../../common/modelSpec';
import { weight } from '../initializers';
import type { Built, LayerDefinition } from '../layerDefinition';
import { ShapeError, known, numberIn, perAxis, requireRank, windowedLength } from '../shapes';

const KERNEL: LayerDefinition['parameters'] = [
  ['activation', 'linear'],
  ['use_bias', true],
  ['kernel_initializer', 'glorot_uniform'],
  ['bias_initializer', 'zeros'],
  ['kernel_regularizer', null],
  ['bias_regularizer', null],
  ['activity_regularizer', null],
  ['kernel_constraint', null],
  ['bias_constraint', null],
];

const KERAS1_TAIL = ['kernel_initializer', 'activation', 'weights', 'padding'];
const KERAS1_REGULARISERS = [
  'kernel_regularizer',
  'bias_regularizer',
  'activity_regularizer',
  'kernel_constraint',
  'bias_constraint',
  'use_bias',
];

function ones(rank: number): number[] {
  return Array<number>(rank).fill(1);
}

const isChannelsFirst = (config: JsonObject) => config.data_format === 'channels_first';

/** Spatial sizes and channels of `[batch, …]` in either layout. */
function split(shape: Shape, config: JsonObject): { batch: number | null; spatial: Shape; channels: number | null } {
  const [batch, ...rest] = shape;
  return isChannelsFirst(config)
    ? { batch, spatial: rest.slice(1), channels: rest[0] }
    : { batch, spatial: rest.slice(0, -1), channels: rest[rest.length - 1] };
}

function join(batch: number | null, spatial: Shape, channels: number | null, config: JsonObject): Shape {
  return isChannelsFirst(config) ? [batch, channels, ...spatial] : [batch, ...spatial, channels];
}

function slide(spatial: Shape, kernel: number[], config: JsonObject, rank: number): Shape {
  const strides = perAxis(config.strides, rank, 'strides');
  const dilation = perAxis(config.dilation_rate ?? 1, rank, 'dilation_rate');
  return spatial.map((n, i) => windowedLength(n, kernel[i], strides[i], String(config.padding), dilation[i]));
}

/** Axes between the batch and the image, over which newer versions of Keras repeat a convolution. */
function extraAxes(input: Shape, rank: number, config: JsonObject): Shape {
  return isChannelsFirst(config) ? [] : input.slice(1, Math.max(1, input.length - rank - 1));
}

function buildConv(rank: number) {
  return (config: JsonObject, [whole]: Shape[]): Built => {
    const extra = extraAxes(whole, rank, config);
    const input = [whole[0], ...whole.slice(1 + extra.length)];
    requireRank(input, rank + 2);
    const { batch, spatial, channels } = split(input, config);
    const filters = numberIn(config, 'filters');
    const kernel = perAxis(config.kernel_size, rank, 'kernel_size');
    const groups = typeof config.groups === 'number' ? config.groups : 1;
    const inputs = known(channels, 'the number of input channels');
    if (inputs % groups !== 0) throw new ShapeError(`${inputs} input channels can't be divided into ${groups} groups`);
    const weights = [weight('kernel', [...kernel, inputs / groups, filters], config, 'kernel_initializer')];
    if (config.use_bias) weights.push(weight('bias', [filters], config, 'bias_initializer'));
    const [, ...rest] = join(batch, slide(spatial, kernel, config, rank), filters, config);
    return { outputs: [[batch, ...extra, ...rest]], weights };
  };
}

function buildTranspose(rank: number) {
  return (config: JsonObject, [input]: Shape[]): Built => {
    requireRank(input, rank + 2);
    const { batch, spatial, channels } = split(input, config);
    const filters = numberIn(config, 'filters');
    const kernel = perAxis(config.kernel_size, rank, 'kernel_size');
    const strides = perAxis(config.strides, rank, 'strides');
    const dilation = perAxis(config.dilation_rate ?? 1, rank, 'dilation_rate');
    const extra =
      config.output_padding === null || config.output_padding === undefined ? null : perAxis(config.output_padding, rank, 'output_padding');
    const lengths = spatial.map((n, i) => {
      if (n === null) return null;
      const reach = (kernel[i] - 1) * dilation[i] + 1;
      if (extra) return (n - 1) * strides[i] + reach - (config.padding === 'same' ? 2 * Math.floor(reach / 2) : 0) + extra[i];
      return config.padding === 'same' ? n * strides[i] : n * strides[i] + Math.max(reach - strides[i], 0);
    });
    const inputs = known(channels, 'the number of input channels');
    const groups = typeof config.groups === 'number' ? config.groups : 1;
    if (inputs % groups !== 0 || filters % groups !== 0)
      throw new ShapeError(`${inputs} input and ${filters} output channels can't be divided into ${groups} groups`);
    const weights = [weight('kernel', [...kernel, filters / groups, inputs], config, 'kernel_initializer')];
    if (config.use_bias) weights.push(weight('bias', [filters], config, 'bias_initializer'));
    return { outputs: [join(batch, lengths, filters, config)], weights };
  };
}

function buildSeparable(rank: number) {
  return (config: JsonObject, [input]: Shape[]): Built => {
    requireRank(input, rank + 2);
    const { batch, spatial, channels } = split(input, config);
    const filters = numberIn(config, 'filters');
    const kernel = perAxis(config.kernel_size, rank, 'kernel_size');
    const inputs = known(channels, 'the number of input channels');
    const multiplier = numberIn(config, 'depth_multiplier');
    const weights = [
      weight('depthwise_kernel', [...kernel, inputs, multiplier], config, 'depthwise_initializer'),
      weight('pointwise_kernel', [...ones(rank), inputs * multiplier, filters], config, 'pointwise_initializer'),
    ];
    if (config.use_bias) weights.push(weight('bias', [filters], config, 'bias_initializer'));
    return { outputs: [join(batch, slide(spatial, kernel, config, rank), filters, config)], weights };
  };
}

function buildDepthwise(rank: number) {
  return (config: JsonObject, [input]: Shape[]): Built => {
    requireRank(input, rank + 2);
    const { batch, spatial, channels } = split(input, config);
    const kernel = perAxis(config.kernel_size, rank, 'kernel_size');
    const inputs = known(channels, 'the number of input channels');
    const multiplier = numberIn(config, 'depth_multiplier');
    const weights = [weight('depthwise_kernel', [...kernel, inputs, multiplier], config, 'depthwise_initializer')];
    if (config.use_bias) weights.push(weight('bias', [inputs * multiplier], config, 'bias_initializer'));
    return { outputs: [join(batch, slide(spatial, kernel, config, rank), inputs * multiplier, config)], weights };
  };
}

const window = (rank: number): LayerDefinition['parameters'] => [
  ['filters', undefined],
  ['kernel_size', undefined],
  ['strides', rank === 1 ? 1 : ones(rank)],
  ['padding', 'valid'],
  ['data_format', 'channels_last'],
];

function conv(rank: number): LayerDefinition {
  const kernelNames = rank === 1 ? ['filter_length'] : ['nb_row', 'nb_col', 'nb_depth'].slice(0, rank);
  return {
    className: `Conv${rank}D`,
    parameters: [...window(rank), ['dilation_rate', rank === 1 ? 1 : ones(rank)], ['groups', 1], ...KERNEL],
    keras1: ['filters', ...kernelNames, ...KERAS1_TAIL, 'strides', ...(rank > 1 ? ['data_format'] : []), ...KERAS1_REGULARISERS],
    build: buildConv(rank),
  };
}

function transpose(rank: number): LayerDefinition {
  return {
    className: `Conv${rank}DTranspose`,
    parameters: [
      ['filters', undefined],
      ['kernel_size', undefined],
      ['strides', rank === 1 ? 1 : ones(rank)],
      ['padding', 'valid'],
      ['output_padding', null],
      ['data_format', 'channels_last'],
      ['dilation_rate', ones(rank)],
      ...KERNEL,
      // PyTorch's; Keras's transposed convolutions have no groups.
      ['groups', 1],
    ],
    keras1: ['filters', 'nb_row', 'nb_col', 'output_shape', ...KERAS1_TAIL, 'strides', 'data_format', ...KERAS1_REGULARISERS],
    build: buildTranspose(rank),
  };
}

const SEPARABLE_TAIL: LayerDefinition['parameters'] = [
  ['depth_multiplier', 1],
  ['activation', 'linear'],
  ['use_bias', true],
  ['depthwise_initializer', 'glorot_uniform'],
  ['pointwise_initializer', 'glorot_uniform'],
  ['bias_initializer', 'zeros'],
  ['depthwise_regularizer', null],
  ['pointwise_regularizer', null],
  ['bias_regularizer', null],
  ['activity_regularizer', null],
  ['depthwise_constraint', null],
  ['pointwise_constraint', null],
  ['bias_constraint', null],
];

function separable(rank: number): LayerDefinition {
  return {
    className: `SeparableConv${rank}D`,
    parameters: [...window(rank), ['dilation_rate', rank === 1 ? 1 : ones(rank)], ...SEPARABLE_TAIL],
    keras1: ['filters', 'nb_row', 'nb_col', 'depthwise_initializer', 'activation', 'weights', 'padding', 'strides', 'depth_multiplier'],
    build: buildSeparable(rank),
  };
}

function depthwise(rank: number): LayerDefinition {
  return {
    className: `DepthwiseConv${rank}D`,
    parameters: [
      ['kernel_size', undefined],
      ['strides', rank === 1 ? 1 : ones(rank)],
      ['padding', 'valid'],
      ['depth_multiplier', 1],
      ['data_format', 'channels_last'],
      ['dilation_rate', rank === 1 ? 1 : ones(rank)],
      ['activation', 'linear'],
      ['use_bias', true],
      ['depthwise_initializer', 'glorot_uniform'],
      ['bias_initializer', 'zeros'],
      ['depthwise_regularizer', null],
      ['bias_regularizer', null],
      ['activity_regularizer', null],
      ['depthwise_constraint', null],
      ['bias_constraint', null],
    ],
    build: buildDepthwise(rank),
  };
}

export const convLayers: LayerDefinition[] = [
  conv(1),
  conv(2),
  conv(3),
  transpose(1),
  transpose(2),
  transpose(3),
  separable(1),
  separable(2),
  depthwise(1),
  depthwise(2),
];
