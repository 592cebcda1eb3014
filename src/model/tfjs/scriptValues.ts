import { FALSE, TRUE, dict, float, int, numberOf, str, unknown, type DictValue, type Value } from '../python/value';

/** A number as the evaluator keeps it. */
export function number(n: number): Value {
  return Number.isInteger(n) ? int(n) : float(n);
}

/** JavaScript's `Boolean(value)`: empty arrays and objects count as true; undefined when it can't be known. */
export function isTruthy(value: Value): boolean | undefined {
  switch (value.kind) {
    case 'none':
      return false;
    case 'bool':
      return value.value;
    case 'int':
    case 'float':
      return value.value !== 0 && !Number.isNaN(value.value);
    case 'str':
      return value.value !== '';
    case 'unknown':
    case 'external':
      return undefined;
    default:
      return true;
  }
}

export function field(object: DictValue, name: string): Value | undefined {
  return object.entries.get(`s:${name}`)?.value;
}

export function setField(object: DictValue, name: string, value: Value): void {
  object.entries.set(`s:${name}`, { key: str(name), value });
}

/** A property key: numbers and texts are the same in JavaScript. */
export function keyOf(value: Value): string | null {
  if (value.kind === 'str') return value.value;
  const n = numberOf(value);
  return n === null ? null : String(n);
}

/** The text of a value in a template or `+`; null when it is not known. */
export function textOf(value: Value): string | null {
  switch (value.kind) {
    case 'str':
      return value.value;
    case 'int':
    case 'float':
    case 'bool':
      return String(value.value);
    case 'none':
      return 'undefined';
    case 'list': {
      const items = value.items.map(textOf);
      return items.includes(null) ? null : items.join(',');
    }
    default:
      return null;
  }
}

/** JavaScript's binary operators over known values; undefined when a side is not known. */
export function operate(operator: string, a: Value, b: Value): Value | undefined {
  if (['===', '==', '!==', '!='].includes(operator)) {
    const same = areSame(a, b);
    return same === undefined ? undefined : same === operator.startsWith('=') ? TRUE : FALSE;
  }
  if (operator === '+' && (a.kind === 'str' || b.kind === 'str' || a.kind === 'list' || b.kind === 'list')) {
    const [x, y] = [textOf(a), textOf(b)];
    return x === null || y === null ? undefined : str(x + y);
  }
  if (a.kind === 'str' && b.kind === 'str' && /^[<>]=?$/.test(operator))
    return compare(operator, a.value < b.value ? -1 : a.value > b.value ? 1 : 0);
  const [x, y] = [numeric(a), numeric(b)];
  if (x === null || y === null) return undefined;
  switch (operator) {
    case '+':
      return number(x + y);
    case '-':
      return number(x - y);
    case '*':
      return number(x * y);
    case '/':
      return number(x / y);
    case '%':
      return number(x % y);
    case '**':
      return number(x ** y);
    case '|':
      return number(x | y);
    case '&':
      return number(x & y);
    case '^':
      return number(x ^ y);
    case '<<':
      return number(x << y);
    case '>>':
      return number(x >> y);
    case '>>>':
      return number(x >>> y);
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compare(operator, x - y);
    default:
      return undefined;
  }
}

function compare(operator: string, order: number): Value {
  const holds = operator === '<' ? order < 0 : operator === '<=' ? order <= 0 : operator === '>' ? order > 0 : order >= 0;
  return holds ? TRUE : FALSE;
}

/** A number, or a text that JavaScript takes as one. */
function numeric(value: Value): number | null {
  const n = numberOf(value);
  if (n !== null) return n;
  return value.kind === 'str' && value.value.trim() !== '' && !Number.isNaN(Number(value.value)) ? Number(value.value) : null;
}

function areSame(a: Value, b: Value): boolean | undefined {
  if (a.kind === 'unknown' || b.kind === 'unknown' || a.kind === 'external' || b.kind === 'external') return undefined;
  const [x, y] = [numberOf(a), numberOf(b)];
  if (x !== null && y !== null) return x === y;
  if (a.kind === 'str' && b.kind === 'str') return a.value === b.value;
  if (a.kind === 'none' || b.kind === 'none') return a.kind === b.kind;
  if (a.kind === 'host' && b.kind === 'host') return a.object === b.object;
  return a === b;
}

/** `typeof value`. */
export function typeName(value: Value): Value {
  switch (value.kind) {
    case 'int':
    case 'float':
      return str('number');
    case 'str':
      return str('string');
    case 'bool':
      return str('boolean');
    case 'none':
      return str('undefined');
    case 'unknown':
    case 'external':
      return unknown('the type of a value that is not known');
    case 'native':
      return str('function');
    default:
      return str('object');
  }
}

export const emptyObject = (): DictValue => dict([]);
