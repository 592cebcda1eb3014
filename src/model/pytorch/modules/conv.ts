import type { JsonObject } from '../../../common/json';
import { ShapeError, numberIn, perAxis } from '../../keras/shapes';
import type { SymbolicTensor } from '../../keras/tensor';
import type { TorchParameter } from '../arguments';
import { alongAxes } from '../computed';
import { TORCH_BIAS, TORCH_KERNEL } from '../initializers';
import type { ModuleDefinition } from '../moduleDefinition';
import { crop, isSame, lengthAfter, zeroPad, type Window } from '../padding';
import { TorchTensor } from '../torchTensor';
import { toChannelsFirst, type Place, type Tracer } from '../tracer';

const INITIAL = { kernel_initializer: TORCH_KERNEL, depthwise_initializer: TORCH_KERNEL, bias_initializer: TORCH_BIAS };

function requireChannels(x: TorchTensor, rank: number, expected: number | null): number {
  if (x.shape.length !== rank + 2) {
    throw new ShapeError(`it expects [batch, channels${', size'.repeat(rank)}] but gets [${x.shape.map((n) => n ?? 'batch').join(', ')}]`);
  }
  const channels = x.shape[1] as number;
  if (expected !== null && channels !== expected) throw new ShapeError(`it expects ${expected} channels but gets ${channels}`);
  return channels;
}

const inputChannels = (s: JsonObject): number | null => (typeof s.in_channels === 'number' ? s.in_channels : null);

/** The initialisers that the chosen Keras layer knows. */
function initial(isDepthwise: boolean): JsonObject {
  const { kernel_initializer, depthwise_initializer, bias_initializer } = INITIAL;
  return isDepthwise ? { depthwise_initializer, bias_initializer } : { kernel_initializer, bias_initializer };
}

function applyConv(rank: number) {
  return (tracer: Tracer, s: JsonObject, [x]: TorchTensor[], place: Place): TorchTensor => {
    const channels = requireChannels(x, rank, inputChannels(s));
    const filters = numberIn(s, 'out_channels');
    const groups = numberIn(s, 'groups');
    const kernel = perAxis(s.kernel_size, rank, 'kernel_size');
    const strides = perAxis(s.stride, rank, 'stride');
    const dilation = perAxis(s.dilation, rank, 'dilation');
    if (channels % groups !== 0 || filters % groups !== 0)
      throw new ShapeError(`${channels} input and ${filters} output channels can't be divided into ${groups} groups`);
    const windows = kernel.map((k, i): Window => {
      const base = { length: x.sizes[i + 1], kernel: k, stride: strides[i], dilation: dilation[i] };
      return { ...base, padding: typeof s.padding === 'string' ? 0 : perAxis(s.padding, rank, 'padding')[i] };
    });
    const isZero = typeof s.padding_mode !== 'string' || s.padding_mode === 'zeros';
    const pads = s.padding === 'same' ? windows.map(samePads) : windows.map((w): [number, number] => [w.padding, w.padding]);
    const isWrapped = !isZero && pads.some(([before, after]) => before + after > 0);
    let padding = typeof s.padding === 'string' && isZero ? s.padding : 'valid';
    let input = isWrapped ? wrapped(tracer, x, String(s.padding_mode), pads, place) : tracer.channelsLast(x, place);
    if (!isWrapped && windows.some((w) => w.padding > 0)) {
      if (windows.every((w) => isSame(w, lengthAfter(w)))) padding = 'same';
      else
        input = zeroPad(
          tracer,
          place,
          input,
          windows.map((w) => [w.padding, w.padding]),
        );
    }
    const isDepthwise = rank < 3 && groups > 1 && groups === channels;
    const shared = {
      kernel_size: kernel,
      strides: rank === 1 ? strides[0] : strides,
      padding,
      dilation_rate: rank === 1 ? dilation[0] : dilation,
      use_bias: s.bias !== false,
      ...initial(isDepthwise),
    };
    const settings = isDepthwise ? { ...shared, depth_multiplier: filters / groups } : { ...shared, filters, groups };
    const output = tracer.add(place, `${isDepthwise ? 'Depthwise' : ''}Conv${rank}D`, settings, [input]);
    return new TorchTensor(tracer, toChannelsFirst(output.shape ?? []), output, 'channels-last');
  };
}

/** What `padding="same"` pads; more behind than before. */
function samePads(w: Window): [number, number] {
  const total = (w.kernel - 1) * w.dilation;
  return [Math.floor(total / 2), total - Math.floor(total / 2)];
}

/** Padded with what is there: `padding_mode="reflect"`, `"replicate"` or `"circular"`. */
function wrapped(tracer: Tracer, x: TorchTensor, mode: string, pads: [number, number][], place: Place): SymbolicTensor {
  const sizes = pads.map(([before, after], i) => x.sizes[i + 1] + before + after);
  return alongAxes(tracer, { kind: 'pad', mode, pads }, x, sizes, { name: `${place.name}.padding`, source: place.source }).keras;
}

