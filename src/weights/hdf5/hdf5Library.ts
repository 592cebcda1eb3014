import type { Attribute as H5Attribute } from 'h5wasm';
import type { ByteSource } from '../byteSource';

type Module = Awaited<typeof import('h5wasm').ready>;

/** What of Emscripten's file system is used beyond its declared types. */
interface FileNode {
  stream_ops: Record<string, unknown>;
}
interface FileSystem {
  createFile(parent: string, name: string, properties: object, canRead: boolean, canWrite: boolean): FileNode;
  unlink(path: string): void;
}

export interface Hdf5Library {
  module: Module;
  /** Makes a source visible to the library; nothing is copied. Returns its path there. */
  addFile(name: string, source: ByteSource): string;
  removeFile(path: string): void;
  /** A block of a dataset in its stored type. */
  readBlock(file: bigint, path: string, count: number[], offset: number[], bytes: number): Uint8Array;
  readAttribute(file: bigint, path: string, name: string): unknown;
}

let library: Promise<Hdf5Library> | null = null;

/** The HDF5 library as WebAssembly, loaded once per thread: it sees only files it is given, never the disk. */
export function loadHdf5(): Promise<Hdf5Library> {
  library ??= load();
  return library;
}

async function load(): Promise<Hdf5Library> {
  const h5wasm = await import('h5wasm');
  const module = await h5wasm.ready;
  // Without this, a failed read returns whatever was in memory before.
  module.activate_throwing_error_handler();
  const fs = module.FS as unknown as FileSystem;
  return {
    module,
    addFile(name, source) {
      const node = fs.createFile('/', name, {}, true, false);
      Object.defineProperty(node, 'usedBytes', { get: () => source.size });
      node.stream_ops = {
        ...node.stream_ops,
        read(_stream: unknown, buffer: Uint8Array, offset: number, length: number, position: number): number {
          const n = Math.max(0, Math.min(length, source.size - position));
          if (n > 0) buffer.set(source.read(position, n), offset);
          return n;
        },
      };
      return `/${name}`;
    },
    removeFile: (path) => fs.unlink(path),
    readBlock(file, path, count, offset, bytes) {
      const pointer = module._malloc(bytes);
      if (pointer === 0) throw new Error(`no memory for ${bytes} bytes`);
      try {
        const isScalar = count.length === 0;
        const big = (list: number[]): bigint[] | null => (isScalar ? null : list.map(BigInt));
        module.get_dataset_data(file, path, big(count), big(offset), isScalar ? null : count.map(() => 1n), BigInt(pointer));
        return module.HEAPU8.slice(pointer, pointer + bytes);
      } finally {
        module._free(pointer);
      }
    },
    readAttribute(file, path, name) {
      const attribute: H5Attribute = new h5wasm.Group(file, path).attrs[name];
      return attribute.value;
    },
  };
}
