import { decodeElements, elementType } from '../elementType';
import type { FoundTensor } from '../formatReader';
import { checkedLength } from '../tensorData';
import type { Hdf5Reader } from './hdf5Reader';

/** What gzip can pack, and a size at which a claim is looked at. */
const GROWTH = 1032;
const MOST_EMPTY = 64 * 1024 * 1024;

/** A data set as a tensor. */
export function hdf5Tensor(file: Hdf5Reader, path: string, name: string): FoundTensor {
  const dataset = file.dataset(path);
  const { dtype, shape, size } = dataset;
  const length = checkedLength(name, shape);
  const base = { name, dtype, shape, bytes: length * size };
  const type = elementType(dtype);
  if (dataset.elsewhere) return { ...base, data: dataset.elsewhere };
  if (type?.size !== size) return { ...base, data: `${dtype} values are not decoded` };
  // A data set that was never written, or whose chunks are all alike, takes next to nothing.
  if (base.bytes > MOST_EMPTY && base.bytes > file.bytes * GROWTH)
    return { ...base, data: `it claims ${base.bytes} bytes, but the file has ${file.bytes}` };
  return { ...base, data: { read: (start, end) => decodeElements(type, file.readBytes(dataset, start, end)) } };
}
