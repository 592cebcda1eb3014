import { inflateSync } from 'node:zlib';
import type { ByteSource } from '../../byteSource';
import { damaged } from '../../weightError';
import { readChunkIndex, type Chunk } from './chunkIndex';
import { unpackLzf } from './lzf';
import { LZF, type ChunkIndex } from './messages';

const MAX_CHUNK = 512 * 1024 * 1024;

/** Values stored in chunks, each packed by itself. */
export class Chunks {
  private list: Chunk[] | null = null;
  private last: { chunk: Chunk; bytes: Uint8Array } | null = null;

  constructor(
    private readonly source: ByteSource,
    private readonly base: number,
    private readonly index: ChunkIndex,
    private readonly shape: readonly number[],
    private readonly chunkShape: readonly number[],
    private readonly size: number,
    private readonly filters: readonly number[],
  ) {
    const bytes = chunkShape.reduce((a, b) => a * b, size);
    if (!(bytes > 0 && bytes <= MAX_CHUNK)) damaged(`${source.label} has HDF5 chunks of ${bytes} bytes`);
    if (chunkShape.length !== shape.length)
      damaged(`${source.label} has HDF5 chunks of ${chunkShape.length} axes for values of ${shape.length}`);
  }

  /** Values start … end - 1; what was never written is zero. */
  read(start: number, end: number): Uint8Array {
    const out = new Uint8Array((end - start) * this.size);
    const row = this.shape.slice(1).reduce((a, b) => a * b, 1);
    const [first, last] = [Math.floor(start / row), Math.ceil(end / row)];
    for (const chunk of this.chunks()) {
      const top = chunk.origin[0];
      if (top < last && top + this.chunkShape[0] > first) this.copy(chunk, start, end, out);
    }
    return out;
  }

  private chunks(): Chunk[] {
    const { shape, chunkShape } = this;
    const grid = { shape, chunkShape, bytes: chunkShape.reduce((a, b) => a * b, this.size) };
    return (this.list ??= readChunkIndex(this.source, this.base, this.index, grid));
  }

  /** Row by row of the chunk's last axis, as far as it lies in the tensor and in the range. */
  private copy(chunk: Chunk, start: number, end: number, out: Uint8Array): void {
    const { shape, chunkShape, size } = this;
    const rank = shape.length;
    if (chunk.origin.some((o, k) => o >= shape[k])) return;
    const bytes = this.unpack(chunk);
    const width = Math.min(chunkShape[rank - 1], shape[rank - 1] - chunk.origin[rank - 1]);
    const rows = chunkShape.slice(0, -1).reduce((a, b) => a * b, 1);
    for (let row = 0; row < rows; row++) {
      let [rest, at, step, isInside] = [row, chunk.origin[rank - 1], shape[rank - 1], true];
      for (let k = rank - 2; k >= 0; k--) {
        const index = chunk.origin[k] + (rest % chunkShape[k]);
        rest = Math.floor(rest / chunkShape[k]);
        if (index >= shape[k]) isInside = false;
        at += index * step;
        step *= shape[k];
      }
      const from = Math.max(start, at);
      const to = Math.min(end, at + width);
      if (!isInside || from >= to) continue;
      const source = (row * chunkShape[rank - 1] + from - at) * size;
      out.set(bytes.subarray(source, source + (to - from) * size), (from - start) * size);
    }
  }

  private unpack(chunk: Chunk): Uint8Array {
    if (this.last?.chunk === chunk) return this.last.bytes;
    const expected = this.chunkShape.reduce((a, b) => a * b, this.size);
    let bytes = this.source.read(chunk.address, chunk.length);
    for (let i = this.filters.length - 1; i >= 0; i--) {
      if (chunk.skipped & (1 << i)) continue;
      // Room for the checksum that may follow the values.
      if (this.filters[i] === 1) bytes = this.inflate(bytes, expected + 4, chunk);
      else if (this.filters[i] === LZF) bytes = unpackLzf(bytes, expected + 4, this.nameOf(chunk));
      else if (this.filters[i] === 2) bytes = unshuffle(bytes, this.size);
      else bytes = bytes.subarray(0, Math.max(0, bytes.length - 4));
    }
    if (bytes.length !== expected) damaged(`${this.nameOf(chunk)} has ${bytes.length} bytes instead of ${expected}`);
    this.last = { chunk, bytes };
    return bytes;
  }

  private inflate(bytes: Uint8Array, most: number, chunk: Chunk): Uint8Array {
    try {
      return inflateSync(bytes, { maxOutputLength: most });
    } catch (error) {
      return damaged(`${this.nameOf(chunk)} cannot be unpacked (${(error as Error).message})`);
    }
  }

  private nameOf(chunk: Chunk): string {
    return `the HDF5 chunk at byte ${chunk.address} of ${this.source.label}`;
  }
}

/** Shuffled bytes stand by their place in the value: all first bytes, all second ones, … */
function unshuffle(bytes: Uint8Array, size: number): Uint8Array {
  const count = Math.floor(bytes.length / size);
  const out = new Uint8Array(bytes);
  for (let k = 0; k < size; k++) for (let i = 0; i < count; i++) out[i * size + k] = bytes[k * count + i];
  return out;
}
