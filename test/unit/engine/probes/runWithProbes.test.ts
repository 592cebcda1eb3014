import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { decodeFrame, frameKey } from '../../../../src/common/frame';
import type { RunStatus } from '../../../../src/common/run';
import { prepareRun } from '../../../../src/engine/prepareRun';
import { gradientSum } from '../../../../src/engine/probes/gradientSum';
import { kernelSight } from '../../../../src/engine/probes/kernelSight';
import { knockOut } from '../../../../src/engine/probes/knockOut';
import { lossSlice } from '../../../../src/engine/probes/lossSlice';
import type { Trainer } from '../../../../src/engine/trainer';
import { readModelSource } from '../../../../src/model/readModelSource';
import { listening, untilEnd } from '../runEvents';
import { kerasSource } from './ready';

const TEXT = kerasSource(
  [
    "Conv2D(6, 3, use_bias=False, name='a')",
    'BatchNormalization()',
    'ReLU()',
    'MaxPooling2D()',
    "Conv2D(8, 3, activation='relu', name='b')",
    'Dropout(0.3)',
    'Flatten()',
    "Dense(10, activation='softmax', name='c')",
  ],
  '(20, 20, 1)',
  'sparse_categorical_crossentropy',
  'Adam(0.002)',
);
const never = new AbortController().signal;

/** Trains 24 steps on the product's own images; `look` is called with the trainer while it runs and when it stands. */
async function train(isPausedFirst: boolean, look: (trainer: Trainer, status: () => RunStatus) => Promise<void>): Promise<string> {
  const spec = (await readModelSource({ path: 'model.py', text: TEXT })).models[0];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-probes-'));
  try {
    const { ended, status } = untilEnd();
    const { trainer } = await prepareRun(
      {
        runFolder: folder,
        spec,
        sourceFile: 'model.py',
        sourceSha256: '',
        data: { kind: 'embedded', name: 'digits' },
        options: { seed: 4, epochs: 2, batchSize: 16, learningRate: null, maxSteps: 24, limit: 192, backend: 'auto' },
        resume: false,
        startPaused: isPausedFirst,
      },
      listening({ status, frame: () => trainer.live.acknowledge() }),
      () => {},
      never,
    );
    trainer.start(isPausedFirst);
    await look(trainer, () => trainer.status());
    await trainer.resume();
    assert.equal(await ended, 'finished');
    const sha = await trainer.weightsSha256();
    await look(trainer, () => trainer.status());
    assert.equal(await trainer.weightsSha256(), sha);
    await trainer.stop();
    return sha;
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

describe('engine: a run that is looked into', function () {
  this.timeout(120_000);

  it('ends with the same weights as one that is not, and explains the gradients that its frames hold', async () => {
    const plain = await train(false, async () => {});
    let [whilePaused, whileRunning] = [0, 0];
    const place = { layer: 'b', weight: 'kernel', offset: 29 };
    const looked = await train(true, async (trainer, status) => {
      if (status().phase === 'finished') {
        const sum = await gradientSum(trainer.probed, place, never);
        assert.deepEqual([sum.about.step, sum.about.kind], [24, 'last']);
        return;
      }
      for (let i = 0; i < 3; i++) {
        await trainer.stepOnce();
        const frame = decodeFrame(await trainer.captureFrame(['b']));
        const sum = await gradientSum(trainer.probed, place, never);
        assert.deepEqual([sum.about.step, sum.about.kind], [frame.step, 'last']);
        const recorded = frame.tensors.get(frameKey('gradient', 'b', 'kernel'))!.values[29];
        assert.equal(sum.recorded, recorded);
        assert.ok(Math.abs(sum.sum - recorded) < 4e-6 * sum.sumOfSizes + 1e-10, `sum ${sum.sum}, recorded ${recorded}`);
        assert.equal(sum.value, frame.tensors.get(frameKey('before', 'b', 'kernel'))!.values[29]);
        await lossSlice(trainer.probed, { ...place, halfWidth: null }, never);
        await knockOut(trainer.probed, { layer: 'a', filter: 1 }, never);
        whilePaused++;
      }
      await trainer.resume();
      while (status().phase === 'running' && whileRunning < 3) {
        const sum = await gradientSum(trainer.probed, place, never);
        assert.equal(sum.about.kind, 'last');
        assert.ok(Math.abs(sum.sum - sum.recorded!) < 4e-6 * sum.sumOfSizes + 1e-10);
        await lossSlice(trainer.probed, { ...place, layer: 'a', halfWidth: 0.1 }, never);
        await kernelSight(trainer.probed, { layer: 'a', filter: 0, split: null, indices: null, detail: 0 }, never);
        whileRunning++;
      }
    });
    assert.equal(looked, plain);
    assert.equal(whilePaused, 3);
    assert.ok(whileRunning > 0, 'no probe came while the run was running');
  });
});
