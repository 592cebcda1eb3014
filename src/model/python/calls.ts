import type { SourceRange } from '../../common/modelSpec';
import { externalBase, findMember, bind } from './attributes';
import { callBuiltin } from './builtins';
import { evaluate } from './evaluate';
import { executeBlock } from './execute';
import type { Statement } from './ast';
import { Generator } from './generator';
import { PythonError, type Machine } from './machine';
import { callModule } from './modules/callModule';
import { Scope } from './scope';
import { NONE, dict, unknown, type Arguments, type ClassValue, type FunctionValue, type InstanceValue, type Value } from './value';

/** Calls any value. What can't be called gives an unknown value that says why. */
export function callValue(callee: Value, args: Arguments, machine: Machine): Value {
  machine.tick();
  switch (callee.kind) {
    case 'function':
      return callFunction(callee, args, machine);
    case 'native':
      return callee.call(args, machine);
    case 'class':
      return instantiate(callee, args, machine);
    case 'external':
      return callExternal(callee.path, args, machine);
    case 'host':
      return callee.object.call(args, machine) ?? unknown(`the result of calling ${callee.object.description}`);
    case 'instance':
      return callInstance(callee, args, machine);
    case 'unknown':
      return callee;
    default:
      return unknown(`the result of calling a ${callee.kind}`);
  }
}

function callExternal(path: string, args: Arguments, machine: Machine): Value {
  for (const frontend of machine.frontends) {
    const value = frontend.call(path, args, machine);
    if (value) return value;
  }
  return callBuiltin(path, args, machine) ?? callModule(path, args, machine) ?? unknown(`what ${path}() gives`);
}

/** Calls a function of the file: binds the arguments and runs the body over them. */
export function callFunction(fn: FunctionValue, args: Arguments, machine: Machine): Value {
  machine.called.add(fn.body);
  const scope = new Scope(fn.closure, machine.journal);
  bindArguments(fn, args, scope);
  if (fn.owner && fn.self) {
    scope.set('__class__', fn.owner);
    scope.set('__self__', fn.self);
  }
  const result = machine.nested(() => {
    if (!Array.isArray(fn.body)) return evaluate(fn.body, scope, machine);
    if (fn.isGenerator) return generate(fn.name, fn.body, scope, machine);
    const completion = executeBlock(fn.body, scope, machine);
    return completion?.kind === 'return' ? completion.value : NONE;
  });
  return result ?? unknown(`${fn.name}(), which calls itself too deeply`);
}

/** A generator of data reaches its first `yield` in fewer steps. */
const GENERATOR_STEPS = 20_000;

/**
 * Runs a generator of data to its first `yield`: all batches are alike. Others, of layers say, are not all told by the first, and stay
 * unknown. Python runs a generator when somebody asks it for something: what it raises, and what would be noted on the way, is of no concern.
 */
function generate(name: string, body: Statement[], scope: Scope, machine: Machine): Value {
  const notes = machine.notes.length;
  let given: Value | null = null;
  try {
    const completion = machine.within(GENERATOR_STEPS, () => executeBlock(body, scope, machine));
    if (completion?.kind === 'return') given = completion.value;
  } catch (error) {
    if (!(error instanceof PythonError)) throw error;
  }
  machine.notes.splice(notes);
  return given && isData(given) ? { kind: 'host', object: new Generator(name, given) } : unknown(`what the generator ${name}() yields`);
}

function isData(value: Value): boolean {
  if (value.kind === 'tuple' || value.kind === 'list') return value.items.length > 0 && value.items.every(isData);
  return value.kind === 'array';
}

function bindArguments(fn: FunctionValue, args: Arguments, scope: Scope): void {
  const positional = fn.self ? [fn.self, ...args.positional] : args.positional;
  const keywords = new Map(args.keywords);
  let at = 0;
  for (const parameter of fn.parameters) {
    const { name } = parameter;
    if (parameter.kind === 'rest') {
      scope.set(
        name,
        args.hasUnknownSpread ? unknown(`the arguments *${name} of ${fn.name}()`) : { kind: 'tuple', items: positional.slice(at) },
      );
      at = positional.length;
    } else if (parameter.kind === 'restKeywords') {
      scope.set(name, dict(keywords));
    } else if (parameter.kind === 'plain' && at < positional.length) {
      scope.set(name, positional[at++]);
    } else {
      const given = keywords.get(name);
      keywords.delete(name);
      scope.set(name, given ?? fn.defaults.get(name) ?? unknown(`the argument "${name}" of ${fn.name}() has no value in this file`));
    }
  }
}

/** Makes an object of a class of the file and runs its `__init__`. */
export function instantiate(cls: ClassValue, args: Arguments, machine: Machine): Value {
  machine.called.add(cls.members);
  const named = namedTupleFields(cls);
  if (named) {
    const fields = new Map<string, Value>();
    named.forEach((name, i) => fields.set(name, args.positional[i] ?? args.keywords.get(name) ?? findMember(cls, name)?.value ?? NONE));
    return { kind: 'instance', class: cls, fields, site: args.site };
  }
  const instance: InstanceValue = { kind: 'instance', class: cls, fields: new Map(), site: args.site };
  const base = externalBase(cls, machine);
  base?.frontend.instantiate(instance, base.path, args, machine);
  const init = findMember(cls, '__init__');
  if (init?.value.kind === 'function') callFunction({ ...init.value, self: instance, owner: init.owner }, args, machine);
  return instance;
}

/** The fields of a dataclass or NamedTuple in order; null for other classes. */
function namedTupleFields(cls: ClassValue): string[] | null {
  const isData = cls.members.get('__dataclass__') !== undefined;
  if (!isData || cls.members.has('__init__')) return null;
  const names = cls.members.get('__annotations__');
  return names?.kind === 'list' ? names.items.map((v) => (v.kind === 'str' ? v.value : '')) : [...cls.members.keys()];
}

function callInstance(instance: InstanceValue, args: Arguments, machine: Machine): Value {
  const call = findMember(instance.class, '__call__');
  if (call) return callValue(bind(call.value, call.owner, instance), args, machine);
  const base = externalBase(instance.class, machine);
  return (
    base?.frontend.callInstance(instance, base.path, args, machine) ??
    unknown(`the result of calling an object of the class ${instance.class.name}`)
  );
}

/** Arguments without keywords, for calls that the evaluator makes itself. */
export function plainArguments(positional: Value[], site: SourceRange): Arguments {
  return { positional, keywords: new Map(), site, hasUnknownSpread: false };
}
