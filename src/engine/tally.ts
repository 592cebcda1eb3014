import type { Metric, MetricBatch } from './metrics';

/** Loss and metrics summed up over examples: of a batch, or of an epoch, whose sums a checkpoint keeps. */
export class Tally {
  loss = 0;
  count = 0;
  sums: number[][];

  constructor(private readonly metrics: readonly Metric[]) {
    this.sums = metrics.map((m) => new Array<number>(m.size).fill(0));
  }

  /** @param loss the batch's mean loss */
  add(loss: number, batch: MetricBatch): void {
    this.loss += loss * batch.count;
    this.count += batch.count;
    this.metrics.forEach((m, i) => m.add(batch, this.sums[i]));
  }

  /** Adds what another tally has summed up. */
  merge(other: Tally): void {
    this.loss += other.loss;
    this.count += other.count;
    other.sums.forEach((sums, i) => sums.forEach((sum, j) => (this.sums[i][j] += sum)));
  }

  /** By metric name, each with `prefix` in front. */
  values(prefix = ''): Record<string, number> {
    const values: Record<string, number> = { [`${prefix}loss`]: this.loss / this.count };
    this.metrics.forEach((m, i) => (values[prefix + m.name] = m.value(this.sums[i])));
    return values;
  }

  reset(): void {
    this.loss = 0;
    this.count = 0;
    for (const sums of this.sums) sums.fill(0);
  }

  toJSON(): { loss: number; count: number; sums: number[][] } {
    return { loss: this.loss, count: this.count, sums: this.sums };
  }

  restore(saved: { loss: number; count: number; sums: number[][] }): void {
    this.loss = saved.loss;
    this.count = saved.count;
    this.sums = saved.sums.map((s) => [...s]);
  }
}
