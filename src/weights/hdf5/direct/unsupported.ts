/** A part of HDF5 that the direct reader leaves to the HDF5 library. */
export class Unsupported extends Error {}

export function unsupported(what: string): never {
  throw new Unsupported(what);
}
