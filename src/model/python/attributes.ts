import { arrayAttribute } from './arrayMethods';
import { callFunction, callValue } from './calls';
import { dictMethod } from './dictMethods';
import { listMethod } from './listMethods';
import type { Machine } from './machine';
import { moduleConstant } from './modules/moduleConstant';
import { binaryOperation } from './operators';
import { stringMethod } from './stringMethods';
import {
  NONE,
  dict,
  dictKey,
  external,
  int,
  native,
  numberOf,
  str,
  unknown,
  type Arguments,
  type ClassValue,
  type ExternalValue,
  type FunctionValue,
  type InstanceValue,
  type ModuleValue,
  type Value,
} from './value';

/** `object.name`. Never fails: what isn't there is unknown. */
export function getAttribute(object: Value, name: string, machine: Machine, site: Arguments['site']): Value {
  switch (object.kind) {
    case 'unknown':
      return object;
    case 'external':
      return resolveExternal(`${object.path}.${name}`, machine);
    case 'module':
      if (name === '__dict__') return dict(object.scope.own());
      if (name === '__name__') return str(object.name);
      return moduleMember(object, name, machine);
    case 'host':
      return object.object.getAttribute(name, machine) ?? unknown(`"${name}" of ${object.object.description}`);
    case 'instance':
      return instanceAttribute(object, name, machine, site);
    case 'class':
      return classAttribute(object, name, machine);
    case 'function':
      if (name === '__name__') return str(object.name);
      return object.attributes?.get(name) ?? unknown(`"${name}" of the function ${object.name}`);
    case 'str':
      return stringMethod(object.value, name) ?? missing(object, name);
    case 'list':
      return listMethod(object, name) ?? missing(object, name);
    case 'dict':
      return dictMethod(object, name) ?? missing(object, name);
    case 'set':
      return setMethod(object, name) ?? missing(object, name);
    case 'tuple': {
      // Shapes are tuples here; TensorFlow's own answer to this one too.
      if (name === 'as_list') return native(name, () => ({ kind: 'list', items: [...object.items] }));
      // Shapes of PyTorch are tuples as well.
      if (name === 'numel') return native(name, () => object.items.reduce((p, v) => binaryOperation('*', p, v), int(1)));
      const at = object.names?.indexOf(name) ?? -1;
      return at >= 0 ? object.items[at] : (listMethod({ kind: 'list', items: object.items }, name) ?? missing(object, name));
    }
    case 'array':
      return arrayAttribute(object, name) ?? missing(object, name);
    default:
      if (name === 'value' && object.kind === 'int') return object;
      // Numbers that numpy or TensorFlow computed.
      if ((name === 'numpy' || name === 'item') && numberOf(object) !== null) return native(name, () => object);
      if (name === 'shape' && numberOf(object) !== null) return { kind: 'tuple', items: [] };
      return missing(object, name);
  }
}

function missing(object: Value, name: string): Value {
  return unknown(`"${name}" of a ${object.kind}`);
}

function setMethod(object: Value & { kind: 'set' }, name: string): Value | undefined {
  if (name !== 'add') return undefined;
  return native('add', (args, machine) => {
    const [item] = args.positional;
    const key = item ? dictKey(item) : null;
    if (key === null) return NONE;
    machine.journal.recordMap(object.entries, key);
    object.entries.set(key, item);
    return NONE;
  });
}

/** A name of one of the workspace's modules, or a module in its folder that has been imported; the bare name where it can't be told. */
export function moduleMember(module: ModuleValue, name: string, machine: Machine): Value {
  return module.scope.own().get(name) ?? machine.modules?.inFolder(module, name) ?? resolveExternal(`${module.name}.${name}`, machine);
}

/** A dotted name's value: a constant that is known, or the name itself. */
export function resolveExternal(path: string, machine: Machine): Value {
  for (const frontend of machine.frontends) {
    const value = frontend.resolve(path, machine);
    if (value) return value;
  }
  return machine.outside.get(path) ?? moduleConstant(path) ?? external(path);
}

/** A member of a class or of the classes of this file that it derives from, nearest first. */
export function findMember(cls: ClassValue, name: string): { value: Value; owner: ClassValue } | undefined {
  const own = cls.members.get(name);
  if (own) return { value: own, owner: cls };
  for (const base of cls.bases) {
    const found = base.kind === 'class' ? findMember(base, name) : undefined;
    if (found) return found;
  }
  return undefined;
}

/** The dotted name of the first base class that a front end knows, searched through the file's own classes. */
export function externalBase(cls: ClassValue, machine: Machine): { path: string; frontend: Machine['frontends'][number] } | null {
  for (const base of cls.bases) {
    if (base.kind === 'class') {
      const found = externalBase(base, machine);
      if (found) return found;
    } else if (base.kind === 'external') {
      const frontend = machine.frontends.find((f) => f.isBaseClass((base as ExternalValue).path));
      if (frontend) return { path: base.path, frontend };
    }
  }
  return null;
}

