import { typeClassName } from '../typeClass';
import { ByteReader } from '../../byteReader';
import type { ByteSource } from '../../byteSource';
import { damaged } from '../../weightError';
import { number } from './wholeNumber';
import { unsupported } from './unsupported';

/** All bits set: an address that leads nowhere. */
export const UNDEFINED = 0xffffffffffffffffn;

/** IV.A.2.b: the lengths of the axes; none for a scalar, null for a space without values. */
export function readDataspace(r: ByteReader): number[] | null {
  const version = r.u8();
  const rank = r.u8();
  r.u8();
  if (version === 1) r.skip(5);
  else if (version !== 2) unsupported('dataspace version');
  else if (r.u8() === 2) return null;
  if (rank > 32) damaged(`${r.source.label} has an HDF5 data space of ${rank} axes before byte ${r.offset}`);
  return Array.from({ length: rank }, () => r.u64());
}

export interface Hdf5Type {
  /** NumPy's name, `text` for strings of fixed or variable length, or the class. */
  dtype: string;
  size: number;
  isBigEndian: boolean;
  isVariable: boolean;
}

/** By bits of the number and of its exponent. */
const FLOATS: Record<string, string> = { '64 11': 'float64', '32 8': 'float32', '16 5': 'float16', '16 8': 'bfloat16' };

/** IV.A.2.d. */
export function readDatatype(r: ByteReader): Hdf5Type {
  const first = r.u8();
  const kind = first & 15;
  if (first >> 4 > 4) unsupported('datatype version');
  const bits = r.u8();
  const upperBits = r.u16();
  const size = r.u32();
  const base = { size, isBigEndian: (bits & 1) !== 0, isVariable: false };
  if (kind === 0) {
    r.skip(2);
    if (r.u16() !== size * 8) unsupported('integer with padding');
    return { ...base, dtype: `${bits & 8 ? 'int' : 'uint'}${size * 8}` };
  }
  if (kind === 1) {
    r.skip(2);
    const precision = r.u16();
    r.u8();
    const exponent = r.u8();
    const name = FLOATS[`${precision} ${exponent}`] ?? unsupported('float format');
    if (precision !== size * 8 || bits & 0x40) unsupported('float format');
    return { ...base, dtype: name };
  }
  if (kind === 3) return { ...base, isBigEndian: false, dtype: 'text' };
  if (kind === 9 && (bits & 15) === 1) return { size, isBigEndian: false, isVariable: true, dtype: 'text' };
  if (kind === 8) return enumeration(r, bits | ((upperBits & 255) << 8));
  return { ...base, isBigEndian: false, dtype: typeClassName(kind, size) };
}

/** An enumeration of numbers: h5py's truth values are one, anything else is read as the numbers. */
function enumeration(r: ByteReader, members: number): Hdf5Type {
  const base = readDatatype(r);
  if (members !== 2 || base.size !== 1) return base;
  const isTruth = [...'FALSE\0'].every((c) => r.u8() === c.charCodeAt(0));
  return isTruth ? { ...base, dtype: 'bool' } : base;
}

/** How chunks are found: by trees of either version, as one, one after the other, or by an array of addresses. */
export type ChunkIndex =
  | { kind: 'tree' | 'implicit' | 'array' | 'newTree'; address: bigint }
  | { kind: 'single'; address: bigint; length: number | null; skipped: number };

export type Hdf5Layout =
  { kind: 'bytes'; offset: number; length: number } | { kind: 'chunks'; index: ChunkIndex; shape: number[]; elementSize: number };

/** IV.A.2.i, versions 3 and 4. */
export function readLayout(r: ByteReader, base: number): Hdf5Layout {
  const version = r.u8();
  const kind = r.u8();
  if (version !== 3 && version !== 4) unsupported('layout version');
  if (kind === 0) {
    const length = r.u16();
    return { kind: 'bytes', offset: r.skip(length), length };
  }
  if (kind === 1) {
    const address = r.u64big();
    if (address === UNDEFINED) unsupported('values that were never written');
    return { kind: 'bytes', offset: base + Number(address), length: r.u64() };
  }
  if (kind !== 2) unsupported('layout');
  const flags = version === 4 ? r.u8() : 0;
  const axes = r.u8() - 1;
  if (axes < 1 || axes > 32) damaged(`${r.source.label} has HDF5 chunks of ${axes} axes before byte ${r.offset}`);
  if (version === 3) {
    const address = r.u64big();
    const shape = Array.from({ length: axes }, () => r.u32());
    return { kind: 'chunks', index: { kind: 'tree', address }, shape, elementSize: r.u32() };
  }
  const width = r.u8();
  if (width < 1 || width > 6) unsupported('width of chunk lengths');
  const shape = Array.from({ length: axes }, () => number(r, width));
  const elementSize = number(r, width);
  return { kind: 'chunks', index: readChunkIndexKind(r, flags), shape, elementSize };
}

