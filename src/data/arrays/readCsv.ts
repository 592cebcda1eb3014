import { DataError } from '../dataError';
import type { NamedArray } from './namedArray';

/** A table of numbers: its rows as one array, and its columns' names if it has a header. */
export interface NumberTable extends NamedArray {
  columns: string[] | null;
}

const [NEW_LINE, RETURN, QUOTE, SPACE] = [10, 13, 34, 32];

/**
 * Reads a table of numbers separated by commas, semicolons or tabs, with or without a header. Only numbers: text is what a table of
 * pixels doesn't hold, and this way a hundred megabytes take a second.
 * @throws DataError with the line that is wrong.
 */
export function readCsv(bytes: Uint8Array, file: string): NumberTable {
  const text = new TextDecoder();
  const lines = lineStarts(bytes);
  const first = text.decode(bytes.subarray(lines[0], lines[1] ?? bytes.length)).trim();
  const separator = [',', ';', '\t'].find((s) => first.includes(s));
  if (lines.length < 2 || !separator) throw new DataError(file, 'is no table of numbers', 'choose a .csv with one image per row');
  const cells = first.split(separator).map((c) => c.trim().replace(/^"|"$/g, ''));
  const columns = cells.some((c) => c !== '' && !Number.isFinite(Number(c))) ? cells : null;
  const rows = columns ? lines.slice(1) : lines;
  const width = cells.length;
  const values = new Float32Array(rows.length * width);
  rows.forEach((start, row) => {
    const end = rows[row + 1] ?? bytes.length;
    const count = parseRow(bytes, start, end, separator.charCodeAt(0), values, row * width, width);
    if (count !== width)
      throw new DataError(
        file,
        count < 0
          ? `line ${row + 1 + (columns ? 1 : 0)} holds something that is no number`
          : `line ${row + 1 + (columns ? 1 : 0)} has ${count} values, the first line has ${width}`,
        'choose a table that holds only numbers, one image per row',
      );
  });
  const isBytes = values.every((v) => v >= 0 && v <= 255 && Number.isInteger(v));
  return { name: 'table', shape: [rows.length, width], values: isBytes ? Uint8Array.from(values) : values, columns };
}

/** Where lines begin, empty ones left out. */
function lineStarts(bytes: Uint8Array): number[] {
  const starts: number[] = [];
  let at = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? 3 : 0;
  while (at < bytes.length) {
    const end = bytes.indexOf(NEW_LINE, at);
    const to = end < 0 ? bytes.length : end;
    if (to - at > (bytes[to - 1] === RETURN ? 1 : 0)) starts.push(at);
    at = to + 1;
  }
  return starts;
}

/** Parses one line into `out`; the number of cells, or -1 when one is no number. */
function parseRow(bytes: Uint8Array, start: number, end: number, separator: number, out: Float32Array, at: number, width: number): number {
  let count = 0;
  let from = start;
  for (let i = start; i <= end; i++) {
    const isEnd = i === end || bytes[i] === NEW_LINE;
    if (!isEnd && bytes[i] !== separator) continue;
    if (count < width) {
      const value = parseCell(bytes, from, i);
      if (Number.isNaN(value)) return -1;
      out[at + count] = value;
    }
    count++;
    from = i + 1;
    if (isEnd) break;
  }
  return count;
}

/** Digits are the common case; everything else goes through Number. */
function parseCell(bytes: Uint8Array, from: number, to: number): number {
  while (from < to && (bytes[from] === SPACE || bytes[from] === QUOTE)) from++;
  while (to > from && (bytes[to - 1] === SPACE || bytes[to - 1] === QUOTE || bytes[to - 1] === RETURN)) to--;
  if (from === to) return NaN;
  let value = 0;
  for (let i = from; i < to; i++) {
    const digit = bytes[i] - 48;
    if (digit < 0 || digit > 9) return Number(new TextDecoder().decode(bytes.subarray(from, to)));
    value = value * 10 + digit;
  }
  return value;
}
