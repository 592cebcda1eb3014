import { array, broadcast, rescaled, type ArrayValue } from './arrayValue';
import { truthOf } from './truth';
import { bool, dictKey, float, int, list, numberOf, str, tuple, unknown, type Value } from './value';

const MAX_ITEMS = 20_000;

/** Python's binary operator on two values that are not front-end objects. */
export function binaryOperation(operator: string, left: Value, right: Value): Value {
  if (left.kind === 'unknown') return left;
  if (right.kind === 'unknown') return right;
  if (left.kind === 'array' || right.kind === 'array') return onArrays(operator, left, right);
  const a = numberOf(left);
  const b = numberOf(right);
  if (a !== null && b !== null) return onNumbers(operator, a, b, left.kind === 'float' || right.kind === 'float');
  if (operator === '+') {
    if (left.kind === 'str' && right.kind === 'str') return str(left.value + right.value);
    if (left.kind === 'list' && right.kind === 'list') return list([...left.items, ...right.items]);
    if (left.kind === 'tuple' && right.kind === 'tuple') return tuple([...left.items, ...right.items]);
  }
  if (operator === '*') {
    if (b !== null) return repeat(left, b);
    if (a !== null) return repeat(right, a);
  }
  if (operator === '%' && left.kind === 'str') return unknown('a formatted text');
  if (operator === '|' && left.kind === 'dict' && right.kind === 'dict') {
    return { kind: 'dict', entries: new Map([...left.entries, ...right.entries]) };
  }
  return unknown(`"${operator}" of values that don't go together`);
}

function repeat(value: Value, count: number): Value {
  const n = Math.max(0, count);
  if (value.kind === 'str' && value.value.length * n < MAX_ITEMS) return str(value.value.repeat(n));
  if ((value.kind === 'list' || value.kind === 'tuple') && value.items.length * n < MAX_ITEMS) {
    const items = Array.from({ length: n }, () => value.items).flat();
    return value.kind === 'list' ? list(items) : tuple(items);
  }
  return unknown('a repetition that is too long to follow');
}

function onNumbers(operator: string, a: number, b: number, isFloat: boolean): Value {
  const make = isFloat ? float : int;
  switch (operator) {
    case '+':
      return make(a + b);
    case '-':
      return make(a - b);
    case '*':
      return make(a * b);
    case '/':
      return b === 0 ? unknown('a division by zero') : float(a / b);
    case '//':
      return b === 0 ? unknown('a division by zero') : make(Math.floor(a / b));
    case '%':
      return b === 0 ? unknown('a division by zero') : make(a - b * Math.floor(a / b));
    case '**': {
      const result = a ** b;
      return !isFloat && b >= 0 ? int(result) : float(result);
    }
  }
  if (isFloat) return unknown(`"${operator}" of floats`);
  switch (operator) {
    case '<<':
      return int(a * 2 ** b);
    case '>>':
      return int(Math.floor(a / 2 ** b));
    case '&':
      return int(a & b);
    case '|':
      return int(a | b);
    case '^':
      return int(a ^ b);
    default:
      return unknown(`the operator "${operator}"`);
  }
}

function shapeOf(value: Value): (number | null)[] | null {
  if (value.kind === 'array') return value.shape;
  return numberOf(value) !== null ? [] : null;
}

function onArrays(operator: string, left: Value, right: Value): Value {
  const isLeftMain = left.kind === 'array' && (left.origin !== null || right.kind !== 'array' || right.origin === null);
  const main = (isLeftMain ? left : right) as ArrayValue;
  const other = isLeftMain ? right : left;
  const constant = numberOf(other);
  const shape = broadcast(shapeOf(left), shapeOf(right)) ?? (constant === null ? main.shape : null);
  const result = { ...main, shape };
  if (constant !== null) {
    if (operator === '/' && isLeftMain && constant !== 0) return rescaled(result, 1 / constant, 0);
    if (operator === '*') return rescaled(result, constant, 0);
    if (operator === '+') return rescaled(result, 1, constant);
    if (operator === '-') return isLeftMain ? rescaled(result, 1, -constant) : rescaled(result, -1, constant);
    return result;
  }
  // Mean subtraction, division by a deviation and the like: the same data, changed by numbers that are not known.
  const isNoisy = other.kind === 'array' && other.isRandom === true;
  return array(shape, main.origin && isNoisy ? { ...main.origin, isNoisy } : main.origin, main.classCount);
}

