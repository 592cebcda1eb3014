import type { MetricsRow } from './run';

const WEIGHT = 0.6;
/** Older rows count for nothing at this weight. */
const ROWS = 24;

/**
 * The training loss of the last steps, smoothed as the panel's charts begin with (their default), so that all places say about the same
 * while single batches jump; null before the first step.
 */
export function recentLoss(rows: readonly MetricsRow[]): number | null {
  let [sum, weights] = [0, 0];
  for (const { values } of rows.slice(-ROWS)) {
    if (values.loss === undefined || !Number.isFinite(values.loss)) continue;
    sum = sum * WEIGHT + values.loss;
    weights = weights * WEIGHT + 1;
  }
  return weights > 0 ? sum / weights : null;
}
