import type { JsonObject } from '../../../common/json';
import type { Shape, WeightSpec } from '../../../common/modelSpec';
import { weight } from '../initializers';
import type { Built, LayerDefinition } from '../layerDefinition';
import { ShapeError, known, numberIn, perAxis, requireRank, windowedLength } from '../shapes';

const INITIALIZERS: LayerDefinition['parameters'] = [
  ['use_bias', true],
  ['kernel_initializer', 'glorot_uniform'],
  ['recurrent_initializer', 'orthogonal'],
  ['bias_initializer', 'zeros'],
];

const REGULARISERS: LayerDefinition['parameters'] = [
  ['kernel_regularizer', null],
  ['recurrent_regularizer', null],
  ['bias_regularizer', null],
  ['activity_regularizer', null],
  ['kernel_constraint', null],
  ['recurrent_constraint', null],
  ['bias_constraint', null],
  ['dropout', 0],
  ['recurrent_dropout', 0],
];

const SEQUENCE: LayerDefinition['parameters'] = [
  ['return_sequences', false],
  ['return_state', false],
  ['go_backwards', false],
  ['stateful', false],
  ['unroll', false],
];

const KERAS1 = ['units', 'kernel_initializer', 'recurrent_initializer'];

/** Shapes of what a recurrent layer gives: its output, and its states if they are asked for. */
function outputs(config: JsonObject, [batch, time]: Shape, features: Shape, states: number): Shape[] {
  const output: Shape = config.return_sequences ? [batch, time, ...features] : [batch, ...features];
  return config.return_state ? [output, ...Array.from({ length: states }, (): Shape => [batch, ...features])] : [output];
}

function recurrent(className: string, gates: number, parameters: LayerDefinition['parameters'], keras1: string[]): LayerDefinition {
  return {
    className,
    parameters: [['units', undefined], ...parameters, ...SEQUENCE],
    keras1: [...KERAS1, ...keras1],
    build(config, [input]): Built {
      requireRank(input, 3);
      const units = numberIn(config, 'units');
      const inputs = known(input[2], 'the number of input features');
      const weights = [
        weight('kernel', [inputs, gates * units], config, 'kernel_initializer'),
        weight('recurrent_kernel', [units, gates * units], config, 'recurrent_initializer'),
      ];
      if (config.use_bias) {
        // The CUDA versions and PyTorch's have a second bias, for the recurrent product.
        const isDouble = config.reset_after === true || config.double_bias === true || className.startsWith('CuDNN');
        const shape = isDouble ? [2, gates * units] : [gates * units];
        weights.push(weight('bias', shape, config, 'bias_initializer'));
      }
      return { outputs: outputs(config, input, [units], /LSTM$/.test(className) ? 2 : 1), weights };
    },
  };
}

/** A convolutional LSTM over images ([batch, time, height, width, channels]). */
function convLstm(rank: number): LayerDefinition {
  return {
    className: `ConvLSTM${rank}D`,
    parameters: [
      ['filters', undefined],
      ['kernel_size', undefined],
      ['strides', Array<number>(rank).fill(1)],
      ['padding', 'valid'],
      ['data_format', 'channels_last'],
      ['dilation_rate', Array<number>(rank).fill(1)],
      ['activation', 'tanh'],
      ['recurrent_activation', 'sigmoid'],
      ...INITIALIZERS,
      ['unit_forget_bias', true],
      ...REGULARISERS,
      ...SEQUENCE,
    ],
    build(config, [input]): Built {
      requireRank(input, rank + 3);
      const isFirst = config.data_format === 'channels_first';
      const filters = numberIn(config, 'filters');
      const kernel = perAxis(config.kernel_size, rank, 'kernel_size');
      const strides = perAxis(config.strides, rank, 'strides');
      const dilation = perAxis(config.dilation_rate, rank, 'dilation_rate');
      const channels = known(isFirst ? input[2] : input[input.length - 1], 'the number of input channels');
      const spatial = (isFirst ? input.slice(3) : input.slice(2, -1)).map((n, i) =>
        windowedLength(n, kernel[i], strides[i], String(config.padding), dilation[i]),
      );
      const weights: WeightSpec[] = [
        weight('kernel', [...kernel, channels, 4 * filters], config, 'kernel_initializer'),
        weight('recurrent_kernel', [...kernel, filters, 4 * filters], config, 'recurrent_initializer'),
      ];
      if (config.use_bias) weights.push(weight('bias', [4 * filters], config, 'bias_initializer'));
      return { outputs: outputs(config, input, isFirst ? [filters, ...spatial] : [...spatial, filters], 2), weights };
    },
  };
}

/** One step of a recurrent layer: nothing by itself, but what an `RNN` is made of. */
function cell(className: string, parameters: LayerDefinition['parameters']): LayerDefinition {
  return {
    className: `${className}Cell`,
    parameters: [['units', undefined], ...parameters],
    build(): Built {
      throw new ShapeError(`a cell computes one step only; wrap it as RNN(${className}Cell(…)) or use ${className}`);
    },
  };
}

/** `RNN` and `StackedRNNCells` of cells that are not known. */
function ofCells(className: string, setting: string): LayerDefinition {
  return {
    className,
    parameters: [[setting, undefined], ...SEQUENCE],
    build(): Built {
      throw new ShapeError('the cells in it are not known here');
    },
  };
}

const tanh: LayerDefinition['parameters'] = [['activation', 'tanh']];
const gated: LayerDefinition['parameters'] = [...tanh, ['recurrent_activation', 'sigmoid']];

export const recurrentLayers: LayerDefinition[] = [
  recurrent('SimpleRNN', 1, [...tanh, ...INITIALIZERS, ...REGULARISERS], ['activation']),
  recurrent('GRU', 3, [...gated, ...INITIALIZERS, ...REGULARISERS, ['reset_after', true]], ['activation', 'recurrent_activation']),
  recurrent(
    'LSTM',
    4,
    [...gated, ...INITIALIZERS, ['unit_forget_bias', true], ...REGULARISERS],
    ['unit_forget_bias', 'activation', 'recurrent_activation'],
  ),
  recurrent('CuDNNGRU', 3, [...INITIALIZERS, ...REGULARISERS], []),
  recurrent('CuDNNLSTM', 4, [...INITIALIZERS, ['unit_forget_bias', true], ...REGULARISERS], []),
  cell('SimpleRNN', [...tanh, ...INITIALIZERS, ...REGULARISERS]),
  cell('GRU', [...gated, ...INITIALIZERS, ...REGULARISERS, ['reset_after', true]]),
  cell('LSTM', [...gated, ...INITIALIZERS, ['unit_forget_bias', true], ...REGULARISERS]),
  ofCells('RNN', 'cell'),
  ofCells('StackedRNNCells', 'cells'),
  convLstm(1),
  convLstm(2),
  convLstm(3),
];
