import type { Shape } from '../../common/modelSpec';
import { ShapeError } from '../keras/shapes';
import { batchFirst, swapped, timeFirst } from './sequences';
import { TorchTensor } from './torchTensor';
import { SizeMismatch, toChannelsLast, type Place, type Tracer } from './tracer';

const product = (sizes: number[]): number => sizes.reduce((p, n) => p * n, 1);

/** Whether channels_last order and PyTorch's order of the values are the same: one channel, or one pixel. */
function isOrderFree(x: TorchTensor): boolean {
  return x.layout !== 'channels-last' || x.sizes[0] === 1 || product(x.sizes.slice(1)) === 1;
}

/**
 * The values of every example in another shape, in PyTorch's order: channels_last maps are brought into channels-first order before, so
 * that a linear layer behind it means the same.
 * @param sizes behind the batch axis
 */
export function reshapeTo(tracer: Tracer, x: TorchTensor, sizes: number[], place: Place): TorchTensor {
  if (x.layout === 'sequence-first') throw new ShapeError('it takes apart a tensor in which time comes before the batch');
  const actual = product(x.sizes);
  const wanted = product(sizes);
  if (wanted !== actual) {
    const what = sizes.length === 1 ? `${wanted} values` : `${sizes.join('×')} = ${wanted} values`;
    throw new SizeMismatch(
      wanted,
      actual,
      `This takes ${what} for one example, but there are ${actual} (${x.sizes.join('×')}).`,
      place.source,
    );
  }
  const shape: Shape = [null, ...sizes];
  if (String(sizes) === String(x.sizes)) return x;
  if (x.layout === 'pooled' && sizes.length === 1) return new TorchTensor(tracer, shape, x.keras, 'plain', x.isNonNegative);
  // Maps of one pixel that later layers take as such.
  const isMap = sizes.length === 3 && sizes[1] === 1 && sizes[2] === 1;
  if (isMap && x.shape.length === 2) return new TorchTensor(tracer, shape, x.keras, 'pooled', x.isNonNegative);
  const input = isOrderFree(x) ? x.keras : tracer.plain(x, place);
  if (String(input.shape?.slice(1)) === String(sizes)) return new TorchTensor(tracer, shape, input, 'plain', x.isNonNegative);
  const output =
    sizes.length === 1 ? tracer.add(place, 'Flatten', {}, [input]) : tracer.add(place, 'Reshape', { target_shape: sizes }, [input]);
  return new TorchTensor(tracer, shape, output, 'plain', x.isNonNegative);
}

/** `torch.flatten(x, start, end)`. */
export function flatten(tracer: Tracer, x: TorchTensor, start: number, end: number, place: Place): TorchTensor {
  const rank = x.shape.length;
  const from = start < 0 ? start + rank : start;
  const to = end < 0 ? end + rank : end;
  if (from === 0) throw new ShapeError('it flattens the batch axis away, which no layer here can do');
  const sizes = x.sizes;
  return reshapeTo(tracer, x, [...sizes.slice(0, from - 1), product(sizes.slice(from - 1, to)), ...sizes.slice(to)], place);
}

/** `x.permute(order)`: `order` holds the old axis of every new one. */
export function permute(tracer: Tracer, x: TorchTensor, order: number[], place: Place): TorchTensor {
  const rank = x.shape.length;
  const axes = order.map((a) => (a < 0 ? a + rank : a));
  if (new Set(axes).size !== rank || axes.some((a) => !(a >= 0 && a < rank))) throw new ShapeError('it does not name every axis once');
  if (x.layout === 'sequence-first')
    return permute(
      tracer,
      batchFirst(x, place),
      axes.map((a) => (a < 2 ? 1 - a : a)),
      place,
    );
  // Time before the batch: what recurrent modules of PyTorch take.
  if (axes[1] === 0 && axes.length === rank) return timeFirst(batchFirst(permute(tracer, x, swapped(axes), place), place));
  if (axes.length !== rank || axes[0] !== 0) throw new ShapeError('it moves the batch axis, which no layer here can do');
  const shape = axes.map((a) => x.shape[a]);
  if (axes.every((a, i) => a === i)) return x;
  const isMap = x.layout === 'channels-last';
  const input = isMap ? x.keras : tracer.plain(x, place);
  // Where each of PyTorch's axes lies in the Keras tensor.
  const lies = isMap ? [0, rank - 1, ...Array.from({ length: rank - 2 }, (_, i) => i + 1)] : axes.map((_, i) => i);
  const wanted = axes.map((a) => lies[a]);
  if (wanted.every((a, i) => a === i)) return new TorchTensor(tracer, shape, input, 'plain', x.isNonNegative);
  const channelsLast = toChannelsLast(wanted);
  if (rank >= 4 && channelsLast.every((a, i) => a === i)) return new TorchTensor(tracer, shape, input, 'channels-last', x.isNonNegative);
  const output = tracer.add(place, 'Permute', { dims: wanted.slice(1) }, [input]);
  return new TorchTensor(tracer, shape, output, 'plain', x.isNonNegative);
}

/** `x.squeeze()` or `x.squeeze(dim)`; the batch axis stays. */
export function squeeze(tracer: Tracer, x: TorchTensor, dim: number | null, place: Place): TorchTensor {
  const rank = x.shape.length;
  const axis = dim === null ? null : dim < 0 ? dim + rank : dim;
  if (axis === 0) return x;
  const sizes = x.sizes.filter((n, i) => n !== 1 || (axis !== null && i !== axis - 1));
  // A single value for every example keeps its axis: Keras has no tensors of rank one.
  return sizes.length === x.sizes.length || sizes.length === 0 ? x : reshapeTo(tracer, x, sizes, place);
}

/** `x.unsqueeze(dim)`. */
export function unsqueeze(tracer: Tracer, x: TorchTensor, dim: number, place: Place): TorchTensor {
  const axis = dim < 0 ? dim + x.shape.length + 1 : dim;
  if (axis === 0) throw new ShapeError('it puts an axis before the batch, which no layer here can do');
  return reshapeTo(tracer, x, x.sizes.toSpliced(axis - 1, 0, 1), place);
}
