import { ByteReader } from '../../byteReader';
import type { ByteSource } from '../../byteSource';
import { damaged } from '../../weightError';
import { treeRecords } from './denseStorage';
import { treeLeaves } from './groups';
import { UNDEFINED, type ChunkIndex } from './messages';
import { signature } from './objectHeader';
import { number } from './wholeNumber';

const MAX_CHUNKS = 5_000_000;

export interface Chunk {
  /** Of its first value, per axis. */
  origin: number[];
  address: number;
  length: number;
  /** Filters that were left out, one bit each. */
  skipped: number;
}

export interface ChunkGrid {
  shape: readonly number[];
  chunkShape: readonly number[];
  /** Of a chunk as it is unpacked, in bytes. */
  bytes: number;
}

/** The chunks that an index lists; those that were never written are left out. */
export function readChunkIndex(source: ByteSource, base: number, index: ChunkIndex, grid: ChunkGrid): Chunk[] {
  const tooMany = (): never => damaged(`${source.label} has more than ${MAX_CHUNKS} HDF5 chunks`);
  if ((index.kind === 'implicit' || index.kind === 'array') && chunkCount(grid) > MAX_CHUNKS) tooMany();
  const list: Chunk[] = [];
  for (const chunk of chunksOf(source, base, index, grid)) if (list.push(chunk) > MAX_CHUNKS) tooMany();
  return list;
}

function* chunksOf(source: ByteSource, base: number, index: ChunkIndex, grid: ChunkGrid): Generator<Chunk> {
  if (index.address === UNDEFINED) return;
  const address = base + Number(index.address);
  const { shape, chunkShape, bytes } = grid;
  switch (index.kind) {
    case 'tree':
      // III.A.1, node type 1.
      for (const { key, child } of treeLeaves(source, address, base, 1, 8 + 8 * (shape.length + 1))) {
        const r = new ByteReader(source, key);
        const [length, skipped] = [r.u32(), r.u32()];
        yield { origin: shape.map(() => r.u64()), address: child, length, skipped };
      }
      return;
    case 'single':
      return yield { origin: shape.map(() => 0), address, length: index.length ?? bytes, skipped: index.skipped };
    case 'implicit':
      for (let i = 0; i < chunkCount(grid); i++)
        yield { origin: originOf(grid, i), address: address + i * bytes, length: bytes, skipped: 0 };
      return;
    case 'array':
      return yield* fixedArray(source, base, address, grid);
    case 'newTree':
      for (const { at, size, type } of treeRecords(source, address, base)) {
        const r = new ByteReader(source, at);
        const isPacked = type === 11;
        const chunk = r.u64();
        const length = isPacked ? number(r, size - 8 - 4 - 8 * shape.length) : bytes;
        const skipped = isPacked ? r.u32() : 0;
        yield { origin: chunkShape.map((n) => r.u64() * n), address: base + chunk, length, skipped };
      }
  }
}

/** VII.C: one entry for each place of the grid, row by row. */
function* fixedArray(source: ByteSource, base: number, address: number, grid: ChunkGrid): Generator<Chunk> {
  const h = new ByteReader(source, address);
  if (signature(h) !== 'FAHD') damaged(`${source.label} has no HDF5 array of chunks at byte ${address}`);
  h.skip(1);
  const isPacked = h.u8() === 1;
  const [entrySize, pageBits, count] = [h.u8(), h.u8(), h.u64()];
  const at = h.u64big();
  if (at === UNDEFINED) return;
  const block = base + Number(at);
  if (signature(new ByteReader(source, block)) !== 'FADB' || count !== chunkCount(grid) || entrySize < (isPacked ? 13 : 8))
    damaged(`${source.label} has no HDF5 array of ${chunkCount(grid)} chunks at byte ${block}`);
  const perPage = 2 ** pageBits;
  const pages = count > perPage ? Math.ceil(count / perPage) : 0;
  const begin = block + 14;
  for (let i = 0; i < count; i++) {
    const page = Math.floor(i / perPage);
    // Pages that were never written are marked so in a bit each, the highest first; a checksum follows the bits and every page.
    if (pages > 0 && !(source.read(begin + (page >> 3), 1)[0] & (0x80 >> (page & 7)))) continue;
    const first = pages > 0 ? begin + Math.ceil(pages / 8) + 4 + page * 4 : begin;
    const r = new ByteReader(source, first + i * entrySize);
    const chunk = r.u64big();
    if (chunk === UNDEFINED) continue;
    const length = isPacked ? number(r, entrySize - 12) : grid.bytes;
    yield { origin: originOf(grid, i), address: base + Number(chunk), length, skipped: isPacked ? r.u32() : 0 };
  }
}

function chunkCount({ shape, chunkShape }: ChunkGrid): number {
  return shape.reduce((count, n, k) => count * Math.ceil(n / chunkShape[k]), 1);
}

function originOf({ shape, chunkShape }: ChunkGrid, index: number): number[] {
  const origin = shape.map(() => 0);
  for (let k = shape.length - 1; k >= 0; k--) {
    const across = Math.ceil(shape[k] / chunkShape[k]);
    origin[k] = (index % across) * chunkShape[k];
    index = Math.floor(index / across);
  }
  return origin;
}
