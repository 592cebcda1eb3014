import { DataError } from './dataError';

/** An array of unsigned bytes as an IDX file stores it. */
export interface IdxArray {
  shape: number[];
  values: Uint8Array;
}

const typeNames: Record<number, string> = { 0x08: 'uint8', 0x09: 'int8', 0x0b: 'int16', 0x0c: 'int32', 0x0d: 'float32', 0x0e: 'float64' };

/** Whether bytes begin like an IDX file: two zeros, a known type, one to four dimensions. */
export function looksLikeIdx(head: Uint8Array): boolean {
  return head.length >= 4 && head[0] === 0 && head[1] === 0 && head[2] in typeNames && head[3] >= 1 && head[3] <= 4;
}

/**
 * Reads an uncompressed IDX file (http://yann.lecun.com/exdb/mnist/): two zero bytes, element type, number of dimensions, the
 * sizes as big-endian 32-bit numbers, then the elements. Only unsigned bytes, the type of every MNIST-like set, are taken.
 * @throws DataError when it is no such file, is cut off or too long.
 */
export function parseIdx(bytes: Uint8Array, file: string): IdxArray {
  const again = 'download or copy the file again';
  if (!looksLikeIdx(bytes))
    throw new DataError(file, 'is not an IDX file (its first bytes are not 00 00 08 nn)', 'choose the MNIST files or their folder');
  if (bytes[2] !== 0x08)
    throw new DataError(
      file,
      `holds ${typeNames[bytes[2]]} values, not the unsigned bytes of MNIST`,
      'convert it to uint8, or save it as .npy',
    );
  const rank = bytes[3];
  const start = 4 + 4 * rank;
  if (bytes.length < start) throw new DataError(file, `is cut off in its header after ${bytes.length} bytes`, again);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const shape = Array.from({ length: rank }, (_, i) => view.getUint32(4 + 4 * i));
  const length = shape.reduce((a, b) => a * b, 1);
  const there = bytes.length - start;
  if (there < length)
    throw new DataError(file, `is cut off: its header announces ${shape.join(' × ')} = ${length} bytes, ${there} are there`, again);
  if (there > length)
    throw new DataError(file, `is too long: its header announces ${shape.join(' × ')} = ${length} bytes, ${there} are there`, again);
  return { shape, values: bytes.subarray(start) };
}
