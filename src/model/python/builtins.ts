import { getAttribute, setAttribute } from './attributes';
import { callValue, plainArguments } from './calls';
import { HostObject } from './hostObject';
import { iterate, lengthOf } from './iterate';
import type { Machine } from './machine';
import { binaryOperation, compareOrder } from './operators';
import { textOf } from './text';
import { fieldsOf } from './modules/argparse';
import { openFile } from './modules/configFiles';
import { truthOf } from './truth';
import {
  NONE,
  bool,
  dict,
  dictKey,
  float,
  host,
  int,
  list,
  numberOf,
  str,
  stringOf,
  tuple,
  unknown,
  type Arguments,
  type DictValue,
  type Value,
} from './value';

type Builtin = (args: Arguments, machine: Machine) => Value;

const first = (args: Arguments): Value => args.positional[0] ?? NONE;

/** A function of the items of its first argument; unknown when they are not known. */
const overItems =
  (name: string, run: (items: Value[], args: Arguments, machine: Machine) => Value): Builtin =>
  (args, machine) => {
    const items = iterate(first(args), machine);
    return items
      ? run(items, args, machine)
      : first(args).kind === 'unknown'
        ? first(args)
        : unknown(`${name}() of values that are not known`);
  };

const onNumber =
  (name: string, run: (n: number, value: Value, args: Arguments) => Value): Builtin =>
  (args) => {
    const value = first(args);
    const n = numberOf(value);
    return n === null ? (value.kind === 'unknown' ? value : unknown(`${name}() of a value that is not known`)) : run(n, value, args);
  };

function extreme(direction: 1 | -1): Builtin {
  return (args, machine) => {
    const items = args.positional.length > 1 ? args.positional : iterate(first(args), machine);
    if (!items?.length) return args.keywords.get('default') ?? unknown('the extreme of values that are not known');
    const key = args.keywords.get('key');
    const rank = (v: Value) => (key ? callValue(key, plainArguments([v], args.site), machine) : v);
    let best = items[0];
    for (const item of items.slice(1)) {
      const order = compareOrder(rank(item), rank(best));
      if (order === undefined) return unknown('the extreme of values that are not known');
      if (order * direction > 0) best = item;
    }
    return best;
  };
}

/** Banker's rounding, as Python 3 has it. */
function round(n: number, digits: number): number {
  const scaled = n * 10 ** digits;
  const floor = Math.floor(scaled);
  const rest = scaled - floor;
  const rounded = rest > 0.5 || (rest === 0.5 && floor % 2 !== 0) ? floor + 1 : floor;
  return rounded / 10 ** digits;
}

const TYPE_NAMES: Record<string, string[]> = {
  int: ['int', 'long'],
  float: ['float'],
  bool: ['bool', 'int'],
  str: ['str', 'basestring', 'unicode'],
  tuple: ['tuple'],
  list: ['list'],
  dict: ['dict'],
  set: ['set'],
  range: ['range'],
  none: ['NoneType'],
};

/** Names that stand for a built-in type in both Pythons. */
const SIX_TYPES: Record<string, string> = { 'six.string_types': 'str', 'six.text_type': 'str', 'six.integer_types': 'int' };

/** `isinstance` for Python's own types; undefined when it can't be known. */
function isInstance(value: Value, type: Value): boolean | undefined {
  if (type.kind === 'tuple') {
    const results = type.items.map((t) => isInstance(value, t));
    return results.includes(true) ? true : results.includes(undefined) ? undefined : false;
  }
  if (value.kind === 'unknown' || value.kind === 'external') return undefined;
  if (type.kind === 'class') {
    const derives = (c: Value): boolean => c === type || (c.kind === 'class' && c.bases.some(derives));
    return value.kind === 'instance' && derives(value.class);
  }
  if (type.kind !== 'external') return undefined;
  if (Object.hasOwn(SIX_TYPES, type.path)) return isInstance(value, { kind: 'external', path: `builtins.${SIX_TYPES[type.path]}` });
  const own = value.kind === 'host' ? value.object.isInstanceOf(type.path) : undefined;
  if (own !== undefined) return own;
  if (value.kind === 'host' || value.kind === 'array' || value.kind === 'instance')
    return type.path.startsWith('builtins.') ? false : undefined;
  const names = TYPE_NAMES[value.kind];
  if (!names) return type.path.startsWith('builtins.') ? false : undefined;
  return names.includes(type.path.split('.').at(-1) ?? '');
}

/** `vars(object)`: its attributes as a dict that can be written to. */
class Fields extends HostObject {
  readonly description = 'the attributes of an object';

  constructor(private readonly owner: Value) {
    super();
  }

  override getItem(index: Value, machine: Machine, site: Arguments['site']): Value | undefined {
    const name = stringOf(index);
    return name === null ? undefined : getAttribute(this.owner, name, machine, site);
  }

  override setItem(index: Value, value: Value, machine: Machine): boolean {
    const name = stringOf(index);
    if (name !== null) setAttribute(this.owner, name, value, machine);
    return name !== null;
  }
}

