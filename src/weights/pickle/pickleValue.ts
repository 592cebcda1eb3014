import type { ByteSource } from '../byteSource';

/** What an inert pickle reader makes of a pickle: data that describes objects, never the objects. */
export type PickleValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | PickleBytes
  | PickleTuple
  | PickleList
  | PickleDict
  | PickleGlobal
  | PickleObject
  | PicklePersistent;

/** Bytes, or a long text, that stay in the file. */
export class PickleBytes {
  constructor(
    readonly source: ByteSource,
    readonly offset: number,
    readonly length: number,
    /** The bytes are UTF-8 of a text. */
    readonly isText = false,
  ) {}
}

export class PickleTuple {
  constructor(readonly items: PickleValue[]) {}
}

/** A list or a set. */
export class PickleList {
  constructor(readonly items: PickleValue[] = []) {}
}

export class PickleDict {
  readonly entries = new Map<PickleValue, PickleValue>();

  get(key: string): PickleValue | undefined {
    return this.entries.get(key);
  }
}

/** The name of a class or function. */
export class PickleGlobal {
  constructor(
    readonly module: string,
    readonly name: string,
  ) {}

  get path(): string {
    return `${this.module}.${this.name}`;
  }
}

/** What calling `callable` with `args` would have made, with what was set on it. */
export class PickleObject {
  state: PickleValue | undefined;
  /** What was appended to it, and its items; most objects have neither. */
  list: PickleList | null = null;
  dict: PickleDict | null = null;

  constructor(
    readonly callable: PickleValue,
    readonly args: PickleValue[],
  ) {}

  /** `module.name` of what made it. */
  get path(): string {
    // Old PyTorch files refer to classes of modules from outside, to keep their source text.
    const outside = this.callable instanceof PicklePersistent ? itemsOf(this.callable.id)[1] : null;
    const made = outside ?? this.callable;
    return made instanceof PickleGlobal ? made.path : '';
  }
}

/** A reference to something outside of the pickle, such as a tensor's storage. */
export class PicklePersistent {
  constructor(readonly id: PickleValue) {}
}

/** The items of a tuple or list, else nothing. */
export function itemsOf(value: PickleValue | undefined): PickleValue[] {
  return value instanceof PickleTuple || value instanceof PickleList ? value.items : [];
}

/** Whole numbers of a tuple or list; null when there is anything else in it. */
export function numbersOf(value: PickleValue | undefined): number[] | null {
  if (!(value instanceof PickleTuple || value instanceof PickleList)) return null;
  const numbers = value.items.map((v) => (typeof v === 'bigint' ? Number(v) : v));
  return numbers.every((n): n is number => Number.isSafeInteger(n)) ? (numbers as number[]) : null;
}