/** PyTorch cuts `padding` off the full result; TensorFlow's 'same' does that in some cases only. */
function applyTranspose(rank: number) {
  return (tracer: Tracer, s: JsonObject, [x]: TorchTensor[], place: Place): TorchTensor => {
    requireChannels(x, rank, inputChannels(s));
    const kernel = perAxis(s.kernel_size, rank, 'kernel_size');
    const strides = perAxis(s.stride, rank, 'stride');
    const padding = perAxis(s.padding, rank, 'padding');
    const extra = perAxis(s.output_padding, rank, 'output_padding');
    const dilation = perAxis(s.dilation, rank, 'dilation');
    const reach = kernel.map((k, i) => (k - 1) * dilation[i] + 1);
    const lengths = reach.map((k, i) => (x.sizes[i + 1] - 1) * strides[i] - 2 * padding[i] + k + extra[i]);
    if (lengths.some((n) => n <= 0)) throw new ShapeError('its padding takes more than there is');
    const isSameAsKeras = reach.every(
      (k, i) => k >= strides[i] && lengths[i] === x.sizes[i + 1] * strides[i] && Math.floor((k - strides[i]) / 2) === padding[i],
    );
    const settings = {
      filters: numberIn(s, 'out_channels'),
      kernel_size: kernel,
      strides: rank === 1 ? strides[0] : strides,
      padding: isSameAsKeras ? 'same' : 'valid',
      use_bias: s.bias !== false,
      // More behind the end than the padding takes away: the full result has to be longer.
      output_padding: !isSameAsKeras && extra.some((e, i) => e > padding[i]) ? extra.map((e, i) => Math.max(0, e - padding[i])) : null,
      dilation_rate: rank === 1 ? dilation[0] : dilation,
      groups: s.groups,
      ...initial(false),
    };
    let output = tracer.add(place, `Conv${rank}DTranspose`, settings, [tracer.channelsLast(x, place)]);
    if (!isSameAsKeras) {
      const full = (output.shape ?? []).slice(1, -1) as number[];
      const cuts = full.map((n, i): [number, number] => [padding[i], n - padding[i] - lengths[i]]);
      if (cuts.some(([, after]) => after < 0))
        throw new ShapeError('its output_padding is larger than its padding, which no layer here can do');
      output = crop(tracer, place, output, cuts);
    }
    return new TorchTensor(tracer, toChannelsFirst(output.shape ?? []), output, 'channels-last');
  };
}

const weightsOf =
  (rank: number, isTransposed: boolean): ModuleDefinition['weights'] =>
  (s) => {
    const inputs = inputChannels(s);
    if (inputs === null) return [];
    const groups = numberIn(s, 'groups');
    const filters = numberIn(s, 'out_channels');
    const outer = isTransposed ? [inputs, filters / groups] : [filters, inputs / groups];
    const weight: [string, number[]] = ['weight', [...outer, ...perAxis(s.kernel_size, rank, 'kernel_size')]];
    return s.bias === false ? [weight] : [weight, ['bias', [filters]]];
  };

const HEAD: TorchParameter[] = [
  ['in_channels', undefined],
  ['out_channels', undefined],
  ['kernel_size', undefined],
  ['stride', 1],
  ['padding', 0],
];

function conv(rank: number, isLazy = false): ModuleDefinition {
  return {
    className: `${isLazy ? 'Lazy' : ''}Conv${rank}d`,
    parameters: [...(isLazy ? HEAD.slice(1) : HEAD), ['dilation', 1], ['groups', 1], ['bias', true], ['padding_mode', 'zeros']],
    apply: applyConv(rank),
    weights: weightsOf(rank, false),
    need: (s) =>
      isLazy
        ? { kind: 'channels', size: rank === 2 ? 3 : 1, spatial: rank, isOpen: true }
        : { kind: 'channels', size: numberIn(s, 'in_channels'), spatial: rank },
  };
}

function transpose(rank: number): ModuleDefinition {
  return {
    className: `ConvTranspose${rank}d`,
    parameters: [...HEAD, ['output_padding', 0], ['groups', 1], ['bias', true], ['dilation', 1], ['padding_mode', 'zeros']],
    apply: applyTranspose(rank),
    weights: weightsOf(rank, true),
    need: (s) => ({ kind: 'channels', size: numberIn(s, 'in_channels'), spatial: rank, isGrowing: true }),
  };
}

export const convModules: ModuleDefinition[] = [
  conv(1),
  conv(2),
  conv(3),
  conv(1, true),
  conv(2, true),
  transpose(1),
  transpose(2),
  transpose(3),
];
