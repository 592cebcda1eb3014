import type * as t from '@babel/types';
import { NONE, int, str, unknown, type Value } from '../python/value';
import { mapPairs } from './builtinMembers';
import { bindPattern } from './patterns';
import { rangeOf } from './parseScript';
import type { ScriptEvaluator } from './scriptEvaluator';
import { makeClass } from './scriptClasses';
import { ScriptFunction } from './scriptFunction';
import { ScriptScope } from './scriptScope';
import { isTruthy, operate } from './scriptValues';
import { executeNamespace, makeEnum } from './typescriptOnly';

/** How a block ended, when it did not just run off its end. */
type Completion = { kind: 'return'; value: Value } | { kind: 'break' | 'continue' } | null;

/** A `throw` of the script on its way to a `catch`. */
export class ScriptThrow extends Error {
  constructor() {
    super('thrown by the script');
    this.name = 'ScriptThrow';
  }
}

const MAX_ROUNDS = 512;

/** Runs a function's body and gives what it returns. */
export function executeBody(e: ScriptEvaluator, body: t.Statement[], scope: ScriptScope): Value {
  const completion = executeBlock(e, body, scope);
  return completion?.kind === 'return' ? completion.value : NONE;
}

/** Runs statements in order; functions and classes are known from the start. */
export function executeBlock(e: ScriptEvaluator, body: t.Statement[], scope: ScriptScope): Completion {
  for (const statement of body) hoist(e, statement, scope);
  for (const statement of body) {
    const completion = execute(e, statement, scope);
    if (completion) return completion;
  }
  return null;
}

function hoist(e: ScriptEvaluator, statement: t.Statement, scope: ScriptScope): void {
  const node =
    (statement.type === 'ExportNamedDeclaration' || statement.type === 'ExportDefaultDeclaration') && statement.declaration
      ? statement.declaration
      : statement;
  if (node.type !== 'FunctionDeclaration') return;
  const name = node.id?.name ?? 'default';
  scope.declare(name, e.makeFunction(node, name, scope));
}

/** Runs one statement. @throws ScriptThrow for a `throw` nobody caught, BudgetExceeded */
export function execute(e: ScriptEvaluator, node: t.Statement, scope: ScriptScope): Completion {
  e.machine.tick();
  switch (node.type) {
    case 'ExpressionStatement':
      e.evaluate(node.expression, scope);
      return null;
    case 'VariableDeclaration':
      for (const d of node.declarations) bindPattern(e, d.id, d.init ? e.evaluate(d.init, scope) : NONE, scope, true);
      return null;
    case 'ReturnStatement':
      return { kind: 'return', value: e.evaluate(node.argument, scope) };
    case 'IfStatement':
      return executeIf(e, node, scope);
    case 'BlockStatement':
      return executeBlock(e, node.body, new ScriptScope(scope));
    case 'ForStatement':
      return executeFor(e, node, scope);
    case 'ForOfStatement':
    case 'ForInStatement':
      return executeForOf(e, node, scope);
    case 'WhileStatement':
    case 'DoWhileStatement':
      return executeWhile(e, node, scope);
    case 'SwitchStatement':
      return executeSwitch(e, node, scope);
    case 'TryStatement':
      return executeTry(e, node, scope);
    case 'ThrowStatement':
      throw new ScriptThrow();
    case 'BreakStatement':
      return { kind: 'break' };
    case 'ContinueStatement':
      return { kind: 'continue' };
    case 'LabeledStatement':
      return execute(e, node.body, scope);
    case 'ClassDeclaration':
      scope.declare(node.id?.name ?? 'default', makeClass(e, node, scope));
      return null;
    case 'ExportNamedDeclaration':
      return node.declaration ? execute(e, node.declaration, scope) : null;
    case 'ExportDefaultDeclaration': {
      const { declaration } = node;
      if (declaration.type === 'FunctionDeclaration') return null;
      if (declaration.type === 'ClassDeclaration') return execute(e, declaration, scope);
      const value = e.evaluate(declaration, scope);
      if (value.kind === 'host' && value.object instanceof ScriptFunction && value.object.name === '') value.object.name = 'default';
      scope.declare('default', value);
      return null;
    }
    case 'ImportDeclaration':
      for (const s of node.specifiers) {
        const name =
          s.type === 'ImportSpecifier'
            ? s.imported.type === 'Identifier'
              ? s.imported.name
              : s.imported.value
            : s.type === 'ImportDefaultSpecifier'
              ? 'default'
              : '*';
        scope.declare(s.local.name, e.library.imported(node.source.value, name, rangeOf(s)));
      }
      return null;
    case 'TSEnumDeclaration':
      scope.declare(node.id.name, makeEnum(e, node, scope));
      return null;
    case 'TSModuleDeclaration':
      executeNamespace(e, node, scope);
      return null;
    case 'TSImportEqualsDeclaration':
      if (node.moduleReference.type === 'TSExternalModuleReference')
        scope.declare(node.id.name, e.library.imported(node.moduleReference.expression.value, '*', rangeOf(node)));
      return null;
    case 'TSExportAssignment':
      scope.declare('default', e.evaluate(node.expression, scope));
      return null;
    default:
      return null;
  }
}

/** A branch that ends in an error or leaves with nothing is the exception, not the way a model is built. */
function givesUp(node: t.Statement | null | undefined): boolean {
  const last = node?.type === 'BlockStatement' ? node.body.at(-1) : node;
  if (!last) return false;
  if (last.type === 'ReturnStatement') return !last.argument || last.argument.type === 'NullLiteral';
  return ['ThrowStatement', 'ContinueStatement', 'BreakStatement'].includes(last.type);
}

