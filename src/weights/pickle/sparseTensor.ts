import type { FoundTensor } from '../formatReader';
import { checkedLength, type TensorData } from '../tensorData';
import { damaged, WeightError } from '../weightError';
import { itemsOf, numbersOf, PickleObject, type PickleValue } from './pickleValue';

type Found = Omit<FoundTensor, 'name'>;

/** What is written out of a sparse tensor, zeros included, up to this many values. */
const MAX_DENSE = 1 << 28;
/** Values that are held to read any of them. */
const MAX_HELD = 1 << 26;
/** Indexes are read as float32. */
const MAX_INDEX = 1 << 24;

/** Where the values of a sparse tensor belong: sorted positions, and which value stands at each; equal positions add up. */
interface Places {
  positions: Float64Array;
  from: Uint32Array;
  values: Float32Array;
}

/**
 * A sparse tensor of PyTorch with its zeros written out: COO, with dense axes and repeated indexes too, CSR and CSC.
 * @param args of `torch._utils._rebuild_sparse_tensor`: the layout, and (indices, values, size, …) or (compressed, plain, values, size)
 * @param partOf makes the tensors that it consists of
 */
export function sparseTensor(args: readonly PickleValue[], name: string, partOf: (value: PickleObject) => Found | null): Found {
  const layout = layoutOf(args[0]);
  const items = itemsOf(args[1]);
  const isCoo = layout === 'sparse_coo';
  const parts = items.slice(0, isCoo ? 2 : 3).map((v) => (v instanceof PickleObject ? partOf(v) : null));
  const shape = numbersOf(items[isCoo ? 2 : 3]);
  const values = parts[isCoo ? 1 : 2];
  if (!shape || !values || parts.some((p) => !p)) return damaged(`the sparse tensor ${name} has no indices, values and size`);
  const [first, second] = parts as Found[];
  const bytes = (parts as Found[]).reduce((sum, p) => sum + p.bytes, 0);
  const length = checkedLength(name, shape);
  const found = (data: Found['data']): Found => ({ dtype: values.dtype, shape, bytes, data });
  if (length > MAX_DENSE || shape.some((n) => n > MAX_INDEX)) return found(`a sparse tensor of ${length} values is not written out`);
  if (isCoo) {
    const [axes, count] = first.shape;
    const dense = shape.slice(axes);
    const block = dense.reduce((a, b) => a * b, 1);
    if (first.shape.length !== 2 || axes > shape.length || values.shape.join() !== [count, ...dense].join())
      return damaged(`the sparse tensor ${name} has indices of [${first.shape.join(', ')}] for values of [${values.shape.join(', ')}]`);
    return found(
      writtenOut(block, () => {
        const [indices, held] = [all(first, name), all(values, name)];
        return sorted(name, shape.slice(0, axes), (k, i) => indices[k * count + i], count, held);
      }),
    );
  }
  const isColumns = layout === 'sparse_csc';
  if ((layout !== 'sparse_csr' && !isColumns) || shape.length !== 2) return found(`tensors of the layout ${layout} are not decoded`);
  const count = second.shape[0] ?? 0;
  if (first.shape.join() !== String(shape[isColumns ? 1 : 0] + 1) || values.shape.join() !== String(count))
    return damaged(`the sparse tensor ${name} has ${first.shape.join()} bounds and ${values.shape.join()} values for ${count} indices`);
  return found(
    writtenOut(1, () => {
      const [bounds, plain, held] = [all(first, name), all(second, name), all(values, name)];
      const compressed = new Uint32Array(count);
      for (let line = 0; line + 1 < bounds.length; line++) compressed.fill(line, bounds[line], bounds[line + 1]);
      return sorted(name, shape, (k, i) => ((k === 1) === isColumns ? compressed[i] : plain[i]), count, held);
    }),
  );
}

function layoutOf(value: PickleValue | undefined): string {
  const named = value instanceof PickleObject ? value.args[0] : null;
  return typeof named === 'string' ? named.replace(/^torch\./, '') : 'unknown';
}

function all({ shape, data }: Found, name: string): Float32Array {
  const length = shape.reduce((a, b) => a * b, 1);
  if (typeof data === 'string') throw new WeightError(`the sparse tensor ${name} cannot be read: ${data}`, 'save it as a dense one');
  if (length > MAX_HELD) throw new WeightError(`the sparse tensor ${name} holds ${length} values`, 'save it as a dense one');
  return data.read(0, length);
}

function sorted(
  name: string,
  shape: readonly number[],
  indexOf: (axis: number, i: number) => number,
  count: number,
  values: Float32Array,
): Places {
  const unsorted = new Float64Array(count);
  for (let i = 0; i < count; i++)
    for (let k = 0; k < shape.length; k++) {
      const index = indexOf(k, i);
      if (!(index >= 0 && index < shape[k])) damaged(`the sparse tensor ${name} has the index ${index} on an axis of length ${shape[k]}`);
      unsorted[i] = unsorted[i] * shape[k] + index;
    }
  const from = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => unsorted[a] - unsorted[b] || a - b);
  return { positions: Float64Array.from(from, (i) => unsorted[i]), from, values };
}

function writtenOut(block: number, find: () => Places): TensorData {
  let places: Places | null = null;
  return {
    read(start, end) {
      const { positions, from, values } = (places ??= find());
      const out = new Float32Array(end - start);
      for (let i = firstFrom(positions, Math.floor(start / block)); i < positions.length && positions[i] * block < end; i++) {
        const at = positions[i] * block;
        for (let k = Math.max(0, start - at); k < Math.min(block, end - at); k++) out[at + k - start] += values[from[i] * block + k];
      }
      return out;
    },
  };
}

/** The first of the sorted positions that is not below `position`. */
function firstFrom(positions: Float64Array, position: number): number {
  let [low, high] = [0, positions.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (positions[middle] < position) low = middle + 1;
    else high = middle;
  }
  return low;
}
