import { FALSE, NONE, bool, int, list, native, numberOf, str, unknown, type Arguments, type DictValue, type Value } from '../python/value';
import { indexOfValue } from './listMembers';
import { makePromise } from './promises';
import { emptyObject, field, isTruthy, keyOf, number, setField, textOf } from './scriptValues';

/** Calls a value as a function: given by the evaluator. */
export type Call = (fn: Value, args: Value[], site: Arguments['site']) => Value;

/** The `Map`s among objects. */
const maps = new WeakSet<DictValue>();

/** The pairs of a `Map` that a loop runs over; undefined for other objects. */
export function mapPairs(object: DictValue): Value[] | undefined {
  return maps.has(object) ? [...object.entries.values()].map(({ key, value }) => list([key, value])) : undefined;
}

/** A method of a `Map`, which is kept like an object, or of any object. */
export function mapMember(self: DictValue, name: string, call: Call): Value | undefined {
  const method = (run: (key: string, value: Value) => Value) =>
    native(name, ({ positional: [key = NONE, value = NONE] }) => {
      const text = keyOf(key);
      return text === null ? unknown('an entry whose key is not known') : run(text, value);
    });
  if (name === 'hasOwnProperty') return method((key) => bool(field(self, key) !== undefined));
  if (!maps.has(self)) return undefined;
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
    case 'delete':
      return method((key) => bool(self.entries.delete(`s:${key}`)));
    case 'size':
      return int(self.entries.size);
    case 'keys':
    case 'values':
    case 'entries':
      return native(name, () => objectItems(self, name));
    case 'forEach':
      return native(name, ({ positional: [fn = NONE], site }) => {
        for (const { key, value } of [...self.entries.values()]) call(fn, [value, key], site);
        return NONE;
      });
    default:
      return undefined;
  }
}

/** `Object.keys(object)` and the like. */
function objectItems(object: DictValue, what: string): Value {
  const entries = [...object.entries.values()];
  return list(entries.map(({ key, value }) => (what === 'keys' ? key : what === 'values' ? value : list([key, value]))));
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
    case 'Map':
      return first?.kind === 'unknown' ? first : mapOf(first?.kind === 'list' ? first.items : []);
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
    case 'Object.values':
    case 'Object.entries':
      return first?.kind === 'dict' ? objectItems(first, path.slice('Object.'.length)) : undefined;
    case 'Object.fromEntries':
      return first?.kind === 'list' ? objectOf(first.items) : first?.kind === 'dict' ? first : undefined;
    case 'Promise':
      return makePromise(first, call, args.site);
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

function mapOf(pairs: readonly Value[]): DictValue {
  const made = objectOf(pairs);
  maps.add(made);
  return made;
}

/** An object from pairs of a key and a value. */
function objectOf(pairs: readonly Value[]): DictValue {
  const made = emptyObject();
  for (const pair of pairs) {
    const [key, value = NONE] = pair.kind === 'list' ? pair.items : [];
    const name = key ? keyOf(key) : null;
    if (name !== null) setField(made, name, value);
  }
  return made;
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
