import { weight } from '../initializers';
import type { LayerDefinition } from '../layerDefinition';
import { known, numberIn, perAxis, requireRank, windowedLength } from '../shapes';

/** A convolution with kernels of its own at every place; Keras 2's `implementation=1` layout. */
function locallyConnected(rank: number): LayerDefinition {
  return {
    className: `LocallyConnected${rank}D`,
    parameters: [
      ['filters', undefined],
      ['kernel_size', undefined],
      ['strides', rank === 1 ? 1 : [1, 1]],
      ['padding', 'valid'],
      ['data_format', 'channels_last'],
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
    keras1: [
      'filters',
      ...(rank === 1 ? ['filter_length'] : ['nb_row', 'nb_col']),
      'kernel_initializer',
      'activation',
      'weights',
      'padding',
    ],
    build(config, [input]) {
      requireRank(input, rank + 2);
      const isFirst = config.data_format === 'channels_first';
      const filters = numberIn(config, 'filters');
      const kernel = perAxis(config.kernel_size, rank, 'kernel_size');
      const strides = perAxis(config.strides, rank, 'strides');
      const channels = known(isFirst ? input[1] : input[input.length - 1], 'the number of input channels');
      const spatial = (isFirst ? input.slice(2) : input.slice(1, -1)).map((n, i) =>
        windowedLength(known(n, 'the size of the input'), kernel[i], strides[i], String(config.padding)),
      ) as number[];
      const places = spatial.reduce((p, n) => p * n, 1);
      const fan = kernel.reduce((p, n) => p * n, channels);
      const weights = [weight('kernel', [places, fan, filters], config, 'kernel_initializer')];
      if (config.use_bias) weights.push(weight('bias', [...spatial, filters], config, 'bias_initializer'));
      return { outputs: [isFirst ? [input[0], filters, ...spatial] : [input[0], ...spatial, filters]], weights };
    },
  };
}

export const locallyConnectedLayers: LayerDefinition[] = [locallyConnected(1), locallyConnected(2)];
