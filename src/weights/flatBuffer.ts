import type { ByteSource } from './byteSource';
import { damaged } from './weightError';

/** Bounds-checked access to a FlatBuffers file without reading it whole (https://flatbuffers.dev/internals). */
export class FlatBuffer {
  constructor(readonly source: ByteSource) {}

  root(): FlatTable {
    return new FlatTable(this, this.u32(0));
  }

  u8(at: number): number {
    return this.source.read(at, 1)[0];
  }

  u16(at: number): number {
    const b = this.source.read(at, 2);
    return b[0] | (b[1] << 8);
  }

  u32(at: number): number {
    return this.i32(at) >>> 0;
  }

  i32(at: number): number {
    const b = this.source.read(at, 4);
    return b[0] | (b[1] << 8) | (b[2] << 16) | (b[3] << 24);
  }

  u64(at: number): number {
    return this.u32(at) + this.u32(at + 4) * 4294967296;
  }

  /** Where a vector's elements begin, and how many there are. */
  vector(at: number, elementSize: number): { start: number; length: number } {
    const start = at + this.u32(at);
    const length = this.u32(start);
    if (start + 4 + length * elementSize > this.source.size)
      damaged(`${this.source.label} has a vector of ${length} elements at byte ${start}`);
    return { start: start + 4, length };
  }

  text(at: number): string {
    const { start, length } = this.vector(at, 1);
    return new TextDecoder().decode(this.source.read(start, Math.min(length, 65536)));
  }
}

/** A table: fields by number, each of which may be absent. */
export class FlatTable {
  private readonly fields: number;
  private readonly fieldBytes: number;

  constructor(
    private readonly buffer: FlatBuffer,
    private readonly at: number,
  ) {
    this.fields = at - buffer.i32(at);
    this.fieldBytes = buffer.u16(this.fields);
  }

  /** Where field `n` is stored; null when it is absent and has its default. */
  field(n: number): number | null {
    const slot = 4 + n * 2;
    if (slot + 2 > this.fieldBytes) return null;
    const offset = this.buffer.u16(this.fields + slot);
    return offset === 0 ? null : this.at + offset;
  }

  u8(n: number, absent = 0): number {
    const at = this.field(n);
    return at === null ? absent : this.buffer.u8(at);
  }

  i32(n: number, absent = 0): number {
    const at = this.field(n);
    return at === null ? absent : this.buffer.i32(at);
  }

  u32(n: number, absent = 0): number {
    return this.i32(n, absent) >>> 0;
  }

  u64(n: number, absent = 0): number {
    const at = this.field(n);
    return at === null ? absent : this.buffer.u64(at);
  }

  text(n: number): string {
    const at = this.field(n);
    return at === null ? '' : this.buffer.text(at);
  }

  vector(n: number, elementSize: number): { start: number; length: number } {
    const at = this.field(n);
    return at === null ? { start: 0, length: 0 } : this.buffer.vector(at, elementSize);
  }

  integers(n: number): number[] {
    const { start, length } = this.vector(n, 4);
    return Array.from({ length }, (_, i) => this.buffer.i32(start + 4 * i));
  }

  *tables(n: number): Generator<FlatTable> {
    const { start, length } = this.vector(n, 4);
    for (let i = 0; i < length; i++) yield new FlatTable(this.buffer, start + 4 * i + this.buffer.u32(start + 4 * i));
  }
}
