import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { decodeFrame, frameKey } from '../../src/common/frame';
import type { RunStatus, TrainOptions } from '../../src/common/run';
import { layerActivity } from '../../src/engine/layerActivity';
import { prepareRun, type PreparedRun } from '../../src/engine/prepareRun';
import { gradientSum } from '../../src/engine/probes/gradientSum';
import { kernelSight } from '../../src/engine/probes/kernelSight';
import { lossSlice } from '../../src/engine/probes/lossSlice';
import type { Gpu } from '../../src/engine/webgpu/gpu';
import { readModelSource } from '../../src/model/readModelSource';
import { readManifest, readMetrics } from '../../src/runs/runReader';
import { gpuFolders } from '../../src/training/gpuFolders';
import { kerasSource } from '../unit/engine/probes/ready';
import { listening } from '../unit/engine/runEvents';
import { startGpu, withBackend } from './startGpu';

const TEXT = kerasSource(
  [
    "Conv2D(3, 5, strides=3, activation='relu', name='a')",
    'BatchNormalization()',
    'Dropout(0.3)',
    'Flatten()',
    "Dense(10, activation='softmax', name='c')",
  ],
  '(20, 20, 1)',
  'sparse_categorical_crossentropy',
  'Adam(0.002)',
);
const never = new AbortController().signal;
const STEPS = 6;

