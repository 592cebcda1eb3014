import type { JsonObject, JsonValue } from '../../../common/json';
import { ShapeError, numberIn } from '../../keras/shapes';
import type { LayerDefinition } from '../../keras/layerDefinition';
import type { TorchParameter } from '../arguments';
import type { ModuleDefinition } from '../moduleDefinition';
import { alongAxes } from '../computed';
import { opaque } from '../opaque';
import { zeroPad } from '../padding';
import { flatten, reshapeTo } from '../reshaping';
import { TorchTensor } from '../torchTensor';
import { toChannelsFirst, type Place, type Tracer } from '../tracer';

const identity: ModuleDefinition = { className: 'Identity', parameters: [], apply: (_tracer, _s, [x]) => x };

/** Dropout of whole channels means nothing to a tensor without places. */
function dropout(className: string, layer: 'Dropout' | 'Spatial' | 'AlphaDropout'): ModuleDefinition {
  return {
    className,
    parameters: [
      ['p', 0.5],
      ['inplace', false],
      ['training', true],
    ],
    apply(tracer, s, [x], place) {
      const rate = numberIn(s, 'p');
      if (s.training === false) return x;
      const rank = x.shape.length - 2;
      const isSpatial = layer === 'Spatial' && rank >= 1 && x.layout === 'channels-last';
      const name = isSpatial ? `SpatialDropout${rank}D` : layer === 'Spatial' ? 'Dropout' : layer;
      return new TorchTensor(
        tracer,
        x.shape,
        tracer.add(place, name, { rate }, [x.keras]),
        x.layout,
        x.isNonNegative && name !== 'AlphaDropout',
      );
    },
  };
}

const INTERPOLATIONS = new Set(['nearest', 'nearest-exact', 'linear', 'bilinear', 'trilinear', 'bicubic', 'area']);

function upsample(className: string, mode: string): ModuleDefinition {
  return {
    className,
    parameters: [
      ['size', null],
      ['scale_factor', null],
      ['mode', mode],
      ['align_corners', null],
    ],
    apply(tracer, s, [x], place) {
      const rank = x.shape.length - 2;
      const lengths = x.sizes.slice(1);
      const perAxis = (value: JsonValue): number[] => (Array.isArray(value) ? value.map(Number) : Array<number>(rank).fill(Number(value)));
      const sizes = s.size !== null ? perAxis(s.size) : perAxis(s.scale_factor).map((f, i) => Math.floor(lengths[i] * f));
      const factors = sizes.map((n, i) => n / lengths[i]);
      const chosen = className === 'UpsamplingBilinear2d' ? 'bilinear' : String(s.mode);
      if (factors.every((f) => f === 1)) return x;
      const isWhole = factors.every((f) => Number.isInteger(f)) && rank <= 2;
      if (!INTERPOLATIONS.has(chosen)) return opaque(tracer, className, [null, x.sizes[0], ...sizes], [x], place);
      if (!isWhole || !chosen.startsWith('nearest')) {
        const given = s.scale_factor === null || s.size !== null ? null : perAxis(s.scale_factor);
        const alignCorners = s.align_corners === true || className === 'UpsamplingBilinear2d';
        // PyTorch takes the factor as given, not as the sizes have it.
        const settings = { kind: 'resize', interpolation: chosen, sizes, scales: given, align_corners: alignCorners };
        return alongAxes(tracer, settings, x, sizes, place);
      }
      const settings: JsonObject = {
        size: rank === 1 ? factors[0] : factors,
        ...(rank === 2 && { interpolation: 'nearest' }),
      };
      const output = tracer.add(place, `UpSampling${rank}D`, settings, [tracer.channelsLast(x, place)]);
      return new TorchTensor(tracer, toChannelsFirst(output.shape ?? []), output, 'channels-last', x.isNonNegative);
    },
  };
}

/** Padding given as PyTorch does: last axis first, before and after; one number stands for all sides. */
export function padLike(tracer: Tracer, x: TorchTensor, padding: JsonValue, mode: string, className: string, place: Place): TorchTensor {
  const rank = x.shape.length - 2;
  const flat = Array.isArray(padding) ? padding.map(Number) : Array<number>(2 * rank).fill(Number(padding));
  const pads = Array.from({ length: rank }, (_, i): [number, number] => [flat[2 * (rank - 1 - i)] ?? 0, flat[2 * (rank - 1 - i) + 1] ?? 0]);
  if (flat.length > 2 * rank || flat.some((n) => Number.isNaN(n))) throw new ShapeError('its padding is not read');
  const sizes = pads.map(([before, after], i) => x.sizes[i + 1] + before + after);
  if (['reflect', 'replicate', 'circular'].includes(mode) && flat.every((n) => n >= 0))
    return alongAxes(tracer, { kind: 'pad', mode, pads }, x, sizes, place);
  if (mode !== 'constant' || flat.some((n) => n < 0)) return opaque(tracer, className, [null, x.sizes[0], ...sizes], [x], place);
  const output = zeroPad(tracer, place, tracer.channelsLast(x, place), pads);
  return new TorchTensor(tracer, [null, x.sizes[0], ...sizes], output, 'channels-last', x.isNonNegative);
}

