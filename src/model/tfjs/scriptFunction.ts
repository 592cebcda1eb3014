import type { Function as FunctionNode } from '@babel/types';
import type { SourceRange } from '../../common/modelSpec';
import { HostObject } from '../python/hostObject';
import type { Value } from '../python/value';
import type { ScriptScope } from './scriptScope';

/** A function, arrow function or method of the script. */
export class ScriptFunction extends HostObject {
  readonly description: string;
  isCalled = false;

  constructor(
    public name: string,
    readonly node: FunctionNode,
    readonly scope: ScriptScope,
    readonly range: SourceRange,
    /** The object a method is bound to. */
    readonly self: Value | null = null,
  ) {
    super();
    this.description = `the function ${name}`;
  }

  bound(self: Value): ScriptFunction {
    const method = new ScriptFunction(this.name, this.node, this.scope, this.range, self);
    return method;
  }
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

  /** A method of the class or of the script's classes it derives from. */
  method(name: string): ScriptFunction | undefined {
    return (
      this.methods.get(name) ??
      (this.base?.kind === 'host' && this.base.object instanceof ScriptClass ? this.base.object.method(name) : undefined)
    );
  }
}
