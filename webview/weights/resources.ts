/** Something that has to be asked for: not there yet, there, or not to be had. */
export type Resource<T> = { state: 'loading' } | { state: 'ready'; value: T } | { state: 'failed'; message: string };

interface Entry<T> {
  resource: Resource<T>;
  abort: AbortController;
  weight: number;
}

/** Things asked for by key, kept up to a budget; what nobody wants any more is called off. */
export class Resources<T> {
  private readonly entries = new Map<string, Entry<T>>();

  /**
   * @param weightOf what a value counts towards `budget`
   * @param onChange something arrived or failed
   */
  constructor(
    private readonly budget: number,
    private readonly weightOf: (value: T) => number,
    private readonly onChange: () => void,
  ) {}

  /** What there is under a key; asks for it the first time. */
  get(key: string, load: (signal: AbortSignal) => Promise<T>): Resource<T> {
    const known = this.entries.get(key);
    if (known) {
      this.entries.delete(key);
      this.entries.set(key, known);
      return known.resource;
    }
    const entry: Entry<T> = { resource: { state: 'loading' }, abort: new AbortController(), weight: 0 };
    this.entries.set(key, entry);
    load(entry.abort.signal).then(
      (value) => {
        entry.resource = { state: 'ready', value };
        entry.weight = this.weightOf(value);
        this.trim(key);
        this.onChange();
      },
      (error: Error) => {
        if (this.entries.get(key) !== entry) return;
        if (error.name === 'CancelledError') this.entries.delete(key);
        else entry.resource = { state: 'failed', message: error.message };
        this.onChange();
      },
    );
    return entry.resource;
  }

  /** What there is, without asking. */
  peek(key: string): Resource<T> | null {
    return this.entries.get(key)?.resource ?? null;
  }

  /** Calls off what is on its way and not wanted. */
  cancel(isWanted: (key: string) => boolean): void {
    for (const [key, entry] of this.entries)
      if (entry.resource.state === 'loading' && !isWanted(key)) {
        this.entries.delete(key);
        entry.abort.abort();
      }
  }

  clear(): void {
    this.cancel(() => false);
    this.entries.clear();
  }

  private trim(newest: string): void {
    let sum = 0;
    for (const e of this.entries.values()) sum += e.weight;
    for (const [key, entry] of this.entries) {
      if (sum <= this.budget) return;
      if (key === newest || entry.resource.state === 'loading') continue;
      this.entries.delete(key);
      sum -= entry.weight;
    }
  }
}
