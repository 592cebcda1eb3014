import type { SourceRange } from '../../common/modelSpec';
import type { Machine } from './machine';
import type { Arguments, InstanceValue, Value } from './value';

let nextId = 1;

/** An object that belongs to a front end and lives among Python values. Every hook may decline by returning undefined. */
export abstract class HostObject {
  readonly id = nextId++;
  /** For messages: `a layer`, `a model`. */
  abstract readonly description: string;

  getAttribute(_name: string, _machine: Machine): Value | undefined {
    return undefined;
  }

  /** Returns false when the attribute can't be set. */
  setAttribute(_name: string, _value: Value, _machine: Machine): boolean {
    return false;
  }

  call(_args: Arguments, _machine: Machine): Value | undefined {
    return undefined;
  }

  getItem(_index: Value, _machine: Machine, _site: SourceRange): Value | undefined {
    return undefined;
  }

  /** Returns false when items can't be set. */
  setItem(_index: Value, _value: Value, _machine: Machine): boolean {
    return false;
  }

  /** `this op other`, or `other op this` when `isReversed`. */
  binary(_operator: string, _other: Value, _isReversed: boolean, _args: Arguments, _machine: Machine): Value | undefined {
    return undefined;
  }

  unary(_operator: string, _args: Arguments, _machine: Machine): Value | undefined {
    return undefined;
  }

  /** Its parts when it is assigned to `count` names at once. */
  unpack(_count: number): Value[] | undefined {
    return undefined;
  }

  /** The items of a `for` loop over it. */
  iterate(_machine: Machine): Value[] | undefined {
    return undefined;
  }

  /** `isinstance(this, type)` for a type outside of the file, by its dotted name; undefined when it can't be known. */
  isInstanceOf(_type: string): boolean | undefined {
    return undefined;
  }

  /** It was assigned to a variable. */
  didAssign(_name: string, _isTopLevel: boolean): void {}

  /** `bool(this)`; undefined when it can't be known. */
  truth(): boolean | undefined {
    return true;
  }
}

/** What a framework adds to Python: the meaning of its names. Hooks return undefined for what isn't theirs. */
export interface Frontend {
  /** Names that `from module import *` brings. */
  exports(module: string): Iterable<string> | undefined;
  /** The value of a dotted name when it is more than a name (a constant, say). */
  resolve(path: string, machine: Machine): Value | undefined;
  /** Calls a dotted name. */
  call(path: string, args: Arguments, machine: Machine): Value | undefined;
  /** Whether a class deriving from this dotted name is this front end's concern. */
  isBaseClass(path: string): boolean;
  /** A class of the file derived from one of the front end's was called, before its `__init__` runs. */
  instantiate(instance: InstanceValue, basePath: string, args: Arguments, machine: Machine): void;
  /** A member the file's class does not define itself; `super().x` too. */
  instanceAttribute(instance: InstanceValue, basePath: string, name: string, machine: Machine): Value | undefined;
  /** `instance(...)`, when the class does not define `__call__` itself. */
  callInstance(instance: InstanceValue, basePath: string, args: Arguments, machine: Machine): Value | undefined;
  /** `instance.name = value`, after it was stored. */
  didSetAttribute(instance: InstanceValue, basePath: string, name: string, value: Value, machine: Machine): void;
}
