import { statistics, type Statistics } from '../common/stats';

/** Statistics of values that come in pieces, as if they had come at once (Chan, Golub and LeVeque 1983). */
export class RunningStatistics {
  private total: Statistics = statistics(new Float32Array(0));

  add(values: Float32Array): void {
    const a = this.total;
    const b = statistics(values);
    if (a.count === 0 || b.count === 0) {
      const filled = a.count === 0 ? b : a;
      this.total = { ...filled, notFinite: a.notFinite + b.notFinite };
      return;
    }
    const count = a.count + b.count;
    const shift = b.mean - a.mean;
    const deviation = a.std ** 2 * a.count + b.std ** 2 * b.count + (shift ** 2 * a.count * b.count) / count;
    this.total = {
      count,
      min: Math.min(a.min, b.min),
      max: Math.max(a.max, b.max),
      mean: a.mean + (shift * b.count) / count,
      std: Math.sqrt(deviation / count),
      norm: Math.hypot(a.norm, b.norm),
      zeros: a.zeros + b.zeros,
      notFinite: a.notFinite + b.notFinite,
    };
  }

  get result(): Statistics {
    return this.total;
  }
}
