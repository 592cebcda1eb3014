import { Inflate, inflateSync } from 'fflate';
import { checkRange, type ByteSource } from './byteSource';
import { damaged } from './weightError';

/** Packed bytes taken at a time; they can grow 1032-fold. */
const STEP = 16 * 1024;
/** Content up to this size is unpacked at once: a stream would need more memory than it. */
const SMALL = 128 * 1024;
/** Unpacked content up to this size is kept while it is in use. */
const KEPT = 16 * 1024 * 1024;
/** Behind what was read last, this much stays at hand. */
const BEHIND = 1024 * 1024;

/** Of all entries of an archive, only the few used last keep what was unpacked. */
export class InflatedInUse {
  private readonly last: InflatedSource[] = [];

  use(source: InflatedSource): void {
    if (this.last.at(-1) === source) return;
    const at = this.last.indexOf(source);
    if (at >= 0) this.last.splice(at, 1);
    this.last.push(source);
    if (this.last.length > 4) this.last.shift()?.close();
  }
}

/** Deflated bytes, unpacked as far as they are read: forward reading costs no memory, going back starts again. */
export class InflatedSource implements ByteSource {
  private inflate: Inflate | null = null;
  /** All of a small entry. */
  private whole: Uint8Array | null = null;
  private consumed = 0;
  private pieces: Uint8Array[] = [];
  /** Where the first piece begins, and where the last one ends. */
  private begin = 0;
  private produced = 0;

  constructor(
    private readonly packed: ByteSource,
    readonly size: number,
    readonly label: string,
    private readonly inUse: InflatedInUse,
  ) {}

  read(offset: number, length: number): Uint8Array {
    checkRange(this.label, this.size, offset, length);
    this.inUse.use(this);
    if (this.size <= SMALL && this.packed.size <= SMALL) return this.unpackAtOnce().subarray(offset, offset + length);
    if (!this.inflate || offset < this.begin) this.restart();
    while (this.produced < offset + length) {
      this.step();
      if (this.size > KEPT) this.forget(Math.min(offset, this.produced) - BEHIND);
    }
    return this.copy(offset, length);
  }

  close(): void {
    this.forgetAll();
    this.inflate = null;
    this.whole = null;
  }

  private forgetAll(): void {
    this.pieces = [];
    this.begin = this.produced = this.consumed = 0;
  }

  private unpackAtOnce(): Uint8Array {
    if (this.whole) return this.whole;
    // A byte more than it claims to have, so that more would be seen.
    const out = new Uint8Array(this.size + 1);
    let whole: Uint8Array;
    try {
      whole = this.packed.size === 0 ? new Uint8Array(0) : inflateSync(this.packed.read(0, this.packed.size), { out });
    } catch (error) {
      damaged(`the zip entry ${this.label} cannot be unpacked (${(error as Error).message})`);
    }
    if (whole.length > this.size) damaged(`the zip entry ${this.label} unpacks to more than the ${this.size} bytes it claims`);
    if (whole.length < this.size) damaged(`the zip entry ${this.label} unpacks to ${whole.length} bytes instead of ${this.size}`);
    return (this.whole = whole);
  }

  private restart(): void {
    this.forgetAll();
    this.inflate = new Inflate((piece) => {
      if (piece.length === 0) return;
      this.pieces.push(piece);
      this.produced += piece.length;
      if (this.produced > this.size) damaged(`the zip entry ${this.label} unpacks to more than the ${this.size} bytes it claims`);
    });
  }

  private step(): void {
    const length = Math.min(STEP, this.packed.size - this.consumed);
    if (length === 0) damaged(`the zip entry ${this.label} unpacks to ${this.produced} bytes instead of ${this.size}`);
    const isLast = this.consumed + length === this.packed.size;
    try {
      this.inflate?.push(this.packed.read(this.consumed, length).slice(), isLast);
    } catch (error) {
      this.inflate = null;
      if (error instanceof Error && error.name === 'WeightError') throw error;
      damaged(`the zip entry ${this.label} cannot be unpacked (${(error as Error).message} near packed byte ${this.consumed})`);
    }
    this.consumed += length;
  }

  private forget(before: number): void {
    while (this.pieces.length > 1 && this.begin + this.pieces[0].length <= before) this.begin += (this.pieces.shift() as Uint8Array).length;
  }

  private copy(offset: number, length: number): Uint8Array {
    const out = new Uint8Array(length);
    let at = this.begin;
    for (const piece of this.pieces) {
      const from = Math.max(offset, at);
      const to = Math.min(offset + length, at + piece.length);
      if (from < to) out.set(piece.subarray(from - at, to - at), from - offset);
      if (at >= offset + length) break;
      at += piece.length;
    }
    return out;
  }
}
