import type { Function as FunctionNode } from '@babel/types';
import type { SourceRange } from '../../common/modelSpec';
import { HostObject } from '../python/hostObject';
import type { DictValue, Value } from '../python/value';
import type { ScriptScope } from './scriptScope';
import { emptyObject } from './scriptValues';

/** A function, arrow function or method of the script. */
export class ScriptFunction extends HostObject {
  readonly description: string;
  isCalled = false;
  /** What the script keeps at the function: constants, and `prototype` where it stands for a class. */
  readonly properties: DictValue = emptyObject();

  constructor(
    public name: string,
    readonly node: FunctionNode,
    readonly scope: ScriptScope,
    readonly range: SourceRange,
    /** The object a method is bound to. */
    readonly self: Value | null = null,
    /** The class that a method stands in. */
    readonly owner: ScriptClass | null = null,
    /** What it is a bound copy of. */
    private readonly unbound: ScriptFunction | null = null,
  ) {
    super();
    this.description = `the function ${name}`;
  }

  /** It was run: nobody has to look at it for itself. */
  didCall(): void {
    this.isCalled = true;
    this.unbound?.didCall();
  }

  bound(self: Value): ScriptFunction {
    return new ScriptFunction(this.name, this.node, this.scope, this.range, self, this.owner, this);
  }
}

/** Whether a value can be called as a function that this file, or the reader, knows. */
export function isFunction(value: Value | undefined): boolean {
  return value?.kind === 'native' || (value?.kind === 'host' && value.object instanceof ScriptFunction);
}

/** A class of the script. */
export class ScriptClass extends HostObject {
  readonly description: string;
  isUsed = false;
  readonly methods = new Map<string, ScriptFunction>();
  readonly getters = new Map<string, ScriptFunction>();
  readonly statics = new Map<string, Value>();
  readonly fields: { name: string; make: (self: Value) => Value }[] = [];

  constructor(
    readonly name: string,
    readonly base: Value | null,
    readonly range: SourceRange,
  ) {
    super();
    this.description = `the class ${name}`;
  }

  /** The class of the script that it derives from. */
  get parent(): ScriptClass | null {
    return this.base?.kind === 'host' && this.base.object instanceof ScriptClass ? this.base.object : null;
  }

  /** The class and those it derives from, the outermost first. */
  get lineage(): ScriptClass[] {
    const above = this.parent?.lineage ?? [];
    return above.includes(this) ? above : [...above, this];
  }

  /** A method of the class or of the script's classes it derives from. */
  method(name: string): ScriptFunction | undefined {
    return this.lineage.findLast((cls) => cls.methods.has(name))?.methods.get(name);
  }

  /** A static member of the class or of the script's classes it derives from. */
  static_(name: string): Value | undefined {
    return this.lineage.findLast((cls) => cls.statics.has(name))?.statics.get(name);
  }

  override setAttribute(name: string, value: Value): boolean {
    this.statics.set(name, value);
    return true;
  }
}
