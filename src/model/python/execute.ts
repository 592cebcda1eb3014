import type { Expression, Handler, Statement } from './ast';
import { assign } from './assign';
import { executeClass, executeFunction } from './definitions';
import { applyBinary, evaluate } from './evaluate';
import { executeIf } from './branches';
import { importFrom, importModule } from './importStatements';
import { iterate } from './iterate';
import { executeFor, executeWhile } from './loops';
import { PythonError, type Machine } from './machine';
import type { Scope } from './scope';
import { NONE, unknown, type Value } from './value';

/** How a block ended, when it did not just run off its end. */
export type Completion = { kind: 'return'; value: Value } | { kind: 'break' } | { kind: 'continue' } | null;

/** Runs statements in order until one leaves the block. */
export function executeBlock(body: Statement[], scope: Scope, machine: Machine): Completion {
  for (const statement of body) {
    const completion = execute(statement, scope, machine);
    if (completion) return completion;
  }
  return null;
}

/** What a generator yields first; its run ends there. */
function firstYielded({ value, isFrom }: Expression & { kind: 'yield' }, scope: Scope, machine: Machine): Value {
  const given = value ? evaluate(value, scope, machine) : NONE;
  return isFrom ? (iterate(given, machine, 1)?.[0] ?? unknown('what another generator yields')) : given;
}

/** Runs one statement. @throws PythonError for a `raise` nobody caught, BudgetExceeded */
export function execute(node: Statement, scope: Scope, machine: Machine): Completion {
  machine.tick();
  switch (node.kind) {
    case 'expression':
      if (node.value.kind === 'yield') return { kind: 'return', value: firstYielded(node.value, scope, machine) };
      evaluate(node.value, scope, machine);
      return null;
    case 'assign': {
      const value = evaluate(node.value, scope, machine);
      for (const target of node.targets) assign(target, value, scope, machine);
      return null;
    }
    case 'augmentedAssign': {
      const old = evaluate(node.target, scope, machine);
      const value = evaluate(node.value, scope, machine);
      if (old.kind === 'list' && node.operator === '+' && (value.kind === 'list' || value.kind === 'tuple')) {
        // In place: other names of the same list see it too.
        machine.journal.recordItems(old.items);
        old.items.push(...value.items);
      } else assign(node.target, applyBinary(node.operator, old, value, node.range, machine), scope, machine);
      return null;
    }
    case 'if':
      return executeIf(node, scope, machine);
    case 'for':
      return executeFor(node, scope, machine);
    case 'while':
      return executeWhile(node, scope, machine);
    case 'function':
      executeFunction(node.definition, node.range, scope, machine);
      return null;
    case 'class':
      executeClass(node, scope, machine);
      return null;
    case 'return':
      return { kind: 'return', value: node.value ? evaluate(node.value, scope, machine) : NONE };
    case 'raise': {
      const callee = node.value?.kind === 'call' ? node.value.callee : node.value;
      throw new PythonError(callee?.kind === 'name' ? callee.id : 'Exception', 'raised by the program');
    }
    case 'try':
      return executeTry(node, scope, machine);
    case 'with':
      for (const item of node.items) {
        const value = evaluate(item.value, scope, machine);
        if (item.target) assign(item.target, value, scope, machine);
      }
      return executeBlock(node.body, scope, machine);
    case 'import':
      importModule(node, scope, machine);
      return null;
    case 'importFrom':
      importFrom(node, scope, machine);
      return null;
    case 'delete':
      for (const target of node.targets) if (target.kind === 'name') scope.delete(target.id);
      return null;
    case 'global':
      scope.declareOuter(node.names);
      return null;
    case 'break':
      return { kind: 'break' };
    case 'continue':
      return { kind: 'continue' };
    case 'pass':
      return null;
  }
}

function executeTry(node: Statement & { kind: 'try' }, scope: Scope, machine: Machine): Completion {
  let completion: Completion;
  try {
    completion = executeBlock(node.body, scope, machine) ?? executeBlock(node.otherwise, scope, machine);
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
    const handler = node.handlers.find((h) => catches(h, error.type));
    if (!handler) {
      executeBlock(node.finalizer, scope, machine);
      throw error;
    }
    if (handler.name) scope.set(handler.name, unknown('an exception'));
    completion = executeBlock(handler.body, scope, machine);
  }
  return executeBlock(node.finalizer, scope, machine) ?? completion;
}

const CATCH_ALL = new Set(['Exception', 'BaseException', 'StandardError']);

function catches(handler: Handler, type: string): boolean {
  if (!handler.type) return true;
  const types = handler.type.kind === 'sequence' ? handler.type.items : [handler.type];
  return types.some((t) => t.kind !== 'name' || CATCH_ALL.has(t.id) || t.id === type);
}
