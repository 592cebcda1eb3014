import type { ByteSource } from './byteSource';
import { damaged } from './weightError';

/** Small enough for the pages that a file keeps. */
const WINDOW = 32 * 1024;
/** Most readers read a few numbers: what is taken at a time begins with so much, and grows. */
const FIRST_WINDOW = 256;
const EMPTY = new DataView(new ArrayBuffer(0));
const decoder = new TextDecoder();

/** A cursor over a source: numbers, text and bytes one after the other, all lengths checked. */
export class ByteReader {
  private view: DataView = EMPTY;
  private windowStart = 0;
  private taken = FIRST_WINDOW;

  constructor(
    readonly source: ByteSource,
    public offset = 0,
    /** One past the last byte that may be read. */
    readonly end = source.size,
    private readonly isLittleEndian = true,
  ) {}

  get left(): number {
    return this.end - this.offset;
  }

  u8(): number {
    const at = this.need(1);
    return this.view.getUint8(at);
  }

  i8(): number {
    return (this.u8() << 24) >> 24;
  }

  u16(): number {
    const at = this.need(2);
    return this.view.getUint16(at, this.isLittleEndian);
  }

  u32(): number {
    const at = this.need(4);
    return this.view.getUint32(at, this.isLittleEndian);
  }

  i32(): number {
    const at = this.need(4);
    return this.view.getInt32(at, this.isLittleEndian);
  }

  u64big(): bigint {
    const at = this.need(8);
    return this.view.getBigUint64(at, this.isLittleEndian);
  }

  /** @throws WeightError when it is no length a file can have. */
  u64(): number {
    const at = this.offset;
    const value = this.u64big();
    if (value > BigInt(Number.MAX_SAFE_INTEGER)) damaged(`${this.source.label} has the impossible length ${value} at byte ${at}`);
    return Number(value);
  }

  i64(): bigint {
    return BigInt.asIntN(64, this.u64big());
  }

  f32(): number {
    const at = this.need(4);
    return this.view.getFloat32(at, this.isLittleEndian);
  }

  f64(): number {
    const at = this.need(8);
    return this.view.getFloat64(at, this.isLittleEndian);
  }

  bytes(length: number): Uint8Array {
    this.check(length);
    const out = this.source.read(this.offset, length);
    this.offset += length;
    return out;
  }

  utf8(length: number): string {
    return decoder.decode(this.bytes(length));
  }

  /** Moves on; returns where it was. */
  skip(length: number): number {
    this.check(length);
    const at = this.offset;
    this.offset += length;
    return at;
  }

  /** Bytes up to the next line feed, which is passed. */
  line(longest: number): Uint8Array {
    const begin = this.offset;
    while (this.offset - begin <= longest) {
      const at = this.need(1);
      const { buffer, byteOffset } = this.view;
      const found = new Uint8Array(buffer, byteOffset, this.windowLimit()).indexOf(10, at);
      const stop = found < 0 ? this.windowLimit() : found;
      this.offset = this.windowStart + stop;
      if (found < 0) continue;
      this.offset++;
      return this.source.read(begin, this.offset - 1 - begin);
    }
    return damaged(`${this.source.label} has a line of more than ${longest} bytes at byte ${begin}`);
  }

  private windowLimit(): number {
    return Math.min(this.view.byteLength, this.end - this.windowStart);
  }

  /** Moves the cursor past `length` bytes that are in the window; returns their place in it. `line` undoes the move. */
  private need(length: number): number {
    let at = this.offset - this.windowStart;
    if (at < 0 || at + length > this.view.byteLength) {
      this.check(length);
      this.windowStart = this.offset;
      const bytes = this.source.read(this.offset, Math.min(this.taken, this.end - this.offset));
      this.taken = Math.min(WINDOW, this.taken * 4);
      this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
      at = 0;
    } else if (this.offset + length > this.end) this.check(length);
    this.offset += length;
    return at;
  }

  private check(length: number): void {
    if (!Number.isSafeInteger(length) || length < 0 || this.offset + length > this.end)
      damaged(`${this.source.label} ends at byte ${this.end}, but ${length} more bytes are expected from byte ${this.offset} on`);
  }
}
