import { numberOf, type Value } from './value';

/** Python's `repr` of a float: `1.0`, `1e-07`, `0.1`. */
function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'nan' : value > 0 ? 'inf' : '-inf';
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-4 || size >= 1e16)) return value.toExponential().replace(/e([+-])(\d)$/, 'e$10$2');
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

/** `str(value)`; null when it is not known. */
export function textOf(value: Value): string | null {
  switch (value.kind) {
    case 'none':
      return 'None';
    case 'bool':
      return value.value ? 'True' : 'False';
    case 'int':
      return String(value.value);
    case 'float':
      return floatText(value.value);
    case 'str':
      return value.value;
    case 'tuple':
    case 'list': {
      const items = value.items.map((v) => (v.kind === 'str' ? `'${v.value}'` : textOf(v)));
      if (items.includes(null)) return null;
      if (value.kind === 'list') return `[${items.join(', ')}]`;
      return items.length === 1 ? `(${items[0]},)` : `(${items.join(', ')})`;
    }
    default:
      return null;
  }
}

/** Wider fields than this are not written out. */
const MAX_WIDTH = 1000;

/** One value under a format specification such as `03d`, `.2f`, `>5`; null when it can't be formatted. */
export function formatValue(value: Value, specification: string): string | null {
  const text = textOf(value);
  if (text === null || specification === '') return text;
  const match = /^(?:(.)?([<>^=]))?([+ -])?(0)?(\d+)?(,)?(?:\.(\d+))?([a-zA-Z%])?$/.exec(specification);
  if (!match) return null;
  const [, fill, align, sign, zero, width, comma, precision, type] = match;
  const number = numberOf(value);
  let body = text;
  if (number !== null && type !== 's') {
    const digits = precision === undefined ? 6 : Math.min(Number(precision), 100);
    if (type === 'f' || type === 'F') body = number.toFixed(digits);
    else if (type === 'e') body = number.toExponential(digits).replace(/e([+-])(\d)$/, 'e$10$2');
    else if (type === '%') body = `${(number * 100).toFixed(digits)}%`;
    else if (type === 'x') body = Math.trunc(number).toString(16);
    else if (type === 'b') body = Math.trunc(number).toString(2);
    else if (precision !== undefined) body = String(Number(number.toPrecision(digits)));
    if (comma) body = body.replace(/\B(?=(\d{3})+(?!\d))/g, ',');
    if (sign === '+' && number >= 0) body = `+${body}`;
  } else if (precision !== undefined) body = body.slice(0, Number(precision));
  const missing = Math.min(Number(width ?? 0), MAX_WIDTH) - body.length;
  if (missing <= 0) return body;
  const filler = fill ?? (zero ? '0' : ' ');
  const side = align ?? (zero ? '=' : number !== null ? '>' : '<');
  if (side === '<') return body + filler.repeat(missing);
  if (side === '^') return filler.repeat(missing >> 1) + body + filler.repeat(missing - (missing >> 1));
  if (side === '=' && /^[+-]/.test(body)) return body[0] + filler.repeat(missing) + body.slice(1);
  return filler.repeat(missing) + body;
}