function givesNothingKnown(completion: Completion): boolean {
  return completion?.kind === 'return' && completion.value.kind === 'unknown';
}

function executeIf(e: ScriptEvaluator, node: t.IfStatement, scope: ScriptScope): Completion {
  const test = e.evaluate(node.test, scope);
  const truth = isTruthy(test);
  const run = (branch: t.Statement | null | undefined): Completion => (branch ? execute(e, branch, scope) : null);
  if (truth !== undefined) return run(truth ? node.consequent : node.alternate);
  if (givesUp(node.consequent)) return run(node.alternate);
  if (node.alternate && givesUp(node.alternate)) return run(node.consequent);
  const before = e.machine.changes;
  const completion = run(node.consequent);
  if (e.machine.changes !== before && node.alternate) {
    const why = test.kind === 'unknown' ? `: ${test.reason}` : '';
    e.machine.note(
      'info',
      'assumed-condition',
      `Whether this condition holds can't be read from the file${why}. Read as if it does.`,
      rangeOf(node.test),
    );
  } else if (e.machine.changes === before && !completion) return run(node.alternate);
  // What is handed back if something is already there: a model that was stored, say. It is built otherwise.
  else if (e.machine.changes === before && givesNothingKnown(completion)) return run(node.alternate);
  return completion;
}

function executeFor(e: ScriptEvaluator, node: t.ForStatement, outer: ScriptScope): Completion {
  const scope = new ScriptScope(outer);
  if (node.init?.type === 'VariableDeclaration') execute(e, node.init, scope);
  else e.evaluate(node.init, scope);
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const truth = node.test ? isTruthy(e.evaluate(node.test, scope)) : true;
    if (truth === false) return null;
    const completion = execute(e, node.body, scope);
    if (completion?.kind === 'return') return completion;
    // A loop whose end is not known shows in one round what it does.
    if (completion?.kind === 'break' || truth === undefined) return null;
    e.evaluate(node.update, scope);
  }
  return null;
}

function executeForOf(e: ScriptEvaluator, node: t.ForOfStatement | t.ForInStatement, outer: ScriptScope): Completion {
  const source = e.evaluate(node.right, outer);
  const isIn = node.type === 'ForInStatement';
  const items: Value[] =
    source.kind === 'list'
      ? source.items.map((v, i) => (isIn ? int(i) : v))
      : source.kind === 'dict' && isIn
        ? [...source.entries.values()].map((entry) => entry.key)
        : source.kind === 'dict'
          ? (mapPairs(source) ?? [unknown('an item of an object')])
          : source.kind === 'str'
            ? [...source.value].map(str)
            : [source.kind === 'unknown' ? source : unknown('an item of a loop over values that are not known')];
  for (const item of items.slice(0, MAX_ROUNDS)) {
    const scope = new ScriptScope(outer);
    const target = node.left.type === 'VariableDeclaration' ? node.left.declarations[0].id : node.left;
    bindPattern(e, target, item, scope, node.left.type === 'VariableDeclaration');
    const completion = execute(e, node.body, scope);
    if (completion?.kind === 'return') return completion;
    if (completion?.kind === 'break') return null;
  }
  return null;
}

function executeWhile(e: ScriptEvaluator, node: t.WhileStatement | t.DoWhileStatement, scope: ScriptScope): Completion {
  for (let round = 0; round < MAX_ROUNDS; round++) {
    const isFirst = round === 0 && node.type === 'DoWhileStatement';
    const truth = isFirst ? true : isTruthy(e.evaluate(node.test, scope));
    if (truth === false) return null;
    const completion = execute(e, node.body, scope);
    if (completion?.kind === 'return') return completion;
    if (completion?.kind === 'break' || truth === undefined || (node.test.type === 'BooleanLiteral' && round >= 8)) return null;
  }
  return null;
}

/** A `switch`; when its value is not known, the first case is taken. */
function executeSwitch(e: ScriptEvaluator, node: t.SwitchStatement, outer: ScriptScope): Completion {
  const value = e.evaluate(node.discriminant, outer);
  const scope = new ScriptScope(outer);
  let at = node.cases.findIndex((c) => c.test && isTruthy(operate('===', value, e.evaluate(c.test, scope)) ?? NONE) === true);
  if (value.kind === 'unknown') {
    at = 0;
    e.machine.note(
      'info',
      'assumed-condition',
      `Which case holds can't be read from the file: ${value.reason}. The first one is read.`,
      rangeOf(node.discriminant),
    );
  }
  if (at < 0) at = node.cases.findIndex((c) => !c.test);
  if (at < 0) return null;
  for (const c of node.cases.slice(at)) {
    const completion = executeBlock(e, c.consequent, scope);
    if (completion?.kind === 'break') return null;
    if (completion) return completion;
  }
  return null;
}

function executeTry(e: ScriptEvaluator, node: t.TryStatement, scope: ScriptScope): Completion {
  let completion: Completion = null;
  const { changes } = e.machine;
  const recover = (): Completion => {
    if (!node.handler) return null;
    const inner = new ScriptScope(scope);
    bindPattern(e, node.handler.param ?? null, unknown('an error'), inner, true);
    return execute(e, node.handler.body, inner);
  };
  try {
    completion = execute(e, node.block, scope);
    // A model that is only tried to be loaded is built where that fails.
    if (node.handler && givesNothingKnown(completion) && e.machine.changes === changes) {
      const other = recover();
      if (!givesNothingKnown(other)) completion = other;
    }
  } catch (error) {
    if (!(error instanceof ScriptThrow)) throw error;
    completion = recover();
  }
  return (node.finalizer ? execute(e, node.finalizer, scope) : null) ?? completion;
}
