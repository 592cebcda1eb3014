import type { Expression } from './ast';
import { setAttribute } from './attributes';
import { evaluate } from './evaluate';
import { iterate } from './iterate';
import type { Machine } from './machine';
import type { Scope } from './scope';
import { dictKey, numberOf, unknown, type Value } from './value';

/** `target = value`, with unpacking. */
export function assign(target: Expression, value: Value, scope: Scope, machine: Machine): void {
  switch (target.kind) {
    case 'name':
      scope.set(target.id, value);
      if (value.kind === 'host') value.object.didAssign(target.id, scope.parent === null);
      else if (value.kind === 'instance') value.host?.didAssign(target.id, scope.parent === null);
      return;
    case 'attribute':
      setAttribute(evaluate(target.object, scope, machine), target.name, value, machine);
      return;
    case 'subscript':
      setItem(evaluate(target.object, scope, machine), evaluate(target.index, scope, machine), value, machine);
      return;
    case 'starred':
      assign(target.value, value, scope, machine);
      return;
    case 'sequence':
      unpack(target.items, value, scope, machine);
      return;
    default:
  }
}

function unpack(targets: Expression[], value: Value, scope: Scope, machine: Machine): void {
  const items = (value.kind === 'host' ? value.object.unpack(targets.length) : undefined) ?? iterate(value, machine);
  const star = targets.findIndex((t) => t.kind === 'starred');
  const fits = items !== null && (star < 0 ? items.length === targets.length : items.length >= targets.length - 1);
  if (!items || !fits) {
    const part = value.kind === 'unknown' ? value : unknown('one part of a value that can not be taken apart');
    for (const target of targets) assign(target, part, scope, machine);
    return;
  }
  if (star < 0) targets.forEach((t, i) => assign(t, items[i], scope, machine));
  else {
    const after = targets.length - star - 1;
    targets.forEach((t, i) => {
      if (i < star) assign(t, items[i], scope, machine);
      else if (i === star) assign(t, { kind: 'list', items: items.slice(star, items.length - after) }, scope, machine);
      else assign(t, items[items.length - targets.length + i], scope, machine);
    });
  }
}

/** `object[index] = value`. */
export function setItem(object: Value, index: Value, value: Value, machine: Machine): void {
  if (object.kind === 'host') object.object.setItem(index, value, machine);
  else if (object.kind === 'dict') {
    const key = dictKey(index);
    if (key === null) return;
    machine.journal.recordMap(object.entries, key);
    object.entries.set(key, { key: index, value });
  } else if (object.kind === 'list') {
    const n = numberOf(index);
    if (n === null) return;
    const at = n < 0 ? n + object.items.length : n;
    if (at < 0 || at >= object.items.length) return;
    machine.journal.recordItems(object.items);
    object.items[at] = value;
  }
}
