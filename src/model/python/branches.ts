import type { Expression, Statement } from './ast';
import { evaluate } from './evaluate';
import { executeBlock, type Completion } from './execute';
import { PythonError, type Machine } from './machine';
import type { Scope } from './scope';
import { truthOf } from './truth';
import type { Value } from './value';

const MAX_TENTATIVE_DEPTH = 2;

/** An `if`; when its condition is not known, the branch that tells more is taken and the other one is looked at as well. */
export function executeIf(node: Statement & { kind: 'if' }, scope: Scope, machine: Machine): Completion {
  const test = evaluate(node.test, scope, machine);
  const truth = truthOf(test);
  if (truth !== undefined) return executeBlock(truth ? node.then : node.otherwise, scope, machine);
  if (givesUp(node.then)) return executeBlock(node.otherwise, scope, machine);
  if (node.otherwise.length > 0 && givesUp(node.otherwise)) return executeBlock(node.then, scope, machine);
  return executeBoth(node, test, scope, machine);
}

/** A branch that ends in an error, an exit, a skipped round or nothing is the exception, not the way a model is built. */
function givesUp(body: Statement[]): boolean {
  const last = body.at(-1);
  if (!last) return false;
  if (last.kind === 'raise' || last.kind === 'break' || last.kind === 'continue') return true;
  if (last.kind === 'return') return last.value === null || last.value.kind === 'none';
  return last.kind === 'expression' && isExit(last.value);
}

function isExit(node: Expression): boolean {
  if (node.kind !== 'call') return false;
  const { callee } = node;
  if (callee.kind === 'name') return callee.id === 'exit' || callee.id === 'quit';
  return callee.kind === 'attribute' && callee.name === 'exit';
}

function executeBoth(node: Statement & { kind: 'if' }, test: Value, scope: Scope, machine: Machine): Completion {
  let other: { completion: Completion; values: Map<string, Value> } | null = null;
  if (machine.tentativeDepth < MAX_TENTATIVE_DEPTH && node.otherwise.length > 0) {
    const before = new Map(scope.own());
    machine.tentativeDepth++;
    try {
      other = machine.journal.tentatively(() => {
        const completion = executeBlock(node.otherwise, scope, machine);
        return { completion, values: new Map([...scope.own()].filter(([name, value]) => before.get(name) !== value)) };
      });
    } catch (error) {
      if (!(error instanceof PythonError)) throw error;
    } finally {
      machine.tentativeDepth--;
    }
  }
  const changes = machine.changes;
  const otherReturns = other?.completion?.kind === 'return' && other.completion.value.kind !== 'unknown';
  if (otherReturns) {
    // Both ways lead out of the function: the first one, unless only the second leads to something known.
    const first = tryReturn(node.then, scope, machine);
    if (first?.kind !== 'return' || first.value.kind === 'unknown') return executeBlock(node.otherwise, scope, machine);
  }
  const completion = executeBlock(node.then, scope, machine);
  for (const [name, value] of other?.values ?? []) {
    const now = scope.own().get(name);
    if ((now === undefined || now.kind === 'unknown') && value.kind !== 'unknown') scope.set(name, value);
  }
  if (machine.changes !== changes && machine.tentativeDepth === 0) {
    const why = test.kind === 'unknown' ? `: ${test.reason}` : '';
    machine.note(
      'info',
      'assumed-condition',
      `Whether this condition holds can't be read from the file${why}. Read as if it does.`,
      node.test.range,
    );
  }
  return completion;
}

function tryReturn(body: Statement[], scope: Scope, machine: Machine): Completion {
  machine.tentativeDepth++;
  try {
    return machine.journal.tentatively(() => executeBlock(body, scope, machine));
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    return null;
  } finally {
    machine.tentativeDepth--;
  }
}