/** Binds a function found on a class to the instance it was looked up on. */
export function bind(member: Value, owner: ClassValue, self: Value): Value {
  if (member.kind !== 'function' || member.decorator === 'static') return member;
  const bound: FunctionValue = { ...member, self: member.decorator === 'class' && self.kind === 'instance' ? self.class : self, owner };
  return bound;
}

/** `object.__setattr__(name, value)` and its kin, when the class leaves them as they are. */
function attributeByName(object: InstanceValue, name: string, machine: Machine, site: Arguments['site']): Value | undefined {
  if (!/^__(get|set|delete)attr(ibute)?__$/.test(name) || findMember(object.class, name)) return undefined;
  return native(name, (args) => {
    const [key, value] = args.positional;
    if (key?.kind !== 'str') return unknown('an attribute whose name is not known');
    if (name.startsWith('__get')) return instanceAttribute(object, key.value, machine, site);
    if (value) setAttribute(object, key.value, value, machine);
    return NONE;
  });
}

function instanceAttribute(object: InstanceValue, name: string, machine: Machine, site: Arguments['site']): Value {
  const field = object.fields.get(name);
  if (field) return field;
  if (name === '__class__') return object.class;
  if (name === '__dict__') return dict(object.fields);
  const access = attributeByName(object, name, machine, site);
  if (access) return access;
  const member = findMember(object.class, name);
  if (member) {
    const bound = bind(member.value, member.owner, object);
    if (bound.kind === 'function' && bound.decorator === 'property') {
      return callFunction(bound, { positional: [], keywords: new Map(), site, hasUnknownSpread: false }, machine);
    }
    return bound;
  }
  const base = externalBase(object.class, machine);
  return (
    base?.frontend.instanceAttribute(object, base.path, name, machine) ??
    unknown(`"${name}" of an object of the class ${object.class.name}, which the file never sets`)
  );
}

function classAttribute(object: ClassValue, name: string, machine: Machine): Value {
  if (name === '__name__') return str(object.name);
  const member = findMember(object, name);
  if (member) {
    if (member.value.kind === 'function' && member.value.decorator === 'class')
      return { ...member.value, self: object, owner: member.owner };
    return member.value.kind === 'function' ? { ...member.value, owner: member.owner } : member.value;
  }
  const base = object.bases.find((b) => b.kind === 'external');
  if (base?.kind === 'external') return baseMethod(base.path, name, machine);
  return unknown(`"${name}" of the class ${object.name}`);
}

/** `Base.method`, called with `self` as its first argument: `Model.__init__(self)`. */
function baseMethod(path: string, name: string, machine: Machine): Value {
  return native(name, (args) => {
    const [self, ...positional] = args.positional;
    if (self?.kind !== 'instance') return unknown(`${path}.${name}`);
    const base = externalBase(self.class, machine);
    const method = base?.frontend.instanceAttribute(self, base.path, name, machine);
    return method ? callValue(method, { ...args, positional }, machine) : NONE;
  });
}

/** `super().name` inside a method of `owner`. */
export function superAttribute(self: Value, owner: ClassValue, name: string, machine: Machine): Value {
  for (const base of owner.bases) {
    const found = base.kind === 'class' ? findMember(base, name) : undefined;
    if (found) return bind(found.value, found.owner, self);
  }
  if (self.kind === 'instance') {
    const base = externalBase(self.class, machine);
    const value = base?.frontend.instanceAttribute(self, base.path, name, machine);
    if (value) return value;
  }
  return name === '__init__' ? native('__init__', () => NONE) : unknown(`"${name}" of the base class of ${owner.name}`);
}

/** `object.name = value`. */
export function setAttribute(object: Value, name: string, value: Value, machine: Machine): void {
  if (object.kind === 'host') object.object.setAttribute(name, value, machine);
  else if (object.kind === 'module') object.scope.set(name, value);
  else if (object.kind === 'external') {
    machine.journal.recordMap(machine.outside, `${object.path}.${name}`);
    machine.outside.set(`${object.path}.${name}`, value);
  } else if (object.kind === 'class') {
    machine.journal.recordMap(object.members, name);
    object.members.set(name, value);
  } else if (object.kind === 'function') {
    object.attributes ??= new Map();
    object.attributes.set(name, value);
  } else if (object.kind === 'instance') {
    machine.journal.recordMap(object.fields, name);
    object.fields.set(name, value);
    const base = externalBase(object.class, machine);
    base?.frontend.didSetAttribute(object, base.path, name, value, machine);
  }
}
