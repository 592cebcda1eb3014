import { ByteReader } from '../byteReader';
import type { FoundFile, FoundTensor, OpenContext } from '../formatReader';
import { warnOfGlobals } from '../pickle/namedGlobals';
import { numpyTensor, objectsOf } from '../pickle/numpyPickle';
import { readPickle, type Pickle } from '../pickle/readPickle';
import { walkPickle } from '../pickle/walkPickle';

/** All NumPy arrays in the pickle at the reader's place, named by their path. */
export function pickledArrays(reader: ByteReader, prefix = ''): { tensors: FoundTensor[]; pickle: Pickle } {
  const pickle = readPickle(reader);
  const found = walkPickle(pickle.value, { joiner: '/', rootName: 'array', toTensor: numpyTensor, inside: objectsOf });
  return { tensors: prefix ? found.map((t) => ({ ...t, name: `${prefix}/${t.name}` })) : found, pickle };
}

export function namedGlobalsOf(pickle: Pickle): string[] {
  return warnOfGlobals(pickle.globals);
}

/** A pickle of NumPy arrays, in dictionaries, lists or objects. */
export function readNumpyPickle({ source }: OpenContext): FoundFile {
  const { tensors, pickle } = pickledArrays(new ByteReader(source));
  const warnings = warnOfGlobals(pickle.globals);
  if (tensors.length === 0) warnings.push('the pickle holds no NumPy array');
  return { format: 'pickle_numpy', producer: {}, convention: 'unknown', tensors, warnings };
}
