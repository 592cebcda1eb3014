import { float16Value } from '../smallFloats';
import { codeBooks, type CodeBook } from './codeBooks';
import type { BlockFormat } from './ggmlTypes';

const VALUES = 256;
const f = Math.fround;

/** Seven signs whose eighth makes the number of minus signs even (ksigns_iq2xs). */
const SIGNS = Uint8Array.from({ length: 128 }, (_, i) => {
  let odd = 0;
  for (let bits = i; bits; bits >>= 1) odd ^= bits & 1;
  return i | (odd << 7);
});

/** scale × point, each coordinate with its own sign, bit 0 of `signs` the first. */
function putSigned(out: Float32Array, to: number, scale: number, { width, points }: CodeBook, entry: number, signs: number): void {
  for (let j = 0; j < width; j++) {
    const value = scale * points[entry * width + j];
    out[to + j] = (signs >> j) & 1 ? -value : value;
  }
}

/** d × (1/2 + s) × unit, as the scales of a group of values are stored. */
const groupScale = (d: number, s: number, unit: number): number => f(f(d * (0.5 + s)) * unit);

/** The lower four bits of byte `at` for even groups, the upper ones for odd. */
const nibble = (view: DataView, at: number, group: number): number => (view.getUint8(at + (group >> 1)) >> ((group & 1) * 4)) & 15;

const iq2xxs: BlockFormat = {
  values: VALUES,
  bytes: 66,
  unpack(view, at, out, to) {
    const book = codeBooks.iq2xxs();
    const d = float16Value(view.getUint16(at, true));
    for (let group = 0; group < 8; group++) {
      const from = at + 2 + group * 8;
      const word = view.getUint32(from + 4, true);
      const scale = groupScale(d, word >>> 28, 0.25);
      for (let l = 0; l < 4; l++)
        putSigned(out, to + group * 32 + l * 8, scale, book, view.getUint8(from + l), SIGNS[(word >>> (7 * l)) & 127]);
    }
  },
};

const iq2xs: BlockFormat = {
  values: VALUES,
  bytes: 74,
  unpack(view, at, out, to) {
    const book = codeBooks.iq2xs();
    const d = float16Value(view.getUint16(at, true));
    for (let l = 0; l < 32; l++) {
      const code = view.getUint16(at + 2 + l * 2, true);
      const scale = groupScale(d, nibble(view, at + 66, l >> 1), 0.25);
      putSigned(out, to + l * 8, scale, book, code & 511, SIGNS[code >> 9]);
    }
  },
};

const iq2s: BlockFormat = {
  values: VALUES,
  bytes: 82,
  unpack(view, at, out, to) {
    const book = codeBooks.iq2s();
    const d = float16Value(view.getUint16(at, true));
    for (let l = 0; l < 32; l++) {
      const upper = (view.getUint8(at + 66 + (l >> 2)) >> ((l & 3) * 2)) & 3;
      const scale = groupScale(d, nibble(view, at + 74, l >> 1), 0.25);
      putSigned(out, to + l * 8, scale, book, view.getUint8(at + 2 + l) | (upper << 8), view.getUint8(at + 34 + l));
    }
  },
};

const iq3xxs: BlockFormat = {
  values: VALUES,
  bytes: 98,
  unpack(view, at, out, to) {
    const book = codeBooks.iq3xxs();
    const d = float16Value(view.getUint16(at, true));
    for (let group = 0; group < 8; group++) {
      const word = view.getUint32(at + 66 + group * 4, true);
      const scale = groupScale(d, word >>> 28, 0.5);
      for (let l = 0; l < 8; l++) {
        const signs = SIGNS[(word >>> (7 * (l >> 1))) & 127] >> ((l & 1) * 4);
        putSigned(out, to + group * 32 + l * 4, scale, book, view.getUint8(at + 2 + group * 8 + l), signs);
      }
    }
  },
};

const iq3s: BlockFormat = {
  values: VALUES,
  bytes: 110,
  unpack(view, at, out, to) {
    const book = codeBooks.iq3s();
    const d = float16Value(view.getUint16(at, true));
    for (let l = 0; l < 64; l++) {
      const ninth = (view.getUint8(at + 66 + (l >> 3)) >> (l & 7)) & 1;
      const signs = view.getUint8(at + 74 + (l >> 1)) >> ((l & 1) * 4);
      const scale = f(d * (1 + 2 * nibble(view, at + 106, l >> 3)));
      putSigned(out, to + l * 4, scale, book, view.getUint8(at + 2 + l) | (ninth << 8), signs);
    }
  },
};

/** How far the ternary points are shifted, up or down. */
const SHIFT = 0.125;

function putShifted(out: Float32Array, to: number, scale: number, entry: number, isDown: boolean): void {
  const { points } = codeBooks.iq1s();
  const shift = isDown ? -SHIFT : SHIFT;
  for (let j = 0; j < 8; j++) out[to + j] = scale * (points[entry * 8 + j] + shift);
}

const iq1s: BlockFormat = {
  values: VALUES,
  bytes: 50,
  unpack(view, at, out, to) {
    const d = float16Value(view.getUint16(at, true));
    for (let l = 0; l < 32; l++) {
      const high = view.getUint16(at + 34 + (l >> 2) * 2, true);
      const entry = view.getUint8(at + 2 + l) | (((high >> (3 * (l & 3))) & 7) << 8);
      putShifted(out, to + l * 8, f(d * (2 * ((high >> 12) & 7) + 1)), entry, (high & 0x8000) !== 0);
    }
  },
};

const iq1m: BlockFormat = {
  values: VALUES,
  bytes: 56,
  unpack(view, at, out, to) {
    const scales = [0, 1, 2, 3].map((i) => view.getUint16(at + 48 + i * 2, true));
    // The common scale is spread over the upper four bits of the groups' scales.
    const d = float16Value(scales.reduce((bits, s, i) => bits | ((s >> 12) << (4 * i)), 0));
    for (let l = 0; l < 32; l++) {
      const high = view.getUint8(at + 32 + (l >> 1)) >> ((l & 1) * 4);
      const scale = (scales[l >> 3] >> (3 * ((l >> 1) & 3))) & 7;
      putShifted(out, to + l * 8, f(d * (2 * scale + 1)), view.getUint8(at + l) | ((high & 7) << 8), (high & 8) !== 0);
    }
  },
};

/** The IQ types that look points up in a code book (ggml-quants.c, dequantize_row_iq2_xxs … iq1_m). */
export const codeBookBlocks = { iq2xxs, iq2xs, iq2s, iq3xxs, iq3s, iq1s, iq1m };
