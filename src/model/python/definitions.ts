import type { SourceRange } from '../../common/modelSpec';
import type { Expression, FunctionDefinition, Statement } from './ast';
import { callValue, plainArguments } from './calls';
import { evaluate, evaluateDefaults } from './evaluate';
import { executeBlock } from './execute';
import type { Machine } from './machine';
import { Scope } from './scope';
import { TRUE, list, str, type ClassValue, type FunctionValue, type Value } from './value';

/** `def`: makes the function and runs its decorators, as far as they are functions of the file. */
export function executeFunction(definition: FunctionDefinition, range: SourceRange, scope: Scope, machine: Machine): void {
  const fn: FunctionValue = {
    kind: 'function',
    name: definition.name,
    parameters: definition.parameters,
    defaults: evaluateDefaults(definition.parameters, scope, machine),
    body: definition.body,
    isGenerator: definition.isGenerator,
    closure: scope,
    range,
  };
  scope.set(definition.name, decorate(fn, definition.decorators, scope, machine));
}

function decorate(fn: FunctionValue, decorators: Expression[], scope: Scope, machine: Machine): Value {
  let result: Value = fn;
  for (const node of [...decorators].reverse()) {
    const name = node.kind === 'name' ? node.id : '';
    if (name === 'staticmethod' && result.kind === 'function') result = { ...result, decorator: 'static' };
    else if (name === 'classmethod' && result.kind === 'function') result = { ...result, decorator: 'class' };
    else if ((name === 'property' || name === 'cached_property') && result.kind === 'function')
      result = { ...result, decorator: 'property' };
    else {
      const decorator = evaluate(node, scope, machine);
      // A decorator from outside (tf.function, a registry) leaves the function as it is.
      if (decorator.kind === 'function') {
        const decorated: Value = callValue(decorator, plainArguments([result], node.range), machine);
        if (decorated.kind === 'function' || decorated.kind === 'native') result = decorated;
      }
    }
  }
  return result;
}

/** `class`: runs the body and keeps its names as members. */
export function executeClass(node: Statement & { kind: 'class' }, scope: Scope, machine: Machine): void {
  const bases = node.bases.map((b) => evaluate(b, scope, machine));
  const inner = new Scope(scope, machine.journal, true);
  executeBlock(node.body, inner, machine);
  const cls: ClassValue = { kind: 'class', name: node.name, bases, members: new Map(inner.own()), range: node.range };
  const isDataclass =
    node.decorators.some((d) => /dataclass$/.test(decoratorName(d))) ||
    bases.some((b) => b.kind === 'external' && b.path === 'typing.NamedTuple');
  if (isDataclass) {
    const fields = node.body.flatMap((s) => (s.kind === 'assign' && s.targets[0].kind === 'name' ? [str(s.targets[0].id)] : []));
    cls.members.set('__dataclass__', TRUE);
    cls.members.set('__annotations__', list(fields));
  }
  scope.set(node.name, cls);
}

function decoratorName(node: Expression): string {
  if (node.kind === 'name') return node.id;
  if (node.kind === 'attribute') return node.name;
  return node.kind === 'call' ? decoratorName(node.callee) : '';
}
