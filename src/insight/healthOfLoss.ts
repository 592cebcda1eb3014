import type { MetricsTable } from '../common/run';
import type { HealthFinding } from './health';

/** Fewer steps say nothing about where a loss is going. */
const LEAST_STEPS = 60;
/** Blocks into which the steps are cut; a block's median is its loss. */
const BLOCKS = 10;
/** Steps whose median is where the loss began. */
const FIRST_STEPS = 5;
const RISEN = 1.5;
const FALLEN = 0.02;
/** Epochs for which validation must have got worse. */
const WORSE_EPOCHS = 3;

/**
 * What the curves of a run say.
 * @param classes of a classifier, whose loss begins near ln(classes) when it guesses; null for other models
 */
export function lossFindings(metrics: MetricsTable, classes: number | null): HealthFinding[] {
  return [...trainingLoss(metrics, classes), ...overfitting(metrics)];
}

function trainingLoss({ steps }: MetricsTable, classes: number | null): HealthFinding[] {
  const losses = steps.map((r) => r.values.loss).filter((v) => v !== undefined);
  if (losses.length < LEAST_STEPS || !losses.every(Number.isFinite)) return [];
  const size = Math.floor(losses.length / BLOCKS);
  const blocks = Array.from({ length: BLOCKS }, (_, b) => median(losses.slice(b * size, b === BLOCKS - 1 ? undefined : (b + 1) * size)));
  const best = Math.min(...blocks);
  const start = median(losses.slice(0, FIRST_STEPS));
  const now = blocks[BLOCKS - 1];
  const last = steps[steps.length - 1].step;
  // Both of the last blocks are far above the best, also measured by the whole way down: noise near zero is no rise.
  const risen = Math.min(now, blocks[BLOCKS - 2]);
  if (risen > RISEN * best && risen - best > 0.25 * Math.max(start - best, 0.2 * best))
    return [
      {
        kind: 'loss-rises',
        severity: 'problem',
        layer: null,
        finding: 'The loss is rising again.',
        evidence: `Its median over a tenth of the steps was ${best.toPrecision(3)} at best and is ${now.toPrecision(3)} now, at step ${last}.`,
        usually: 'A lower learning rate, or one that decays; go back to an earlier step with Rewind and try again.',
      },
    ];
  if (best > start * (1 - FALLEN)) {
    const guess = classes && classes > 1 ? Math.log(classes) : null;
    const isGuessing = guess !== null && Math.abs(now - guess) < 0.05 * guess;
    return [
      {
        kind: 'loss-flat',
        severity: 'problem',
        layer: null,
        finding: isGuessing ? 'The network still guesses: its loss has not fallen.' : 'The loss has not fallen.',
        evidence:
          `Its median was ${start.toPrecision(3)} over the first ${FIRST_STEPS} of ${losses.length} steps and is ${now.toPrecision(3)} over the last ${size}` +
          (isGuessing ? `; guessing among ${classes} classes gives ln ${classes} = ${guess.toPrecision(3)}.` : '.'),
        usually:
          'Another learning rate (ten times higher, then ten times lower), inputs scaled to 0 … 1, and a look at whether labels fit their images.',
      },
    ];
  }
  return [];
}

function overfitting({ epochs }: MetricsTable): HealthFinding[] {
  const rows = epochs.filter((e) => Number.isFinite(e.values.val_loss) && Number.isFinite(e.values.loss));
  if (rows.length <= WORSE_EPOCHS) return [];
  const best = rows.reduce((a, b) => (b.values.val_loss < a.values.val_loss ? b : a));
  const last = rows[rows.length - 1];
  const isWorse = rows.slice(-WORSE_EPOCHS).every((r) => r.values.val_loss > best.values.val_loss * 1.02);
  if (!isWorse || last.epoch - best.epoch < WORSE_EPOCHS || last.values.loss >= best.values.loss) return [];
  return [
    {
      kind: 'overfitting',
      severity: 'watch',
      layer: null,
      finding: 'It gets better on the training images only.',
      evidence: `The validation loss was lowest in epoch ${best.epoch + 1} (${best.values.val_loss.toPrecision(3)}) and is ${last.values.val_loss.toPrecision(3)} in epoch ${last.epoch + 1}, while the training loss went from ${best.values.loss.toPrecision(3)} to ${last.values.loss.toPrecision(3)}.`,
      usually: 'Stop at the best epoch (early stopping), more or augmented data, dropout, weight decay, or a smaller network.',
    },
  ];
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[sorted.length >> 1];
}