const builtins: Record<string, Builtin> = {
  len: (args, machine) => {
    const n = lengthOf(first(args), machine);
    return n === null ? (first(args).kind === 'unknown' ? first(args) : unknown('a length that is not known')) : int(n);
  },
  range: (args) => {
    const numbers = args.positional.map(numberOf);
    if (numbers.includes(null) || numbers.length === 0) return args.positional.find((v) => v.kind === 'unknown') ?? unknown('a range');
    const [a, b, c] = numbers as number[];
    return { kind: 'range', start: b === undefined ? 0 : a, stop: b ?? a, step: c || 1 };
  },
  int: (args) => {
    const text = stringOf(first(args));
    if (text !== null) {
      const base = numberOf(args.positional[1] ?? args.keywords.get('base')) ?? 10;
      const n = parseInt(text.trim(), base);
      return Number.isNaN(n) ? unknown('int() of a text that is no number') : int(n);
    }
    return args.positional.length === 0 ? int(0) : onNumber('int', (n) => int(Math.trunc(n)))(args, null as never);
  },
  float: (args) => {
    const text = stringOf(first(args));
    if (text !== null) return Number.isNaN(Number(text)) ? unknown('float() of a text that is no number') : float(Number(text));
    return args.positional.length === 0 ? float(0) : onNumber('float', (n) => float(n))(args, null as never);
  },
  bool: (args) => {
    const truth = truthOf(first(args));
    return truth === undefined ? unknown('a condition') : bool(truth);
  },
  str: (args) => {
    if (args.positional.length === 0) return str('');
    const text = textOf(first(args));
    return text === null ? unknown('the text of a value that is not known') : str(text);
  },
  repr: (args) => {
    const text = textOf(first(args));
    return text === null ? unknown('the text of a value that is not known') : str(text);
  },
  abs: onNumber('abs', (n, value) => (value.kind === 'float' ? float(Math.abs(n)) : int(Math.abs(n)))),
  round: onNumber('round', (n, _value, args) => {
    const digits = numberOf(args.positional[1] ?? args.keywords.get('ndigits'));
    return digits === null ? int(round(n, 0)) : float(round(n, digits));
  }),
  pow: (args) => binaryOperation('**', args.positional[0] ?? NONE, args.positional[1] ?? NONE),
  divmod: (args) => tuple(['//', '%'].map((op) => binaryOperation(op, args.positional[0] ?? NONE, args.positional[1] ?? NONE))),
  min: extreme(-1),
  max: extreme(1),
  sum: overItems('sum', (items, args) =>
    items.reduce((total, v) => binaryOperation('+', total, v), args.positional[1] ?? args.keywords.get('start') ?? int(0)),
  ),
  list: (args, machine) => (args.positional.length === 0 ? list([]) : overItems('list', (items) => list([...items]))(args, machine)),
  tuple: (args, machine) => {
    if (first(args).kind === 'array') return first(args);
    return args.positional.length === 0 ? tuple([]) : overItems('tuple', (items) => tuple([...items]))(args, machine);
  },
  set: (args, machine) => {
    if (args.positional.length === 0) return { kind: 'set', entries: new Map() };
    return overItems('set', (items) => {
      const keys = items.map(dictKey);
      if (keys.includes(null)) return unknown('a set of values that are not known');
      return { kind: 'set', entries: new Map(items.map((v, i) => [keys[i] as string, v])) };
    })(args, machine);
  },
  dict: (args, machine) => {
    const result: DictValue = { kind: 'dict', entries: new Map() };
    const source = args.positional[0];
    if (source?.kind === 'dict') for (const [k, v] of source.entries) result.entries.set(k, v);
    else if (source) {
      const pairs = iterate(source, machine);
      if (!pairs) return unknown('a dict of values that are not known');
      for (const pair of pairs) {
        const [key, value] = iterate(pair, machine) ?? [];
        const id = key ? dictKey(key) : null;
        if (key && value && id !== null) result.entries.set(id, { key, value });
      }
    }
    for (const [k, v] of dict(args.keywords).entries) result.entries.set(k, v);
    return result;
  },
  enumerate: overItems('enumerate', (items, args) => {
    const start = numberOf(args.positional[1] ?? args.keywords.get('start')) ?? 0;
    return list(items.map((v, i) => tuple([int(i + start), v])));
  }),
  zip: (args, machine) => {
    const columns = args.positional.map((v) => iterate(v, machine));
    if (columns.includes(null)) return unknown('a zip of values that are not known');
    const length = columns.length ? Math.min(...columns.map((c) => (c as Value[]).length)) : 0;
    return list(Array.from({ length }, (_, i) => tuple(columns.map((c) => (c as Value[])[i]))));
  },
  map: (args, machine) => {
    const [fn, ...sources] = args.positional;
    const columns = sources.map((v) => iterate(v, machine));
    if (!fn || columns.includes(null) || columns.length === 0) return unknown('a map over values that are not known');
    const length = Math.min(...columns.map((c) => (c as Value[]).length));
    return list(
      Array.from({ length }, (_, i) =>
        callValue(
          fn,
          plainArguments(
            columns.map((c) => (c as Value[])[i]),
            args.site,
          ),
          machine,
        ),
      ),
    );
  },
  filter: (args, machine) => {
    const items = iterate(args.positional[1] ?? NONE, machine);
    if (!items) return unknown('a filter over values that are not known');
    const keep = (v: Value) => (first(args).kind === 'none' ? v : callValue(first(args), plainArguments([v], args.site), machine));
    return list(items.filter((v) => truthOf(keep(v)) !== false));
  },
  reversed: overItems('reversed', (items) => list([...items].reverse())),
  sorted: overItems('sorted', (items, args, machine) => {
    const key = args.keywords.get('key');
    const ranked = items.map((v) => ({ v, rank: key ? callValue(key, plainArguments([v], args.site), machine) : v }));
    let isKnown = true;
    ranked.sort((a, b) => {
      const order = compareOrder(a.rank, b.rank);
      if (order === undefined) isKnown = false;
      return order ?? 0;
    });
    const reverse = args.keywords.get('reverse');
    if (reverse && truthOf(reverse)) ranked.reverse();
    return isKnown ? list(ranked.map((r) => r.v)) : unknown('a sorted list of values that are not known');
  }),
  any: overItems('any', (items) => {
    const truths = items.map(truthOf);
    return truths.includes(true) ? bool(true) : truths.includes(undefined) ? unknown('any()') : bool(false);
  }),
  all: overItems('all', (items) => {
    const truths = items.map(truthOf);
    return truths.includes(false) ? bool(false) : truths.includes(undefined) ? unknown('all()') : bool(true);
  }),
  iter: first,
  next: (args, machine) => iterate(first(args), machine)?.[0] ?? unknown('the next item of values that are not known'),
  print: () => NONE,
  isinstance: (args) => {
    const result = isInstance(first(args), args.positional[1] ?? NONE);
    return result === undefined ? unknown('the type of a value that is not known') : bool(result);
  },
  getattr: (args, machine) => {
    const name = stringOf(args.positional[1]);
    if (name === null) return unknown('an attribute whose name is not known');
    const value = getAttribute(first(args), name, machine, args.site);
    return value.kind === 'unknown' && args.positional[2] ? args.positional[2] : value;
  },
  setattr: (args, machine) => {
    const name = stringOf(args.positional[1]);
    if (name !== null && args.positional[2]) setAttribute(first(args), name, args.positional[2], machine);
    return NONE;
  },
  hasattr: (args, machine) => {
    const name = stringOf(args.positional[1]);
    if (name === null || first(args).kind === 'unknown' || first(args).kind === 'external') return unknown('whether an attribute exists');
    return bool(getAttribute(first(args), name, machine, args.site).kind !== 'unknown');
  },
  callable: (args) => bool(['function', 'native', 'class', 'external', 'host'].includes(first(args).kind)),
  type: (args) => {
    const value = first(args);
    if (value.kind === 'instance') return value.class;
    const [name] = TYPE_NAMES[value.kind] ?? [];
    return name ? { kind: 'external', path: `builtins.${name}` } : unknown('the type of a value that is not known');
  },
  super: () => unknown('super() outside of a method'),
  exit: () => NONE,
  quit: () => NONE,
  input: () => unknown('what a person types in'),
  raw_input: () => unknown('what a person types in'),
  open: openFile,
  ord: (args) => int(stringOf(first(args))?.codePointAt(0) ?? 0),
  chr: onNumber('chr', (n) => str(String.fromCodePoint(Math.max(0, Math.min(n, 0x10ffff))))),
  object: () => unknown('a plain object'),
  globals: () => unknown('globals()'),
  locals: () => unknown('locals()'),
  id: () => unknown('an address'),
  display: () => NONE,
  vars: (args) => {
    const [object] = args.positional;
    return fieldsOf(object) ?? (object?.kind === 'instance' ? host(new Fields(object)) : unknown('vars()'));
  },
};
builtins.xrange = builtins.range;
builtins.unicode = builtins.str;
builtins.long = builtins.int;
builtins.frozenset = builtins.set;

const OTHER_NAMES = new Set([
  'Exception',
  'ValueError',
  'TypeError',
  'ImportError',
  'KeyError',
  'NotImplementedError',
  'RuntimeError',
  'IOError',
  'OSError',
  'AssertionError',
  'AttributeError',
  'IndexError',
  'FileNotFoundError',
  'NotImplemented',
  'bytes',
  'slice',
  'staticmethod',
  'classmethod',
  'property',
  'basestring',
  'complex',
  'bytearray',
  'format',
  'hash',
  'dir',
  'eval',
  'exec',
  'issubclass',
  'memoryview',
  'bin',
  'hex',
  'oct',
]);

export function isBuiltin(name: string): boolean {
  return Object.hasOwn(builtins, name) || OTHER_NAMES.has(name);
}

/** Calls one of Python's built-in functions by its path `builtins.name`; undefined for other paths. */
export function callBuiltin(path: string, args: Arguments, machine: Machine): Value | undefined {
  if (!path.startsWith('builtins.')) return undefined;
  const name = path.slice('builtins.'.length);
  return Object.hasOwn(builtins, name) ? builtins[name](args, machine) : undefined;
}
