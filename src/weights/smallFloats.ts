const scratch = new DataView(new ArrayBuffer(4));

/** IEEE half precision as the bits of the equal float32; a NaN keeps its payload. */
export function float16Bits(half: number): number {
  const sign = (half & 0x8000) << 16;
  const exponent = (half >> 10) & 31;
  const mantissa = half & 1023;
  if (exponent === 31) return sign | 0x7f800000 | (mantissa << 13);
  if (exponent !== 0) return sign | ((exponent + 112) << 23) | (mantissa << 13);
  if (mantissa === 0) return sign;
  // Subnormal: 2^-24 times the mantissa; the topmost set bit becomes the hidden one.
  const shift = Math.clz32(mantissa) - 21;
  return sign | ((113 - shift) << 23) | (((mantissa << shift) & 1023) << 13);
}

/** IEEE half precision as a number. */
export function float16Value(half: number): number {
  scratch.setUint32(0, float16Bits(half));
  return scratch.getFloat32(0);
}

/** The NaN of formats that have only one, as PyTorch makes it. */
export const UNSIGNED_NAN = 0x7f800001;

export interface SmallFloatFormat {
  exponentBits: number;
  mantissaBits: number;
  bias: number;
  /** `ieee`: infinities and NaN; `fn`: no infinity, all ones is NaN; `fnuz`: no infinity, no -0, 0x80 is NaN. */
  specials: 'ieee' | 'fn' | 'fnuz';
}

/**
 * float32 bits of all 256 values of an 8-bit float.
 * Source: Micikevicius et al. 2022, "FP8 formats for deep learning"; ONNX's "Float stored in 8 bits" for the fnuz variants.
 */
export function smallFloatTable({ exponentBits, mantissaBits, bias, specials }: SmallFloatFormat): Uint32Array {
  const table = new Float32Array(256);
  const top = (1 << exponentBits) - 1;
  for (let i = 0; i < 256; i++) {
    const sign = i & 0x80 ? -1 : 1;
    const exponent = (i >> mantissaBits) & top;
    const mantissa = i & ((1 << mantissaBits) - 1);
    const fraction = mantissa / (1 << mantissaBits);
    table[i] = sign * (exponent === 0 ? fraction * 2 ** (1 - bias) : (1 + fraction) * 2 ** (exponent - bias));
    if (specials === 'ieee' && exponent === top) table[i] = mantissa ? NaN : sign * Infinity;
    if (specials === 'fn' && (i & 0x7f) === 0x7f) table[i] = NaN;
    if (specials === 'fnuz' && i === 0x80) table[i] = NaN;
  }
  const bits = new Uint32Array(table.buffer);
  for (let i = 0; i < 256; i++) if (Number.isNaN(table[i])) bits[i] = specials === 'fnuz' ? UNSIGNED_NAN : quietNaN(i, mantissaBits);
  return bits;
}

/** A NaN keeps its sign and its payload, as in PyTorch. */
function quietNaN(value: number, mantissaBits: number): number {
  return ((value & 0x80) << 24) | 0x7fc00000 | ((value << (23 - mantissaBits)) & 0x7fffff);
}

/** A 64-bit integer, given as two words, rounded once to the nearest float32. */
export function float32FromInt64(low: number, high: number, isSigned: boolean): number {
  const top = isSigned ? high | 0 : high;
  if (top >= -0x200000 && top < 0x200000) return Math.fround(top * 4294967296 + low);
  // More than 53 bits: whether anything is set below them goes into the last bit, so that rounding twice is rounding once.
  const sticky = low & 0xfff ? 0x1000 : 0;
  return Math.fround(top * 4294967296 + (((low & ~0xfff) | sticky) >>> 0));
}
