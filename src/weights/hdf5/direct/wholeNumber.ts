import type { ByteReader } from '../../byteReader';

/** A whole number of any width in bytes, little-endian. */
export function number(r: ByteReader, width: number): number {
  return r.bytes(width).reduceRight((value, byte) => value * 256 + byte, 0);
}
