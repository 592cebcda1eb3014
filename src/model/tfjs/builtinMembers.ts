import {
  FALSE,
  NONE,
  bool,
  int,
  list,
  native,
  numberOf,
  str,
  stringOf,
  unknown,
  type Arguments,
  type DictValue,
  type ListValue,
  type Value,
} from '../python/value';
import { emptyObject, field, isTruthy, keyOf, number, operate, setField, textOf } from './scriptValues';

/** Calls a value as a function: given by the evaluator. */
export type Call = (fn: Value, args: Value[], site: Arguments['site']) => Value;

type ListMethod = (items: Value[], args: Value[], call: (fn: Value, ...args: Value[]) => Value) => Value;

const at = (n: Value | undefined, length: number, fallback: number): number => {
  const value = numberOf(n) ?? fallback;
  return value < 0 ? Math.max(0, length + value) : Math.min(value, length);
};

const indexOfValue = (items: Value[], wanted: Value | undefined): number =>
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
  flat: (items) => list(items.flatMap((v) => (v.kind === 'list' ? v.items : [v]))),
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
  findIndex: (items, [fn], call) => int(items.findIndex((v, i) => isTruthy(call(fn, v, int(i))) === true)),
  some: (items, [fn], call) => bool(items.some((v, i) => isTruthy(call(fn, v, int(i))) === true)),
  every: (items, [fn], call) => bool(items.every((v, i) => isTruthy(call(fn, v, int(i))) === true)),
  reduce: (items, [fn, initial], call) => {
    const all = initial ? [initial, ...items] : items;
    return all.slice(1).reduce((sum, v, i) => call(fn, sum, v, int(i)), all[0] ?? NONE);
  },
  sort: (items) => list(items),
  // A `Set` is kept as an array without repetitions.
  add: (items, [value = NONE]) => {
    if (indexOfValue(items, value) < 0) items.push(value);
    return { kind: 'list', items };
  },
  has: (items, [wanted]) => bool(indexOfValue(items, wanted) >= 0),
};

/** A property of an array; undefined when there is none of that name. */
export function listMember(self: ListValue, name: string, call: Call): Value | undefined {
  if (name === 'length' || name === 'size') return int(self.items.length);
  if (/^\d+$/.test(name)) return self.items[Number(name)] ?? NONE;
  if (!Object.hasOwn(listMethods, name)) return undefined;
  return native(name, (args) => listMethods[name](self.items, args.positional, (fn, ...given) => call(fn, given, args.site)));
}

/** A method of a `Map`, which is kept like an object. */
export function mapMember(self: DictValue, name: string): Value | undefined {
  const method = (run: (key: string, value: Value) => Value) =>
    native(name, ({ positional: [key = NONE, value = NONE] }) => {
      const text = keyOf(key);
      return text === null ? unknown('an entry whose key is not known') : run(text, value);
    });
  switch (name) {
    case 'get':
      return method((key) => field(self, key) ?? NONE);
    case 'has':
      return method((key) => bool(field(self, key) !== undefined));
    case 'set':
      return method((key, value) => {
        setField(self, key, value);
        return self;
      });
    case 'size':
      return int(self.entries.size);
    default:
      return undefined;
  }
}

/** A property of a text. */
export function textMember(self: string, name: string): Value | undefined {
  if (name === 'length') return int(self.length);
  const method = (run: (args: Value[]) => Value) => native(name, (args) => run(args.positional));
  switch (name) {
    case 'toLowerCase':
      return method(() => str(self.toLowerCase()));
    case 'toUpperCase':
      return method(() => str(self.toUpperCase()));
    case 'trim':
      return method(() => str(self.trim()));
    case 'split':
      return method(([separator]) => list(self.split(stringOf(separator) ?? ' ').map(str)));
    case 'includes':
      return method(([part]) => bool(self.includes(stringOf(part) ?? '\0')));
    case 'startsWith':
      return method(([part]) => bool(self.startsWith(stringOf(part) ?? '\0')));
    case 'endsWith':
      return method(([part]) => bool(self.endsWith(stringOf(part) ?? '\0')));
    case 'toString':
      return method(() => str(self));
    default:
      return undefined;
  }
}

const mathConstants: Record<string, number> = { PI: Math.PI, E: Math.E };
const MATH = [
  'floor',
  'ceil',
  'round',
  'trunc',
  'sqrt',
  'log2',
  'log',
  'log10',
  'exp',
  'abs',
  'pow',
  'max',
  'min',
  'sign',
  'cbrt',
] as const;

