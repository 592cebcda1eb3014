import type { ByteSource } from './byteSource';
import { checkRange } from './byteSource';
import type { TensorData } from './tensorData';

/** A type whose values share bytes. */
interface PackedType {
  bits: 2 | 4;
  /** The value of each pattern of bits. */
  values: Float32Array;
}

const unsigned = (bits: 2 | 4): PackedType => ({ bits, values: Float32Array.from({ length: 1 << bits }, (_, i) => i) });
const signed = (bits: 2 | 4): PackedType => ({
  bits,
  values: Float32Array.from({ length: 1 << bits }, (_, i) => (i < 1 << (bits - 1) ? i : i - (1 << bits))),
});

const TYPES: Record<string, PackedType> = {
  int4: signed(4),
  uint4: unsigned(4),
  int2: signed(2),
  uint2: unsigned(2),
  /** One sign, two exponent bits, one mantissa bit (OCP Microscaling Formats 1.0). */
  float4_e2m1fn: { bits: 4, values: Float32Array.of(0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6) },
};

/** Bytes that a value takes, a part of one; null when values of the type do not share bytes. */
export function packedSize(dtype: string): number | null {
  return Object.hasOwn(TYPES, dtype) ? TYPES[dtype].bits / 8 : null;
}

/** Two or four values in a byte, the first in its lowest bits, as ONNX and TFLite pack them. */
export function packedData(source: ByteSource, length: number, dtype: string, offset = 0): TensorData {
  const { bits, values } = TYPES[dtype];
  const perByte = 8 / bits;
  const mask = (1 << bits) - 1;
  checkRange(source.label, source.size, offset, Math.ceil(length / perByte));
  return {
    read(start, end) {
      const first = Math.floor(start / perByte);
      const bytes = source.read(offset + first, Math.ceil(end / perByte) - first);
      const out = new Float32Array(end - start);
      for (let i = 0, at = start - first * perByte; i < out.length; i++, at++)
        out[i] = values[(bytes[Math.floor(at / perByte)] >> ((at % perByte) * bits)) & mask];
      return out;
    },
  };
}
