import type { ready } from 'h5wasm';
import type { ByteSource } from '../byteSource';
import { withBoundedMemory } from './boundedMemory';
import { outsideLibrary } from './pulse';
import { readAttribute } from './readAttribute';

export type Hdf5Module = Awaited<typeof ready>;

/** What of Emscripten's file system is used beyond its declared types. */
interface FileNode {
  stream_ops: Record<string, unknown>;
}
interface FileSystem {
  createFile(parent: string, name: string, properties: object, canRead: boolean, canWrite: boolean): FileNode;
  unlink(path: string): void;
}

export interface Hdf5Library {
  module: Hdf5Module;
  /** Makes a source visible to the library; nothing is copied. Returns its path there. */
  addFile(name: string, source: ByteSource): string;
  removeFile(path: string): void;
  /** A block of a dataset in its stored type, little-endian. */
  readBlock(file: bigint, path: string, count: number[], offset: number[], bytes: number): Uint8Array;
  /** Text or numbers; null for anything else. */
  readAttribute(file: bigint, path: string, name: string): (string | number)[] | null;
  /** Says that the library failed in a way that it does not come back from: the next file gets a new one. */
  discard(): void;
}

let library: Promise<Hdf5Library> | null = null;

/** The HDF5 library as WebAssembly, one per thread: it sees only files it is given, never the disk. */
export function loadHdf5(): Promise<Hdf5Library> {
  library ??= load();
  return library;
}

async function load(): Promise<Hdf5Library> {
  // By its path, because the package exports only a ready-made instance, and one that a damaged file has aborted is lost.
  const { default: makeModule } = await import('../../../node_modules/h5wasm/dist/esm/hdf5_util.js');
  const silent = (): void => undefined;
  const make = () => makeModule({ noInitialRun: true, print: silent, printErr: silent });
  const module = await withBoundedMemory(make, (m) => m.HEAPU8.buffer);
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
          if (n > 0) outsideLibrary(() => buffer.set(source.read(position, n), offset));
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
    readAttribute: (file, path, name) => readAttribute(module, file, path, name),
    discard: () => (library = null),
  };
}
