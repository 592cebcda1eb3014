import assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { copyValues } from '../../src/engine/tensorMemory';
import { TrainStep, type StepResult } from '../../src/engine/trainStep';
import { useGpu } from '../../src/engine/webgpu/chooseEngine';
import type { Gpu } from '../../src/engine/webgpu/gpu';
import { GpuTrainStep } from '../../src/engine/webgpu/gpuTrainStep';
import { networkFrom, randomBatch, type ReadyNetwork } from '../bench/networkFrom';
import { assertClose } from '../unit/engine/reference';
import { trainedModels } from '../unit/engine/trainedModels';
import { startGpu, withBackend } from './startGpu';

const STEPS = 3;
const EXAMPLES = 3;

const models: Record<string, string> = {
  ...trainedModels,
  'images changed at random, clipped gradients, constrained weights': `
from tensorflow.keras import Sequential, constraints
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import *
model = Sequential([
  Input((8, 8, 3)), Rescaling(2.0), RandomFlip('horizontal'), RandomRotation(0.1),
  Conv2D(4, 3, dilation_rate=2, padding='same', activation='relu', kernel_constraint=constraints.MaxNorm(0.5)), Flatten(), Dense(2),
])
model.compile(optimizer=Adam(0.01, global_clipnorm=0.5), loss='mse')
`,
};

/** Takes some steps and keeps everything of the last one. */
async function train(ready: ReadyNetwork, step: TrainStep): Promise<{ losses: number[]; last: StepResult }> {
  const losses: number[] = [];
  let last!: StepResult;
  for (let i = 1; i <= STEPS; i++) {
    const wish = i === STEPS ? 'slots' : 'nothing';
    last = await step.take(randomBatch(ready, EXAMPLES, `batch ${i}`), ready.optimizer.learningRateAt(i - 1), i, () => wish);
    losses.push(last.loss);
  }
  return { losses, last };
}

describe('webgpu: whole models', function () {
  this.timeout(240_000);
  let gpu: Gpu;
  before(async function () {
    gpu = await startGpu(this);
  });

  const onGpu = async (text: string) => {
    const ready = await withBackend('wasm', () => networkFrom(text));
    await useGpu(ready.network, gpu);
    return { ready, step: new GpuTrainStep(ready.network, ready.optimizer, ready.spec.training.optimizer!, gpu.backend) };
  };

  for (const [name, text] of Object.entries(models))
    it(`train as on our own kernels: ${name}`, async () => {
      const expected = await withBackend('wasm', async () => {
        const ready = await networkFrom(text);
        return train(ready, new TrainStep(ready.network, ready.optimizer));
      });
      const { ready, step } = await onGpu(text);
      const actual = await train(ready, step);
      actual.losses.forEach((loss, i) => {
        const close = Math.abs(loss - expected.losses[i]) < 1e-4 * Math.max(1e-3, Math.abs(expected.losses[i]));
        assert.ok(close, `loss ${i}: ${loss}, expected ${expected.losses[i]}`);
      });
      assert.equal(actual.last.steps.length, expected.last.steps.length);
      actual.last.steps.forEach((a, i) => {
        const e = expected.last.steps[i];
        const { shape } = a.parameter.spec;
        const compare = (x: Float32Array | null, y: Float32Array | null, what: string): void => {
          assert.equal(x === null, y === null, what);
          if (x && y) assertClose({ shape, values: x }, { shape, values: y }, `${a.parameter.layer}/${a.parameter.name} ${what}`, 1e-3);
        };
        compare(a.gradient, e.gradient, 'gradient');
        compare(a.before, e.before, 'before');
        compare(a.after, e.after, 'after');
        a.slotsAfter.forEach((s, j) => compare(s, e.slotsAfter[j], `slot ${j}`));
      });
    });

  const [text] = Object.values(trainedModels);

  it('give the same bits again', async () => {
    const bits: string[] = [];
    for (let i = 0; i < 2; i++) {
      const { ready, step } = await onGpu(text);
      const { last } = await train(ready, step);
      bits.push(last.steps.map((s) => Buffer.from(s.after.buffer, s.after.byteOffset, s.after.byteLength).toString('hex')).join());
    }
    assert.equal(bits[0], bits[1]);
  });

  it('leave the weights alone when a gradient is not finite, and say so', async () => {
    const { ready, step } = await onGpu(text);
    await step.refresh();
    const { parameters } = ready.network.built;
    const before = parameters.map((p) => copyValues(p.variable));
    const batch = randomBatch(ready, EXAMPLES);
    batch.inputs[3] = NaN;
    const result = await step.take(batch, 0.1, 1, () => 'nothing');
    assert.equal(result.isFinite, false);
    await step.refresh();
    parameters.forEach((p, i) => assert.deepEqual(copyValues(p.variable), before[i]));
  });

  it('keep no memory from step to step', async () => {
    const { ready, step } = await onGpu(text);
    await train(ready, step);
    const [tensors, bytes] = [tfc.memory().numTensors, gpu.backend.memory().numBytesInGPU];
    await train(ready, step);
    assert.equal(tfc.memory().numTensors, tensors);
    assert.ok(gpu.backend.memory().numBytesInGPU <= bytes * 1.05, `${gpu.backend.memory().numBytesInGPU} bytes, had ${bytes}`);
  });
});
