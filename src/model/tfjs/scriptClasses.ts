import type * as t from '@babel/types';
import { NONE, host, native, unknown, type Arguments, type DictValue, type Value } from '../python/value';
import { rangeOf } from './parseScript';
import type { ScriptEvaluator } from './scriptEvaluator';
import { ScriptClass, ScriptFunction } from './scriptFunction';
import { ScriptScope } from './scriptScope';
import { emptyObject, field, keyOf, setField } from './scriptValues';

/** `class`: its methods, static members and fields. */
export function makeClass(e: ScriptEvaluator, node: t.Class, scope: ScriptScope): Value {
  const base = node.superClass ? e.evaluate(node.superClass, scope) : null;
  const cls = new ScriptClass(node.id?.name ?? 'class', base, rangeOf(node));
  const value = host(cls);
  e.classes.push(cls);
  for (const member of node.body.body) {
    if (member.type === 'ClassMethod' || member.type === 'ClassPrivateMethod') {
      const name = memberName(e, member, scope);
      if (name === null) continue;
      const method = new ScriptFunction(name, member, scope, rangeOf(member), null, cls);
      if (member.static && member.kind === 'method') cls.statics.set(name, host(e.track(method.bound(value))));
      else if (member.kind === 'get') cls.getters.set(name, method);
      else if (member.kind === 'method' || member.kind === 'constructor') cls.methods.set(name, method);
    } else if (member.type === 'ClassProperty' || member.type === 'ClassPrivateProperty') {
      const name = memberName(e, member, scope);
      if (name === null) continue;
      const make = (self: Value | null) => named(e.evaluate(member.value, new ScriptScope(scope, self, cls)), name);
      if (member.static) cls.statics.set(name, make(value));
      else cls.fields.push({ name, make });
    }
  }
  return value;
}

function memberName(
  e: ScriptEvaluator,
  member: t.ClassMethod | t.ClassPrivateMethod | t.ClassProperty | t.ClassPrivateProperty,
  scope: ScriptScope,
): string | null {
  if (member.type === 'ClassPrivateMethod' || member.type === 'ClassPrivateProperty') return `#${member.key.id.name}`;
  return member.key.type === 'Identifier' && !member.computed ? member.key.name : keyOf(e.evaluate(member.key, scope));
}

/** A function that is written as the value of a property is called after it. */
function named(value: Value, name: string): Value {
  if (value.kind === 'host' && value.object instanceof ScriptFunction && value.object.name === '') value.object.name = name;
  return value;
}

/** `new Class(…)`: an object with the methods of the class, and those that it inherits, bound to it. */
export function construct(e: ScriptEvaluator, cls: ScriptClass, args: Arguments): DictValue {
  const self = emptyObject();
  const methods = new Map(cls.lineage.flatMap((c) => [...c.methods]));
  const getters = new Map(cls.lineage.flatMap((c) => [...c.getters]));
  for (const [name, method] of methods) if (name !== 'constructor') setField(self, name, host(e.track(method.bound(self))));
  for (const [name, getter] of getters) setField(self, `get ${name}`, host(getter.bound(self)));
  runConstructor(e, cls, self, args);
  return self;
}

function runConstructor(e: ScriptEvaluator, cls: ScriptClass, self: DictValue, args: Arguments): void {
  cls.isUsed = true;
  const constructor = cls.methods.get('constructor');
  // Where there is a base class, `super()` comes before the fields.
  if (!cls.base || !constructor) {
    if (cls.parent) runConstructor(e, cls.parent, self, args);
    addFields(cls, self);
  }
  if (constructor) e.run(constructor.bound(self), args);
}

function addFields(cls: ScriptClass, self: DictValue): void {
  for (const f of cls.fields) setField(self, f.name, f.make(self));
}

/** `super(…)`: the constructor of the class that the one at hand derives from. */
export function callSuper(e: ScriptEvaluator, scope: ScriptScope, args: Arguments): Value {
  const [self, cls] = [scope.self_, scope.owner_];
  if (!cls || self?.kind !== 'dict') return NONE;
  if (cls.parent) runConstructor(e, cls.parent, self, args);
  addFields(cls, self);
  return NONE;
}

/** `super.name`: what the class that the one at hand derives from has under this name. */
export function superMember(scope: ScriptScope, name: string | null): Value {
  const [self, cls] = [scope.self_, scope.owner_];
  const base = cls?.parent;
  if (name === null || !cls || !self) return unknown('"super" outside of a method');
  if (!base) return native(name, () => unknown(`what ${name}() of the class that ${cls.name} derives from gives`));
  const method = base.method(name);
  if (method) return host(method.bound(self));
  return base.static_(name) ?? unknown(`"${name}" of ${base.description}`);
}

/** `new fn(…)`, where a function stands for a class: its object has what was added to the function's `prototype`. */
export function constructWith(e: ScriptEvaluator, fn: ScriptFunction, args: Arguments): Value {
  const self = emptyObject();
  const prototype = field(fn.properties, 'prototype');
  if (prototype?.kind === 'dict')
    for (const [key, entry] of prototype.entries) {
      const { value } = entry;
      const isMethod = value.kind === 'host' && value.object instanceof ScriptFunction;
      self.entries.set(key, isMethod ? { ...entry, value: host(e.track((value.object as ScriptFunction).bound(self))) } : entry);
    }
  const returned = e.run(fn, args, self);
  return returned.kind === 'dict' || returned.kind === 'host' ? returned : self;
}
