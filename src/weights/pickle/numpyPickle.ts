import { MemorySource, SliceSource, type ByteSource } from '../byteSource';
import type { FoundTensor } from '../formatReader';
import { numpyType, type NumpyType } from '../numpyType';
import { checkedLength, denseData, denseStrides, stridedData } from '../tensorData';
import { damaged, WeightError } from '../weightError';
import { itemsOf, numbersOf, PickleBytes, PickleGlobal, PickleList, PickleObject, PickleTuple, type PickleValue } from './pickleValue';

/** Bytes kept as text have to be converted in memory. */
const MAX_TEXT = 512 * 1024 * 1024;

interface PickledArray {
  shape: number[];
  type: NumpyType;
  isColumnMajor: boolean;
  content: PickleValue | undefined;
}

/** A pickled numpy.ndarray, or null. Arrays of objects are none: see `objectsOf`. */
export function numpyTensor(value: PickleObject, name: string): Omit<FoundTensor, 'name'> | null {
  const array = pickledArray(value);
  if (!array || array.type.isObject) return null;
  const { shape, type, isColumnMajor, content } = array;
  const length = checkedLength(name, shape);
  const source = bytesOf(content, name);
  if (!source) damaged(`the array ${name} has no data`);
  const bytes = (source as ByteSource).size;
  if (type.size && bytes !== length * type.size)
    damaged(`the array ${name} of ${type.name} [${shape.join(', ')}] has ${bytes} bytes instead of ${length * type.size}`);
  if (!type.type) return { dtype: type.name, shape, bytes, data: `${type.name} values are not decoded` };
  const view = { offset: 0, shape, strides: denseStrides(shape, isColumnMajor) };
  const data = isColumnMajor
    ? stridedData(name, source as ByteSource, 0, length, type.type, view, type.isBigEndian)
    : denseData(source as ByteSource, 0, length, type.type, type.isBigEndian);
  return { dtype: type.name, shape, bytes, data };
}

/** What an array of objects holds. */
export function objectsOf(value: PickleObject): PickleValue | undefined {
  const array = pickledArray(value);
  if (!array?.type.isObject) return undefined;
  // An array without axes is one object: a dictionary, mostly.
  const list = array.content;
  return array.shape.length === 0 && list instanceof PickleList && list.items.length === 1 ? list.items[0] : list;
}

function pickledArray(value: PickleObject): PickledArray | null {
  const path = value.path.replace(/^numpy\._core\./, 'numpy.core.');
  if (path === 'numpy.core.multiarray._reconstruct') {
    const [, shape, type, isColumnMajor, content] = itemsOf(value.state);
    return arrayOf(shape, type, isColumnMajor === true || isColumnMajor === 1, content);
  }
  if (path === 'numpy.core.multiarray.scalar') {
    const [type, content] = value.args;
    return arrayOf(new PickleTuple([]), type, false, content);
  }
  if (path === 'numpy.core.numeric._frombuffer') {
    const [content, type, shape, order] = value.args;
    return arrayOf(shape, type, order === 'F', content);
  }
  return null;
}

function arrayOf(shape: PickleValue | undefined, type: PickleValue | undefined, isColumnMajor: boolean, content: PickleValue | undefined) {
  const axes = numbersOf(shape);
  const element = pickledType(type);
  return axes && element ? { shape: axes, type: element, isColumnMajor, content } : null;
}

/** A pickled numpy.dtype. */
export function pickledType(value: PickleValue | undefined): NumpyType | null {
  if (value instanceof PickleGlobal) return numpyType(value.name);
  if (!(value instanceof PickleObject) || value.path !== 'numpy.dtype') return null;
  const code = value.args[0];
  const name = code instanceof PickleGlobal ? code.name : typeof code === 'string' ? code : '';
  const order = itemsOf(value.state)[1];
  return numpyType(order === '>' ? name.replace(/^[<>|=]?/, '>') : name);
}

/** Bytes that a pickle holds, however its protocol writes them; null when the value holds none. */
export function bytesOf(value: PickleValue | undefined, label: string): ByteSource | null {
  if (typeof value === 'string') return new MemorySource(oneBytePerCharacter(value, label), label);
  if (!(value instanceof PickleBytes)) return null;
  if (!value.isText) return new SliceSource(value.source, value.offset, value.length, label);
  if (value.length > MAX_TEXT)
    throw new WeightError(`the array ${label} is ${value.length} bytes of text`, 'save it again with pickle protocol 3 or later');
  return new MemorySource(oneBytePerCharacter(new TextDecoder().decode(value.source.read(value.offset, value.length)), label), label);
}

function oneBytePerCharacter(text: string, label: string): Uint8Array {
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < bytes.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 255) damaged(`the array ${label} is no sequence of bytes`);
    bytes[i] = code;
  }
  return bytes;
}
