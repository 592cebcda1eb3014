import { ByteReader } from '../byteReader';
import type { ByteSource } from '../byteSource';
import type { FoundFile, FoundTensor, OpenContext } from '../formatReader';
import { FieldSource } from '../fieldSource';
import { complexParts, numpyRecord, type NumpyRecord } from '../numpyFields';
import { numpyType } from '../numpyType';
import { namedGlobalsOf, pickledArrays } from './numpyPickle';
import { checkedLength, denseData, denseStrides, stridedData } from '../tensorData';
import { damaged } from '../weightError';

const MAX_HEADER = 16 * 1024 * 1024;

export function looksLikeNpy(head: Uint8Array): boolean {
  return head.length >= 10 && head[0] === 0x93 && String.fromCharCode(...head.subarray(1, 6)) === 'NUMPY';
}

/** A file that numpy.save wrote: one array, or a dictionary of arrays in an array of objects. */
export function readNpy({ source }: OpenContext): FoundFile {
  const { tensors, warnings } = npyTensors(source, 'array');
  return { format: 'npy_npz', producer: {}, convention: 'unknown', tensors, warnings };
}

/**
 * The arrays of one .npy. Format: numpy.lib.format, versions 1 to 3.
 * @param name Of the array, and before the names of arrays inside an array of objects when it is an entry of an .npz.
 */
export function npyTensors(source: ByteSource, name: string, prefix = ''): { tensors: FoundTensor[]; warnings: string[] } {
  const r = new ByteReader(source, 6);
  const major = r.u8();
  r.u8();
  if (major < 1 || major > 3) damaged(`${source.label} is .npy of version ${major}, of which there are 1 to 3`);
  const length = major === 1 ? r.u16() : r.u32();
  if (length > MAX_HEADER) damaged(`${source.label} has a header of ${length} bytes`);
  const text = r.utf8(length);
  const shapeText = /'shape'\s*:\s*\(([^)]*)\)/.exec(text)?.[1];
  const code = /'descr'\s*:\s*'([^']*)'/.exec(text)?.[1];
  const isColumnMajor = /'fortran_order'\s*:\s*True/.test(text);
  if (shapeText === undefined || !/'descr'\s*:/.test(text)) damaged(`${source.label} has no shape and descr in its header at byte 10`);
  const shape = (shapeText as string)
    .split(',')
    .map((n) => n.trim().replace(/L$/, ''))
    .filter((n) => n !== '')
    .map(Number);
  const count = checkedLength(name, shape);
  const array: StoredArray = { name, shape, count, offset: r.offset, isColumnMajor };
  if (code === undefined) {
    const descr = /'descr'\s*:\s*(\[[^]*)/.exec(text)?.[1] ?? '';
    const record = numpyRecord(descr);
    if (record) return { tensors: fieldTensors(source, array, record), warnings: [`the records of ${name} are shown field by field`] };
    const dtype = descr.slice(0, 60) || 'structured';
    return { tensors: [{ name, dtype, shape, bytes: r.left, data: 'records of this kind are not decoded' }], warnings: [] };
  }
  const type = numpyType(code);
  const parts = complexParts(type);
  if (parts) return { tensors: fieldTensors(source, array, parts), warnings: [`${name} is complex: its parts are shown one by one`] };
  if (type.isObject) {
    const inside = pickledArrays(r, prefix);
    return { tensors: inside.tensors, warnings: namedGlobalsOf(inside.pickle) };
  }
  if (!type.type)
    return { tensors: [{ name, dtype: type.name, shape, bytes: r.left, data: `${type.name} values are not decoded` }], warnings: [] };
  const bytes = count * type.size;
  if (bytes > r.left) damaged(`${source.label} has ${r.left} bytes of data, but ${type.name} [${shape.join(', ')}] needs ${bytes}`);
  const data = isColumnMajor
    ? stridedData(name, source, r.offset, count, type.type, { offset: 0, shape, strides: denseStrides(shape, true) }, type.isBigEndian)
    : denseData(source, r.offset, count, type.type, type.isBigEndian);
  const warnings = bytes < r.left ? [`${r.left - bytes} bytes after the values of ${name} belong to none`] : [];
  return { tensors: [{ name, dtype: type.name, shape, bytes, data }], warnings };
}

interface StoredArray {
  name: string;
  shape: number[];
  count: number;
  /** Of its values in the file. */
  offset: number;
  isColumnMajor: boolean;
}

/** The fields of an array of records, each as a tensor. */
function fieldTensors(source: ByteSource, { name, shape, count, offset, isColumnMajor }: StoredArray, record: NumpyRecord): FoundTensor[] {
  const bytes = count * record.size;
  if (bytes > source.size - offset) damaged(`${source.label} has ${source.size - offset} bytes of records, but needs ${bytes}`);
  return record.fields.map((field) => {
    const { type } = field;
    const each = checkedLength(`${name}.${field.name}`, field.shape);
    const found = { name: `${name}.${field.name}`, dtype: type.name, shape: [...shape, ...field.shape], bytes: count * each * type.size };
    if (!type.type) return { ...found, data: `${type.name} values are not decoded` };
    const own = new FieldSource(source, offset, count, record.size, field.offset, each * type.size);
    const outer = denseStrides(shape, isColumnMajor).map((s) => s * each);
    const view = { offset: 0, shape: found.shape, strides: [...outer, ...denseStrides(field.shape)] };
    return { ...found, data: stridedData(found.name, own, 0, count * each, type.type, view, type.isBigEndian) };
  });
}
