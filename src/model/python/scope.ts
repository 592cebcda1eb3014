import type { Journal } from './journal';
import type { ClassValue, FunctionValue, Value } from './value';

/** The functions and classes of a module that are defined in its own file, by name. */
export function ownDefinitions(scope: Scope): [string, FunctionValue | ClassValue][] {
  return [...scope.own()].flatMap(([name, v]): [string, FunctionValue | ClassValue][] =>
    (v.kind === 'function' || v.kind === 'class') && v.range.file === undefined ? [[name, v]] : [],
  );
}

/** One level of names. Functions see the scope they were defined in, and through it the module's. */
export class Scope {
  private readonly values = new Map<string, Value>();
  /** Names declared `global` or `nonlocal`: assigned in the outer scope that has them. */
  private outer: Set<string> | null = null;

  constructor(
    readonly parent: Scope | null,
    private readonly journal: Journal,
    /** Class bodies are not visible from the methods inside them. */
    readonly isClassBody = false,
  ) {}

  get(name: string): Value | undefined {
    const own = this.values.get(name);
    if (own !== undefined) return own;
    let scope = this.parent;
    while (scope?.isClassBody) scope = scope.parent;
    return scope?.get(name);
  }

  set(name: string, value: Value): void {
    if (this.outer?.has(name) && this.parent) {
      this.parent.holderOf(name).set(name, value);
      return;
    }
    this.journal.recordMap(this.values, name);
    this.values.set(name, value);
  }

  delete(name: string): void {
    this.journal.recordMap(this.values, name);
    this.values.delete(name);
  }

  declareOuter(names: string[]): void {
    this.outer ??= new Set();
    for (const name of names) this.outer.add(name);
  }

  own(): Map<string, Value> {
    return this.values;
  }

  private holderOf(name: string): Scope {
    return this.values.has(name) || !this.parent ? this : this.parent.holderOf(name);
  }
}
