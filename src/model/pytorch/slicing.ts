import { host, numberOf, unknown, type Value } from '../python/value';
import { sliceBounds } from '../python/subscript';
import { opaque } from './opaque';
import { crop } from './padding';
import { TorchTensor } from './torchTensor';

const NOWHERE = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/** `x[:, :, 4:60, 4:60]`: cuts of the spatial axes are a cropping layer, others are shown only. */
export function sliceTensor(x: TorchTensor, index: Value): Value {
  const parts = index.kind === 'tuple' ? index.items : [index];
  const missing = x.shape.length - parts.filter((p) => p.kind !== 'ellipsis' && p.kind !== 'none').length;
  const shape: (number | null)[] = [];
  const cuts: [number, number][] = [];
  let isCropping = x.shape.length > 2;
  let axis = 0;
  const whole = () => {
    cuts.push([0, 0]);
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
        cuts.push([bounds.start, (length ?? 0) - bounds.stop]);
        shape.push(Math.max(0, Math.ceil((bounds.stop - bounds.start) / bounds.step)));
        axis++;
      }
    } else if (part.kind === 'none') {
      isCropping = false;
      shape.push(1);
    } else if (numberOf(part) !== null && axis > 0) {
      isCropping = false;
      axis++;
    } else return unknown('a part of a tensor at a place that is not known');
  }
  while (axis < x.shape.length) whole();
  if (String(shape) === String(x.shape)) return host(x);
  const { tracer } = x;
  const place = tracer.placeOf('slice', x.keras.node.layer.source ?? NOWHERE);
  if (!isCropping) return host(opaque(tracer, 'slice', shape, [x], place));
  const output = crop(tracer, place, tracer.channelsLast(x, place), cuts.slice(2));
  return host(new TorchTensor(tracer, shape, output, 'channels-last', x.isNonNegative));
}