function pad(className: string, mode: string, more: TorchParameter[] = []): ModuleDefinition {
  return {
    className,
    parameters: [['padding', undefined], ...more],
    apply: (tracer, s, [x], place) => padLike(tracer, x, s.padding, (s.value ?? 0) === 0 ? mode : 'value', className, place),
  };
}

/** The channels of one pixel become a square of pixels. In channels_last: split [H, W, C, r, r], reorder, join. */
const pixelShuffle: ModuleDefinition = {
  className: 'PixelShuffle',
  parameters: [['upscale_factor', undefined]],
  apply(tracer, s, [x], place) {
    const r = numberIn(s, 'upscale_factor');
    const [channels, height, width] = x.sizes;
    const c = channels / (r * r);
    if (x.shape.length !== 4 || !Number.isInteger(c)) throw new ShapeError(`${channels} channels can't become squares of ${r}×${r}`);
    const split = tracer.addHelper(place, 'split', 'Reshape', { target_shape: [height, width, c, r, r] }, tracer.channelsLast(x, place));
    const moved = tracer.addHelper(place, 'reorder', 'Permute', { dims: [1, 4, 2, 5, 3] }, split);
    const output = tracer.add(place, 'Reshape', { target_shape: [height * r, width * r, c] }, [moved]);
    return new TorchTensor(tracer, [null, c, height * r, width * r], output, 'channels-last', x.isNonNegative);
  },
};

const channelShuffle: ModuleDefinition = {
  className: 'ChannelShuffle',
  parameters: [['groups', undefined]],
  apply(tracer, s, [x], place) {
    const groups = numberIn(s, 'groups');
    const [channels, height, width] = x.sizes;
    if (x.shape.length !== 4 || channels % groups !== 0)
      throw new ShapeError(`${channels} channels can't be divided into ${groups} groups`);
    const shape = [height, width, groups, channels / groups];
    const split = tracer.addHelper(place, 'split', 'Reshape', { target_shape: shape }, tracer.channelsLast(x, place));
    const moved = tracer.addHelper(place, 'reorder', 'Permute', { dims: [1, 2, 4, 3] }, split);
    const output = tracer.add(place, 'Reshape', { target_shape: [height, width, channels] }, [moved]);
    return new TorchTensor(tracer, x.shape, output, 'channels-last', x.isNonNegative);
  },
};

const flattenModule: ModuleDefinition = {
  className: 'Flatten',
  parameters: [
    ['start_dim', 1],
    ['end_dim', -1],
  ],
  apply: (tracer, s, [x], place) => flatten(tracer, x, numberIn(s, 'start_dim'), numberIn(s, 'end_dim'), place),
};

const unflatten: ModuleDefinition = {
  className: 'Unflatten',
  parameters: [
    ['dim', undefined],
    ['unflattened_size', undefined],
  ],
  apply(tracer, s, [x], place) {
    const dim = numberIn(s, 'dim');
    const axis = (dim < 0 ? dim + x.shape.length : dim) - 1;
    if (!Array.isArray(s.unflattened_size) || axis < 0) throw new ShapeError('its size is not known');
    const inner = s.unflattened_size.map(Number);
    const known = inner.filter((n) => n !== -1).reduce((p, n) => p * n, 1);
    const sizes = inner.map((n) => (n === -1 ? x.sizes[axis] / known : n));
    return reshapeTo(tracer, x, x.sizes.toSpliced(axis, 1, ...sizes), place);
  },
};

const localResponse: ModuleDefinition = {
  className: 'LocalResponseNorm',
  parameters: [
    ['size', undefined],
    ['alpha', 1e-4],
    ['beta', 0.75],
    ['k', 1],
  ],
  apply(tracer, s, [x], place) {
    const definition: LayerDefinition = {
      className: 'LocalResponseNorm',
      parameters: ['size', 'alpha', 'beta', 'k'].map((name) => [name, s[name]]),
      build: (_config, [input]) => ({ outputs: [input], weights: [] }),
    };
    const output = tracer.add(place, definition, {}, [tracer.channelsLast(x, place)]);
    return new TorchTensor(tracer, x.shape, output, 'channels-last', x.isNonNegative);
  },
};

export const structureModules: ModuleDefinition[] = [
  identity,
  dropout('Dropout', 'Dropout'),
  dropout('Dropout1d', 'Spatial'),
  dropout('Dropout2d', 'Spatial'),
  dropout('Dropout3d', 'Spatial'),
  dropout('AlphaDropout', 'AlphaDropout'),
  dropout('FeatureAlphaDropout', 'AlphaDropout'),
  upsample('Upsample', 'nearest'),
  upsample('UpsamplingNearest2d', 'nearest'),
  upsample('UpsamplingBilinear2d', 'bilinear'),
  ...[1, 2, 3].flatMap((rank) => [
    pad(`ZeroPad${rank}d`, 'constant'),
    pad(`ConstantPad${rank}d`, 'constant', [['value', undefined]]),
    pad(`ReflectionPad${rank}d`, 'reflect'),
    pad(`ReplicationPad${rank}d`, 'replicate'),
    pad(`CircularPad${rank}d`, 'circular'),
  ]),
  pixelShuffle,
  channelShuffle,
  flattenModule,
  unflatten,
  localResponse,
];
