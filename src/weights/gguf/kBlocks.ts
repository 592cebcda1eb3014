import { float16Value } from '../smallFloats';
import type { BlockFormat } from './ggmlTypes';

/** Values in a super-block. */
const VALUES = 256;
const f = Math.fround;

/** Scale and minimum `j` of the eight that Q4_K and Q5_K pack into twelve bytes, six bits each. */
function scaleAndMinimum(view: DataView, at: number, j: number): [number, number] {
  const q = (i: number): number => view.getUint8(at + i);
  if (j < 4) return [q(j) & 63, q(j + 4) & 63];
  return [(q(j + 4) & 15) | ((q(j - 4) >> 6) << 4), (q(j + 4) >> 4) | ((q(j) >> 6) << 4)];
}

/** Four bits, and with `high` a fifth: eight groups of 32 with scale and minimum (dequantize_row_q4_K, q5_K). */
function fourOrFive(bytes: number, high: number | null, low: number): BlockFormat {
  return {
    values: VALUES,
    bytes,
    unpack(view, at, out, to) {
      const d = float16Value(view.getUint16(at, true));
      const minimum = float16Value(view.getUint16(at + 2, true));
      for (let group = 0; group < 8; group++) {
        const [scale, m] = scaleAndMinimum(view, at + 4, group);
        const [dl, ml] = [f(d * scale), f(minimum * m)];
        const from = at + low + (group >> 1) * 32;
        for (let l = 0; l < 32; l++) {
          let q = (view.getUint8(from + l) >> ((group & 1) * 4)) & 15;
          if (high !== null) q += ((view.getUint8(at + high + l) >> group) & 1) * 16;
          out[to + group * 32 + l] = f(dl * q) - ml;
        }
      }
    },
  };
}

const q2: BlockFormat = {
  values: VALUES,
  bytes: 84,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at + 80, true));
    const minimum = float16Value(view.getUint16(at + 82, true));
    for (let group = 0; group < 16; group++) {
      const scale = view.getUint8(at + group);
      const [dl, ml] = [f(d * (scale & 15)), f(minimum * (scale >> 4))];
      const shift = ((group >> 1) & 3) * 2;
      const from = at + 16 + (group >> 3) * 32 + (group & 1) * 16;
      for (let l = 0; l < 16; l++) out[to + group * 16 + l] = f(dl * ((view.getUint8(from + l) >> shift) & 3)) - ml;
    }
  },
};

const q3: BlockFormat = {
  values: VALUES,
  bytes: 110,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at + 108, true));
    for (let group = 0; group < 16; group++) {
      // Scales have six bits: four of them in the first eight bytes, the upper two in the last four.
      const lower = (view.getUint8(at + 96 + (group & 7)) >> (group < 8 ? 0 : 4)) & 15;
      const upper = (view.getUint8(at + 104 + (group & 3)) >> ((group >> 2) * 2)) & 3;
      const dl = f(d * ((lower | (upper << 4)) - 32));
      const shift = ((group >> 1) & 3) * 2;
      const from = at + 32 + (group >> 3) * 32 + (group & 1) * 16;
      for (let l = 0; l < 16; l++) {
        const isHigh = (view.getUint8(at + (group & 1) * 16 + l) >> (group >> 1)) & 1;
        out[to + group * 16 + l] = dl * (((view.getUint8(from + l) >> shift) & 3) - (isHigh ? 0 : 4));
      }
    }
  },
};

const q6: BlockFormat = {
  values: VALUES,
  bytes: 210,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at + 208, true));
    for (let half = 0; half < 2; half++)
      for (let part = 0; part < 4; part++)
        for (let l = 0; l < 32; l++) {
          const low = (view.getUint8(at + half * 64 + (part & 1) * 32 + l) >> ((part >> 1) * 4)) & 15;
          const high = (view.getUint8(at + 128 + half * 32 + l) >> (part * 2)) & 3;
          const scale = view.getInt8(at + 192 + half * 8 + part * 2 + (l >> 4));
          out[to + half * 128 + part * 32 + l] = f(d * scale) * ((low | (high << 4)) - 32);
        }
  },
};

const q8: BlockFormat = {
  values: VALUES,
  bytes: 292,
  unpack(view, at, out, to) {
    const d = view.getFloat32(at, true);
    for (let j = 0; j < VALUES; j++) out[to + j] = d * view.getInt8(at + 4 + j);
  },
};

/** The k-quants: super-blocks of 256 values with scales for groups in them (ggml-quants.c). */
export const kBlocks = { q2, q3, q4: fourOrFive(144, null, 16), q5: fourOrFive(176, 16, 48), q6, q8 };
