import { iterate } from '../iterate';
import type { Machine } from '../machine';
import { callValue } from '../calls';
import { callBuiltin } from '../builtins';
import { configFunctions } from './configFiles';
import { fileFunctions } from './files';
import { NONE, external, native, str, stringOf, unknown, type Arguments, type DictValue, type Value } from '../value';

type StandardFunction = (args: Arguments, machine: Machine) => Value;

const joinPath: StandardFunction = (args) => {
  const parts = args.positional.map(stringOf);
  if (parts.includes(null)) return args.positional.find((v) => v.kind === 'unknown') ?? unknown('a path');
  return str(
    (parts as string[]).reduce((path, part) => (part.startsWith('/') || path === '' ? part : `${path.replace(/\/$/, '')}/${part}`), ''),
  );
};

const same: StandardFunction = (args) => args.positional[0] ?? NONE;

const functions: Record<string, StandardFunction> = {
  'os.path.join': joinPath,
  ...fileFunctions,
  ...configFunctions,
  'os.path.expanduser': same,
  'os.path.abspath': same,
  'os.path.normpath': same,
  'os.fspath': same,
  'pathlib.Path': joinPath,
  'pathlib.PurePath': joinPath,
  'sys.exit': () => NONE,
  'copy.copy': same,
  'copy.deepcopy': same,
  'typing.cast': (args) => args.positional[1] ?? NONE,
  'collections.OrderedDict': (args, machine) => callBuiltin('builtins.dict', args, machine) ?? NONE,
  'collections.defaultdict': (args): DictValue => ({ kind: 'dict', entries: new Map(), factory: args.positional[0] }),
  'functools.partial': (args) => {
    const [fn, ...bound] = args.positional;
    if (!fn) return unknown('a partial function');
    return native('partial', (later, machine) =>
      callValue(
        fn,
        { ...later, positional: [...bound, ...later.positional], keywords: new Map([...args.keywords, ...later.keywords]) },
        machine,
      ),
    );
  },
  'functools.reduce': (args, machine) => {
    const [fn, source, initial] = args.positional;
    const items = source ? iterate(source, machine) : null;
    if (!fn || !items) return unknown('a reduction of values that are not known');
    const all = initial ? [initial, ...items] : items;
    return all.slice(1).reduce((sum, v) => callValue(fn, { ...args, positional: [sum, v], keywords: new Map() }, machine), all[0] ?? NONE);
  },
  'collections.namedtuple': (args, machine) => {
    const fields = args.positional[1];
    const text = stringOf(fields);
    const names =
      text !== null ? text.split(/[\s,]+/).filter(Boolean) : (iterate(fields ?? NONE, machine)?.map((v) => stringOf(v) ?? '') ?? []);
    return native('namedtuple', (call) => ({
      kind: 'tuple',
      names,
      items: names.map((name, i) => call.positional[i] ?? call.keywords.get(name) ?? NONE),
    }));
  },
  // The settings of an experiment, which the program may read back.
  'wandb.init': (args, machine) => {
    const config = args.keywords.get('config');
    if (config?.kind === 'dict') {
      for (const { key, value } of config.entries.values()) if (key.kind === 'str') machine.outside.set(`wandb.config.${key.value}`, value);
    }
    machine.outside.set('wandb.run.config', external('wandb.config'));
    return external('wandb.run');
  },
  'itertools.product': () => unknown('a product of values'),
};

/** A function of Python's standard library. */
export function standardCall(path: string, args: Arguments, machine: Machine): Value | undefined {
  return Object.hasOwn(functions, path) ? functions[path](args, machine) : undefined;
}
