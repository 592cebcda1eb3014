import { float16Value } from '../smallFloats';
import type { BlockFormat } from './ggmlTypes';

const VALUES = 32;
const f = Math.fround;

interface Layout {
  bytes: number;
  /** Where the minimum is stored, in half precision; without one, values are centred by `bias`. */
  minimum: number | null;
  bias: number;
  /** Where each value's fifth bit is stored. */
  high: number | null;
  /** Where the lower four bits are stored. */
  low: number;
}

/** x = d × (q - bias), or d × q + m. Values j and j + 16 share a byte (dequantize_row_q4_0 … q5_1 of ggml-quants.c). */
function nibbles({ bytes, minimum, bias, high, low }: Layout): BlockFormat {
  return {
    values: VALUES,
    bytes,
    unpack(view, at, out, to) {
      const d = float16Value(view.getUint16(at, true));
      const m = minimum === null ? 0 : float16Value(view.getUint16(at + minimum, true));
      const fifth = high === null ? 0 : view.getUint32(at + high, true);
      for (let j = 0; j < 16; j++) {
        const byte = view.getUint8(at + low + j);
        const q0 = (byte & 15) | (((fifth >>> j) & 1) << 4);
        const q1 = (byte >> 4) | (((fifth >>> (j + 16)) & 1) << 4);
        // Adding a minimum of zero would turn -0 into 0.
        out[to + j] = minimum === null ? (q0 - bias) * d : f(q0 * d) + m;
        out[to + j + 16] = minimum === null ? (q1 - bias) * d : f(q1 * d) + m;
      }
    },
  };
}

function bytesTimesScale(bytes: number, first: number): BlockFormat {
  return {
    values: VALUES,
    bytes,
    unpack(view, at, out, to) {
      const d = float16Value(view.getUint16(at, true));
      for (let j = 0; j < VALUES; j++) out[to + j] = view.getInt8(at + first + j) * d;
    },
  };
}

/** ggml's first packings: 32 values with one scale. */
export const legacyBlocks = {
  q4_0: nibbles({ bytes: 18, minimum: null, bias: 8, high: null, low: 2 }),
  q4_1: nibbles({ bytes: 20, minimum: 2, bias: 0, high: null, low: 4 }),
  q5_0: nibbles({ bytes: 22, minimum: null, bias: 16, high: 2, low: 6 }),
  q5_1: nibbles({ bytes: 24, minimum: 2, bias: 0, high: 4, low: 8 }),
  q8_0: bytesTimesScale(34, 2),
  q8_1: bytesTimesScale(36, 4),
};
