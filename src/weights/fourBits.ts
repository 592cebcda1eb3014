import type { ByteSource } from './byteSource';
import { checkRange } from './byteSource';
import type { TensorData } from './tensorData';

const signed = Float32Array.from({ length: 16 }, (_, i) => (i < 8 ? i : i - 16));
const unsigned = Float32Array.from({ length: 16 }, (_, i) => i);
/** One sign, two exponent bits, one mantissa bit (OCP Microscaling Formats 1.0). */
const e2m1 = Float32Array.of(0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6);

const TABLES: Record<string, Float32Array> = { int4: signed, uint4: unsigned, float4_e2m1fn: e2m1 };

export function isFourBit(dtype: string): boolean {
  return Object.hasOwn(TABLES, dtype);
}

/** Two values in a byte, the first in its lower half, as ONNX and TFLite pack them. */
export function fourBitData(source: ByteSource, length: number, dtype: string, offset = 0): TensorData {
  const table = TABLES[dtype];
  checkRange(source.label, source.size, offset, Math.ceil(length / 2));
  return {
    read(start, end) {
      const first = start >> 1;
      const bytes = source.read(offset + first, Math.ceil(end / 2) - first);
      const out = new Float32Array(end - start);
      for (let i = 0; i < out.length; i++) {
        const at = start + i;
        out[i] = table[(bytes[Math.floor(at / 2) - first] >> ((at & 1) * 4)) & 15];
      }
      return out;
    },
  };
}
