import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { decodeFrame, frameKey, type Frame } from '../../../../src/common/frame';
import type { ModelSpec } from '../../../../src/common/modelSpec';
import type { StartParams } from '../../../../src/common/trainingProtocol';
import { layerActivity } from '../../../../src/engine/layerActivity';
import { prepareRun } from '../../../../src/engine/prepareRun';
import { gradientSum } from '../../../../src/engine/probes/gradientSum';
import { kernelSight } from '../../../../src/engine/probes/kernelSight';
import { knockOut } from '../../../../src/engine/probes/knockOut';
import { lossSlice } from '../../../../src/engine/probes/lossSlice';
import { openRun } from '../../../../src/engine/probes/openRun';
import type { ProbeTarget } from '../../../../src/engine/probes/probeTarget';
import { explainStep } from '../../../../src/insight/optimizerStep';
import { stepFromFrame } from '../../../../src/insight/stepFromFrame';
import { readModelSource } from '../../../../src/model/readModelSource';
import { readFrame } from '../../../../src/runs/runReader';
import { listFrames } from '../../../../src/runs/runWriter';
import { listening, untilEnd } from '../runEvents';
import { kerasSource } from './ready';

const never = new AbortController().signal;
const LAYERS = [
  "Conv2D(4, 3, use_bias=False, name='a')",
  'BatchNormalization()',
  'ReLU()',
  'MaxPooling2D()',
  "Conv2D(5, 3, activation='relu', name='b')",
  'Dropout(0.3)',
  'Flatten()',
  "Dense(10, activation='softmax', name='c')",
];

