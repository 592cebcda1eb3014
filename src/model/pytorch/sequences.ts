import { ShapeError } from '../keras/shapes';
import { TorchTensor } from './torchTensor';
import type { Place } from './tracer';

/** [T, N, …] as [N, T, …]: only the names of the axes change, the Keras tensor has the batch first anyway. */
export function batchFirst(x: TorchTensor, place: Place): TorchTensor {
  if (x.layout === 'sequence-first') return new TorchTensor(x.tracer, swapped(x.shape), x.keras, 'plain', x.isNonNegative);
  return x.layout === 'plain' ? x : new TorchTensor(x.tracer, x.shape, x.tracer.plain(x, place), 'plain', x.isNonNegative);
}

/** [N, T, …] in PyTorch's own order of axes as [T, N, …]. */
export function timeFirst(x: TorchTensor): TorchTensor {
  if (x.layout !== 'plain' || x.shape.length < 2) throw new ShapeError('its axes do not lie so that time could come first');
  return new TorchTensor(x.tracer, swapped(x.shape), x.keras, 'sequence-first', x.isNonNegative);
}

/** The first two exchanged. */
export function swapped<T>([first, second, ...rest]: readonly T[]): T[] {
  return [second, first, ...rest];
}
