import { JoinedSource, MemorySource, SliceSource, type ByteSource } from './byteSource';
import type { Field, Message } from './protobuf';
import { WeightError } from './weightError';

const MAX_PIECES = 1 << 24;

/** Collects a repeated field of fixed-size numbers, which may come packed, in several packs, or one by one. */
export class RepeatedValues {
  private readonly pieces: { start: number; end: number }[] = [];
  bytes = 0;

  add(field: Field): void {
    this.bytes += field.end - field.start;
    const last = this.pieces.at(-1);
    if (last && last.end === field.start) last.end = field.end;
    else this.pieces.push({ start: field.start, end: field.end });
    if (this.pieces.length > MAX_PIECES) throw new WeightError('a tensor comes in too many pieces', 'save the model again');
  }

  /** The values one after the other. */
  source(message: Message, label: string): ByteSource {
    const { source } = message;
    const slices = this.pieces.map((p) => new SliceSource(source, p.start, p.end - p.start, label));
    if (slices.length === 1) return slices[0];
    // Written one by one, every number has a tag of its own before it.
    if (slices.length <= 64) return new JoinedSource(slices, label);
    const all = new Uint8Array(this.bytes);
    let at = 0;
    for (const slice of slices) {
      all.set(slice.read(0, slice.size), at);
      at += slice.size;
    }
    return new MemorySource(all, label);
  }
}
