import type { JsonObject, JsonValue } from '../../../common/json';
import { ShapeError, perAxis } from '../../keras/shapes';
import type { ModuleDefinition } from '../moduleDefinition';
import { isSame, lengthAfter, reachOf, zeroPad, type Window } from '../padding';
import { alongAxes } from '../computed';
import { adaptivePlaces, maximaOver, windowPlaces } from './maxWindows';
import { TorchTensor } from '../torchTensor';
import { toChannelsFirst, type Place, type Tracer } from '../tracer';

type Kind = 'Max' | 'Average';

function requireRank(x: TorchTensor, rank: number): void {
  if (x.shape.length !== rank + 2)
    throw new ShapeError(`it expects ${rank + 2} axes but gets [${x.shape.map((n) => n ?? 'batch').join(', ')}]`);
}

function result(tracer: Tracer, output: TorchTensor['keras'], isNonNegative: boolean): TorchTensor {
  return new TorchTensor(tracer, toChannelsFirst(output.shape ?? []), output, 'channels-last', isNonNegative);
}

function applyPool(kind: Kind, rank: number) {
  return (tracer: Tracer, s: JsonObject, [x]: TorchTensor[], place: Place): TorchTensor => {
    requireRank(x, rank);
    const kernel = perAxis(s.kernel_size, rank, 'kernel_size');
    const stride = s.stride === null || (Array.isArray(s.stride) && s.stride.length === 0) ? kernel : perAxis(s.stride, rank, 'stride');
    const padding = perAxis(s.padding, rank, 'padding');
    const dilation = perAxis(s.dilation ?? 1, rank, 'dilation');
    const windows = kernel.map((k, i): Window => {
      return { length: x.sizes[i + 1], kernel: k, stride: stride[i], padding: padding[i], dilation: dilation[i] };
    });
    const lengths = windows.map((w) => lengthAfter(w, s.ceil_mode === true));
    if (dilation.some((d) => d !== 1)) return maximaOver(tracer, x, windows.map(windowPlaces(lengths)), place);
    const size = { pool_size: kernel, strides: stride };
    const className = `${kind}Pooling${rank}D`;
    const input = tracer.channelsLast(x, place);
    const pool = (settings: JsonObject, on = input) => result(tracer, tracer.add(place, className, settings, [on]), x.isNonNegative);
    const isUnpadded = windows.every((w, i) => w.padding === 0 && lengthAfter(w) === lengths[i]);
    if (isUnpadded) return pool({ ...size, padding: 'valid' });
    // TensorFlow's padding never counts: as for a maximum, and for an average without count_include_pad.
    const doesNotCount = kind === 'Max' || s.count_include_pad === false || padding.every((p) => p === 0);
    if (doesNotCount && windows.every((w, i) => isSame(w, lengths[i]))) return pool({ ...size, padding: 'same' });
    const pads = windows.map((w, i): [number, number] => [
      w.padding,
      Math.max(0, (lengths[i] - 1) * w.stride + reachOf(w) - w.length - w.padding),
    ]);
    const isCentred = windows.every(
      (w, i) => w.kernel % 2 === 1 && w.padding === (w.kernel - 1) / 2 && lengths[i] === Math.ceil(w.length / w.stride),
    );
    if (kind === 'Max' && !x.isNonNegative && isCentred) {
      // Zeros could win against negative values: pool at every place, then take every stride-th.
      const everywhere = tracer.addHelper(
        place,
        'window',
        className,
        { pool_size: kernel, strides: kernel.map(() => 1), padding: 'same' },
        input,
      );
      return pool({ pool_size: kernel.map(() => 1), strides: stride, padding: 'valid' }, everywhere);
    }
    const isExact = kind === 'Max' ? x.isNonNegative : s.count_include_pad !== false && pads.every(([before, after]) => after <= before);
    if (!isExact) {
      tracer.session.warn(
        'pool-padding',
        `"${place.name}" is computed with zeros around its input, which PyTorch does otherwise.`,
        place.source,
      );
    }
    return pool({ ...size, padding: 'valid' }, zeroPad(tracer, place, input, pads));
  };
}

/** Adaptive pooling: by a layer where its windows are all alike. */
function applyAdaptive(kind: Kind, rank: number) {
  return (tracer: Tracer, s: JsonObject, [x]: TorchTensor[], place: Place): TorchTensor => {
    requireRank(x, rank);
    const wanted = targetSizes(s.output_size, rank, x);
    const lengths = x.sizes.slice(1);
    if (wanted.every((n) => n === 1)) return globalPool(kind, tracer, x, place);
    const isPooling = lengths.every((n, i) => n % wanted[i] === 0);
    const isRepeating = lengths.every((n, i) => wanted[i] % n === 0);
    const input = tracer.channelsLast(x, place);
    if (isPooling) {
      const size = lengths.map((n, i) => n / wanted[i]);
      if (size.every((n) => n === 1)) return x;
      return result(
        tracer,
        tracer.add(place, `${kind}Pooling${rank}D`, { pool_size: size, strides: size, padding: 'valid' }, [input]),
        x.isNonNegative,
      );
    }
    if (isRepeating && rank < 3) {
      const size = lengths.map((n, i) => wanted[i] / n);
      return result(tracer, tracer.add(place, `UpSampling${rank}D`, { size: rank === 1 ? size[0] : size }, [input]), x.isNonNegative);
    }
    if (kind === 'Average') return alongAxes(tracer, { kind: 'adaptiveAverage', sizes: wanted }, x, wanted, place);
    return maximaOver(tracer, x, lengths.map(adaptivePlaces(wanted)), place);
  };
}

function targetSizes(value: JsonValue | undefined, rank: number, x: TorchTensor): number[] {
  const list = Array.isArray(value) ? value : Array<JsonValue>(rank).fill(value ?? null);
  return list.map((n, i) => (typeof n === 'number' ? n : x.sizes[i + 1]));
}

/** One value per channel, [N, C, 1, 1] for PyTorch. */
export function globalPool(kind: Kind, tracer: Tracer, x: TorchTensor, place: Place): TorchTensor {
  const rank = x.shape.length - 2;
  const output = tracer.add(place, `Global${kind}Pooling${rank}D`, {}, [tracer.channelsLast(x, place)]);
  return new TorchTensor(tracer, [null, x.shape[1], ...Array<number>(rank).fill(1)], output, 'pooled', x.isNonNegative);
}

const max = (rank: number): ModuleDefinition => ({
  className: `MaxPool${rank}d`,
  parameters: [
    ['kernel_size', undefined],
    ['stride', null],
    ['padding', 0],
    ['dilation', 1],
    ['return_indices', false],
    ['ceil_mode', false],
  ],
  apply: applyPool('Max', rank),
});

const average = (rank: number): ModuleDefinition => ({
  className: `AvgPool${rank}d`,
  parameters: [
    ['kernel_size', undefined],
    ['stride', null],
    ['padding', 0],
    ['ceil_mode', false],
    ['count_include_pad', true],
    ['divisor_override', null],
  ],
  apply: applyPool('Average', rank),
});

const adaptive = (kind: Kind, rank: number): ModuleDefinition => ({
  className: `Adaptive${kind === 'Max' ? 'Max' : 'Avg'}Pool${rank}d`,
  parameters: [
    ['output_size', undefined],
    ['return_indices', false],
  ],
  apply: applyAdaptive(kind, rank),
});

export const poolModules: ModuleDefinition[] = [1, 2, 3].flatMap((rank) => [
  max(rank),
  average(rank),
  adaptive('Max', rank),
  adaptive('Average', rank),
]);
