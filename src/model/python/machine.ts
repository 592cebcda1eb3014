import type { Assumption, Note, NoteSeverity, SourceRange } from '../../common/modelSpec';
import type { JsonValue } from '../../common/json';
import type { Frontend } from './hostObject';
import { BudgetExceeded, resetItems } from './budget';
import { Journal } from './journal';

export { BudgetExceeded };
import { HomeSites } from './homeSites';
import type { DiskFacts } from '../disk/diskFacts';
import type { ModuleRunner } from './moduleRunner';
import type { Value } from './value';

/** A Python exception on its way to an `except`. */
export class PythonError extends Error {
  constructor(
    /** `ValueError`, … */
    readonly type: string,
    message: string,
  ) {
    super(message);
    this.name = 'PythonError';
  }
}

const MAX_DEPTH = 60;
/** The clock is only the last resort: the budgets of steps and items stop a program long before. */
const MAX_MILLISECONDS = 700;
/** On a busy machine, waiting for the processor does not count, up to this. */
const MAX_WAITING_MILLISECONDS = 4000;

/** The state of one evaluation: budget, changes, notes and the front ends in play. */
export class Machine {
  readonly journal = new Journal();
  readonly notes: Note[] = [];
  /** What the program set as attributes of names from outside, such as `wandb.config.epochs`, by their dotted paths. */
  readonly outside = new Map<string, Value>();
  /** Local modules whose `*` was imported: names that are not defined here may come from there. */
  readonly starImports: string[] = [];
  /** Grows whenever a front end's object changes; lets the evaluator see whether a branch mattered. */
  changes = 0;
  /** Nesting of branches tried only to see what they build. */
  tentativeDepth = 0;
  /** Grows with every training step that a front end sees: the rounds of a training loop are all alike, one tells them all. */
  trainingSteps = 0;
  /** Bodies of the functions and members of the classes of the file that were called. */
  readonly called = new WeakSet<object>();
  /** What the `for` loops around the current statement run over, outermost first. */
  readonly loops: Value[] = [];
  /** The modules of the workspace that the program may import. */
  modules: ModuleRunner | null = null;
  /** What is on disk of the data that the program works with. */
  disk: DiskFacts | null = null;
  /** Where the file that was asked for is at: its innermost call, or its import, whose effects are being followed. */
  readonly home = new HomeSites();
  private steps = 0;
  private depth = 0;
  private limit: number;
  private readonly started = { wall: performance.now(), processor: process.cpuUsage() };

  constructor(
    /** Those of the framework that the program is read for. */
    readonly frontends: Frontend[],
    /** What the person has told about values the file does not say. */
    readonly assumptions: Readonly<Record<string, JsonValue>> = {},
    maxSteps = 400_000,
  ) {
    this.limit = maxSteps;
    resetItems();
  }

  /** Counts one step. @throws BudgetExceeded */
  tick(): void {
    if (++this.steps > this.limit) throw new BudgetExceeded();
    if ((this.steps & 1023) === 0 && this.isLate()) throw new BudgetExceeded();
  }

  /** Other threads use the processor too: only what both clocks agree on is time spent here. */
  private isLate(): boolean {
    const waited = performance.now() - this.started.wall;
    if (waited <= MAX_MILLISECONDS) return false;
    const { user, system } = process.cpuUsage(this.started.processor);
    return (user + system) / 1000 > MAX_MILLISECONDS || waited > MAX_WAITING_MILLISECONDS;
  }

  /** Grants `steps` more from now on, at least. */
  allowMore(steps: number): void {
    this.limit = Math.max(this.limit, this.steps + steps);
    resetItems();
  }

  /** Runs what may take so many steps, which are not counted otherwise; null when they do not suffice. */
  within<T>(steps: number, run: () => T): T | null {
    const { limit, steps: before } = this;
    this.limit = Math.min(limit, before + steps);
    try {
      return run();
    } catch (error) {
      if (error instanceof BudgetExceeded && this.steps > before + steps) return null;
      throw error;
    } finally {
      this.limit = limit;
      this.steps = Math.min(this.steps, before);
    }
  }

  /** Runs a nested call; null when the calls are nested too deeply. */
  nested<T>(run: () => T): T | null {
    if (this.depth >= MAX_DEPTH) return null;
    this.depth++;
    try {
      return run();
    } finally {
      this.depth--;
    }
  }

  note(severity: NoteSeverity, code: string, message: string, range: SourceRange, assumption?: Assumption): void {
    const isKnown = this.notes.some((n) => n.code === code && n.message === message && samePlace(n.range, range));
    if (!isKnown) this.notes.push({ severity, code, message, range, ...(assumption && { assumption }) });
  }
}

function samePlace(a: SourceRange, b: SourceRange): boolean {
  return a.startLine === b.startLine && a.cell === b.cell && a.file === b.file;
}
