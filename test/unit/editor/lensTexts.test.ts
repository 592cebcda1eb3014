import assert from 'node:assert/strict';
import type { RunStatus } from '../../../src/common/run';
import { lensTexts, type LensSubject } from '../../../src/editor/lensTexts';
import { Commands } from '../../../src/ids';
import { exampleSpec, line } from './exampleSpec';

const status = (changes: Partial<RunStatus>): RunStatus => ({
  phase: 'running',
  step: 12,
  totalSteps: 30,
  epoch: 1,
  epochs: 3,
  stepsPerEpoch: 10,
  imagesPerSecond: 100,
  secondsLeft: 1,
  learningRate: 0.1,
  seed: 7,
  backend: 'wasm',
  message: null,
  ...changes,
});
const subject = (changes: Partial<LensSubject> = {}): LensSubject => ({
  model: exampleSpec(),
  seed: 7,
  data: null,
  status: null,
  loss: null,
  ...changes,
});
const titles = (s: LensSubject) => lensTexts(s).map((l) => l.title);

describe('lensTexts', () => {
  it('offer training with data, epochs and seed', () => {
    assert.deepEqual(titles(subject()), ['▶ Train CNN', 'MNIST', '3 epochs, batch 16', 'seed 7']);
  });

  it('name the person’s own choice of data, and Keras’s defaults where the file says nothing', () => {
    const training = { ...exampleSpec().training, epochs: null, batchSize: null };
    assert.deepEqual(titles(subject({ data: { kind: 'embedded', name: 'shapes' }, model: exampleSpec({ training }) })).slice(1, 3), [
      'embedded shapes',
      '1 epoch, batch 32',
    ]);
    assert.equal(titles(subject({ data: { kind: 'path', path: '/a/cats_dogs/' } }))[1], 'cats_dogs');
  });

  it('become the run’s controls while it trains', () => {
    const running = lensTexts(subject({ status: status({}), loss: 0.51234 }));
    assert.deepEqual(
      running.map((l) => l.command),
      [Commands.pause, Commands.stepOnce, Commands.stop, Commands.openPanel],
    );
    assert.equal(running[3].title, 'epoch 2 of 3 · step 12 of 30 · loss 0.512');
    assert.equal(lensTexts(subject({ status: status({ phase: 'paused' }) }))[0].command, Commands.resume);
    assert.deepEqual(
      lensTexts(subject({ status: status({ phase: 'preparing', message: 'Reading images' }) })).map((l) => l.command),
      [Commands.openPanel, Commands.stop],
    );
  });

  it('offer training again after the end and say how it ended', () => {
    assert.equal(titles(subject({ status: status({ phase: 'finished', step: 30 }) })).at(-1), '$(check) trained, 30 steps');
    const failed = lensTexts(subject({ status: status({ phase: 'failed', message: 'the loss became NaN' }) }));
    assert.equal(failed[0].command, Commands.trainCnn);
    assert.equal(failed.at(-1)?.tooltip, 'the loss became NaN');
  });

  it('say why a model cannot be trained', () => {
    const model = exampleSpec({
      trainable: false,
      notes: [{ severity: 'error', code: 'x', message: 'Lambda is unknown', range: line(3) }],
    });
    const [only, ...others] = lensTexts(subject({ model }));
    assert.equal(others.length, 0);
    assert.equal(only.command, null);
    assert.equal(only.tooltip, 'Lambda is unknown');
  });
});
