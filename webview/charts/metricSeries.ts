import type { EpochRow, MetricsRow } from '../../src/common/run';
import { Smoother } from './smoothing';

/**
 * One metric as chart columns: the steps of the training rows, the raw values, the smoothed ones, and validation at the ends of
 * epochs. Grows with the rows; nothing is calculated twice until the smoothing changes.
 */
export class MetricSeries {
  readonly xs: number[] = [];
  readonly raw: (number | null)[] = [];
  readonly validation: (number | null)[] = [];
  private smoother: Smoother;
  private rowsSeen = 0;
  private epochsSeen = 0;

  constructor(
    readonly name: string,
    smoothing: number,
  ) {
    this.smoother = new Smoother(smoothing);
  }

  get smooth(): (number | null)[] {
    return this.smoother.values;
  }

  /** Takes in what is new; tables that became shorter belong to a new run and need a new series. */
  follow(rows: MetricsRow[], epochs: EpochRow[]): boolean {
    if (rows.length < this.rowsSeen || epochs.length < this.epochsSeen) throw new Error('a run’s metrics do not shrink');
    if (rows.length === this.rowsSeen && epochs.length === this.epochsSeen) return false;
    for (; this.rowsSeen < rows.length; this.rowsSeen++) {
      const row = rows[this.rowsSeen];
      const value = row.values[this.name];
      const drawable = value !== undefined && Number.isFinite(value) ? value : null;
      this.xs.push(row.step);
      this.raw.push(drawable);
      this.validation.push(null);
      this.smoother.push(drawable);
    }
    for (; this.epochsSeen < epochs.length; this.epochsSeen++) {
      const epoch = epochs[this.epochsSeen];
      const value = epoch.values[`val_${this.name}`];
      if (value === undefined || !Number.isFinite(value)) continue;
      const at = this.indexOf(epoch.step);
      if (at >= 0) this.validation[at] = value;
    }
    return true;
  }

  setSmoothing(weight: number): void {
    if (weight === this.smoother.weight) return;
    this.smoother = new Smoother(weight);
    for (const v of this.raw) this.smoother.push(v);
  }

  /** Index of the last row at or before `step`; −1 before the first. */
  indexOf(step: number): number {
    let low = 0;
    let high = this.xs.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.xs[middle] <= step) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

/** Names of the metrics in a table, loss first. */
export function metricNames(rows: MetricsRow[], epochs: EpochRow[]): string[] {
  const names = new Set<string>();
  for (const row of [rows[0], rows[rows.length - 1]]) for (const n of Object.keys(row?.values ?? {})) names.add(n);
  for (const n of Object.keys(epochs[epochs.length - 1]?.values ?? {})) names.add(n.replace(/^val_/, ''));
  return [...names].sort((a, b) => Number(b === 'loss') - Number(a === 'loss'));
}
