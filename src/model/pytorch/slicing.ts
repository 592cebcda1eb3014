import type { JsonValue } from '../../common/json';
import { NONE, host, numberOf, unknown, type Value } from '../python/value';
import { sliceBounds } from '../python/subscript';
import { onPlainAxes } from './computed';
import { opaque } from './opaque';
import { crop } from './padding';
import { batchFirst, timeFirst } from './sequences';
import { TorchTensor } from './torchTensor';

const NOWHERE = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

const isWholeItem = (item: JsonValue | undefined): boolean =>
  typeof item === 'object' && item !== null && !Array.isArray(item) && item.start === null && item.stop === null;

/** `x[:, :, 4:60, 4:60]`: cuts of the spatial axes are a cropping layer, others an operation; parts of a batch are shown only. */
export function sliceTensor(x: TorchTensor, index: Value): Value {
  const parts = index.kind === 'tuple' ? index.items : [index];
  if (x.layout === 'sequence-first') return sliceTimeFirst(x, parts);
  const missing = x.shape.length - parts.filter((p) => p.kind !== 'ellipsis' && p.kind !== 'none').length;
  const shape: (number | null)[] = [];
  const cuts: [number, number][] = [];
  const items: JsonValue[] = [];
  let isCropping = x.shape.length > 2;
  let axis = 0;
  const whole = () => {
    cuts.push([0, 0]);
    items.push({ start: null, stop: null, step: null });
    shape.push(x.shape[axis++] ?? null);
  };
  for (const part of parts) {
    if (part.kind === 'ellipsis') for (let i = 0; i < missing; i++) whole();
    else if (part.kind === 'slice') {
      const isWhole = part.lower.kind === 'none' && part.upper.kind === 'none' && part.step.kind === 'none';
      const length = x.shape[axis];
      const bounds = length === null ? null : sliceBounds(part, length ?? 0);
      if (isWhole) whole();
      else if (!bounds || length === null) return unknown('a part of a tensor whose bounds are not known');
      else {
        if (bounds.step !== 1 || axis < 2) isCropping = false;
        items.push({ start: bounds.start, stop: bounds.stop, step: bounds.step });
        cuts.push([bounds.start, (length ?? 0) - bounds.stop]);
        shape.push(Math.max(0, Math.ceil((bounds.stop - bounds.start) / bounds.step)));
        axis++;
      }
    } else if (part.kind === 'none') {
      isCropping = false;
      items.push('newaxis');
      shape.push(1);
    } else if (numberOf(part) !== null && axis > 0) {
      isCropping = false;
      items.push(numberOf(part));
      axis++;
    } else return unknown('a part of a tensor at a place that is not known');
  }
  while (axis < x.shape.length) whole();
  // A single value for every example keeps its axis: Keras has no tensors of rank one.
  const last = items.at(-1);
  if (shape.length === 1 && shape[0] === null && typeof last === 'number') {
    const length = x.shape.at(-1) ?? 1;
    const at = last < 0 ? last + length : last;
    items[items.length - 1] = { start: at, stop: at + 1, step: 1 };
    shape.push(1);
  }
  if (String(shape) === String(x.shape)) return host(x);
  const { tracer } = x;
  const place = tracer.placeOf('slice', x.keras.node.layer.source ?? NOWHERE);
  const keepsBatch =
    isWholeItem(items[0]) && items.every((i) => typeof i !== 'object' || i === null || Array.isArray(i) || Number(i.step ?? 1) > 0);
  if (!isCropping && keepsBatch) return host(onPlainAxes(tracer, 'getitem', { items }, [x], shape, place));
  if (!isCropping) return host(opaque(tracer, 'slice', shape, [x], place));
  const output = crop(tracer, place, tracer.channelsLast(x, place), cuts.slice(2));
  return host(new TorchTensor(tracer, shape, output, 'channels-last', x.isNonNegative));
}

/** `out[-1]` of [T, N, H]: the index of time comes first. */
function sliceTimeFirst(x: TorchTensor, parts: Value[]): Value {
  const whole: Value = { kind: 'slice', lower: NONE, upper: NONE, step: NONE };
  const [time = whole, batch = whole, ...rest] = parts;
  if (time.kind === 'ellipsis' || time.kind === 'none' || batch.kind === 'none')
    return unknown('a part of a tensor in which time comes first');
  const indices = batch.kind === 'ellipsis' ? [whole, time, batch, ...rest] : [whole, time, ...rest];
  if (batch.kind !== 'ellipsis' && batch.kind !== 'slice') return unknown('a part of a batch');
  const part = sliceTensor(batchFirst(x, x.tracer.placeOf('slice', x.keras.node.layer.source ?? NOWHERE)), {
    kind: 'tuple',
    items: indices,
  });
  const keepsTime = time.kind === 'slice' && part.kind === 'host' && part.object instanceof TorchTensor;
  return keepsTime ? host(timeFirst(part.object as TorchTensor)) : part;
}
