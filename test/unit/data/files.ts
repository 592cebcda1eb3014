import * as fs from 'node:fs';
import * as path from 'node:path';
import type { DataSpec } from '../../../src/common/dataSpec';
import type { DatasetWishes } from '../../../src/data/datasetWishes';

export function write(folder: string, name: string, bytes: Uint8Array | string): string {
  const file = path.join(folder, name);
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(file, bytes);
  return file;
}

/** An IDX file of bytes: http://yann.lecun.com/exdb/mnist/ */
export function idx(shape: number[], values: ArrayLike<number>): Uint8Array {
  const head = [0, 0, 8, shape.length, ...shape.flatMap((n) => [n >>> 24, (n >>> 16) & 255, (n >>> 8) & 255, n & 255])];
  return Uint8Array.from([...head, ...Array.from(values)]);
}

/** A .npy file, version 1.0: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
export function npy(dtype: '|u1' | '<f4' | '<i8', shape: number[], values: number[]): Uint8Array {
  const dictionary = `{'descr': '${dtype}', 'fortran_order': False, 'shape': (${shape.join(', ')}${shape.length === 1 ? ',' : ''}), }`;
  const header = dictionary.padEnd(Math.ceil((dictionary.length + 11) / 64) * 64 - 11) + '\n';
  const data =
    dtype === '|u1'
      ? Uint8Array.from(values)
      : new Uint8Array(dtype === '<f4' ? Float32Array.from(values).buffer : BigInt64Array.from(values.map(BigInt)).buffer);
  return Buffer.concat([
    Buffer.from([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 255, header.length >> 8]),
    Buffer.from(header, 'latin1'),
    data,
  ]);
}

export const wishes = (inputShape: [number, number, number], spec: Partial<DataSpec> = {}): DatasetWishes => ({
  inputShape,
  spec: { kind: 'file', preprocessing: { rescale: 1 / 255 }, range: null, ...spec },
  limit: null,
  seed: 1,
  validationSplit: null,
});
