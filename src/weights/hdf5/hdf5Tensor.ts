import { decodeElements, knownElementType } from '../elementType';
import type { FoundTensor } from '../formatReader';
import { checkedLength } from '../tensorData';
import { isReadable, type Hdf5Dataset, type Hdf5File } from './hdf5File';

/** A data set as a tensor. */
export function hdf5Tensor(file: Hdf5File, path: string, name: string): FoundTensor {
  const dataset: Hdf5Dataset = file.dataset(path);
  const { dtype, shape, size } = dataset;
  const length = checkedLength(name, shape);
  const base = { name, dtype, shape, bytes: length * size };
  if (!isReadable(dataset)) return { ...base, data: `${dtype} values are not decoded` };
  const type = knownElementType(dtype);
  return { ...base, data: { read: (start, end) => decodeElements(type, file.readBytes(dataset, start, end)) } };
}
