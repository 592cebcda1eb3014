import { openWeights } from '../../weights/openWeights';
import { DataError } from '../dataError';
import type { NamedArray } from './namedArray';

/** Values of one array that are kept in memory. */
const MAX_VALUES = 2 ** 30;

/**
 * All arrays of numbers in a .npy, .npz, pickle or HDF5 file; nothing in it is executed.
 * @throws DataError when it cannot be read.
 */
export async function readArrays(file: string, signal?: AbortSignal): Promise<NamedArray[]> {
  const reader = await openWeights(file, signal).catch((error: unknown) => {
    if (!(error instanceof Error) || error.name !== 'WeightError') throw error;
    const { problem, remedy } = error as Error & { problem: string; remedy: string };
    throw new DataError(file, problem, remedy);
  });
  try {
    const arrays: NamedArray[] = [];
    for (const { name, dtype, shape, unreadable } of reader.info.tensors) {
      const length = shape.reduce((a, b) => a * b, 1);
      if (unreadable !== null || shape.length === 0 || length === 0) continue;
      if (length > MAX_VALUES)
        throw new DataError(file, `its array ${name} has ${length} values, more than fit into memory`, 'use a smaller file');
      const values = /^(uint8|bool)$/.test(dtype) ? new Uint8Array(length) : new Float32Array(length);
      let at = 0;
      for await (const chunk of reader.chunks(name, signal)) {
        values.set(chunk, at);
        at += chunk.length;
      }
      arrays.push({ name, shape, values });
    }
    return arrays;
  } finally {
    reader.close();
  }
}