/** Trains 14 steps on the product's own images with nobody looking; `look` gets the folder and the run's own target. */
async function trained(
  optimizer: string,
  look: (folder: string, spec: ModelSpec, target: ProbeTarget, params: StartParams) => Promise<void>,
  layers = LAYERS,
): Promise<void> {
  const text = kerasSource(layers, '(20, 20, 1)', 'sparse_categorical_crossentropy', optimizer);
  const spec = (await readModelSource({ path: 'model.py', text })).models[0];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-stored-'));
  const params: StartParams = {
    runFolder: folder,
    spec,
    sourceFile: 'model.py',
    sourceSha256: '',
    data: { kind: 'embedded', name: 'digits' },
    options: { seed: 4, epochs: 1, batchSize: 12, learningRate: null, maxSteps: 14, limit: 192, backend: 'auto' },
    resume: false,
    startPaused: false,
  };
  try {
    const { ended, status } = untilEnd();
    const { trainer } = await prepareRun(params, listening({ status }), () => {}, never);
    trainer.start(false);
    assert.equal(await ended, 'finished');
    await look(folder, spec, trainer.probed, params);
    await trainer.stop();
  } finally {
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

const framesOf = async (folder: string): Promise<Frame[]> =>
  Promise.all(listFrames(folder).map(async (step) => decodeFrame(await readFrame(folder, step))));

describe('engine: steps that are stored', function () {
  this.timeout(120_000);

  const optimizers = [
    'SGD(0.05)',
    'SGD(0.05, momentum=0.9)',
    'SGD(0.05, momentum=0.9, nesterov=True, weight_decay=0.01)',
    'RMSprop(0.002)',
    'RMSprop(0.002, momentum=0.5, centered=True)',
    'Adam(0.002)',
    'Adam(0.002, amsgrad=True, clipvalue=0.01)',
    'AdamW(0.002)',
    'AdamW(0.002, weight_decay=0.1, clipnorm=0.1)',
    'Adamax(0.002)',
    'Nadam(0.002, global_clipnorm=0.5)',
    'Adagrad(0.01)',
    'Adadelta(1.0)',
    'Ftrl(0.01)',
  ];
  for (const optimizer of optimizers)
    it(`${optimizer}: every weight's step follows from the frame alone, bit for bit`, () =>
      trained(optimizer, async (folder, spec) => {
        let checked = 0;
        for (const frame of await framesOf(folder)) {
          if (frame.step === 0) continue;
          for (const layer of spec.layers)
            for (const weight of layer.weights) {
              const after = frame.tensors.get(frameKey('weight', layer.name, weight.name))?.values;
              if (!after || !weight.trainable) continue;
              for (let offset = 0; offset < after.length; offset++) {
                const spec_ = spec.training.optimizer!;
                const numbers = stepFromFrame(frame, spec_, spec.layers, { layer, weight, offset });
                if (typeof numbers === 'string') assert.fail(numbers);
                const { predicted } = explainStep(spec_, frame.learningRate, numbers);
                if (predicted !== after[offset])
                  assert.fail(`step ${frame.step}, ${layer.name}/${weight.name} ${offset}: ${predicted} is not ${after[offset]}`);
                checked++;
              }
            }
        }
        assert.ok(checked > 10_000, `only ${checked} weights`);
      }));

  it('a weight before its step is the weight after the step before', () =>
    trained('Adam(0.002)', async (folder, spec) => {
      const frames = await framesOf(folder);
      for (let i = 1; i <= 10; i++) {
        assert.equal(frames[i].step, i);
        for (const layer of spec.layers)
          for (const weight of layer.weights.filter((w) => w.trainable))
            for (const offset of [0, 1, 3]) {
              const numbers = stepFromFrame(frames[i], spec.training.optimizer!, spec.layers, { layer, weight, offset });
              if (typeof numbers === 'string') assert.fail(numbers);
              assert.equal(numbers.before, frames[i - 1].tensors.get(frameKey('weight', layer.name, weight.name))!.values[offset]);
            }
      }
    }));

  it('says what is not recorded, and that nothing was trained at step 0', () =>
    trained(
      'Adam(0.002)',
      async (folder, spec) => {
        const [first, second] = await framesOf(folder);
        const at = (name: string) => {
          const layer = spec.layers.find((l) => l.name === name)!;
          return { layer, weight: layer.weights[0], offset: 0 };
        };
        const optimizer = spec.training.optimizer!;
        assert.match(String(stepFromFrame(first, optimizer, spec.layers, at('a'))), /no step has been taken/);
        assert.equal(typeof stepFromFrame(second, optimizer, spec.layers, at('a')), 'object');
        assert.match(String(stepFromFrame(second, optimizer, spec.layers, at('wide'))), /does not hold wide\/kernel/);
      },
      ["Conv2D(4, 3, name='a')", 'Flatten()', "Dense(60, name='wide')", "Dense(10, activation='softmax', name='c')"],
    ));

  it('can be looked into later as they were, by the run’s own thread and by one that opens its folder', () =>
    trained('Adam(0.002)', async (folder, spec, own, params) => {
      const opened = await openRun(params, never);
      const place = { layer: 'b', weight: 'kernel', offset: 29, step: 6 };
      const frame = decodeFrame(await readFrame(folder, 6));
      const sums = await Promise.all([own, opened].map((t) => gradientSum(t, place, never)));
      for (const sum of sums) {
        assert.deepEqual([sum.about.step, sum.about.kind], [6, 'last']);
        assert.equal(sum.recorded, frame.tensors.get(frameKey('gradient', 'b', 'kernel'))!.values[29]);
        assert.ok(Math.abs(sum.sum - sum.recorded!) < 4e-6 * sum.sumOfSizes + 1e-10, `sum ${sum.sum}, recorded ${sum.recorded}`);
      }
      assert.equal(sums[0].sum, sums[1].sum);
      const slice = await lossSlice(opened, { ...place, halfWidth: null }, never);
      // The loss that training itself had in this step.
      assert.ok(Math.abs(slice.batch.here - frame.loss) < 1e-5 * frame.loss, `${slice.batch.here}, trained with ${frame.loss}`);
      const coming = await gradientSum(opened, { ...place, step: 0 }, never);
      assert.deepEqual([coming.about.step, coming.about.kind, coming.recorded], [1, 'next', null]);
      const first = decodeFrame(await readFrame(folder, 1)).tensors.get(frameKey('gradient', 'b', 'kernel'))!.values[29];
      assert.ok(Math.abs(coming.sum - first) < 4e-6 * coming.sumOfSizes + 1e-10);
      const sight = { layer: 'a', filter: 1, split: null, indices: null, detail: 0 };
      const seen = await Promise.all([own, opened].map((t) => kernelSight(t, sight, never)));
      assert.equal(seen[0].step, 14);
      assert.deepEqual(seen[0].images[0].values, seen[1].images[0].values);
      const before = await kernelSight(opened, { ...sight, step: 3 }, never);
      assert.equal(before.step, 3);
      assert.notDeepEqual(before.images[0].values, seen[1].images[0].values);
      const kernel = decodeFrame(await readFrame(folder, 3)).tensors.get(frameKey('weight', 'a', 'kernel'))!.values;
      assert.deepEqual(
        before.detail!.kernel,
        kernel.filter((_, i) => i % 4 === 1),
      );
      const activity = await Promise.all([own, opened].map((t) => layerActivity(t.network, t.dataset, ['b'], 10)));
      assert.deepEqual(activity[1].layers[0].samples, activity[0].layers[0].samples);
      assert.equal((await knockOut(opened, { layer: 'a', filter: 1, step: 3 }, never)).step, 3);
      await assert.rejects(kernelSight(opened, { ...sight, step: 999 }, never), /step 999 is no longer stored/);
      assert.equal(spec.layers.length > 0, true);
    }));

  it('says which weights are too many to put a network together again', () =>
    trained(
      'SGD(0.01)',
      async (_folder, _spec, own, params) => {
        const sight = { layer: 'a', filter: 1, split: null, indices: null, detail: 0 };
        const place = { layer: 'a', weight: 'kernel', offset: 1 };
        await assert.rejects(gradientSum(own, { ...place, step: 3 }, never), /leaves out wide\/kernel, whose 77,760 weights/);
        await assert.rejects(kernelSight(own, { ...sight, layer: 'c', step: 3 }, never), /leaves out wide\/kernel/);
        // What the first layer sees does not depend on it; what the network answers does.
        const seen = await kernelSight(own, { ...sight, step: 3 }, never);
        assert.deepEqual([seen.step, seen.images[0].predicted], [3, null]);
        assert.equal((await gradientSum(own, place, never)).about.step, 14);
        // Closed, the run has its last weights in the checkpoint, but not those before them: the coming step is looked into.
        const coming = await gradientSum(await openRun(params, never), place, never);
        assert.deepEqual([coming.about.step, coming.about.kind, coming.recorded], [15, 'next', null]);
        assert.ok(Number.isFinite(coming.sum) && coming.sum !== 0);
      },
      ["Conv2D(4, 3, name='a')", 'Flatten()', "Dense(60, name='wide')", "Dense(10, activation='softmax', name='c')"],
    ));
});
