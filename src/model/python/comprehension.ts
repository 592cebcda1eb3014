import type { Expression } from './ast';
import { assign } from './assign';
import { evaluate } from './evaluate';
import { iterate } from './iterate';
import type { Machine } from './machine';
import { Scope } from './scope';
import { truthOf } from './truth';
import { dictKey, list, unknown, type DictValue, type Value } from './value';

const MAX_ROUNDS = 4096;

/** A comprehension, evaluated at once; generator expressions too. */
export function evaluateComprehension(node: Expression & { kind: 'comprehension' }, outer: Scope, machine: Machine): Value {
  const scope = new Scope(outer, machine.journal);
  const results: { key: Value | null; value: Value }[] = [];
  let failure: Value | null = null;
  const run = (depth: number): void => {
    if (failure) return;
    if (depth === node.clauses.length) {
      results.push({ key: node.key ? evaluate(node.key, scope, machine) : null, value: evaluate(node.value, scope, machine) });
      return;
    }
    const clause = node.clauses[depth];
    const source = evaluate(clause.iterable, depth === 0 ? outer : scope, machine);
    const items = iterate(source, machine, MAX_ROUNDS + 1);
    if (!items || items.length > MAX_ROUNDS) {
      failure = source.kind === 'unknown' ? source : unknown('a comprehension over values that are not known');
      return;
    }
    for (const item of items) {
      assign(clause.target, item, scope, machine);
      const truths = clause.conditions.map((c) => truthOf(evaluate(c, scope, machine)));
      if (truths.includes(false)) continue;
      if (truths.includes(undefined)) {
        failure = unknown('a comprehension under a condition that is not known');
        return;
      }
      run(depth + 1);
    }
  };
  run(0);
  if (failure) return failure;
  if (node.type === 'dict') {
    const result: DictValue = { kind: 'dict', entries: new Map() };
    for (const { key, value } of results) {
      const id = key ? dictKey(key) : null;
      if (key && id !== null) result.entries.set(id, { key, value });
    }
    return result;
  }
  if (node.type === 'set') return { kind: 'set', entries: new Map(results.map(({ value }, i) => [dictKey(value) ?? `?${i}`, value])) };
  return list(results.map((r) => r.value));
}
