import { UNSIGNED_NAN, float16Bits, float32FromInt64, smallFloatTable } from './smallFloats';

/** A type of stored numbers and how they become float32. */
export interface ElementType {
  /** NumPy's name where there is one. */
  name: string;
  /** Bytes of one element. */
  size: number;
  /** `bytes` holds whole little-endian elements and starts at a multiple of 8 of its own buffer. */
  toFloat32(bytes: Uint8Array): Float32Array;
}

type View = { new (buffer: ArrayBuffer, offset: number, length: number): ArrayLike<number> };

const viewed = (name: string, size: number, type: View): ElementType => ({
  name,
  size,
  toFloat32: (b) => new Float32Array(new type(b.buffer as ArrayBuffer, b.byteOffset, b.length / size)),
});

const tabled = (name: string, makeTable: () => Uint32Array): ElementType => {
  let table: Uint32Array | null = null;
  return {
    name,
    size: 1,
    toFloat32(b) {
      table ??= makeTable();
      const out = new Uint32Array(b.length);
      for (let i = 0; i < b.length; i++) out[i] = table[b[i]];
      return new Float32Array(out.buffer);
    },
  };
};

const halves = (name: string, bits: (half: number) => number): ElementType => ({
  name,
  size: 2,
  toFloat32(b) {
    const input = new Uint16Array(b.buffer as ArrayBuffer, b.byteOffset, b.length / 2);
    const out = new Uint32Array(input.length);
    for (let i = 0; i < input.length; i++) out[i] = bits(input[i]);
    return new Float32Array(out.buffer);
  },
});

const longs = (name: string, isSigned: boolean): ElementType => ({
  name,
  size: 8,
  toFloat32(b) {
    const words = new Uint32Array(b.buffer as ArrayBuffer, b.byteOffset, b.length / 4);
    const out = new Float32Array(b.length / 8);
    for (let i = 0; i < out.length; i++) out[i] = float32FromInt64(words[2 * i], words[2 * i + 1], isSigned);
    return out;
  },
});

const types: ElementType[] = [
  // Copied, not converted: a NaN keeps its bits.
  { name: 'float32', size: 4, toFloat32: (b) => new Float32Array(b.slice().buffer) },
  viewed('float64', 8, Float64Array),
  halves('float16', float16Bits),
  halves('bfloat16', (h) => h << 16),
  viewed('int8', 1, Int8Array),
  viewed('uint8', 1, Uint8Array),
  viewed('int16', 2, Int16Array),
  viewed('uint16', 2, Uint16Array),
  viewed('int32', 4, Int32Array),
  viewed('uint32', 4, Uint32Array),
  longs('int64', true),
  longs('uint64', false),
  { name: 'bool', size: 1, toFloat32: (b) => Float32Array.from(b, (v) => (v === 0 ? 0 : 1)) },
  tabled('float8_e4m3fn', () => smallFloatTable({ exponentBits: 4, mantissaBits: 3, bias: 7, specials: 'fn' })),
  tabled('float8_e4m3fnuz', () => smallFloatTable({ exponentBits: 4, mantissaBits: 3, bias: 8, specials: 'fnuz' })),
  tabled('float8_e5m2', () => smallFloatTable({ exponentBits: 5, mantissaBits: 2, bias: 15, specials: 'ieee' })),
  tabled('float8_e5m2fnuz', () => smallFloatTable({ exponentBits: 5, mantissaBits: 2, bias: 16, specials: 'fnuz' })),
  // A power of two without a sign: 2^(byte - 127), 255 is NaN.
  tabled('float8_e8m0fnu', () => Uint32Array.from({ length: 256 }, (_, i) => (i === 0 ? 0x00400000 : i === 255 ? UNSIGNED_NAN : i << 23))),
];

const byName = new Map(types.map((t) => [t.name, t]));

/** The element type of this name, or null when its values can't be read as float32 (complex numbers, strings, …). */
export function elementType(name: string): ElementType | null {
  return byName.get(name) ?? null;
}

/** The element type of this name, which must be one of ours. */
export function knownElementType(name: string): ElementType {
  const type = byName.get(name);
  if (!type) throw new Error(`no element type ${name}`);
  return type;
}

/** Elements as float32, whatever their order of bytes and their place in memory. */
export function decodeElements(type: ElementType, bytes: Uint8Array, isBigEndian = false): Float32Array {
  if (isBigEndian && type.size > 1) return type.toFloat32(swapBytes(bytes, type.size));
  return type.toFloat32(bytes.byteOffset % 8 === 0 ? bytes : bytes.slice());
}

function swapBytes(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += size) for (let k = 0; k < size; k++) out[i + k] = bytes[i + size - 1 - k];
  return out;
}
