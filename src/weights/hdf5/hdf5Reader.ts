/** A data set as it is described in the file. */
export interface Hdf5Dataset {
  path: string;
  shape: number[];
  /** NumPy's name; for what has none, HDF5's class. */
  dtype: string;
  /** Bytes of one element. */
  size: number;
  /** Why the values can't be had from this file alone. */
  elsewhere?: string;
}

export type Hdf5Kind = 'group' | 'dataset' | 'other';

/** An open HDF5 file. Paths begin with a slash. Everything throws WeightError where the file is damaged. */
export interface Hdf5Reader {
  /** Length of the file. */
  readonly bytes: number;
  /** Names in a group. */
  names(path: string): string[];
  kind(path: string): Hdf5Kind;
  /** The same for every name of one object. */
  identity(path: string): string;
  attributeNames(path: string): string[];
  /** The values of an attribute that holds texts or numbers; null when there is none. */
  attribute(path: string, name: string): (string | number)[] | null;
  dataset(path: string): Hdf5Dataset;
  /** The bytes of values start … end - 1, row-major, in the stored type, little-endian. */
  readBytes(dataset: Hdf5Dataset, start: number, end: number): Uint8Array;
  close(): void;
}

/** The text of an attribute that holds one. */
export function textAttribute(file: Hdf5Reader, path: string, name: string): string | null {
  const values = file.attribute(path, name);
  return values?.length === 1 && typeof values[0] === 'string' ? values[0] : null;
}
