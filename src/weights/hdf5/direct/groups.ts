import { ByteReader } from '../../byteReader';
import type { ByteSource } from '../../byteSource';
import { damaged } from '../../weightError';
import { signature } from './objectHeader';
import { unsupported } from './unsupported';

const MAX_NODES = 100_000;
const MAX_NAME = 65536;

/**
 * The links of a group in its older form: a B-tree of symbol table nodes, names in a local heap (III.A.1, III.B, III.D).
 * @returns Name and address of each object.
 */
export function readSymbolTable(source: ByteSource, tree: number, heap: number, base: number): Map<string, number> {
  const h = new ByteReader(source, heap);
  if (signature(h) !== 'HEAP') damaged(`${source.label} has no HDF5 heap at byte ${heap}`);
  h.skip(4);
  const heapLength = h.u64();
  h.skip(8);
  const names = base + h.u64();
  const links = new Map<string, number>();
  for (const node of treeLeaves(source, tree, base, 0, 8)) {
    const r = new ByteReader(source, node.child);
    if (signature(r) !== 'SNOD') damaged(`${source.label} has no HDF5 symbol table at byte ${node.child}`);
    r.skip(2);
    for (let count = r.u16(); count > 0; count--) {
      const name = nameAt(r.u64());
      // A soft link has no address.
      const address = r.u64big();
      if (r.u32() === 2) unsupported('soft link');
      r.skip(20);
      links.set(name, base + Number(address));
    }
  }
  return links;

  function nameAt(offset: number): string {
    if (offset >= heapLength) damaged(`${source.label} has an HDF5 name outside its heap at byte ${names + offset}`);
    const longest = Math.min(MAX_NAME, heapLength - offset, source.size - names - offset);
    const bytes = source.read(names + offset, Math.max(0, longest));
    const end = bytes.indexOf(0);
    return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
  }
}

/** The entries at the bottom of a B-tree of version 1; a key stands before each child. */
export function* treeLeaves(
  source: ByteSource,
  root: number,
  base: number,
  type: number,
  keyLength: number,
): Generator<{ key: number; child: number }> {
  const seen = new Set<number>();
  const left = [root];
  for (let address = left.pop(); address !== undefined; address = left.pop()) {
    if (seen.has(address) || seen.size > MAX_NODES)
      damaged(`${source.label} has an HDF5 B-tree that goes round in circles at byte ${address}`);
    seen.add(address);
    const r = new ByteReader(source, address);
    if (signature(r) !== 'TREE' || r.u8() !== type) damaged(`${source.label} has no HDF5 B-tree at byte ${address}`);
    const level = r.u8();
    const count = r.u16();
    r.skip(16);
    const children: number[] = [];
    for (let i = 0; i < count; i++) {
      const key = r.skip(keyLength);
      const child = base + r.u64();
      if (level === 0) yield { key, child };
      else children.push(child);
    }
    left.push(...children.reverse());
  }
}
