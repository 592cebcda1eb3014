import type { ByteSource } from '../byteSource';
import { damaged, WeightError } from '../weightError';
import { textAttribute, type Hdf5Dataset, type Hdf5Kind, type Hdf5Reader } from './hdf5Reader';
import { loadHdf5, type Hdf5Library } from './hdf5Library';
import { insideLibrary } from './pulse';
import { typeClassName } from './typeClass';
import { printable } from '../printable';

/** Filters that the library here has: deflate, shuffle, Fletcher's checksum, n-bit, scale and offset. */
const FILTERS = new Set([1, 2, 3, 5, 6]);

/** The most that is read in one piece. */
const MAX_PIECE = 16 * 1024 * 1024;

let opened = 0;

/** An HDF5 file through the HDF5 library, which reads no more of it than it is asked for. */
export class Hdf5File implements Hdf5Reader {
  private constructor(
    private readonly library: Hdf5Library,
    private readonly id: bigint,
    private readonly path: string,
    private readonly label: string,
    /** Length of the file. */
    readonly bytes: number,
  ) {}

  /** @throws WeightError when the library cannot open it. */
  static async open(source: ByteSource): Promise<Hdf5File> {
    const library = await loadHdf5();
    const path = library.addFile(`weights${++opened}.h5`, source);
    try {
      const id = insideLibrary(() => library.module.open(path, 0, false, -1, -1));
      return new Hdf5File(library, id, path, source.label, source.size);
    } catch (error) {
      library.removeFile(path);
      throw describeFailure(source.label, error, library);
    }
  }

  /** Names in a group, in the file's order of names. */
  names(path: string): string[] {
    return this.attempt(() => this.library.module.get_names(this.id, path, false));
  }

  kind(path: string): Hdf5Kind {
    const { module } = this.library;
    let type: number;
    try {
      type = this.attempt(() => module.get_type(this.id, path));
    } catch (error) {
      // Soft links that lead to each other lead to nothing.
      if (error instanceof WeightError && error.message.includes('too many links')) return 'other';
      throw error;
    }
    return type === module.H5G_GROUP ? 'group' : type === module.H5G_DATASET ? 'dataset' : 'other';
  }

  /** The same for every name of one object. */
  identity(path: string): string {
    return this.attempt(() => Buffer.from(this.library.module.create_object_reference(this.id, path)).toString('hex'));
  }

  attributeNames(path: string): string[] {
    return this.attempt(() => this.library.module.get_attribute_names(this.id, path) as string[]);
  }

  /** The values of an attribute that holds texts or numbers; null when there is none. */
  attribute(path: string, name: string): (string | number)[] | null {
    return this.attempt(() => (this.attributeNames(path).includes(name) ? this.library.readAttribute(this.id, path, name) : null));
  }

  dataset(path: string): Hdf5Dataset {
    return this.attempt(() => {
      const m = this.library.module.get_dataset_metadata(this.id, path);
      const { H5T_INTEGER, H5T_FLOAT, H5T_ENUM, H5T_OPAQUE, H5T_STRING } = this.library.module.H5T_class_t;
      // The library sees no other file and would give the fill value without a word.
      const elsewhere = m.virtual_sources ? 'its values lie in other data sets, mostly of other files' : this.missingFilter(path);
      const base = { path, shape: m.shape ?? [0], size: m.size, elsewhere };
      const said = m.size === 2 && (m.type === H5T_OPAQUE.value || m.type === H5T_FLOAT.value) ? textAttribute(this, path, 'dtype') : null;
      if (said === 'bfloat16') return { ...base, dtype: 'bfloat16' };
      if (m.vlen || m.type === H5T_STRING.value) return { ...base, dtype: 'string' };
      if (m.type === H5T_FLOAT.value) return { ...base, dtype: `float${m.size * 8}` };
      const isTruth = m.type === H5T_ENUM.value && m.size === 1 && 'FALSE' in (m.enum_type?.members ?? {});
      if (isTruth) return { ...base, dtype: 'bool' };
      if (m.type === H5T_INTEGER.value || m.type === H5T_ENUM.value) return { ...base, dtype: `${m.signed ? 'int' : 'uint'}${m.size * 8}` };
      return { ...base, dtype: typeClassName(m.type, m.size) };
    });
  }

