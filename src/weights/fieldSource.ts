import { checkRange, type ByteSource } from './byteSource';

/** Bytes of records that are taken at a time. */
const PIECE = 4 * 1024 * 1024;

/** One field of records that lie one after the other, as if it stood alone. */
export class FieldSource implements ByteSource {
  readonly size: number;
  readonly label: string;

  /**
   * @param start of the first record
   * @param recordSize bytes from one record to the next
   * @param at of the field in its record, and its length in bytes
   * @throws WeightError when the records do not fit the source.
   */
  constructor(
    private readonly source: ByteSource,
    private readonly start: number,
    count: number,
    private readonly recordSize: number,
    private readonly at: number,
    private readonly length: number,
  ) {
    checkRange(source.label, source.size, start, count * recordSize);
    this.size = count * length;
    this.label = source.label;
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this.label, this.size, offset, length);
    const out = new Uint8Array(length);
    const last = Math.ceil((offset + length) / this.length);
    const step = Math.max(1, Math.floor(PIECE / this.recordSize));
    for (let first = Math.floor(offset / this.length); first < last; first += step) {
      const count = Math.min(step, last - first);
      const records = this.source.read(this.start + first * this.recordSize, count * this.recordSize);
      for (let i = 0; i < count; i++) {
        const from = i * this.recordSize + this.at;
        const to = (first + i) * this.length - offset;
        const cut = Math.max(0, -to);
        const end = Math.min(this.length, length - to);
        if (end > cut) out.set(records.subarray(from + cut, from + end), to + cut);
      }
    }
    return out;
  }

  close(): void {}
}
