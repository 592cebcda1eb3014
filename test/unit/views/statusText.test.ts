import assert from 'node:assert/strict';
import type { RunStatus } from '../../../src/common/run';
import { durationText, statusText, statusTooltip } from '../../../src/views/statusText';

const running: RunStatus = {
  phase: 'running',
  step: 421,
  totalSteps: 1000,
  epoch: 1,
  epochs: 5,
  stepsPerEpoch: 200,
  imagesPerSecond: 1234.6,
  secondsLeft: 200,
  learningRate: 0.001,
  seed: 7,
  backend: 'wasm',
  message: null,
};

describe('status text', () => {
  it('says how far a run is and its loss', () => {
    assert.equal(statusText(running, 0.12345), '$(sync~spin) CNN 42 % · loss 0.123');
    assert.equal(
      statusText({ ...running, phase: 'finished' }, 0.5, { loss: 0.1, accuracy: 0.9712 }),
      '$(check) CNN: trained · test accuracy 97.1 %',
    );
    assert.equal(statusText({ ...running, phase: 'finished' }, 0.5, { loss: 0.1 }), '$(check) CNN: trained · loss 0.500');
    assert.equal(statusText({ ...running, phase: 'failed' }, NaN), '$(error) CNN: failed at step 421');
  });

  it('explains it in the tooltip', () => {
    const text = statusTooltip(running, 'classifier');
    assert.match(text, /epoch 2 of 5, step 421 of 1000, seed 7/);
    assert.match(text, /1235 images per second on wasm, 3 min 20 s left/);
    assert.match(statusTooltip({ ...running, phase: 'failed', message: 'loss became NaN' }, 'm'), /loss became NaN/);
  });

  it('counts no epoch beyond the last', () => {
    assert.match(statusTooltip({ ...running, phase: 'finished', epoch: 5 }, 'm'), /epoch 5 of 5/);
  });

  it('writes durations as people do', () => {
    assert.deepEqual([0.4, 59.4, 60, 3599, 7500].map(durationText), ['0 s', '59 s', '1 min 0 s', '59 min 59 s', '2 h 5 min']);
  });
});