/** One link of a comparison chain; undefined when it can't be known. */
export function compare(operator: string, left: Value, right: Value): boolean | undefined {
  if (operator === 'is' || operator === 'is not') {
    const same = isSame(left, right);
    return same === undefined ? undefined : same === (operator === 'is');
  }
  if (operator === 'in' || operator === 'not in') {
    const found = contains(right, left);
    return found === undefined ? undefined : found === (operator === 'in');
  }
  if (operator === '==' || operator === '!=' || operator === '<>') {
    const same = equals(left, right);
    return same === undefined ? undefined : same === (operator === '==');
  }
  const order = compareOrder(left, right);
  if (order === undefined) return undefined;
  if (operator === '<') return order < 0;
  if (operator === '<=') return order <= 0;
  if (operator === '>') return order > 0;
  return operator === '>=' ? order >= 0 : undefined;
}

function isSame(a: Value, b: Value): boolean | undefined {
  if (a.kind === 'unknown' || b.kind === 'unknown') return undefined;
  if (a.kind === 'none' || b.kind === 'none') return a.kind === b.kind;
  if (a.kind === 'host' && b.kind === 'host') return a.object === b.object;
  return a === b || equals(a, b);
}

/** Python's `==`; undefined when it can't be known. */
export function equals(a: Value, b: Value): boolean | undefined {
  if (a.kind === 'unknown' || b.kind === 'unknown' || a.kind === 'array' || b.kind === 'array') return undefined;
  const x = numberOf(a);
  const y = numberOf(b);
  if (x !== null && y !== null) return x === y;
  if (a.kind !== b.kind) return a.kind === 'external' || b.kind === 'external' ? undefined : false;
  if ((a.kind === 'tuple' && b.kind === 'tuple') || (a.kind === 'list' && b.kind === 'list')) {
    if (a.items.length !== b.items.length) return false;
    let result: boolean | undefined = true;
    for (let i = 0; i < a.items.length; i++) {
      const same = equals(a.items[i], b.items[i]);
      if (same === false) return false;
      if (same === undefined) result = undefined;
    }
    return result;
  }
  if (a.kind === 'external' && b.kind === 'external') return a.path === b.path ? true : undefined;
  if (a.kind === 'host' && b.kind === 'host') return a.object === b.object;
  if (a.kind === 'none' || a.kind === 'ellipsis') return true;
  const key = dictKey(a);
  return key === null ? undefined : key === dictKey(b);
}

function contains(container: Value, item: Value): boolean | undefined {
  if (container.kind === 'str' && item.kind === 'str') return container.value.includes(item.value);
  const key = dictKey(item);
  if (container.kind === 'dict' || container.kind === 'set') return key === null ? undefined : container.entries.has(key);
  if (container.kind === 'range') {
    const n = numberOf(item);
    if (n === null) return undefined;
    const { start, stop, step } = container;
    return step > 0 ? n >= start && n < stop && (n - start) % step === 0 : n <= start && n > stop && (start - n) % -step === 0;
  }
  if (container.kind !== 'tuple' && container.kind !== 'list') return undefined;
  let result: boolean | undefined = false;
  for (const x of container.items) {
    const same = equals(x, item);
    if (same) return true;
    if (same === undefined) result = undefined;
  }
  return result;
}

/** Negative, zero or positive; undefined when the two can't be ordered or aren't known. */
export function compareOrder(a: Value, b: Value): number | undefined {
  const x = numberOf(a);
  const y = numberOf(b);
  if (x !== null && y !== null) return x - y;
  if (a.kind === 'str' && b.kind === 'str') return a.value < b.value ? -1 : a.value > b.value ? 1 : 0;
  if ((a.kind === 'tuple' && b.kind === 'tuple') || (a.kind === 'list' && b.kind === 'list')) {
    for (let i = 0; i < Math.min(a.items.length, b.items.length); i++) {
      const order = compareOrder(a.items[i], b.items[i]);
      if (order !== 0) return order;
    }
    return a.items.length - b.items.length;
  }
  return undefined;
}

export function unaryOperation(operator: '-' | '+' | '~' | 'not', operand: Value): Value {
  if (operator === 'not') {
    const truth = truthOf(operand);
    return truth === undefined ? (operand.kind === 'unknown' ? operand : unknown('a condition')) : bool(!truth);
  }
  const n = numberOf(operand);
  if (n !== null) {
    const make = operand.kind === 'float' ? float : int;
    return make(operator === '-' ? -n : operator === '~' ? ~n : n);
  }
  if (operand.kind === 'array') return operator === '-' ? rescaled(operand, -1, 0) : operand;
  return operand.kind === 'unknown' ? operand : unknown(`"${operator}" of a ${operand.kind}`);
}