describe('webgpu: runs', function () {
  this.timeout(240_000);
  let gpu: Gpu;
  let root: string;
  before(async function () {
    gpu = await startGpu(this);
    root = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-gpu-'));
  });
  after(() => root && fs.rmSync(root, { recursive: true, force: true }));

  interface Run extends PreparedRun {
    ended: Promise<RunStatus>;
    frames: ArrayBuffer[];
  }

  /** Gets a run ready on the product's own images. */
  async function ready(name: string, asked: Partial<TrainOptions> = {}, resume = false): Promise<Run> {
    const [spec] = (await readModelSource({ path: 'model.py', text: TEXT })).models;
    const options: TrainOptions = {
      seed: 4,
      epochs: 2,
      batchSize: 8,
      learningRate: null,
      maxSteps: STEPS,
      limit: 27,
      backend: 'webgpu',
      ...asked,
    };
    let end!: (status: RunStatus) => void;
    const ended = new Promise<RunStatus>((resolve) => (end = resolve));
    const frames: ArrayBuffer[] = [];
    const prepared: PreparedRun = await withBackend('wasm', () =>
      prepareRun(
        {
          runFolder: path.join(root, name),
          spec,
          sourceFile: 'model.py',
          sourceSha256: '',
          data: { kind: 'embedded', name: 'digits' },
          options,
          resume,
          startPaused: false,
        },
        listening({
          status: (status) => (/finished|failed|stopped/.test(status.phase) ? end(status) : undefined),
          frame: (frame) => {
            frames.push(frame);
            prepared.trainer.live.acknowledge();
          },
        }),
        () => {},
        never,
        gpuFolders([process.cwd()]),
      ),
    );
    return { ...prepared, ended, frames };
  }

  /** Runs `use` with the trainer's backend active for as long as it trains. */
  const onGpu = <T>(use: () => Promise<T>): Promise<T> => withBackend('webgpu', use);
  const shaAtEnd = async ({ trainer, ended }: Run): Promise<string> => {
    assert.equal((await ended).phase, 'finished');
    return trainer.weightsSha256();
  };
  let undisturbed: string;

  it('say what they compute with, and that figures hold to rounding', async () => {
    const run = await ready('plain');
    assert.equal(run.started.backend, 'webgpu');
    assert.match(run.started.notRepeatable.join(), /float32/);
    await onGpu(async () => {
      run.trainer.start(false);
      undisturbed = await shaAtEnd(run);
    });
    const manifest = await readManifest(path.join(root, 'plain'));
    assert.equal(manifest.backend, 'webgpu');
    assert.deepEqual(manifest.gpu, { name: gpu.name, choice: 'GPU: it was asked for', failure: null });
    const { steps, epochs } = await readMetrics(path.join(root, 'plain'));
    assert.equal(steps.length, STEPS);
    assert.ok(epochs.length > 0 && Number.isFinite(epochs[0].values.loss) && Number.isFinite(manifest.test?.loss));
  });

  it('agree with a run on our own kernels', async () => {
    const run = await ready('ours', { backend: 'wasm' });
    assert.equal(run.started.backend.split('-')[0], 'wasm');
    await withBackend('wasm', async () => {
      run.trainer.start(false);
      await shaAtEnd(run);
    });
    const [ours, theirs] = await Promise.all(['ours', 'plain'].map((name) => readMetrics(path.join(root, name))));
    ours.steps.forEach(({ values }, i) => assert.ok(Math.abs(values.loss - theirs.steps[i].values.loss) < 1e-4 * values.loss));
    ours.epochs.forEach(({ values }, i) => assert.ok(Math.abs(values.loss - theirs.epochs[i].values.loss) < 1e-4 * values.loss));
  });

  it('pause, take single steps and explain them within rounding, change the rate, and end with the same bits', async () => {
    const run = await ready('paused');
    const place = { layer: 'a', weight: 'kernel', offset: 7 };
    await onGpu(async () => {
      const { trainer } = run;
      trainer.start(true);
      for (let i = 0; i < 2; i++) {
        await trainer.stepOnce();
        const frame = decodeFrame(await trainer.captureFrame(['a']));
        const at = (field: Parameters<typeof frameKey>[0]): number => frame.tensors.get(frameKey(field, 'a', 'kernel'))!.values[7];
        assert.equal(frame.step, i + 1);
        assert.equal(Math.fround(at('weight') - at('before')), at('update'));
        const sum = await gradientSum(trainer.probed, place, never);
        assert.equal(sum.recorded, at('gradient'));
        assert.equal(sum.value, at('before'));
        assert.ok(Math.abs(sum.sum - at('gradient')) < 1e-5 * sum.sumOfSizes + 1e-9, `sum ${sum.sum}, recorded ${at('gradient')}`);
      }
      const slice = await lossSlice(trainer.probed, { ...place, halfWidth: null }, never);
      assert.ok(slice.batch.losses.every(Number.isFinite));
      const sight = await kernelSight(trainer.probed, { layer: 'a', filter: 0, split: null, indices: [0, 1], detail: 0 }, never);
      assert.equal(sight.images.length, 2);
      const { layers } = await layerActivity(trainer.probed.network, trainer.probed.dataset, ['a'], 5);
      assert.equal(layers[0].gram.length, 25);
      const before = await trainer.weightsSha256();
      await trainer.setLearningRate(0.002);
      assert.equal(await trainer.weightsSha256(), before);
      void trainer.resume();
      assert.equal(await shaAtEnd(run), undisturbed);
    });
    assert.ok(run.frames.length >= 3);
  });

  it('go on from their checkpoint to the same bits', async () => {
    const first = await ready('resumed', { maxSteps: STEPS });
    await onGpu(async () => {
      first.trainer.start(true);
      for (let i = 0; i < 3; i++) await first.trainer.stepOnce();
      await first.trainer.stop();
    });
    const second = await ready('resumed', {}, true);
    assert.equal(second.trainer.status().step, 3);
    await onGpu(async () => {
      second.trainer.start(false);
      assert.equal(await shaAtEnd(second), undisturbed);
    });
    // The rate was set by hand in one run: it is kept as it was.
    assert.deepEqual((await readManifest(path.join(root, 'resumed'))).notRepeatable.length, 1);
  });

  it('rewind to the very same start', async () => {
    const run = await ready('rewound');
    await onGpu(async () => {
      run.trainer.start(true);
      const start = await run.trainer.weightsSha256();
      await run.trainer.stepOnce();
      assert.notEqual(await run.trainer.weightsSha256(), start);
      await run.trainer.rewind();
      assert.equal(await run.trainer.weightsSha256(), start);
      void run.trainer.resume();
      assert.equal(await shaAtEnd(run), undisturbed);
    });
  });

  it('fail when the GPU breaks, and go on on WebAssembly', async () => {
    const run = await ready('broken');
    const broken = gpu as { failure: string | null };
    try {
      await onGpu(async () => {
        run.trainer.start(true);
        await run.trainer.stepOnce();
        await run.trainer.stepOnce();
        broken.failure = 'the GPU was lost (for a test)';
        void run.trainer.resume();
        const { phase, message } = await run.ended;
        assert.equal(phase, 'failed');
        assert.match(message ?? '', /was lost.*Continue the run.*WebAssembly/);
      });
    } finally {
      broken.failure = null;
    }
    const next = await ready('broken', {}, true);
    assert.equal(next.started.backend.split('-')[0], 'wasm');
    assert.match(next.started.notes.join(), /because the GPU was lost/);
    assert.match(next.started.notRepeatable.join(), /rounds differently/);
    assert.equal(next.trainer.status().step, 2);
    await withBackend('wasm', async () => {
      next.trainer.start(false);
      await shaAtEnd(next);
    });
    const { steps } = await readMetrics(path.join(root, 'broken'));
    const plain = await readMetrics(path.join(root, 'plain'));
    steps.forEach(({ values }, i) => assert.ok(Math.abs(values.loss - plain.steps[i].values.loss) < 1e-4 * values.loss));
  });

  it('are chosen for by measurement only where it is worth it and no program plays the GPU', async () => {
    const short = await ready('short', { backend: 'auto' });
    assert.match(short.started.notes.join(), /the GPU was not tried/);
    const long = await ready('long', { backend: 'auto', epochs: 1_000_000, maxSteps: null });
    assert.equal(long.started.backend.split('-')[0], 'wasm');
    if (gpu.isSoftware) assert.match((await readManifest(path.join(root, 'long'))).gpu?.choice ?? '', /a program that plays/);
  });
});
