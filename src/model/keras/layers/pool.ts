import type { JsonObject } from '../../../common/json';
import type { Shape } from '../../../common/modelSpec';
import { plain, type LayerDefinition } from '../layerDefinition';
import { axisOf, perAxis, requireRank, windowedLength } from '../shapes';

function pool(kind: 'Max' | 'Average', rank: number): LayerDefinition {
  const size = rank === 1 ? 2 : Array<number>(rank).fill(2);
  const build = (config: JsonObject, input: Shape): Shape => {
    requireRank(input, rank + 2);
    const sizes = perAxis(config.pool_size, rank, 'pool_size');
    const strides = config.strides === null ? sizes : perAxis(config.strides, rank, 'strides');
    const at = config.data_format === 'channels_first' ? 2 : 1;
    return input.map((n, i) => (i >= at && i < at + rank ? windowedLength(n, sizes[i - at], strides[i - at], String(config.padding)) : n));
  };
  return plain(
    `${kind}Pooling${rank}D`,
    [
      ['pool_size', size],
      ['strides', null],
      ['padding', 'valid'],
      ['data_format', 'channels_last'],
    ],
    build,
    { keras1: [rank === 1 ? 'pool_length' : 'pool_size', 'strides', 'padding', 'data_format'] },
  );
}

function globalPool(kind: 'Max' | 'Average', rank: number): LayerDefinition {
  const build = (config: JsonObject, input: Shape): Shape => {
    requireRank(input, rank + 2);
    const channelAxis = config.data_format === 'channels_first' ? 1 : axisOf(-1, input.length);
    if (!config.keepdims) return [input[0], input[channelAxis]];
    return input.map((n, i) => (i === 0 || i === channelAxis ? n : 1));
  };
  return plain(
    `Global${kind}Pooling${rank}D`,
    [
      ['data_format', 'channels_last'],
      ['keepdims', false],
    ],
    build,
  );
}

export const poolLayers: LayerDefinition[] = [1, 2, 3].flatMap((rank) => [
  pool('Max', rank),
  pool('Average', rank),
  globalPool('Max', rank),
  globalPool('Average', rank),
]);
