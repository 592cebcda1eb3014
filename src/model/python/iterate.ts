import { countItems } from './budget';
import type { Machine } from './machine';
import { int, str, type Value } from './value';

const MAX_LENGTH = 100_000;

/** The items of an iterable in order; null when they are not known. At most `limit` of them. */
export function iterate(value: Value, machine: Machine, limit = MAX_LENGTH): Value[] | null {
  switch (value.kind) {
    case 'tuple':
    case 'list':
      return value.items.length > limit ? value.items.slice(0, limit) : value.items;
    case 'set':
      return [...value.entries.values()];
    case 'dict':
      return [...value.entries.values()].map((e) => e.key);
    case 'str':
      return [...value.value].map(str);
    case 'range': {
      const items: Value[] = [];
      for (let i = value.start; (value.step > 0 ? i < value.stop : i > value.stop) && items.length < limit; i += value.step)
        items.push(int(i));
      countItems(items.length);
      return items;
    }
    case 'host':
      return value.object.iterate(machine) ?? null;
    default:
      return null;
  }
}

/** `len(value)`; null when it is not known. */
export function lengthOf(value: Value, machine: Machine): number | null {
  if (value.kind === 'array') return value.shape?.[0] ?? null;
  if (value.kind === 'range') return Math.max(0, Math.ceil((value.stop - value.start) / value.step));
  return iterate(value, machine)?.length ?? null;
}
