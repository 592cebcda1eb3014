import { ByteReader } from '../../byteReader';
import type { ByteSource } from '../../byteSource';
import { damaged } from '../../weightError';
import { unsupported } from './unsupported';

/** A part of an object's header. */
export interface HeaderMessage {
  type: number;
  start: number;
  end: number;
}

const MAX_MESSAGES = 100_000;
const CONTINUATION = 0x10;

/**
 * The messages of an object header of version 1 or 2, its continuations included (HDF5 File Format Specification 3.0, IV.A).
 * @param base Added to every address in the file.
 */
export function readObjectHeader(source: ByteSource, address: number, base: number): HeaderMessage[] {
  const r = new ByteReader(source, address);
  const isNew = signature(r) === 'OHDR';
  if (!isNew) r.offset = address;
  const messages: HeaderMessage[] = [];
  const blocks: { start: number; end: number }[] = [];
  let hasOrder = false;
  if (isNew) {
    if (r.u8() !== 2) unsupported('object header version');
    const flags = r.u8();
    hasOrder = (flags & 4) !== 0;
    r.skip((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0));
    const length = [() => r.u8(), () => r.u16(), () => r.u32(), () => r.u64()][flags & 3]();
    blocks.push({ start: r.offset, end: r.offset + length });
  } else {
    if (r.u8() !== 1) damaged(`${source.label} has no HDF5 object at byte ${address}`);
    r.skip(7);
    const length = r.u32();
    r.skip(4);
    blocks.push({ start: r.offset, end: r.offset + length });
  }
  const seen = new Set<number>();
  for (let block = blocks.shift(); block; block = blocks.shift()) {
    if (seen.has(block.start)) damaged(`${source.label} has an HDF5 object at byte ${address} that continues in itself`);
    seen.add(block.start);
    const b = new ByteReader(source, block.start, block.end);
    const headLength = isNew ? 4 + (hasOrder ? 2 : 0) : 8;
    while (b.left >= headLength) {
      const type = isNew ? b.u8() : b.u16();
      const length = b.u16();
      const flags = b.u8();
      b.skip(isNew ? (hasOrder ? 2 : 0) : 3);
      const start = b.skip(length);
      if (type === CONTINUATION) {
        const c = new ByteReader(source, start, start + length);
        const from = base + c.u64();
        const to = from + c.u64();
        if (to > source.size)
          damaged(`${source.label} has an HDF5 object at byte ${address} that continues at byte ${from}, behind its end`);
        if (isNew && signature(new ByteReader(source, from)) !== 'OCHK')
          damaged(`${source.label} has no HDF5 object header at byte ${from}`);
        // The new form has a signature before and a checksum behind its messages.
        blocks.push(isNew ? { start: from + 4, end: to - 4 } : { start: from, end: to });
        continue;
      }
      if (flags & 2) unsupported('shared message');
      if (type !== 0) messages.push({ type, start, end: start + length });
      if (messages.length > MAX_MESSAGES) damaged(`${source.label} has an HDF5 object of too many parts at byte ${address}`);
    }
  }
  return messages;
}

export function signature(r: ByteReader): string {
  return String.fromCharCode(r.u8(), r.u8(), r.u8(), r.u8());
}
