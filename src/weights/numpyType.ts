import { elementType, type ElementType } from './elementType';

/** A NumPy type code such as `<f4`. */
export interface NumpyType {
  /** NumPy's name, or the code itself where we can't read its values. */
  name: string;
  type: ElementType | null;
  /** Bytes of one element; 0 when not known. */
  size: number;
  isBigEndian: boolean;
  isObject: boolean;
}

const KINDS: Record<string, string> = { f: 'float', i: 'int', u: 'uint' };
/** Codes without a size, as `numpy.dtype` takes them too. */
const ALIASES: Record<string, string> = { e: 'f2', f: 'f4', d: 'f8', b: 'i1', B: 'u1', h: 'i2', H: 'u2', i: 'i4', I: 'u4', '?': 'b1' };

/** Reads a type code of NumPy's array interface: order of bytes, kind, size. */
export function numpyType(code: string): NumpyType {
  const match = /^([<>|=]?)(?:([a-zA-Z?])(\d*))$/.exec(code);
  const isBigEndian = match?.[1] === '>';
  const unknown = { name: code, type: null, size: 0, isBigEndian, isObject: false };
  if (!match) return { ...unknown, ...named(code) };
  const alias = match[3] === '' ? ALIASES[match[2]] : undefined;
  const kind = alias ? alias[0] : match[2];
  const size = Number(alias ? alias.slice(1) : match[3]);
  if (kind === 'O') return { ...unknown, name: 'object', isObject: true };
  if (kind === 'b') return { ...unknown, name: 'bool', type: elementType('bool'), size: 1 };
  if (kind === 'c') return { ...unknown, name: `complex${size * 8}`, size };
  const name = kind in KINDS ? `${KINDS[kind]}${size * 8}` : '';
  const type = elementType(name);
  if (type) return { ...unknown, name, type, size };
  return { ...unknown, size: kind === 'U' ? size * 4 : size <= 1 << 20 ? size : 0 };
}

/** By NumPy's or ml_dtypes' own name. */
function named(code: string): Partial<NumpyType> {
  const type = elementType(code);
  return type ? { name: type.name, type, size: type.size } : {};
}
