import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { RunPhase } from '../../../src/common/run';
import { prepareRun } from '../../../src/engine/prepareRun';
import { readModelSource } from '../../../src/model/readModelSource';
import { kerasSource } from './probes/ready';
import { listening } from './runEvents';

describe('engine: a run that is stopped or paused before it begins', function () {
  this.timeout(60_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-early-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  /** The phases that a run goes through when `ask` comes between its preparation and its start. */
  async function phasesAfter(ask: 'stop' | 'pause', startPaused: boolean, last: RunPhase): Promise<RunPhase[]> {
    const text = kerasSource(
      ["Conv2D(4, 3, name='a')", 'Flatten()', "Dense(10, activation='softmax')"],
      '(12, 12, 1)',
      'sparse_categorical_crossentropy',
      "'sgd'",
    );
    const phases: RunPhase[] = [];
    let reached: () => void = () => {};
    const isReached = new Promise<void>((resolve) => (reached = resolve));
    const { trainer } = await prepareRun(
      {
        runFolder: path.join(folder, `${ask}-${startPaused}`),
        spec: (await readModelSource({ path: 'model.py', text })).models[0],
        sourceFile: 'model.py',
        sourceSha256: '',
        data: { kind: 'embedded', name: 'digits' },
        options: { seed: 1, epochs: 1, batchSize: 16, learningRate: null, maxSteps: 4, limit: 64, backend: 'auto' },
        resume: false,
        startPaused,
      },
      listening({
        status: ({ phase }) => {
          if (phases.at(-1) !== phase) phases.push(phase);
          if (phase === last) reached();
        },
        frame: () => trainer.live.acknowledge(),
      }),
      () => {},
      new AbortController().signal,
    );
    const asked = trainer[ask]();
    trainer.start(startPaused);
    await Promise.all([isReached, asked]);
    await trainer.stop();
    return phases.filter((p) => p !== 'preparing');
  }

  it('stops, whether it was to start paused or not', async () => {
    assert.deepEqual(await phasesAfter('stop', true, 'stopped'), ['stopped']);
    assert.deepEqual(await phasesAfter('stop', false, 'stopped'), ['stopped']);
  });

  it('pauses at its first step', async () => {
    assert.deepEqual(await phasesAfter('pause', false, 'paused'), ['paused', 'stopped']);
  });
});
