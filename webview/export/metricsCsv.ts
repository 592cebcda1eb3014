import type { MetricsTable } from '../../src/common/run';
import { metricNames } from '../charts/metricSeries';

/** A line per step; what an epoch's validation measured stands at its last step. */
export function metricsCsv({ steps, epochs }: MetricsTable): string {
  const names = metricNames(steps, epochs);
  const validation = names.map((n) => `val_${n}`).filter((n) => epochs.some((e) => e.values[n] !== undefined));
  const lines = [['step', 'epoch', 'seconds', 'learning_rate', ...names, ...validation].join(',')];
  const ends = new Map(epochs.map((e) => [e.step, e.values]));
  for (const { step, epoch, seconds, learningRate, values } of steps) {
    const measured = ends.get(step) ?? {};
    lines.push(
      [step, epoch, seconds, learningRate, ...names.map((n) => values[n] ?? ''), ...validation.map((n) => measured[n] ?? '')].join(','),
    );
  }
  return `${lines.join('\n')}\n`;
}
