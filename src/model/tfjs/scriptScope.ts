import type { Value } from '../python/value';
import type { ScriptClass } from './scriptFunction';

/** One level of names of a script. */
export class ScriptScope {
  private readonly values = new Map<string, Value>();

  constructor(
    readonly parent: ScriptScope | null,
    /** `this` of the function the scope belongs to; null: as outside. */
    private readonly self: Value | null = null,
    /** The class that the method being run stands in, whose `super` it means. */
    private readonly owner: ScriptClass | null = null,
  ) {}

  get owner_(): ScriptClass | null {
    return this.owner ?? this.parent?.owner_ ?? null;
  }

  get self_(): Value | null {
    return this.self ?? this.parent?.self_ ?? null;
  }

  get(name: string): Value | undefined {
    return this.values.get(name) ?? this.parent?.get(name);
  }

  declare(name: string, value: Value): void {
    this.values.set(name, value);
  }

  /** Assigns to the nearest declaration; undeclared names become global. */
  set(name: string, value: Value): void {
    if (this.values.has(name) || !this.parent) this.values.set(name, value);
    else this.parent.set(name, value);
  }

  own(): ReadonlyMap<string, Value> {
    return this.values;
  }
}
