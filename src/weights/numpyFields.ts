import { numpyType, type NumpyType } from './numpyType';

/** A part of each value of an array: a field of a record, or the real or imaginary part of a complex number. */
export interface NumpyField {
  /** Names from the outermost record in, joined by dots. */
  name: string;
  type: NumpyType;
  /** Of its own, when each record holds an array. */
  shape: number[];
  /** Bytes from the begin of the record. */
  offset: number;
}

export interface NumpyRecord {
  size: number;
  fields: NumpyField[];
}

const MAX_DEPTH = 8;
const MAX_FIELDS = 10_000;

/** The parts of a complex number, or null for any other type. */
export function complexParts({ name, size, isBigEndian }: NumpyType): NumpyRecord | null {
  if (!/^complex(64|128)$/.test(name)) return null;
  const type = numpyType(`${isBigEndian ? '>' : '<'}f${size / 2}`);
  const part = (word: string, offset: number): NumpyField => ({ name: word, type, shape: [], offset });
  return { size, fields: [part('real', 0), part('imag', size / 2)] };
}

/**
 * Reads the `descr` of an array of records: `[('a', '<f4'), ('b', '<i8', (3,)), ('c', [('d', '<f2')])]`, as numpy.lib.format writes it.
 * @returns null when it is none that we understand
 */
export function numpyRecord(descr: string): NumpyRecord | null {
  let at = 0;
  let count = 0;
  const skip = (): void => {
    while (/\s/.test(descr[at] ?? '')) at++;
  };
  const take = (token: string): boolean => {
    skip();
    if (!descr.startsWith(token, at)) return false;
    at += token.length;
    return true;
  };
  const matched = (pattern: RegExp): string | null => {
    skip();
    pattern.lastIndex = at;
    const found = pattern.exec(descr);
    if (found) at = pattern.lastIndex;
    return found?.[1] ?? null;
  };
  const text = (): string | null => matched(/'((?:[^'\\\n]|\\.)*)'/y);

  const record = (depth: number): NumpyRecord | null => {
    if (depth > MAX_DEPTH || !take('[')) return null;
    const fields: NumpyField[] = [];
    let size = 0;
    while (!take(']')) {
      if (++count > MAX_FIELDS || !take('(')) return null;
      // A field may have a title besides its name.
      const name = take('(') ? (text(), take(','), text()) : text();
      if (name !== null && descr[at] === ')') at++;
      if (name === null || !take(',')) return null;
      const code = text();
      const inner = code === null ? record(depth + 1) : null;
      if (code === null && !inner) return null;
      const type = numpyType(code ?? 'V');
      const parts = inner ?? complexParts(type) ?? { size: type.size, fields: [{ name: '', type, shape: [], offset: 0 }] };
      const shape = take(',') ? matched(/\(([\d,\s]*)\)/y) : '';
      if (shape === null || parts.size <= 0 || !take(')')) return null;
      const axes = shape
        .split(',')
        .filter((n) => n.trim() !== '')
        .map(Number);
      const length = axes.reduce((a, b) => a * b, 1);
      // An array of records or of complex numbers is listed, but would need strides of its own.
      const isWhole = parts.fields.length > 1 && length !== 1;
      const listed = isWhole ? [{ name: '', type: { ...type, type: null, size: parts.size }, shape: [], offset: 0 }] : parts.fields;
      for (const f of listed)
        if (name) fields.push({ ...f, name: f.name ? `${name}.${f.name}` : name, shape: [...axes, ...f.shape], offset: size + f.offset });
      size += parts.size * length;
      take(',');
    }
    return Number.isSafeInteger(size) && size > 0 ? { size, fields } : null;
  };
  return record(0);
}
