import { elementType } from '../elementType';
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
  /** Values that are packed together, and the bytes they take; null when that is not known. */
  block: { values: number; bytes: number } | null;
  /** Absent where values are plain numbers or the packing is not known. */
  format?: BlockFormat;
}

const plain = (name: string): GgmlType => ({ name, block: { values: 1, bytes: elementType(name)?.size ?? 0 } });
const packed = (name: string, format: BlockFormat): GgmlType => ({ name, block: format, format });
/** Packings whose code books are not built in: listed, not unpacked. */
const listed = (name: string, values: number, bytes: number): GgmlType => ({ name, block: { values, bytes } });

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
  16: listed('IQ2_XXS', 256, 66),
  17: listed('IQ2_XS', 256, 74),
  18: listed('IQ3_XXS', 256, 98),
  19: listed('IQ1_S', 256, 50),
  20: packed('IQ4_NL', tableBlocks.iq4Nl),
  21: listed('IQ3_S', 256, 110),
  22: listed('IQ2_S', 256, 82),
  23: packed('IQ4_XS', tableBlocks.iq4Xs),
  24: plain('int8'),
  25: plain('int16'),
  26: plain('int32'),
  27: plain('int64'),
  28: plain('float64'),
  29: listed('IQ1_M', 256, 56),
  30: plain('bfloat16'),
  34: packed('TQ1_0', tableBlocks.tq1),
  35: packed('TQ2_0', tableBlocks.tq2),
  39: packed('MXFP4', tableBlocks.mxfp4),
};
