import { ByteReader } from './byteReader';
import type { ByteSource } from './byteSource';
import { damaged } from './weightError';

/** One field of a message. Bytes stay where they are. */
export interface Field {
  number: number;
  /** 0 varint, 1 eight bytes, 2 length-delimited, 5 four bytes. */
  wire: number;
  /** The varint; two's complement, so that a negative int64 is negative. 0 for other wire types. */
  value: number | bigint;
  /** Where the content lies. */
  start: number;
  end: number;
}

/** A part of a source that is a protobuf message (https://protobuf.dev/programming-guides/encoding). */
export class Message {
  constructor(
    readonly source: ByteSource,
    readonly start = 0,
    readonly end = source.size,
  ) {}

  /** @throws WeightError when the bytes are no message. */
  *fields(): Generator<Field> {
    const r = new ByteReader(this.source, this.start, this.end);
    while (r.offset < this.end) {
      const at = r.offset;
      const tag = Number(varint(r));
      const wire = tag & 7;
      const number = Math.floor(tag / 8);
      if (number < 1 || number > 0x1fffffff) damaged(`${this.source.label} has no protobuf field at byte ${at}`);
      let value: number | bigint = 0;
      if (wire === 0) value = varint(r);
      const length = wire === 0 ? 0 : wire === 1 ? 8 : wire === 5 ? 4 : wire === 2 ? Number(varint(r)) : -1;
      if (length < 0) damaged(`${this.source.label} has no protobuf field at byte ${at}`);
      const start = r.skip(length);
      yield { number, wire, value, start, end: r.offset };
    }
  }

  message(field: Field): Message {
    if (field.wire !== 2) damaged(`${this.source.label} has no protobuf message at byte ${field.start}`);
    return new Message(this.source, field.start, field.end);
  }

  text(field: Field): string {
    if (field.wire !== 2 || field.end - field.start > 1 << 24) damaged(`${this.source.label} has no text at byte ${field.start}`);
    return new TextDecoder().decode(this.source.read(field.start, field.end - field.start));
  }

  /** A repeated integer field's values, packed or one by one. */
  integers(field: Field): (number | bigint)[] {
    if (field.wire === 0) return [field.value];
    if (field.wire !== 2) damaged(`${this.source.label} has no whole numbers at byte ${field.start}`);
    const out: (number | bigint)[] = [];
    const r = new ByteReader(this.source, field.start, field.end);
    while (r.offset < field.end) out.push(varint(r));
    return out;
  }
}

/** A number of up to 64 bits, seven in a byte. */
export function varint(r: ByteReader): number | bigint {
  let low = 0;
  for (let shift = 0; shift < 28; shift += 7) {
    const byte = r.u8();
    low |= (byte & 127) << shift;
    if (byte < 128) return low;
  }
  let value = BigInt(low);
  for (let shift = 28n; shift < 70n; shift += 7n) {
    const byte = r.u8();
    value |= BigInt(byte & 127) << shift;
    if (byte < 128) {
      const signed = BigInt.asIntN(64, value);
      const number = Number(signed);
      return Number.isSafeInteger(number) ? number : signed;
    }
  }
  return damaged(`${r.source.label} has a number that does not end at byte ${r.offset}`);
}
