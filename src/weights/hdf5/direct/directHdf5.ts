import { ByteReader } from '../../byteReader';
import type { ByteSource } from '../../byteSource';
import { damaged } from '../../weightError';
import type { Hdf5Dataset, Hdf5Kind, Hdf5Reader } from '../hdf5Reader';
import { Chunks } from './chunks';
import { densePlaces } from './denseStorage';
import { GlobalHeap } from './globalHeap';
import { readSymbolTable } from './groups';
import {
  hasFillValue,
  readAttributeMessage,
  readDataspace,
  readDatatype,
  readFilters,
  readLayout,
  readLink,
  UNDEFINED,
  type Hdf5Attribute,
} from './messages';
import { readObjectHeader, signature, type HeaderMessage } from './objectHeader';
import { unsupported } from './unsupported';

const MAX_ATTRIBUTE_VALUES = 1_000_000;

interface DirectDataset extends Hdf5Dataset {
  read(start: number, end: number): Uint8Array;
}

/**
 * Reads the parts of HDF5 that Keras, h5py and PyTables write by default, without the HDF5 library: at once, and whatever a damaged
 * file says, to an end. What else there is throws Unsupported; the library reads such files.
 * Source: HDF5 File Format Specification 3.0; the numbers in comments are its chapters.
 */
export class DirectHdf5 implements Hdf5Reader {
  readonly bytes: number;
  private readonly base: number;
  private readonly root: number;
  private readonly heap: GlobalHeap;
  private readonly groups = new Map<number, Map<string, number | null>>();
  private readonly paths = new Map<string, number | null>();
  /** The same object is asked about several times in a row, and a file may have tens of thousands. */
  private lastFound: { path: string; address: number | null } | null = null;
  private lastHeader: { address: number; messages: HeaderMessage[] } | null = null;

  /** @throws Unsupported, or WeightError when the file is damaged. */
  constructor(private readonly source: ByteSource) {
    this.bytes = source.size;
    const at = [0, 512, 1024, 2048].find((p) => p + 8 <= source.size && signature(new ByteReader(source, p)) === '\x89HDF');
    if (at === undefined) unsupported('place of the superblock');
    const r = new ByteReader(source, (at as number) + 8);
    const version = r.u8();
    if (version > 3) unsupported('superblock version');
    if (version < 2) r.skip(4);
    if (r.u8() !== 8 || r.u8() !== 8) unsupported('size of addresses');
    // II.A and II.B: B-tree constants and flags, then addresses.
    r.skip(version < 2 ? 9 + (version === 1 ? 4 : 0) : 1);
    this.base = r.u64();
    if (this.base !== at) unsupported('base address');
    r.skip(version < 2 ? 24 : 16);
    if (version < 2) r.skip(8);
    this.root = this.base + r.u64();
    this.heap = new GlobalHeap(source, this.base);
  }

  names(path: string): string[] {
    return [...this.links(this.find(path)).keys()].sort((a, b) => (a < b ? -1 : 1));
  }

  kind(path: string): Hdf5Kind {
    const address = this.find(path);
    if (address === null) return 'other';
    const types = this.header(address).map((m) => m.type);
    if (types.includes(0x11) || types.includes(0x02) || types.includes(0x06)) return 'group';
    return types.includes(0x08) ? 'dataset' : 'other';
  }

  identity(path: string): string {
    return String(this.find(path));
  }

  attributeNames(path: string): string[] {
    return this.attributes(path).map((a) => a.name);
  }

  attribute(path: string, name: string): (string | number)[] | null {
    const a = this.attributes(path).find((other) => other.name === name);
    if (!a?.shape) return null;
    const count = a.shape.reduce((x, y) => x * y, 1);
    if (count > MAX_ATTRIBUTE_VALUES) return null;
    const isKnown = a.type.dtype === 'text' || /^(u?int(8|16|32|64)|float(32|64))$/.test(a.type.dtype);
    if (!isKnown) return null;
    const r = new ByteReader(this.source, a.start, a.end, !a.type.isBigEndian);
    return Array.from({ length: count }, () => this.attributeValue(r, a));
  }

  dataset(path: string): Hdf5Dataset {
    const address = this.find(path);
    return address === null ? damaged(`${this.source.label} has no HDF5 data set ${path}`) : this.readDataset(path, address);
  }

  readBytes(dataset: Hdf5Dataset, start: number, end: number): Uint8Array {
    return (dataset as DirectDataset).read(start, end);
  }

  close(): void {}

  private attributeValue(r: ByteReader, { type }: Hdf5Attribute): string | number {
    if (type.isVariable) return this.heap.text(r);
    if (type.dtype === 'text') return r.utf8(type.size).replace(/\0[^]*$/, '');
    switch (type.dtype) {
      case 'float32':
        return r.f32();
      case 'float64':
        return r.f64();
      case 'int64':
        return Number(r.i64());
      case 'uint64':
        return Number(r.u64big());
      case 'int32':
        return r.i32();
      case 'uint32':
        return r.u32();
      case 'int16':
        return (r.u16() << 16) >> 16;
      case 'uint16':
        return r.u16();
      default:
        return type.dtype === 'int8' ? r.i8() : r.u8();
    }
  }

