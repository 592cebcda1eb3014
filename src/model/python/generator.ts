import { HostObject } from './hostObject';
import type { Value } from './value';

/** What a generator function gave: it was run to its first `yield`, and what that yielded stands for all. */
export class Generator extends HostObject {
  readonly description: string;

  constructor(
    name: string,
    readonly first: Value,
  ) {
    super();
    this.description = `what the generator ${name}() yields`;
  }

  override iterate(): Value[] {
    return [this.first];
  }

  override truth(): boolean {
    return true;
  }
}
