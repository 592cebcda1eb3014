import type { JsonObject } from '../../../common/json';
import { ShapeError, numberIn } from '../../keras/shapes';
import type { ModuleDefinition } from '../moduleDefinition';
import { TorchTensor } from '../torchTensor';
import { toChannelsFirst, type Place, type Tracer } from '../tracer';

/** Normalises over the channels, which come second in PyTorch. */
function overChannels(
  tracer: Tracer,
  x: TorchTensor,
  place: Place,
  className: string,
  expected: number | null,
  settings: JsonObject,
): TorchTensor {
  const channels = x.shape[1];
  if (expected !== null && channels !== expected) throw new ShapeError(`it expects ${expected} channels but gets ${channels}`);
  const isFlat = x.shape.length === 2;
  const input = isFlat || x.layout === 'pooled' ? x.keras : tracer.channelsLast(x, place);
  const output = tracer.add(place, className, { ...settings, axis: -1 }, [input]);
  if (isFlat || x.layout === 'pooled') return new TorchTensor(tracer, x.shape, output, x.layout);
  return new TorchTensor(tracer, toChannelsFirst(output.shape ?? []), output, 'channels-last');
}

const affine =
  (name: string) =>
  (s: JsonObject): [string, number[]][] =>
    s.affine === false || s.elementwise_affine === false
      ? []
      : [
          ['weight', [numberIn(s, name)]],
          ['bias', [numberIn(s, name)]],
        ];

function batchNorm(className: string, spatial: number, isLazy = false): ModuleDefinition {
  return {
    className,
    parameters: [
      ...(isLazy ? [] : [['num_features', undefined] as ['num_features', undefined]]),
      ['eps', 1e-5],
      ['momentum', 0.1],
      ['affine', true],
      ['track_running_stats', true],
    ],
    apply(tracer, s, [x], place) {
      const isRightRank = spatial === 1 ? x.shape.length === 2 || x.shape.length === 3 : spatial === 0 || x.shape.length === spatial + 2;
      if (!isRightRank) throw new ShapeError(`it expects ${spatial + 2} axes but gets [${x.shape.map((n) => n ?? 'batch').join(', ')}]`);
      // PyTorch's momentum is the weight of the new value, Keras's the weight of the old one.
      const momentum = typeof s.momentum === 'number' ? Number((1 - s.momentum).toPrecision(12)) : 0.9;
      const settings = { momentum, epsilon: Number(s.eps), center: s.affine !== false, scale: s.affine !== false };
      return overChannels(tracer, x, place, 'BatchNormalization', isLazy ? null : numberIn(s, 'num_features'), settings);
    },
    weights: isLazy ? undefined : affine('num_features'),
    need: (s) => {
      if (isLazy) return null;
      const size = numberIn(s, 'num_features');
      return spatial === 1 ? { kind: 'features', size, spatial: 0 } : { kind: 'channels', size, spatial: spatial || 2 };
    },
  };
}

function instanceNorm(rank: number): ModuleDefinition {
  return {
    className: `InstanceNorm${rank}d`,
    parameters: [
      ['num_features', undefined],
      ['eps', 1e-5],
      ['momentum', 0.1],
      ['affine', false],
      ['track_running_stats', false],
    ],
    apply(tracer, s, [x], place) {
      const groups = x.shape[1] as number;
      const settings = { groups, epsilon: Number(s.eps), center: s.affine === true, scale: s.affine === true };
      return overChannels(tracer, x, place, 'GroupNormalization', s.affine === true ? numberIn(s, 'num_features') : null, settings);
    },
    weights: (s) => (s.affine === true ? affine('num_features')(s) : []),
  };
}

const groupNorm: ModuleDefinition = {
  className: 'GroupNorm',
  parameters: [
    ['num_groups', undefined],
    ['num_channels', undefined],
    ['eps', 1e-5],
    ['affine', true],
  ],
  apply(tracer, s, [x], place) {
    const settings = { groups: numberIn(s, 'num_groups'), epsilon: Number(s.eps), center: s.affine !== false, scale: s.affine !== false };
    return overChannels(tracer, x, place, 'GroupNormalization', numberIn(s, 'num_channels'), settings);
  },
  weights: affine('num_channels'),
  need: (s) => ({ kind: 'channels', size: numberIn(s, 'num_channels'), spatial: 2 }),
};

const normalizedShape = (s: JsonObject): number[] =>
  Array.isArray(s.normalized_shape) ? s.normalized_shape.map(Number) : [numberIn(s, 'normalized_shape')];

const layerNorm: ModuleDefinition = {
  className: 'LayerNorm',
  parameters: [
    ['normalized_shape', undefined],
    ['eps', 1e-5],
    ['elementwise_affine', true],
    ['bias', true],
  ],
  apply(tracer, s, [x], place) {
    const shape = normalizedShape(s);
    if (shape.some((n, i) => x.shape.at(i - shape.length) !== n)) throw new ShapeError(`it expects the last axes to be ${shape.join('×')}`);
    const axis = shape.length === 1 ? -1 : shape.map((_, i) => i - shape.length);
    const isAffine = s.elementwise_affine !== false;
    const settings = { axis, epsilon: Number(s.eps), center: isAffine && s.bias !== false, scale: isAffine };
    const isTimeFirst = x.layout === 'sequence-first' && shape.length < x.shape.length - 1;
    const output = tracer.add(place, 'LayerNormalization', settings, [isTimeFirst ? x.keras : tracer.plain(x, place)]);
    return new TorchTensor(tracer, x.shape, output, isTimeFirst ? 'sequence-first' : 'plain');
  },
  weights(s) {
    if (s.elementwise_affine === false) return [];
    const shape = normalizedShape(s);
    return s.bias === false
      ? [['weight', shape]]
      : [
          ['weight', shape],
          ['bias', shape],
        ];
  },
};

export const normalizationModules: ModuleDefinition[] = [
  batchNorm('BatchNorm1d', 1),
  batchNorm('BatchNorm2d', 2),
  batchNorm('BatchNorm3d', 3),
  batchNorm('SyncBatchNorm', 0),
  batchNorm('LazyBatchNorm1d', 1, true),
  batchNorm('LazyBatchNorm2d', 2, true),
  instanceNorm(1),
  instanceNorm(2),
  instanceNorm(3),
  groupNorm,
  layerNorm,
];