  private readDataset(path: string, address: number): DirectDataset {
    const messages = this.header(address);
    const message = (type: number): ByteReader | null => {
      const m = messages.find((other) => other.type === type);
      return m ? new ByteReader(this.source, m.start, m.end) : null;
    };
    if (message(0x07)) unsupported('values in other files');
    const [space, typeReader, layoutReader, filterReader, fill] = [0x01, 0x03, 0x08, 0x0b, 0x05].map(message);
    if (!space || !typeReader || !layoutReader) return damaged(`${this.source.label} has no HDF5 data set at byte ${address}`);
    const shape = readDataspace(space) ?? [0];
    const type = readDatatype(typeReader);
    const layout = readLayout(layoutReader, this.base);
    const { size } = type;
    let dtype = type.dtype === 'text' ? 'string' : type.dtype;
    if (size === 2 && dtype === 'opaque2') dtype = this.attribute(path, 'dtype')?.[0] === 'bfloat16' ? 'bfloat16' : dtype;
    const described = { path, shape, dtype, size };
    const order = (bytes: Uint8Array): Uint8Array => (type.isBigEndian ? reversed(bytes, size) : bytes);
    const length = shape.reduce((a, b) => a * b, 1);
    if (layout.kind === 'bytes') {
      if (length * size > layout.length)
        return damaged(`the HDF5 data set ${path} of [${shape.join(', ')}] has ${layout.length} bytes instead of ${length * size}`);
      if (length * size > 0 && layout.offset + layout.length > this.source.size)
        return damaged(
          `the HDF5 data set ${path} ends at byte ${layout.offset + layout.length}, but ${this.source.label} has ${this.source.size}`,
        );
      return { ...described, read: (start, end) => order(this.source.read(layout.offset + start * size, (end - start) * size)) };
    }
    if (layout.elementSize !== size)
      return damaged(`the HDF5 data set ${path} has chunks of elements of ${layout.elementSize} bytes instead of ${size}`);
    if (fill && hasFillValue(fill)) unsupported('fill value');
    const filters = filterReader ? readFilters(filterReader) : [];
    const chunks = new Chunks(this.source, this.base, layout.index, shape, layout.shape, size, filters);
    return { ...described, read: (start, end) => order(chunks.read(start, end)) };
  }

  private attributes(path: string): Hdf5Attribute[] {
    const address = this.find(path);
    if (address === null) return [];
    const messages = this.header(address);
    const inHeader = messages.filter((m) => m.type === 0x0c);
    const inHeap = this.inHeap(messages, 0x15, 2, 0);
    return [...inHeader, ...inHeap].map((m) => readAttributeMessage(this.source, m.start, m.end));
  }

  /**
   * What is too much for a header: link info and attribute info name a heap and a tree then.
   * @param order size of an optional field
   * @param idAt see `densePlaces`
   */
  private inHeap(messages: readonly HeaderMessage[], type: number, order: number, idAt: number): { start: number; end: number }[] {
    const info = messages.find((m) => m.type === type);
    if (!info) return [];
    const r = new ByteReader(this.source, info.start, info.end);
    r.u8();
    if (r.u8() & 1) r.skip(order);
    const [heap, tree] = [r.u64big(), r.u64big()];
    return heap === UNDEFINED ? [] : densePlaces(this.source, this.base + Number(heap), this.base + Number(tree), this.base, idAt);
  }

  private header(address: number): HeaderMessage[] {
    if (this.lastHeader?.address === address) return this.lastHeader.messages;
    const messages = readObjectHeader(this.source, address, this.base);
    this.lastHeader = { address, messages };
    return messages;
  }

  private links(address: number | null): Map<string, number | null> {
    if (address === null) return new Map();
    const known = this.groups.get(address);
    if (known) return known;
    const messages = this.header(address);
    const links = new Map<string, number | null>();
    const isLink = messages.filter((m) => m.type === 0x06);
    for (const m of [...isLink, ...this.inHeap(messages, 0x02, 8, 4)]) {
      const link = readLink(new ByteReader(this.source, m.start, m.end), this.base);
      links.set(link.name, link.address);
    }
    for (const m of messages) {
      const r = new ByteReader(this.source, m.start, m.end);
      if (m.type === 0x11) {
        const [tree, heap] = [this.base + r.u64(), this.base + r.u64()];
        for (const [name, child] of readSymbolTable(this.source, tree, heap, this.base)) links.set(name, child);
      }
    }
    this.groups.set(address, links);
    return links;
  }

  /** The address of an object; null for links that lead out of the file. */
  private find(path: string): number | null {
    if (this.lastFound?.path !== path) this.lastFound = { path, address: this.follow(path) };
    return this.lastFound.address;
  }

  private follow(path: string): number | null {
    const end = path.lastIndexOf('/');
    const [group, name] = [path.slice(0, Math.max(0, end)), path.slice(end + 1)];
    let address = this.paths.get(group);
    if (address === undefined) {
      address = this.root;
      for (const part of group.split('/')) if (part !== '') address = this.child(address, part, path);
      // Remembered: most objects have neighbours.
      this.paths.set(group, address);
    }
    return name === '' ? address : this.child(address, name, path);
  }

  private child(group: number | null, name: string, path: string): number | null {
    const address = this.links(group).get(name);
    return address === undefined ? damaged(`${this.source.label} has no HDF5 object ${path}`) : address;
  }
}

function reversed(bytes: Uint8Array, size: number): Uint8Array {
  const out = new Uint8Array(bytes.length);
  for (let i = 0; i < bytes.length; i += size) for (let k = 0; k < size; k++) out[i + k] = bytes[i + size - 1 - k];
  return out;
}
