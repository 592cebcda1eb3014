import type { Hdf5Module } from './hdf5Library';

/** Attributes are read whole; a model's topology is the longest there is. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * The values of an attribute: texts of fixed or variable length, or numbers.
 * @returns null for other types and for an attribute without values.
 */
export function readAttribute(module: Hdf5Module, file: bigint, path: string, name: string): (string | number)[] | null {
  const m = module.get_attribute_metadata(file, path, name);
  const bytes = m.size * m.total_size;
  if (!m.shape || bytes > MAX_BYTES) return null;
  const { H5T_STRING, H5T_INTEGER, H5T_FLOAT } = module.H5T_class_t;
  const isText = m.type === H5T_STRING.value;
  if (!isText && m.type !== H5T_INTEGER.value && !(m.type === H5T_FLOAT.value && m.size >= 4)) return null;
  if (bytes === 0) return [];
  const pointer = module._malloc(bytes);
  if (pointer === 0) throw new Error(`no memory for ${bytes} bytes`);
  try {
    module.get_attribute_data(file, path, name, BigInt(pointer));
    const data = module.HEAPU8.slice(pointer, pointer + bytes);
    const view = new DataView(data.buffer);
    return Array.from({ length: m.total_size }, (_, i) => {
      const at = i * m.size;
      if (isText) return m.vlen ? textAt(module, view.getUint32(at, true)) : fixedText(data.subarray(at, at + m.size));
      if (m.type === H5T_FLOAT.value) return m.size === 4 ? view.getFloat32(at, true) : view.getFloat64(at, true);
      return integer(view, at, m.size, m.signed);
    });
  } finally {
    // The library keeps texts of variable length in memory of their own.
    if (m.vlen) module.reclaim_vlen_memory(file, path, name, BigInt(pointer));
    module._free(pointer);
  }
}

function textAt(module: Hdf5Module, pointer: number): string {
  return pointer === 0 ? '' : module.UTF8ToString(pointer);
}

function fixedText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return new TextDecoder().decode(end < 0 ? bytes : bytes.subarray(0, end));
}

function integer(view: DataView, at: number, size: number, isSigned: boolean): number {
  if (size === 8) return Number(isSigned ? view.getBigInt64(at, true) : view.getBigUint64(at, true));
  if (size === 4) return isSigned ? view.getInt32(at, true) : view.getUint32(at, true);
  if (size === 2) return isSigned ? view.getInt16(at, true) : view.getUint16(at, true);
  return isSigned ? view.getInt8(at) : view.getUint8(at);
}
