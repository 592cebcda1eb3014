import type { Statement } from './ast';
import { assign } from './assign';
import { evaluate } from './evaluate';
import { executeBlock, type Completion } from './execute';
import { iterate, lengthOf } from './iterate';
import type { Machine } from './machine';
import type { Scope } from './scope';
import { truthOf } from './truth';
import { unknown, type Value } from './value';

/** More rounds than this are training or data loops, not model building. */
const MAX_ROUNDS = 512;

/** A `for` loop; over values that are not known it runs once, with an unknown item. */
export function executeFor(node: Statement & { kind: 'for' }, scope: Scope, machine: Machine): Completion {
  const source = evaluate(node.iterable, scope, machine);
  machine.loops.push(source);
  try {
    return runRounds(node, source, scope, machine);
  } finally {
    machine.loops.pop();
  }
}

function runRounds(node: Statement & { kind: 'for' }, source: Value, scope: Scope, machine: Machine): Completion {
  const items = iterate(source, machine, MAX_ROUNDS);
  if (!items) {
    assign(node.target, source.kind === 'unknown' ? source : unknown('an item of a loop over values that are not known'), scope, machine);
    const completion = executeBlock(node.body, scope, machine);
    return completion?.kind === 'return' ? completion : null;
  }
  const isCut = (lengthOf(source, machine) ?? 0) > MAX_ROUNDS;
  const rounds = isCut ? items.slice(0, 2) : [...items];
  const { trainingSteps } = machine;
  for (const item of rounds) {
    assign(node.target, item, scope, machine);
    const completion = executeBlock(node.body, scope, machine);
    if (completion?.kind === 'return') return completion;
    if (completion?.kind === 'break') return null;
    if (machine.trainingSteps > trainingSteps) return null;
  }
  return executeBlock(node.otherwise, scope, machine);
}

/** A `while` loop; under a condition that is not known it runs once. */
export function executeWhile(node: Statement & { kind: 'while' }, scope: Scope, machine: Machine): Completion {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const truth = truthOf(evaluate(node.test, scope, machine));
    if (truth === false) return executeBlock(node.otherwise, scope, machine);
    const completion = executeBlock(node.body, scope, machine);
    if (completion?.kind === 'return') return completion;
    if (completion?.kind === 'break') return null;
    // `while True` is left by a break or return only; one round shows what it does.
    if (truth === undefined || (node.test.kind === 'bool' && round >= 31)) return null;
  }
  return null;
}
