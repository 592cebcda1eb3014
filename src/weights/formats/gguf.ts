import type { JsonObject, JsonValue } from '../../common/json';
import { ByteReader } from '../byteReader';
import { knownElementType } from '../elementType';
import type { FoundFile, FoundTensor, OpenContext } from '../formatReader';
import { blockData } from '../gguf/blockData';
import { GGML_TYPES, WIDE_Q2_0, type GgmlType } from '../gguf/ggmlTypes';
import { checkedLength, denseData } from '../tensorData';
import { damaged } from '../weightError';

const MAX_TENSORS = 500_000;
const MAX_TEXT = 64 * 1024;
const MAX_DEPTH = 8;
/** Bytes of the value types 0 to 7 and 10 to 12; 8 is text, 9 an array. */
const VALUE_BYTES = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

export function looksLikeGguf(head: Uint8Array): boolean {
  return head.length >= 4 && String.fromCharCode(...head.subarray(0, 4)) === 'GGUF';
}

interface Info {
  name: string;
  shape: number[];
  type: number;
  offset: number;
}

/** GGUF, versions 1 to 3, in both orders of bytes (ggml/docs/gguf.md). */
export function readGguf({ source }: OpenContext): FoundFile {
  const isLittleEndian = new ByteReader(source, 4).u32() % 65536 !== 0;
  const r = new ByteReader(source, 4, source.size, isLittleEndian);
  const version = r.u32();
  if (version < 1 || version > 3) damaged(`the file is GGUF of version ${version}, of which there are 1 to 3`);
  const length = (): number => (version === 1 ? r.u32() : r.u64());
  const tensorCount = length();
  const valueCount = length();
  if (tensorCount > MAX_TENSORS) damaged(`the file claims ${tensorCount} tensors`);
  const producer: JsonObject = { version };
  for (let i = 0; i < valueCount; i++) {
    const key = text(r, length());
    const value = readValue(r, r.u32(), length, 0);
    if (value !== null) producer[key] = value;
  }
  const infos: Info[] = [];
  for (let i = 0; i < tensorCount; i++) infos.push(readInfo(r, length));
  const stated = Number(producer['general.alignment'] ?? 32);
  const alignment = Number.isSafeInteger(stated) && stated > 0 ? stated : damaged(`the file has an alignment of ${stated} bytes`);
  const begin = Math.ceil(r.offset / alignment) * alignment;
  const room = roomOf(infos, source.size - begin);
  const tensors = infos.map((info, i) => tensorOf(info, room[i], begin));
  const packings = [...new Set(tensors.filter((t) => typeof t.data === 'string').map((t) => t.dtype))];
  const warnings = packings.length ? [`tensors of ${packings.join(', ')} are listed, but not unpacked`] : [];
  return { format: 'gguf', producer, convention: 'torch', tensors, warnings };

  function tensorOf({ name, shape, type: number, offset }: Info, space: number, base: number): FoundTensor {
    const count = checkedLength(name, shape);
    const row = shape.at(-1) ?? 1;
    const type = typeOf(number, row, count, space);
    if (!type) return { name, dtype: `type ${number}`, shape, bytes: 0, data: `values of ggml type ${number} are not decoded` };
    const { values, bytes: blockBytes } = type.block;
    if (row % values !== 0) damaged(`tensor ${name} of ${type.name} has rows of ${row} values, no multiple of ${values}`);
    const bytes = (count / values) * blockBytes;
    if (base + offset + bytes > source.size)
      damaged(`tensor ${name} ends at byte ${base + offset + bytes}, but the file has ${source.size}`);
    if (bytes > space) damaged(`tensor ${name} takes ${bytes} bytes, but the next one begins after ${space}`);
    const found = { name, dtype: type.name, shape, bytes };
    if (type.format) {
      if (!isLittleEndian) return { ...found, data: `${type.name} blocks in big-endian order are not decoded` };
      return { ...found, data: blockData(source, base + offset, count, type.format) };
    }
    return { ...found, data: denseData(source, base + offset, count, knownElementType(type.name), !isLittleEndian) };
  }
}

/** Bytes from each tensor's begin to that of the next one in the file; tensors that begin together (or are empty) share them. */
function roomOf(infos: readonly Info[], end: number): number[] {
  const starts = [...new Set(infos.map((i) => i.offset))].sort((a, b) => a - b);
  const next = new Map(starts.map((start, i) => [start, (starts[i + 1] ?? end) - start]));
  return infos.map((i) => next.get(i.offset) as number);
}

/** Blocks of Q2_0 hold 64 values in 18 bytes, or 128 in 34 in a fork's files; what does not fit its room must be the latter. */
function typeOf(number: number, row: number, count: number, room: number): GgmlType | undefined {
  const type: GgmlType | undefined = GGML_TYPES[number];
  if (type?.name !== WIDE_Q2_0.name || row % WIDE_Q2_0.block.values !== 0) return type;
  return (count / type.block.values) * type.block.bytes > room ? WIDE_Q2_0 : type;
}

/** ggml names the fastest axis first; here it comes last, as everywhere else. */
function readInfo(r: ByteReader, length: () => number): Info {
  const name = text(r, length());
  const rank = r.u32();
  if (rank > 8) damaged(`tensor ${name} has ${rank} axes`);
  const shape = Array.from({ length: rank }, length).reverse();
  const type = r.u32();
  return { name, shape, type, offset: r.u64() };
}

function text(r: ByteReader, length: number): string {
  if (length > MAX_TEXT) damaged(`the file has a name of ${length} bytes at byte ${r.offset}`);
  return r.utf8(length);
}

/** A value of the header; arrays, and texts too long to be shown, are passed over and become null. */
function readValue(r: ByteReader, type: number, length: () => number, depth: number): JsonValue {
  switch (type) {
    case 0:
      return r.u8();
    case 1:
      return r.i8();
    case 2:
      return r.u16();
    case 3:
      return (r.u16() << 16) >> 16;
    case 4:
      return r.u32();
    case 5:
      return r.i32();
    case 6:
      return r.f32();
    case 7:
      return r.u8() !== 0;
    case 8: {
      const n = length();
      if (n <= 1000) return r.utf8(n);
      r.skip(n);
      return null;
    }
    case 9:
      skipArray(r, length, depth);
      return null;
    case 10:
      return plainNumber(r.u64big());
    case 11:
      return plainNumber(r.i64());
    case 12:
      return r.f64();
    default:
      return damaged(`the file has a value of type ${type} before byte ${r.offset}`);
  }
}

function skipArray(r: ByteReader, length: () => number, depth: number): void {
  if (depth > MAX_DEPTH) damaged(`the file has arrays nested more than ${MAX_DEPTH} deep at byte ${r.offset}`);
  const type = r.u32();
  const count = length();
  if (type === 8) for (let i = 0; i < count; i++) r.skip(length());
  else if (type === 9) for (let i = 0; i < count; i++) skipArray(r, length, depth + 1);
  else r.skip(count * (VALUE_BYTES[type] ?? damaged(`the file has an array of type ${type} before byte ${r.offset}`)));
}

function plainNumber(value: bigint): JsonValue {
  const number = Number(value);
  return Number.isSafeInteger(number) ? number : String(value);
}
