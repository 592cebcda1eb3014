/** HDF5's classes of types that have no NumPy name, by number (H5T_class_t). */
const CLASSES: Record<number, string> = {
  2: 'time',
  4: 'bitfield',
  5: 'opaque',
  6: 'compound',
  7: 'reference',
  8: 'enumeration',
  9: 'list',
  10: 'array',
};

/** What to call a type whose values are no numbers of one kind. Complex numbers of h5py are compounds. */
export function typeClassName(kind: number, size: number): string {
  return kind === 5 ? `opaque${size}` : (CLASSES[kind] ?? `class ${kind}`);
}
