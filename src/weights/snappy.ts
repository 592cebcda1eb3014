import { damaged } from './weightError';

/** Blocks of an index are small; this is far above what TensorFlow writes. */
const MAX_SIZE = 64 * 1024 * 1024;

/**
 * Unpacks a raw Snappy block (github.com/google/snappy, format_description.txt).
 * @throws WeightError when it is damaged.
 */
export function unpackSnappy(packed: Uint8Array, label: string): Uint8Array {
  const fail = (): never => damaged(`${label} holds a Snappy block that cannot be unpacked`);
  let at = 0;
  let size = 0;
  for (let shift = 0; ; shift += 7) {
    if (at >= packed.length || shift > 28) fail();
    const byte = packed[at++];
    size += (byte & 127) * 2 ** shift;
    if (byte < 128) break;
  }
  if (size > MAX_SIZE || size > packed.length * 64) fail();
  const out = new Uint8Array(size);
  let to = 0;
  const number = (bytes: number): number => {
    if (at + bytes > packed.length) fail();
    let value = 0;
    for (let i = 0; i < bytes; i++) value += packed[at++] * 2 ** (8 * i);
    return value;
  };
  while (at < packed.length) {
    const tag = packed[at++];
    if ((tag & 3) === 0) {
      const length = (tag >> 2 < 60 ? tag >> 2 : number((tag >> 2) - 59)) + 1;
      if (at + length > packed.length || to + length > size) fail();
      out.set(packed.subarray(at, at + length), to);
      at += length;
      to += length;
      continue;
    }
    const length = (tag & 3) === 1 ? ((tag >> 2) & 7) + 4 : (tag >> 2) + 1;
    const back = (tag & 3) === 1 ? ((tag >> 5) << 8) | number(1) : number((tag & 3) === 2 ? 2 : 4);
    if (back === 0 || back > to || to + length > size) fail();
    for (let i = 0; i < length; i++, to++) out[to] = out[to - back];
  }
  if (to !== size) fail();
  return out;
}
