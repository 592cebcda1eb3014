import { zipSync } from 'fflate';
import { bytesOf, tensorName, type SavedModel } from './savedModel';

/** A .npy file, version 1.0, of float32 in row-major order: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html */
export function encodeNpy(values: Float32Array, shape: readonly number[]): Uint8Array {
  const axes = `(${shape.join(', ')}${shape.length === 1 ? ',' : ''})`;
  const dictionary = `{'descr': '<f4', 'fortran_order': False, 'shape': ${axes}, }`;
  // Magic, version, length and header together fill a multiple of 64 bytes.
  const length = Math.ceil((10 + dictionary.length + 1) / 64) * 64 - 10;
  const head = new Uint8Array(10 + length).fill(0x20);
  head.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, length & 255, length >> 8]);
  head.set(new TextEncoder().encode(dictionary), 10);
  head[head.length - 1] = 0x0a;
  const bytes = new Uint8Array(head.length + values.byteLength);
  bytes.set(head);
  bytes.set(bytesOf(values), head.length);
  return bytes;
}

/** All weights as a .npz, stored without compression: `numpy.load('model.npz')['conv2d/kernel']`. */
export function npzFile(model: SavedModel): Uint8Array {
  const entries = model.tensors.map((t) => [`${tensorName(t)}.npy`, encodeNpy(t.values, t.shape)] as const);
  return zipSync(Object.fromEntries(entries), { level: 0, mtime: new Date(1980, 0, 1) });
}
