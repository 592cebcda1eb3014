import { iterate } from './iterate';
import type { Machine } from './machine';
import { NONE, dict, dictKey, list, native, tuple, unknown, type Arguments, type DictValue, type Value } from './value';

type Method = (self: DictValue, args: Arguments, machine: Machine) => Value;

const entryOf = (self: DictValue, key: Value | undefined) => {
  const id = key ? dictKey(key) : null;
  return id === null ? undefined : self.entries.get(id);
};

function put(self: DictValue, key: Value, value: Value, machine: Machine): void {
  const id = dictKey(key);
  if (id === null) return;
  machine.journal.recordMap(self.entries, id);
  self.entries.set(id, { key, value });
}

const methods: Record<string, Method> = {
  keys: (self) => list([...self.entries.values()].map((e) => e.key)),
  values: (self) => list([...self.entries.values()].map((e) => e.value)),
  items: (self) => list([...self.entries.values()].map((e) => tuple([e.key, e.value]))),
  get: (self, args) => {
    const [key, otherwise] = args.positional;
    if (key?.kind === 'unknown') return key;
    return entryOf(self, key)?.value ?? otherwise ?? NONE;
  },
  pop: (self, args, machine) => {
    const entry = entryOf(self, args.positional[0]);
    const id = args.positional[0] ? dictKey(args.positional[0]) : null;
    if (id !== null) {
      machine.journal.recordMap(self.entries, id);
      self.entries.delete(id);
    }
    return entry?.value ?? args.positional[1] ?? unknown('an entry that the dict does not have');
  },
  setdefault: (self, args, machine) => {
    const [key, value = NONE] = args.positional;
    const entry = entryOf(self, key);
    if (!entry && key) put(self, key, value, machine);
    return entry?.value ?? value;
  },
  update: (self, args, machine) => {
    const source = args.positional[0];
    if (source?.kind === 'dict') for (const e of source.entries.values()) put(self, e.key, e.value, machine);
    else if (source) {
      for (const pair of iterate(source, machine) ?? []) {
        const [key, value] = iterate(pair, machine) ?? [];
        if (key && value) put(self, key, value, machine);
      }
    }
    for (const e of dict(args.keywords).entries.values()) put(self, e.key, e.value, machine);
    return NONE;
  },
  copy: (self) => ({ ...self, entries: new Map(self.entries) }),
};
methods.iteritems = methods.items;
methods.itervalues = methods.values;
methods.iterkeys = methods.keys;

/** A bound method of a dict; undefined when there is none of that name. */
export function dictMethod(self: DictValue, name: string): Value | undefined {
  return Object.hasOwn(methods, name) ? native(name, (args, machine) => methods[name](self, args, machine)) : undefined;
}
