import { callValue, plainArguments } from './calls';
import { iterate } from './iterate';
import type { Machine } from './machine';
import { compareOrder, equals } from './operators';
import { truthOf } from './truth';
import { NONE, int, list, native, numberOf, unknown, type Arguments, type ListValue, type Value } from './value';

type Method = (self: ListValue, args: Arguments, machine: Machine) => Value;

const change =
  (run: (items: Value[], args: Arguments, machine: Machine) => Value | void): Method =>
  (self, args, machine) => {
    machine.journal.recordItems(self.items);
    return run(self.items, args, machine) ?? NONE;
  };

const methods: Record<string, Method> = {
  append: change((items, args) => void items.push(args.positional[0] ?? NONE)),
  extend: change((items, args, machine) => void items.push(...(iterate(args.positional[0] ?? NONE, machine) ?? []))),
  insert: change((items, args) => void items.splice(numberOf(args.positional[0]) ?? items.length, 0, args.positional[1] ?? NONE)),
  pop: change((items, args) => {
    const at = numberOf(args.positional[0]) ?? -1;
    return items.splice(at, 1)[0] ?? unknown('an item of an empty list');
  }),
  clear: change((items) => void items.splice(0)),
  reverse: change((items) => void items.reverse()),
  remove: change((items, args) => {
    const at = items.findIndex((v) => equals(v, args.positional[0] ?? NONE));
    if (at >= 0) items.splice(at, 1);
  }),
  sort: change((items, args, machine) => {
    const key = args.keywords.get('key');
    const rank = (v: Value) => (key ? callValue(key, plainArguments([v], args.site), machine) : v);
    items.sort((a, b) => compareOrder(rank(a), rank(b)) ?? 0);
    const reverse = args.keywords.get('reverse');
    if (reverse && truthOf(reverse)) items.reverse();
  }),
  copy: (self) => list([...self.items]),
  index: (self, args) => {
    const at = self.items.findIndex((v) => equals(v, args.positional[0] ?? NONE));
    return at < 0 ? unknown('the place of an item that is not in the list') : int(at);
  },
  count: (self, args) => int(self.items.filter((v) => equals(v, args.positional[0] ?? NONE)).length),
};

/** A bound method of a list; undefined when there is none of that name. */
export function listMethod(self: ListValue, name: string): Value | undefined {
  return Object.hasOwn(methods, name) ? native(name, (args, machine) => methods[name](self, args, machine)) : undefined;
}
