import { codeBookBlocks } from './codeBookBlocks';
import { knownElementType } from '../elementType';
import { legacyBlocks } from './legacyBlocks';
import { kBlocks } from './kBlocks';
import { tableBlocks } from './tableBlocks';

/** How ggml packs values: blocks of a fixed number of values in a fixed number of bytes. */
export interface BlockFormat {
  /** Values in a block. */
  values: number;
  /** Bytes of a block. */
  bytes: number;
  /** Unpacks the block at `at` to `out` from `to` on, in single precision as ggml's reference does. */
  unpack(view: DataView, at: number, out: Float32Array, to: number): void;
}

export interface GgmlType {
  name: string;
  /** Values that are packed together, and the bytes they take. */
  block: { values: number; bytes: number };
  /** Absent where values are plain numbers. */
  format?: BlockFormat;
}

const plain = (name: string): GgmlType => ({ name, block: { values: 1, bytes: knownElementType(name).size } });
const packed = (name: string, format: BlockFormat): GgmlType => ({ name, block: format, format });

/** Type 42 in files of a fork of llama.cpp, where blocks are twice as long. */
export const WIDE_Q2_0 = packed('Q2_0', tableBlocks.wideQ2);

/** By the number in the file (enum ggml_type of ggml.h). */
export const GGML_TYPES: Record<number, GgmlType> = {
  0: plain('float32'),
  1: plain('float16'),
  2: packed('Q4_0', legacyBlocks.q4_0),
  3: packed('Q4_1', legacyBlocks.q4_1),
  6: packed('Q5_0', legacyBlocks.q5_0),
  7: packed('Q5_1', legacyBlocks.q5_1),
  8: packed('Q8_0', legacyBlocks.q8_0),
  9: packed('Q8_1', legacyBlocks.q8_1),
  10: packed('Q2_K', kBlocks.q2),
  11: packed('Q3_K', kBlocks.q3),
  12: packed('Q4_K', kBlocks.q4),
  13: packed('Q5_K', kBlocks.q5),
  14: packed('Q6_K', kBlocks.q6),
  15: packed('Q8_K', kBlocks.q8),
  16: packed('IQ2_XXS', codeBookBlocks.iq2xxs),
  17: packed('IQ2_XS', codeBookBlocks.iq2xs),
  18: packed('IQ3_XXS', codeBookBlocks.iq3xxs),
  19: packed('IQ1_S', codeBookBlocks.iq1s),
  20: packed('IQ4_NL', tableBlocks.iq4Nl),
  21: packed('IQ3_S', codeBookBlocks.iq3s),
  22: packed('IQ2_S', codeBookBlocks.iq2s),
  23: packed('IQ4_XS', tableBlocks.iq4Xs),
  24: plain('int8'),
  25: plain('int16'),
  26: plain('int32'),
  27: plain('int64'),
  28: plain('float64'),
  29: packed('IQ1_M', codeBookBlocks.iq1m),
  30: plain('bfloat16'),
  34: packed('TQ1_0', tableBlocks.tq1),
  35: packed('TQ2_0', tableBlocks.tq2),
  39: packed('MXFP4', tableBlocks.mxfp4),
  40: packed('NVFP4', tableBlocks.nvfp4),
  41: packed('Q1_0', tableBlocks.q1),
  42: packed('Q2_0', tableBlocks.q2),
};
