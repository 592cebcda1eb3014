import { FALSE, NONE, bool, int, list, native, numberOf, str, stringOf, unknown, type ListValue, type Value } from '../python/value';
import type { Call } from './builtinMembers';
import { isTruthy, operate, textOf } from './scriptValues';

type ListMethod = (items: Value[], args: Value[], call: (fn: Value, ...args: Value[]) => Value) => Value;

const at = (n: Value | undefined, length: number, fallback: number): number => {
  const value = numberOf(n) ?? fallback;
  return value < 0 ? Math.max(0, length + value) : Math.min(value, length);
};

export const indexOfValue = (items: Value[], wanted: Value | undefined): number =>
  items.findIndex(
    (v) => wanted !== undefined && operate('===', v, wanted)?.kind === 'bool' && isTruthy(operate('===', v, wanted) ?? FALSE) === true,
  );

const listMethods: Record<string, ListMethod> = {
  push: (items, args) => int(items.push(...args)),
  pop: (items) => items.pop() ?? NONE,
  shift: (items) => items.shift() ?? NONE,
  unshift: (items, args) => int(items.unshift(...args)),
  slice: (items, [from, to]) => list(items.slice(at(from, items.length, 0), at(to, items.length, items.length))),
  splice: (items, [from, count, ...added]) => list(items.splice(at(from, items.length, 0), numberOf(count) ?? items.length, ...added)),
  concat: (items, args) => list([...items, ...args.flatMap((v) => (v.kind === 'list' ? v.items : [v]))]),
  reverse: (items) => list(items.reverse()),
  fill: (items, [value = NONE]) => list(items.fill(value)),
  join: (items, [separator]) => {
    const texts = items.map(textOf);
    return texts.includes(null) ? unknown('a joined text') : str(texts.join(stringOf(separator) ?? ','));
  },
  includes: (items, [wanted]) => bool(indexOfValue(items, wanted) >= 0),
  indexOf: (items, [wanted]) => int(indexOfValue(items, wanted)),
  at: (items, [index]) => items.at(numberOf(index) ?? 0) ?? NONE,
  flat: (items, [depth]) => {
    const flatten = (all: Value[], left: number): Value[] =>
      all.flatMap((v) => (v.kind === 'list' && left > 0 ? flatten(v.items, left - 1) : [v]));
    return list(flatten(items, Math.min(numberOf(depth) ?? 1, 20)));
  },
  keys: (items) => list(items.map((_, i) => int(i))),
  values: (items) => list([...items]),
  entries: (items) => list(items.map((v, i) => list([int(i), v]))),
  forEach: (items, [fn], call) => {
    items.forEach((v, i) => call(fn, v, int(i)));
    return NONE;
  },
  map: (items, [fn], call) => list(items.map((v, i) => call(fn, v, int(i)))),
  flatMap: (items, [fn], call) =>
    list(
      items.flatMap((v, i) => {
        const result = call(fn, v, int(i));
        return result.kind === 'list' ? result.items : [result];
      }),
    ),
  filter: (items, [fn], call) => list(items.filter((v, i) => isTruthy(call(fn, v, int(i))) !== false)),
  find: (items, [fn], call) => items.find((v, i) => isTruthy(call(fn, v, int(i))) === true) ?? NONE,
  findLast: (items, [fn], call) => items.findLast((v, i) => isTruthy(call(fn, v, int(i))) === true) ?? NONE,
  findIndex: (items, [fn], call) => int(items.findIndex((v, i) => isTruthy(call(fn, v, int(i))) === true)),
  some: (items, [fn], call) => bool(items.some((v, i) => isTruthy(call(fn, v, int(i))) === true)),
  every: (items, [fn], call) => bool(items.every((v, i) => isTruthy(call(fn, v, int(i))) === true)),
  reduce: (items, [fn, initial], call) => {
    const all = initial ? [initial, ...items] : items;
    return all.slice(1).reduce((sum, v, i) => call(fn, sum, v, int(i)), all[0] ?? NONE);
  },
  reduceRight: (items, [fn, initial], call) => {
    const all = initial ? [...items, initial] : [...items];
    return all.slice(0, -1).reduceRight((sum, v, i) => call(fn, sum, v, int(i)), all.at(-1) ?? NONE);
  },
  sort: (items, [fn], call) => {
    const order = (a: Value, b: Value): number =>
      fn ? (numberOf(call(fn, a, b)) ?? 0) : (textOf(a) ?? '') < (textOf(b) ?? '') ? -1 : textOf(a) === textOf(b) ? 0 : 1;
    items.sort(order);
    return { kind: 'list', items };
  },
  lastIndexOf: (items, [wanted]) => int(items.length - 1 - indexOfValue([...items].reverse(), wanted)),
  toString: (items: Value[]) => {
    const text = textOf(list(items));
    return text === null ? unknown('a joined text') : str(text);
  },
  // A `Set` is kept as an array without repetitions.
  add: (items, [value = NONE]) => {
    if (indexOfValue(items, value) < 0) items.push(value);
    return { kind: 'list', items };
  },
  has: (items, [wanted]) => bool(indexOfValue(items, wanted) >= 0),
  delete: (items, [wanted]) => {
    const index = indexOfValue(items, wanted);
    if (index >= 0) items.splice(index, 1);
    return bool(index >= 0);
  },
};

/** A property of an array; undefined when there is none of that name. */
export function listMember(self: ListValue, name: string, call: Call): Value | undefined {
  if (name === 'length' || name === 'size') return int(self.items.length);
  if (/^\d+$/.test(name)) return self.items[Number(name)] ?? NONE;
  if (!Object.hasOwn(listMethods, name)) return undefined;
  return native(name, (args) => listMethods[name](self.items, args.positional, (fn, ...given) => call(fn, given, args.site)));
}
