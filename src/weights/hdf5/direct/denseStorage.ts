import { ByteReader } from '../../byteReader';
import type { ByteSource } from '../../byteSource';
import { damaged } from '../../weightError';
import { signature } from './objectHeader';
import { unsupported } from './unsupported';
import { number } from './wholeNumber';

const MAX_NODES = 100_000;
const MAX_RECORDS = 1_000_000;
const MAX_LEVELS = 16;

interface Place {
  start: number;
  end: number;
}

/**
 * Where the links of a group, or the attributes of an object, lie when they are too many for its header: in a fractal heap (III.G)
 * that a B-tree of version 2 (III.A.2) lists by name.
 * @param idAt where in a record of the tree the heap's id stands: links have a hash before it
 */
export function densePlaces(source: ByteSource, heapAddress: number, treeAddress: number, base: number, idAt: number): Place[] {
  const heap = new FractalHeap(source, heapAddress, base);
  return [...treeRecords(source, treeAddress, base)].map(({ at }) => heap.place(at + idAt));
}

/** Bytes that hold whole numbers up to `limit`. */
function widthOf(limit: number): number {
  return Math.floor(Math.log2(limit) / 8) + 1;
}

/** The records of a B-tree of version 2: where each begins and how long it is; `type` tells what they are. */
export function* treeRecords(source: ByteSource, address: number, base: number): Generator<{ at: number; size: number; type: number }> {
  const h = new ByteReader(source, address);
  if (signature(h) !== 'BTHD') damaged(`${source.label} has no HDF5 B-tree at byte ${address}`);
  h.skip(1);
  const type = h.u8();
  const [nodeSize, recordSize, depth] = [h.u32(), h.u16(), h.u16()];
  h.skip(2);
  const root = h.u64big();
  const rootCount = h.u16();
  if (recordSize < 1 || depth > MAX_LEVELS) damaged(`${source.label} has an HDF5 B-tree that cannot be at byte ${address}`);
  // Of each level from the leaves up: how many records a node has room for, and how many there can be below it.
  const most = [Math.floor((nodeSize - 10) / recordSize)];
  const countWidth = widthOf(Math.max(1, most[0]));
  const below = [{ records: most[0], width: 0 }];
  for (let level = 1; level <= depth; level++) {
    const pointer = 8 + countWidth + below[level - 1].width;
    most[level] = Math.floor((nodeSize - 10 - pointer) / (recordSize + pointer));
    const within = (most[level] + 1) * below[level - 1].records + most[level];
    below[level] = { records: within, width: widthOf(Math.max(1, within)) };
  }
  if (root === 0xffffffffffffffffn) return;
  const seen = new Set<number>();
  let records = 0;
  const left = [{ at: base + Number(root), count: rootCount, level: depth }];
  for (let node = left.pop(); node; node = left.pop()) {
    const { at, count, level } = node;
    if (seen.has(at) || seen.size > MAX_NODES) damaged(`${source.label} has an HDF5 B-tree that goes round in circles at byte ${at}`);
    seen.add(at);
    const r = new ByteReader(source, at);
    if (signature(r) !== (level > 0 ? 'BTIN' : 'BTLF') || count > most[level])
      damaged(`${source.label} has no HDF5 B-tree node at byte ${at}`);
    r.skip(2);
    records += count;
    if (records > MAX_RECORDS) damaged(`${source.label} has an HDF5 B-tree of more than ${MAX_RECORDS} entries at byte ${address}`);
    for (let i = 0; i < count; i++) yield { at: r.skip(recordSize), size: recordSize, type };
    for (let i = 0; level > 0 && i <= count; i++) {
      const child = base + r.u64();
      left.push({ at: child, count: number(r, countWidth), level: level - 1 });
      r.skip(below[level - 1].width);
    }
  }
}

/** Small objects in blocks whose sizes double. */
class FractalHeap {
  private readonly offsetWidth: number;
  private readonly lengthWidth: number;
  private readonly columns: number;
  private readonly startSize: number;
  private readonly directRows: number;
  private readonly rows: number;
  private readonly root: number;

  constructor(
    private readonly source: ByteSource,
    private readonly address: number,
    private readonly base: number,
  ) {
    const r = new ByteReader(source, address);
    if (signature(r) !== 'FRHP') damaged(`${source.label} has no HDF5 heap at byte ${address}`);
    r.skip(3);
    if (r.u16() !== 0) unsupported('packed heap');
    r.skip(1);
    const largestObject = r.u32();
    r.skip(12 * 8);
    this.columns = r.u16();
    this.startSize = r.u64();
    const largestDirect = r.u64();
    const bits = r.u16();
    r.skip(2);
    this.root = base + r.u64();
    this.rows = r.u16();
    const isPower = (n: number): boolean => n > 0 && Number.isInteger(Math.log2(n));
    if (![this.columns, this.startSize, largestDirect].every(isPower) || bits > 64 || largestObject < 1 || largestDirect < this.startSize)
      damaged(`${source.label} has an HDF5 heap that cannot be at byte ${address}`);
    this.offsetWidth = Math.ceil(bits / 8);
    this.lengthWidth = Math.min(Math.ceil(Math.log2(largestDirect) / 8), widthOf(largestObject));
    this.directRows = Math.log2(largestDirect / this.startSize) + 2;
  }

  /** Where the object lies whose id begins at a byte. */
  place(idAt: number): Place {
    const r = new ByteReader(this.source, idAt);
    const kind = r.u8();
    // Huge and tiny objects lie elsewhere.
    if (kind !== 0) unsupported('kind of heap object');
    const offset = number(r, this.offsetWidth);
    const length = number(r, this.lengthWidth);
    const start = this.rows === 0 ? this.root + offset : this.inside(this.root, this.rows, offset, 0);
    return { start, end: start + length };
  }

  /** The address of a byte of the heap, by an indirect block of so many rows. */
  private inside(block: number, rows: number, offset: number, level: number): number {
    const firstRow = this.columns * this.startSize;
    const row = offset < firstRow ? 0 : Math.floor(Math.log2(offset / firstRow)) + 1;
    const size = this.startSize * 2 ** Math.max(0, row - 1);
    const begin = row === 0 ? 0 : firstRow * 2 ** (row - 1);
    const column = Math.floor((offset - begin) / size);
    const rest = offset - begin - column * size;
    const r = new ByteReader(this.source, block);
    if (signature(r) !== 'FHIB' || row >= rows || level > MAX_LEVELS)
      damaged(`${this.source.label} has no place ${offset} in the HDF5 heap at byte ${this.address}`);
    r.skip(1 + 8 + this.offsetWidth + 8 * (row * this.columns + column));
    const child = r.u64big();
    if (child === 0xffffffffffffffffn) damaged(`${this.source.label} has a hole in the HDF5 heap at byte ${this.address}`);
    const at = this.base + Number(child);
    return row < this.directRows ? at + rest : this.inside(at, Math.log2(size / firstRow) + 1, rest, level + 1);
  }
}