/** A member of one of JavaScript's global objects; undefined when it is not known. */
export function globalMember(path: string, args: Arguments, call: Call): Value | undefined {
  const [first] = args.positional;
  const numbers = args.positional.map(numberOf);
  const spot = /^Math\.(\w+)$/.exec(path)?.[1];
  if (spot) {
    const name = MATH.find((m) => m === spot);
    if (!name || numbers.includes(null)) return args.positional.find((v) => v.kind === 'unknown') ?? unknown(`what Math.${spot}() gives`);
    return number((Math[name] as (...n: number[]) => number)(...(numbers as number[])));
  }
  switch (path) {
    case 'Number':
    case 'parseFloat':
    case 'Number.parseFloat':
    case 'parseInt':
    case 'Number.parseInt': {
      const text = textOf(first ?? NONE);
      if (text === null) return first ?? NONE;
      const n = /Int$/.test(path) ? parseInt(text, 10) : /Float$/.test(path) ? parseFloat(text) : Number(text);
      return Number.isNaN(n) ? unknown('a text that is no number') : number(n);
    }
    case 'String':
      return first && textOf(first) !== null ? str(textOf(first) ?? '') : first;
    case 'Boolean': {
      const truth = isTruthy(first ?? NONE);
      return truth === undefined ? first : bool(truth);
    }
    case 'Number.isInteger':
      return first && numberOf(first) !== null ? bool(Number.isInteger(numberOf(first))) : undefined;
    case 'Array.isArray':
      return first?.kind === 'unknown' ? first : bool(first?.kind === 'list');
    case 'Array':
      return args.positional.length === 1 && numbers[0] !== null
        ? list(Array<Value>(Math.min(numbers[0], 10_000)).fill(NONE))
        : list(args.positional);
    case 'Set': {
      const given = first?.kind === 'list' ? first.items : first?.kind === 'str' ? [...first.value].map(str) : [];
      if (first?.kind === 'unknown') return first;
      return list(given.filter((v, i) => indexOfValue(given, v) === i));
    }
    case 'Map': {
      const made = emptyObject();
      for (const pair of first?.kind === 'list' ? first.items : []) {
        const [key, value = NONE] = pair.kind === 'list' ? pair.items : [];
        const name = key ? keyOf(key) : null;
        if (name !== null) setField(made, name, value);
      }
      return first?.kind === 'unknown' ? first : made;
    }
    case 'Array.of':
      return list(args.positional);
    case 'Array.from': {
      const length = first?.kind === 'dict' ? numberOf(field(first, 'length')) : null;
      const items = first?.kind === 'list' ? first.items : length !== null ? Array<Value>(Math.min(length, 10_000)).fill(NONE) : null;
      const [, fn] = args.positional;
      return items ? list(fn ? items.map((v, i) => call(fn, [v, int(i)], args.site)) : [...items]) : undefined;
    }
    case 'Object.assign':
      return first?.kind === 'dict' ? assignAll(first, args.positional.slice(1)) : first;
    case 'Object.keys':
      return first?.kind === 'dict' ? list([...first.entries.values()].map((e) => e.key)) : undefined;
    case 'Object.values':
      return first?.kind === 'dict' ? list([...first.entries.values()].map((e) => e.value)) : undefined;
    case 'Object.entries':
      return first?.kind === 'dict' ? list([...first.entries.values()].map((e) => list([e.key, e.value]))) : undefined;
    case 'Object.freeze':
    case 'Promise.resolve':
    case 'JSON.stringify':
    case 'structuredClone':
      return first ?? NONE;
    case 'Promise.all':
      return first ?? NONE;
    case 'isNaN':
    case 'Number.isNaN':
      return first && numberOf(first) !== null ? FALSE : undefined;
    default:
      return undefined;
  }
}

function assignAll(target: Value & { kind: 'dict' }, sources: Value[]): Value {
  for (const source of sources) if (source.kind === 'dict') for (const [k, entry] of source.entries) target.entries.set(k, entry);
  return target;
}

/** The value of a constant of a global object. */
export function globalConstant(path: string): Value | undefined {
  const name = /^Math\.(\w+)$/.exec(path)?.[1];
  if (name && Object.hasOwn(mathConstants, name)) return number(mathConstants[name]);
  if (path === 'undefined' || path === 'null') return NONE;
  if (path === 'Infinity') return { kind: 'float', value: Infinity };
  return path === 'NaN' ? { kind: 'float', value: NaN } : undefined;
}
