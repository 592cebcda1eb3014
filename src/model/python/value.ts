import type { SourceRange } from '../../common/modelSpec';
import type { Expression, Parameter, Statement } from './ast';
import { countItems } from './budget';
import type { ArrayValue } from './arrayValue';
import type { HostObject } from './hostObject';
import type { Machine } from './machine';
import type { Scope } from './scope';

/** What the evaluator knows of a Python value. `unknown` spreads through everything that depends on it. */
export type Value =
  | { kind: 'none' }
  | { kind: 'bool'; value: boolean }
  | { kind: 'int'; value: number }
  | { kind: 'float'; value: number }
  | { kind: 'str'; value: string }
  | { kind: 'ellipsis' }
  | TupleValue
  | ListValue
  | DictValue
  | SetValue
  | RangeValue
  | { kind: 'slice'; lower: Value; upper: Value; step: Value }
  | FunctionValue
  | ClassValue
  | InstanceValue
  | NativeValue
  | ExternalValue
  | ModuleValue
  | ArrayValue
  | HostValue
  | UnknownValue;

export interface TupleValue {
  kind: 'tuple';
  items: Value[];
  /** Field names of a namedtuple. */
  names?: string[];
}
export interface ListValue {
  kind: 'list';
  items: Value[];
}
export interface DictValue {
  kind: 'dict';
  /** By `dictKey` of the key, in insertion order. */
  entries: Map<string, { key: Value; value: Value }>;
  /** `defaultdict`'s factory. */
  factory?: Value;
}
export interface SetValue {
  kind: 'set';
  entries: Map<string, Value>;
}
export interface RangeValue {
  kind: 'range';
  start: number;
  stop: number;
  step: number;
}

/** A `def` or `lambda` of the file. */
export interface FunctionValue {
  kind: 'function';
  name: string;
  parameters: Parameter[];
  defaults: Map<string, Value>;
  body: Statement[] | Expression;
  isGenerator: boolean;
  closure: Scope;
  range: SourceRange;
  /** `self` of a bound method, or the class of a classmethod. */
  self?: Value;
  /** The class the method is defined in, for `super()`. */
  owner?: ClassValue;
  decorator?: 'static' | 'class' | 'property';
  attributes?: Map<string, Value>;
}

export interface ClassValue {
  kind: 'class';
  name: string;
  bases: Value[];
  members: Map<string, Value>;
  range: SourceRange;
}

export interface InstanceValue {
  kind: 'instance';
  class: ClassValue;
  fields: Map<string, Value>;
  /** What a front end keeps with an instance of a class derived from one of its own. */
  host?: HostObject;
  /** The call that made it. */
  site: SourceRange;
}

/** A function the evaluator supplies. */
export interface NativeValue {
  kind: 'native';
  name: string;
  call(args: Arguments, machine: Machine): Value;
}

/** A name that leads out of the file, such as `keras.layers.Conv2D`; nothing is loaded. */
export interface ExternalValue {
  kind: 'external';
  path: string;
}

/** A module of the workspace, run. */
export interface ModuleValue {
  kind: 'module';
  /** Its file or folder. */
  path: string;
  /** Its dotted name, for names in it that can't be told. */
  name: string;
  scope: Scope;
}

/** An object of a front end: a layer, a tensor, a model, a data generator. */
export interface HostValue {
  kind: 'host';
  object: HostObject;
}

export interface UnknownValue {
  kind: 'unknown';
  /** Why it isn't known, as a clause: `the argument "classes" has no value in this file`. */
  reason: string;
}

/** The arguments of one call. */
export interface Arguments {
  positional: Value[];
  keywords: Map<string, Value>;
  /** Where the call stands. */
  site: SourceRange;
  /** A `*args` or `**kwargs` of unknown content was passed. */
  hasUnknownSpread: boolean;
}

export const NONE: Value = { kind: 'none' };
export const TRUE: Value = { kind: 'bool', value: true };
export const FALSE: Value = { kind: 'bool', value: false };

export const int = (value: number): Value => ({ kind: 'int', value });
export const float = (value: number): Value => ({ kind: 'float', value });
export function str(value: string): Value {
  countItems(value.length >> 3);
  return { kind: 'str', value };
}
export const bool = (value: boolean): Value => (value ? TRUE : FALSE);
export function tuple(items: Value[]): TupleValue {
  countItems(items.length);
  return { kind: 'tuple', items };
}
export function list(items: Value[]): ListValue {
  countItems(items.length);
  return { kind: 'list', items };
}
export const unknown = (reason: string): UnknownValue => ({ kind: 'unknown', reason });
export const external = (path: string): ExternalValue => ({ kind: 'external', path });
export const host = (object: HostObject): HostValue => ({ kind: 'host', object });
export const native = (name: string, call: NativeValue['call']): NativeValue => ({ kind: 'native', name, call });

/** A dict with string keys. */
export function dict(entries: Iterable<[string, Value]>): DictValue {
  const result: DictValue = { kind: 'dict', entries: new Map() };
  for (const [k, value] of entries) result.entries.set(`s:${k}`, { key: str(k), value });
  return result;
}

/** The number of an int, float or bool; null otherwise. */
export function numberOf(value: Value | undefined): number | null {
  if (value?.kind === 'int' || value?.kind === 'float') return value.value;
  return value?.kind === 'bool' ? Number(value.value) : null;
}

/** The text of a str; null otherwise. */
export function stringOf(value: Value | undefined): string | null {
  return value?.kind === 'str' ? value.value : null;
}

/** A key for dicts and sets under which equal Python values meet (`1`, `1.0` and `True` are one key); null if not hashable. */
export function dictKey(value: Value): string | null {
  const number = numberOf(value);
  if (number !== null) return `n:${number}`;
  switch (value.kind) {
    case 'str':
      return `s:${value.value}`;
    case 'none':
      return 'none';
    case 'tuple': {
      const keys = value.items.map(dictKey);
      return keys.includes(null) ? null : `t:${keys.map((k) => `${k?.length}:${k}`).join(',')}`;
    }
    case 'external':
      return `e:${value.path}`;
    case 'class':
    case 'function':
      return `o:${value.name}:${value.range.file ?? ''}:${value.range.cell ?? ''}:${value.range.startLine}:${value.range.startColumn}`;
    case 'host':
      return `h:${value.object.id}`;
    default:
      return null;
  }
}
