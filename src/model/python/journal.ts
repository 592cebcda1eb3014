/** Remembers how to undo changes, so that a branch can be tried and taken back. Costs nothing while nobody is recording. */
export class Journal {
  private undo: (() => void)[] | null = null;

  /** Call before a change. */
  record(undo: () => void): void {
    this.undo?.push(undo);
  }

  recordMap<K, V>(map: Map<K, V>, key: K): void {
    if (!this.undo) return;
    const had = map.has(key);
    const old = map.get(key) as V;
    this.undo.push(() => (had ? map.set(key, old) : map.delete(key)));
  }

  /** Call before an array is changed in any way. */
  recordItems<T>(items: T[]): void {
    if (!this.undo) return;
    const copy = [...items];
    this.undo.push(() => items.splice(0, items.length, ...copy));
  }

  /** Call before items are appended to an array that only grows. */
  recordLength(items: unknown[]): void {
    if (!this.undo) return;
    const { length } = items;
    this.undo.push(() => items.splice(length));
  }

  /** Runs `attempt` and takes its recorded changes back unless `keep` wants its result. */
  keepIf<T>(attempt: () => T, keep: (result: T) => boolean): T {
    const outer = this.undo;
    const mine: (() => void)[] = [];
    this.undo = mine;
    let isKept = false;
    try {
      const result = attempt();
      isKept = keep(result);
      return result;
    } finally {
      this.undo = outer;
      if (isKept) outer?.push(...mine);
      else for (let i = mine.length - 1; i >= 0; i--) mine[i]();
    }
  }

  /** Runs something whose changes stay, whatever becomes of the branch it is in. */
  permanently<T>(run: () => T): T {
    const outer = this.undo;
    this.undo = null;
    try {
      return run();
    } finally {
      this.undo = outer;
    }
  }

  /** Runs `attempt` and takes all its recorded changes back. */
  tentatively<T>(attempt: () => T): T {
    return this.keepIf(attempt, () => false);
  }
}