function readChunkIndexKind(r: ByteReader, flags: number): ChunkIndex {
  // Chunks at the edge that are not packed as the others are.
  if (flags & 1) unsupported('chunks of two kinds');
  switch (r.u8()) {
    case 1: {
      const [length, skipped] = flags & 2 ? [r.u64(), r.u32()] : [null, 0];
      return { kind: 'single', address: r.u64big(), length, skipped };
    }
    case 2:
      return { kind: 'implicit', address: r.u64big() };
    case 3:
      r.skip(1);
      return { kind: 'array', address: r.u64big() };
    case 5:
      r.skip(6);
      return { kind: 'newTree', address: r.u64big() };
    default:
      return unsupported('chunk index');
  }
}

/** h5py's own filter, as registered with the HDF Group. */
export const LZF = 32000;

/** IV.A.2.l: the filters by number, in the order in which writing applied them. */
export function readFilters(r: ByteReader): number[] {
  const version = r.u8();
  const count = r.u8();
  if (version === 1) r.skip(6);
  else if (version !== 2) unsupported('filter pipeline version');
  return Array.from({ length: count }, () => {
    const id = r.u16();
    const nameLength = version === 1 || id >= 256 ? r.u16() : 0;
    r.skip(2);
    const values = r.u16();
    r.skip(version === 1 ? Math.ceil(nameLength / 8) * 8 : nameLength);
    r.skip(values * 4 + (version === 1 && values % 2 ? 4 : 0));
    if ((id < 1 || id > 3) && id !== LZF) unsupported(`filter ${id}`);
    return id;
  });
}

/** IV.A.2.f: whether what was never written is something else than zero. */
export function hasFillValue(r: ByteReader): boolean {
  const version = r.u8();
  let isDefined: boolean;
  if (version === 3) isDefined = (r.u8() & 0x20) !== 0;
  else {
    r.skip(2);
    isDefined = r.u8() !== 0;
  }
  if (!isDefined || r.left < 4) return false;
  const length = r.u32();
  return r.bytes(Math.min(length, r.left)).some((b) => b !== 0);
}

export interface Hdf5Attribute {
  name: string;
  type: Hdf5Type;
  shape: number[] | null;
  /** Where its values lie. */
  start: number;
  end: number;
}

/** IV.A.2.m. */
export function readAttributeMessage(source: ByteSource, start: number, end: number): Hdf5Attribute {
  const r = new ByteReader(source, start, end);
  const version = r.u8();
  const flags = r.u8();
  if (version < 1 || version > 3 || (version > 1 && flags & 3)) unsupported('attribute version');
  const [nameLength, typeLength, spaceLength] = [r.u16(), r.u16(), r.u16()];
  if (version === 3) r.u8();
  const padded = (n: number): number => (version === 1 ? Math.ceil(n / 8) * 8 : n);
  const name = r.utf8(nameLength).replace(/\0.*$/s, '');
  r.skip(padded(nameLength) - nameLength);
  const typeStart = r.skip(padded(typeLength));
  const spaceStart = r.skip(padded(spaceLength));
  const type = readDatatype(new ByteReader(source, typeStart, typeStart + typeLength));
  const shape = readDataspace(new ByteReader(source, spaceStart, spaceStart + spaceLength));
  return { name, type, shape, start: r.offset, end };
}

/** IV.A.2.g: a link in a group that keeps its links in its header. Where it leads, or null when that is elsewhere. */
export function readLink(r: ByteReader, base: number): { name: string; address: number | null } {
  if (r.u8() !== 1) unsupported('link version');
  const flags = r.u8();
  const type = flags & 8 ? r.u8() : 0;
  r.skip((flags & 4 ? 8 : 0) + (flags & 16 ? 1 : 0));
  const length = [() => r.u8(), () => r.u16(), () => r.u32(), () => r.u64()][flags & 3]();
  const name = r.utf8(length);
  if (type === 1) unsupported('soft link');
  return { name, address: type === 0 ? base + r.u64() : null };
}
