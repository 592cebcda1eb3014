import { ByteReader } from '../../byteReader';
import type { ByteSource } from '../../byteSource';
import { damaged } from '../../weightError';
import { signature } from './objectHeader';

/** Texts of variable length, which stand apart from the attributes that hold them (III.E). */
export class GlobalHeap {
  private readonly collections = new Map<number, Map<number, { start: number; length: number }>>();

  constructor(
    private readonly source: ByteSource,
    private readonly base: number,
  ) {}

  /** The text that a reference of 16 bytes leads to. */
  text(r: ByteReader): string {
    const length = r.u32();
    const address = this.base + r.u64();
    const index = r.u32();
    if (length === 0) return '';
    const object = this.objects(address).get(index);
    if (!object || object.length < length) damaged(`${this.source.label} has no HDF5 text ${index} of ${length} bytes at byte ${address}`);
    const bytes = this.source.read((object as { start: number }).start, length);
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }

  private objects(address: number): Map<number, { start: number; length: number }> {
    const known = this.collections.get(address);
    if (known) return known;
    const objects = new Map<number, { start: number; length: number }>();
    const head = new ByteReader(this.source, address);
    if (signature(head) !== 'GCOL') damaged(`${this.source.label} has no HDF5 heap at byte ${address}`);
    head.skip(4);
    const r = new ByteReader(this.source, address + 16, Math.min(this.source.size, address + head.u64()));
    while (r.left >= 16) {
      const index = r.u16();
      r.skip(6);
      const length = r.u64();
      // Number 0 is the free space at the end.
      if (index === 0) break;
      objects.set(index, { start: r.skip(length), length });
      r.skip(Math.min(r.left, (8 - (length % 8)) % 8));
    }
    this.collections.set(address, objects);
    return objects;
  }
}
