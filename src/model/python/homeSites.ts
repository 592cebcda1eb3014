import type { SourceRange } from '../../common/modelSpec';

/**
 * Keeps track of which line of the file that was asked for leads into other files, so that what happens there has a place here: the call
 * that makes a model of an imported class, the `train(model)` whose body compiles it.
 */
export class HomeSites {
  /** The innermost call, or the import, of the home file that is being followed. */
  private current: SourceRange | null = null;
  private importing = 0;
  private readonly places = new WeakMap<SourceRange, SourceRange>();
  private readonly files = new Map<string, SourceRange>();

  /** Whether other files are run just because they are imported. */
  get isImporting(): boolean {
    return this.importing > 0;
  }

  /** Follows a call at `range`. */
  inCall<T>(range: SourceRange, run: () => T): T {
    if (range.file !== undefined) {
      if (this.current) this.places.set(range, this.current);
      return run();
    }
    const outer = this.current;
    this.current = range;
    try {
      return run();
    } finally {
      this.current = outer;
    }
  }

  /** Runs an imported file. */
  inImport<T>(range: SourceRange, file: string, run: () => T): T {
    this.importing++;
    try {
      return this.inCall(range, () => {
        if (this.current) this.files.set(file, this.current);
        return run();
      });
    } finally {
      this.importing--;
    }
  }

  /** Where a range of whatever file belongs in the home file; null when nothing there leads to it. */
  of(range: SourceRange): SourceRange | null {
    return range.file === undefined ? range : (this.current ?? this.places.get(range) ?? this.files.get(range.file) ?? null);
  }
}
