import type { SourceRange } from '../../common/modelSpec';
import { arrayItem } from './arrayMethods';
import { lengthOf } from './iterate';
import { callValue, plainArguments } from './calls';
import { findMember, bind } from './attributes';
import type { Machine } from './machine';
import { dictKey, int, list, numberOf, str, tuple, unknown, type Value } from './value';

const NOWHERE = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/** `object[index]`. */
export function getItem(object: Value, index: Value, machine: Machine, site: SourceRange = NOWHERE): Value {
  if (object.kind === 'unknown') return object;
  if (object.kind === 'host') return object.object.getItem(index, machine, site) ?? unknown(`a part of ${object.object.description}`);
  if (object.kind === 'array') return arrayItem(object, index);
  if (object.kind === 'instance') {
    const method = findMember(object.class, '__getitem__');
    return method
      ? callValue(bind(method.value, method.owner, object), plainArguments([index], NOWHERE), machine)
      : unknown(`an item of an object of the class ${object.class.name}`);
  }
  if (object.kind === 'dict') {
    const key = dictKey(index);
    const entry = key === null ? undefined : object.entries.get(key);
    if (entry) return entry.value;
    if (key !== null && object.factory) {
      const value = callValue(object.factory, plainArguments([], NOWHERE), machine);
      machine.journal.recordMap(object.entries, key);
      object.entries.set(key, { key: index, value });
      return value;
    }
    return index.kind === 'unknown' ? index : unknown('an entry that the dict does not have');
  }
  if (index.kind === 'unknown') return index;
  if (index.kind === 'slice') return sliceOf(object, index, machine);
  const at = numberOf(index);
  if (at === null) return unknown('an item at an unknown place');
  if (object.kind === 'tuple' || object.kind === 'list') {
    return object.items[at < 0 ? at + object.items.length : at] ?? unknown('an item beyond the end');
  }
  if (object.kind === 'str') {
    const c = object.value.at(at);
    return c === undefined ? unknown('a character beyond the end') : str(c);
  }
  if (object.kind === 'range') {
    const length = lengthOf(object, machine) ?? 0;
    const i = at < 0 ? at + length : at;
    return i >= 0 && i < length ? int(object.start + i * object.step) : unknown('an item beyond the end');
  }
  return unknown(`an item of a ${object.kind}`);
}

/** First, one past the last and step of a slice over `length` items, as Python's `slice.indices`; null when a bound isn't known. */
export function sliceBounds(slice: Value & { kind: 'slice' }, length: number): { start: number; stop: number; step: number } | null {
  const part = (v: Value): number | null | undefined => (v.kind === 'none' ? undefined : numberOf(v));
  const [lower, upper, stepValue] = [part(slice.lower), part(slice.upper), part(slice.step)];
  if (lower === null || upper === null || stepValue === null || stepValue === 0) return null;
  const step = stepValue ?? 1;
  const clamp = (n: number) => (step > 0 ? Math.min(Math.max(n, 0), length) : Math.min(Math.max(n, -1), length - 1));
  const place = (n: number) => clamp(n < 0 ? n + length : n);
  const start = lower === undefined ? (step > 0 ? 0 : length - 1) : place(lower);
  const stop = upper === undefined ? (step > 0 ? length : -1) : place(upper);
  return { start, stop, step };
}

function sliceOf(object: Value, slice: Value & { kind: 'slice' }, machine: Machine): Value {
  const length = lengthOf(object, machine);
  const bounds = length === null ? null : sliceBounds(slice, length);
  if (!bounds || length === null) return unknown('a slice with bounds that are not known');
  const picked: number[] = [];
  for (let i = bounds.start; bounds.step > 0 ? i < bounds.stop : i > bounds.stop; i += bounds.step) picked.push(i);
  if (object.kind === 'tuple') return tuple(picked.map((i) => object.items[i]));
  if (object.kind === 'list') return list(picked.map((i) => object.items[i]));
  if (object.kind === 'str') return str(picked.map((i) => object.value[i]).join(''));
  if (object.kind === 'range') return list(picked.map((i) => int(object.start + i * object.step)));
  return unknown(`a slice of a ${object.kind}`);
}
