import * as fs from 'node:fs';
import { describeOpenError } from './describeOpenError';
import { damaged, WeightError } from './weightError';

/** Bytes that can be read anywhere without reading the rest. */
export interface ByteSource {
  /** For messages: the file's name, or an entry inside it. */
  readonly label: string;
  readonly size: number;
  /**
   * A copy or a view that the caller must not change.
   * @throws WeightError when the range is not inside the source.
   */
  read(offset: number, length: number): Uint8Array;
  close(): void;
}

const PAGE = 64 * 1024;
const PAGES = 64;

/** @throws WeightError when [offset, offset + length) is not inside `size` bytes. */
export function checkRange(label: string, size: number, offset: number, length: number): void {
  const isWhole = Number.isSafeInteger(offset) && Number.isSafeInteger(length) && offset >= 0 && length >= 0;
  if (!isWhole || offset + length > size) damaged(`${label} has ${size} bytes, but ${length} are expected from byte ${offset} on`);
}

/** A file, read by position. Small reads come from a bounded cache of pages. */
export class FileSource implements ByteSource {
  readonly size: number;
  private fd: number | null;
  private readonly pages = new Map<number, Uint8Array>();
  /** The page that was asked for last is mostly the next one, too. */
  private last: { index: number; page: Uint8Array } | null = null;

  /** @throws WeightError when the file cannot be opened. */
  constructor(
    readonly path: string,
    readonly label: string,
  ) {
    try {
      // A pipe would keep the call waiting for a writer.
      this.fd = fs.openSync(path, fs.constants.O_RDONLY | (fs.constants.O_NONBLOCK ?? 0));
    } catch (error) {
      throw describeOpenError(label, error);
    }
    const stat = fs.fstatSync(this.fd);
    if (!stat.isFile()) {
      this.close();
      throw new WeightError(`${label} is not a regular file`, 'give a weight file');
    }
    this.size = stat.size;
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this.label, this.size, offset, length);
    if (length > PAGE / 2) return this.readDirect(offset, length);
    const first = Math.floor(offset / PAGE);
    const at = offset - first * PAGE;
    const page = this.page(first);
    if (at + length <= page.length) return page.subarray(at, at + length);
    const out = new Uint8Array(length);
    out.set(page.subarray(at));
    out.set(this.page(first + 1).subarray(0, at + length - page.length), page.length - at);
    return out;
  }

  close(): void {
    if (this.fd !== null) fs.closeSync(this.fd);
    this.fd = null;
    this.pages.clear();
    this.last = null;
  }

  private page(index: number): Uint8Array {
    if (this.last?.index === index) return this.last.page;
    let page = this.pages.get(index);
    if (page) {
      this.pages.delete(index);
    } else {
      page = this.readDirect(index * PAGE, Math.min(PAGE, this.size - index * PAGE));
      if (this.pages.size >= PAGES) this.pages.delete(this.pages.keys().next().value as number);
    }
    this.pages.set(index, page);
    this.last = { index, page };
    return page;
  }

  private readDirect(offset: number, length: number): Uint8Array {
    if (this.fd === null) throw new WeightError(`${this.label} was closed`, 'open it again');
    const out = new Uint8Array(length);
    for (let done = 0; done < length;) {
      const n = fs.readSync(this.fd, out, done, length - done, offset + done);
      if (n === 0) throw new WeightError(`${this.label} got shorter while it was read`, 'open it again when it has been written');
      done += n;
    }
    return out;
  }
}

/** Bytes in memory. */
export class MemorySource implements ByteSource {
  readonly size: number;

  constructor(
    private readonly bytes: Uint8Array,
    readonly label: string,
  ) {
    this.size = bytes.length;
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this.label, this.size, offset, length);
    return this.bytes.subarray(offset, offset + length);
  }

  close(): void {}
}

/** A part of another source, which stays its owner's to close. */
export class SliceSource implements ByteSource {
  constructor(
    private readonly source: ByteSource,
    private readonly start: number,
    readonly size: number,
    readonly label: string,
  ) {
    checkRange(source.label, source.size, start, size);
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this.label, this.size, offset, length);
    return this.source.read(this.start + offset, length);
  }

  close(): void {}
}

/** Several sources seen as one, such as the shards of a group. Closing it closes them. */
export class JoinedSource implements ByteSource {
  readonly size: number;
  private readonly starts: number[] = [];

  constructor(
    private readonly parts: ByteSource[],
    readonly label: string,
  ) {
    let size = 0;
    for (const part of parts) {
      this.starts.push(size);
      size += part.size;
    }
    this.size = size;
  }

  read(offset: number, length: number): Uint8Array {
    checkRange(this.label, this.size, offset, length);
    const out = new Uint8Array(length);
    for (let i = 0; i < this.parts.length; i++) {
      const from = Math.max(offset, this.starts[i]);
      const to = Math.min(offset + length, this.starts[i] + this.parts[i].size);
      if (from < to) out.set(this.parts[i].read(from - this.starts[i], to - from), from - offset);
    }
    return out;
  }

  close(): void {
    for (const part of this.parts) part.close();
  }
}
