import { alongAxes } from '../computed';
import type { Window } from '../padding';
import { TorchTensor } from '../torchTensor';
import { toChannelsFirst, type Place, type Tracer } from '../tracer';

/** Per result of an axis, the places that its window covers. */
type Places = number[][];

/** The places of windows that step over an axis; those in the padding are left out, as for a maximum they never count. */
export const windowPlaces =
  (lengths: readonly number[]) =>
  (w: Window, axis: number): Places =>
    Array.from({ length: lengths[axis] }, (_, i) =>
      Array.from({ length: w.kernel }, (_unused, j) => i * w.stride - w.padding + j * w.dilation).filter((at) => at >= 0 && at < w.length),
    );

/** PyTorch's adaptive windows, which may overlap: from floor(i · from / to) to ceil((i + 1) · from / to). */
export const adaptivePlaces =
  (wanted: readonly number[]) =>
  (from: number, axis: number): Places =>
    Array.from({ length: wanted[axis] }, (_, i) => {
      const [start, end] = [Math.floor((i * from) / wanted[axis]), Math.ceil(((i + 1) * from) / wanted[axis])];
      return Array.from({ length: end - start }, (_unused, j) => start + j);
    });

/**
 * The maximum over windows that no pooling layer has: the windows are put side by side, each filled up by its last place, and then pooled
 * one by one. What stands in a window twice changes no maximum.
 */
export function maximaOver(tracer: Tracer, x: TorchTensor, axes: Places[], place: Place): TorchTensor {
  const sizes = axes.map((windows) => Math.max(1, ...windows.map((w) => w.length)));
  const indices = axes.map((windows, axis) =>
    windows.flatMap((w) => Array.from({ length: sizes[axis] }, (_, j) => w[Math.min(j, w.length - 1)] ?? 0)),
  );
  const lengths = indices.map((all) => all.length);
  const sideBySide = alongAxes(tracer, { kind: 'take', indices }, x, lengths, { ...place, name: `${place.name}.windows` });
  tracer.helpers.add(sideBySide.keras.node.layer);
  const settings = { pool_size: sizes, strides: sizes, padding: 'valid' };
  const output = tracer.add(place, `MaxPooling${axes.length}D`, settings, [tracer.channelsLast(sideBySide, place)]);
  return new TorchTensor(tracer, toChannelsFirst(output.shape ?? []), output, 'channels-last', x.isNonNegative);
}
