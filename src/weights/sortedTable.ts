import { ByteReader } from './byteReader';
import { MemorySource, type ByteSource } from './byteSource';
import { crc32c, unmaskCrc } from './crc32c';
import { varint } from './protobuf';
import { unpackSnappy } from './snappy';
import { damaged } from './weightError';

const FOOTER = 48;
const MAGIC = 0xdb4775248b80fb57n;
const MAX_BLOCK = 64 * 1024 * 1024;
const MAX_KEY = 1 << 20;

export interface TableEntry {
  /** Bytes as Latin-1, so that any key is kept. */
  key: string;
  value: Uint8Array;
}

/** LevelDB's magic number ends the file. */
export function looksLikeSortedTable(source: ByteSource): boolean {
  if (source.size < FOOTER) return false;
  const tail = source.read(source.size - 8, 8);
  return new DataView(tail.buffer, tail.byteOffset, 8).getBigUint64(0, true) === MAGIC;
}

/**
 * All entries of a LevelDB table, in the order of their keys (leveldb/doc/table_format.md).
 * @throws WeightError when a block is damaged.
 */
export function* readSortedTable(source: ByteSource): Generator<TableEntry> {
  const footer = new ByteReader(source, source.size - FOOTER);
  handle(footer);
  for (const { value } of block(source, handle(footer))) {
    yield* block(source, handle(new ByteReader(new MemorySource(value, source.label))));
  }
}

interface BlockHandle {
  offset: number;
  size: number;
}

function handle(r: ByteReader): BlockHandle {
  return { offset: Number(varint(r)), size: Number(varint(r)) };
}

function* block(source: ByteSource, { offset, size }: BlockHandle): Generator<TableEntry> {
  if (!(size >= 0 && size <= MAX_BLOCK)) damaged(`${source.label} has a block of ${size} bytes at byte ${offset}`);
  const stored = source.read(offset, size + 5);
  const view = new DataView(stored.buffer, stored.byteOffset, stored.length);
  if (crc32c(stored.subarray(0, size + 1)) !== unmaskCrc(view.getUint32(size + 1, true)))
    damaged(`the block at byte ${offset} of ${source.label} does not match its checksum`);
  const kind = stored[size];
  if (kind > 1) damaged(`${source.label} has a block packed by method ${kind} at byte ${offset}`);
  const bytes = kind === 1 ? unpackSnappy(stored.subarray(0, size), source.label) : stored.subarray(0, size);
  if (bytes.length < 4) damaged(`${source.label} has an empty block at byte ${offset}`);
  const restarts = new DataView(bytes.buffer, bytes.byteOffset + bytes.length - 4, 4).getUint32(0, true);
  const end = bytes.length - 4 - restarts * 4;
  if (end < 0) damaged(`${source.label} has a block with ${restarts} restarts at byte ${offset}`);
  const r = new ByteReader(new MemorySource(bytes, source.label), 0, end);
  let key = '';
  while (r.offset < end) {
    const [shared, own, length] = [Number(varint(r)), Number(varint(r)), Number(varint(r))];
    if (shared > key.length || own < 0 || own > MAX_KEY) damaged(`${source.label} has an impossible key in the block at byte ${offset}`);
    key = key.slice(0, shared) + Buffer.from(r.bytes(own)).toString('latin1');
    yield { key, value: r.bytes(length) };
  }
}
