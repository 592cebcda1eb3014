import assert from 'node:assert/strict';
import { recentLoss } from '../../../src/common/recentLoss';
import type { MetricsRow } from '../../../src/common/run';
import { Smoother } from '../../../webview/charts/smoothing';
import { INITIAL_INTENT } from '../../../webview/panel/intent';

const row = (loss: number, step: number): MetricsRow => ({ step, epoch: 0, seconds: step, learningRate: 0.1, values: { loss } });

describe('recentLoss', () => {
  it('is what the charts show at their default smoothing, after few steps and after many', () => {
    const smoother = new Smoother(INITIAL_INTENT.smoothing);
    const rows: MetricsRow[] = [];
    for (let step = 1; step <= 200; step++) {
      const loss = 2 / step + (step % 7) / 20;
      rows.push(row(loss, step));
      smoother.push(loss);
      const expected = smoother.values.at(-1) ?? NaN;
      assert.ok(Math.abs((recentLoss(rows) ?? NaN) - expected) < 1e-4 * expected, `step ${step}`);
    }
  });

  it('passes over what is no number, and is null before the first step', () => {
    assert.equal(recentLoss([]), null);
    assert.equal(recentLoss([row(NaN, 1)]), null);
    assert.equal(recentLoss([row(0.5, 1), row(NaN, 2)]), 0.5);
  });
});