  /** What is wrong with a data set that is packed in a way the library here does not know; the others can be read all the same. */
  private missingFilter(path: string): string | undefined {
    const missing = this.library.module.get_dataset_filters(this.id, path).find(({ id }) => !FILTERS.has(id));
    if (!missing) return undefined;
    return `its values are packed by the HDF5 filter ${missing.id} (${printable(missing.name, 40)}), which is not there; save them again unpacked or with gzip`;
  }

  /** The bytes of values start … end - 1, row-major, in the stored type; the library turns them little-endian. */
  readBytes(dataset: Hdf5Dataset, start: number, end: number): Uint8Array {
    const { shape, size } = dataset;
    const out = new Uint8Array((end - start) * size);
    if (out.length > 0) this.readPart(dataset, [], 0, start, end, out, 0, shape.slice());
    return out;
  }

  close(): void {
    try {
      insideLibrary(() => this.library.module.close_file(this.id));
    } catch {
      // A damaged file may not even be closed; the library has let go of it.
    }
    this.library.removeFile(this.path);
  }

  /** Values start … end - 1 of the part of a dataset whose first indexes are `index`. */
  private readPart(
    d: Hdf5Dataset,
    index: number[],
    axis: number,
    start: number,
    end: number,
    out: Uint8Array,
    at: number,
    shape: number[],
  ): number {
    const inner = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
    const first = axis < shape.length ? Math.floor(start / inner) : 0;
    const last = axis < shape.length ? Math.ceil(end / inner) : 1;
    if ((last - first) * inner * d.size <= MAX_PIECE || axis >= shape.length) {
      const piece = this.readBlock(d, index, first, last);
      const begin = (start - first * inner) * d.size;
      const bytes = piece.subarray(begin, begin + (end - start) * d.size);
      out.set(bytes, at);
      return at + bytes.length;
    }
    let next = at;
    for (let i = first; i < last; i++) {
      const from = Math.max(0, start - i * inner);
      const to = Math.min(inner, end - i * inner);
      next = this.readPart(d, [...index, i], axis + 1, from, to, out, next, shape);
    }
    return next;
  }

  private readBlock(d: Hdf5Dataset, index: number[], first: number, last: number): Uint8Array {
    const axis = index.length;
    const rest = d.shape.slice(axis + 1);
    const count = [...index.map(() => 1), last - first, ...rest].slice(0, d.shape.length);
    const offset = [...index, first, ...rest.map(() => 0)].slice(0, d.shape.length);
    const bytes = count.reduce((a, b) => a * b, 1) * d.size;
    return this.attempt(() => this.library.readBlock(this.id, d.path, count, offset, bytes));
  }

  private attempt<T>(work: () => T): T {
    try {
      return insideLibrary(work);
    } catch (error) {
      throw describeFailure(this.label, error, this.library);
    }
  }
}

/** The HDF5 library's own words are pages long; its last line of reasons is the innermost. */
function describeFailure(label: string, error: unknown, library: Hdf5Library): WeightError {
  if (error instanceof WeightError) return error;
  // Its own errors come with a trace of its own; after any other its memory can't be trusted.
  if (!(error instanceof Error && error.message.includes('HDF5-DIAG'))) library.discard();
  const text = error instanceof Error ? error.message : String(error);
  const reasons = [...text.matchAll(/#\d+: .*? in \w+\(\): (.*)/g)].map((m) => m[1].trim());
  const reason = (reasons.at(-1) ?? text.split('\n')[0]).slice(0, 200);
  if (/external raw data/i.test(reason))
    return new WeightError(
      `${label} keeps values in another file, which is not read (${reason})`,
      'copy it with h5repack to have all in one',
    );
  if (/filter|plugin/i.test(reason))
    return new WeightError(`${label} holds values packed by an HDF5 filter that is not there`, 'save them again unpacked or with gzip');
  try {
    return damaged(`${label} is HDF5 that cannot be read (${reason})`);
  } catch (e) {
    return e as WeightError;
  }
}
