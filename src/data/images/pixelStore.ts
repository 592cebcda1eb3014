import { randomUUID } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { promisify } from 'node:util';

const read = promisify(fs.read);

/** Decoded images of one size are kept in memory up to this many bytes, beyond that in a file. */
export const maxBytesInMemory = 512 * 2 ** 20;

/** Keeps decoded images of `size` bytes each. */
export interface PixelStore {
  /** How many images, from the first on, it can keep; the others are decoded each time they are wanted. */
  readonly capacity: number;
  put(index: number, pixels: Uint8Array): void;
  /** An image that was put; a promise only where it must be read from the disk. */
  get(index: number): Uint8Array | Promise<Uint8Array>;
  dispose(): void;
}

/** Memory where it suffices, else a file in `cacheFolder`, else memory for as many as fit. */
export function createPixelStore(count: number, size: number, cacheFolder: string | null): PixelStore {
  if (count * size <= maxBytesInMemory) return new MemoryStore(count, size);
  if (cacheFolder) return new FileStore(cacheFolder, count, size);
  return new MemoryStore(Math.floor(maxBytesInMemory / size), size);
}

class MemoryStore implements PixelStore {
  private readonly bytes: Uint8Array;

  constructor(
    readonly capacity: number,
    private readonly size: number,
  ) {
    this.bytes = new Uint8Array(capacity * size);
  }

  put(index: number, pixels: Uint8Array): void {
    this.bytes.set(pixels, index * this.size);
  }

  get(index: number): Uint8Array {
    return this.bytes.subarray(index * this.size, (index + 1) * this.size);
  }

  dispose(): void {
    // The garbage collector has the rest.
  }
}

class FileStore implements PixelStore {
  private readonly file: string;
  private readonly handle: number;

  constructor(
    folder: string,
    readonly capacity: number,
    private readonly size: number,
  ) {
    fs.mkdirSync(folder, { recursive: true });
    this.file = path.join(folder, `decoded-${randomUUID()}.bin`);
    this.handle = fs.openSync(this.file, 'wx+');
  }

  put(index: number, pixels: Uint8Array): void {
    fs.writeSync(this.handle, pixels, 0, this.size, index * this.size);
  }

  async get(index: number): Promise<Uint8Array> {
    const pixels = new Uint8Array(this.size);
    await read(this.handle, pixels, 0, this.size, index * this.size);
    return pixels;
  }

  dispose(): void {
    fs.closeSync(this.handle);
    fs.rmSync(this.file, { force: true });
  }
}
