import { float16Value } from '../smallFloats';
import type { BlockFormat } from './ggmlTypes';

const f = Math.fround;
/** kvalues_iq4nl of ggml: sixteen unevenly spaced steps. */
const STEPS = [-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113];
/** Twice the values of a 4-bit float (e2m1). */
const E2M1 = [0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12];

const iq4Nl: BlockFormat = {
  values: 32,
  bytes: 18,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at, true));
    for (let j = 0; j < 16; j++) {
      const byte = view.getUint8(at + 2 + j);
      out[to + j] = d * STEPS[byte & 15];
      out[to + j + 16] = d * STEPS[byte >> 4];
    }
  },
};

const iq4Xs: BlockFormat = {
  values: 256,
  bytes: 136,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at, true));
    const upper = view.getUint16(at + 2, true);
    for (let group = 0; group < 8; group++) {
      const lower = (view.getUint8(at + 4 + (group >> 1)) >> ((group & 1) * 4)) & 15;
      const dl = f(d * ((lower | (((upper >> (2 * group)) & 3) << 4)) - 32));
      for (let j = 0; j < 16; j++) {
        const byte = view.getUint8(at + 8 + group * 16 + j);
        out[to + group * 32 + j] = dl * STEPS[byte & 15];
        out[to + group * 32 + j + 16] = dl * STEPS[byte >> 4];
      }
    }
  },
};

const mxfp4: BlockFormat = {
  values: 32,
  bytes: 17,
  unpack(view, at, out, to) {
    // Half of 2^(e - 127), because the table holds twice the values.
    const d = f(2 ** (view.getUint8(at) - 128));
    for (let j = 0; j < 16; j++) {
      const byte = view.getUint8(at + 1 + j);
      out[to + j] = d * E2M1[byte & 15];
      out[to + j + 16] = d * E2M1[byte >> 4];
    }
  },
};

/** A scale without a sign, four bits of exponent and three of mantissa, halved because the table holds twice the values. */
function unsignedE4m3(byte: number): number {
  if (byte === 0 || byte === 0x7f) return 0;
  const [exponent, mantissa] = [(byte >> 3) & 15, byte & 7];
  return (exponent === 0 ? mantissa * 2 ** -9 : (1 + mantissa / 8) * 2 ** (exponent - 7)) / 2;
}

const nvfp4: BlockFormat = {
  values: 64,
  bytes: 36,
  unpack(view, at, out, to) {
    for (let group = 0; group < 4; group++) {
      const d = unsignedE4m3(view.getUint8(at + group));
      for (let j = 0; j < 8; j++) {
        const byte = view.getUint8(at + 4 + group * 8 + j);
        out[to + group * 16 + j] = d * E2M1[byte & 15];
        out[to + group * 16 + j + 8] = d * E2M1[byte >> 4];
      }
    }
  },
};

/** One bit each: plus or minus the scale. */
const q1: BlockFormat = {
  values: 128,
  bytes: 18,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at, true));
    for (let j = 0; j < 128; j++) out[to + j] = (view.getUint8(at + 2 + (j >> 3)) >> (j & 7)) & 1 ? d : -d;
  },
};

/** Two bits each, four values in a byte: -1, 0, 1 or 2 times the scale. */
const q2 = (values: number): BlockFormat => ({
  values,
  bytes: 2 + values / 4,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at, true));
    for (let j = 0; j < values; j++) out[to + j] = (((view.getUint8(at + 2 + (j >> 2)) >> ((j & 3) * 2)) & 3) - 1) * d;
  },
});

/** Ternary values, two bits each. */
const tq2: BlockFormat = {
  values: 256,
  bytes: 66,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at + 64, true));
    for (let half = 0; half < 2; half++)
      for (let l = 0; l < 4; l++)
        for (let m = 0; m < 32; m++) out[to + half * 128 + l * 32 + m] = (((view.getUint8(at + half * 32 + m) >> (l * 2)) & 3) - 1) * d;
  },
};

/** Ternary values, five in a byte: a fraction in base three, of which multiplying takes out one digit at a time. */
const tq1: BlockFormat = {
  values: 256,
  bytes: 54,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at + 52, true));
    let o = to;
    const digits = (first: number, bytes: number, count: number): void => {
      for (let n = 0, power = 1; n < count; n++, power *= 3)
        for (let m = 0; m < bytes; m++) out[o++] = (((((view.getUint8(at + first + m) * power) & 255) * 3) >> 8) - 1) * d;
    };
    digits(0, 32, 5);
    digits(32, 16, 5);
    digits(48, 4, 4);
  },
};

/** Packings that look values up in a table, and those of one or two bits (ggml-quants.c). */
export const tableBlocks = { iq4Nl, iq4Xs, mxfp4, nvfp4, q1, q2: q2(64), wideQ2: q2(128), tq1, tq2 };
