import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { ModelError } from '../../../src/common/modelError';
import { refuseIfTooLarge, trainingBytes } from '../../../src/engine/memoryEstimate';
import { kernelContext } from '../../../src/engine/kernels/kernels';
import { copyValues } from '../../../src/engine/tensorMemory';
import { TrainStep } from '../../../src/engine/trainStep';
import { readModelSource } from '../../../src/model/readModelSource';
import { networkFrom, randomBatch } from '../../bench/networkFrom';
import { startEngine } from './reference';

const source = (units: number): string => `
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
model = Sequential([Input((20, 20, 1)), Conv2D(4, 3, activation='relu'), BatchNormalization(), Flatten(), Dense(${units}), Dense(3, activation='softmax')])
model.compile(optimizer='adam', loss='categorical_crossentropy')
`;
const specOf = async (units: number) => (await readModelSource({ path: 'model.py', text: source(units) })).models[0];

describe('engine: memory', () => {
  before(startEngine);

  it('is estimated from weights, slots and outputs', async () => {
    const spec = await specOf(5);
    // Two outputs of 18 × 18 × 4, one of 5, one of 3; each with its gradient. Weights with gradients and two slots.
    assert.equal(trainingBytes(spec, 8, 2), 4 * (4 * spec.totalParams + 2 * 8 * (2 * 18 * 18 * 4 + 5 + 3)));
  });

  it('is refused before training begins, with the figure and the way out', async () => {
    const spec = await specOf(2_000_000);
    assert.throws(
      () => refuseIfTooLarge(spec, 32, 2, 'wasm-simd'),
      (e: unknown) => e instanceof ModelError && /needs at least 39\.2 GB of memory, .* use a smaller batch size/.test(e.message),
    );
    refuseIfTooLarge(await specOf(5), 32, 2, 'wasm-simd');
  });

  it('stays the same from step to step, planned and call by call, and comes back', async () => {
    const tensorsBefore = tfc.memory().numTensors;
    for (const isPlanned of [true, false]) {
      const ready = await networkFrom(source(5));
      const step = new TrainStep(ready.network, ready.optimizer);
      const batch = randomBatch(ready, 6);
      if (isPlanned) assert.equal(step.prepare(6, 400), null);
      const run = (i: number): void => void step.run(batch, 0.001, i, (p) => (i % 3 === 0 ? 'slots' : p.isTrained ? 'values' : 'nothing'));
      for (let i = 1; i <= 3; i++) run(i);
      const { numTensors, numDataBuffers } = tfc.memory();
      const size = kernelContext()!.machine.float32().length;
      for (let i = 4; i <= 60; i++) run(i);
      assert.deepEqual([tfc.memory().numTensors, tfc.memory().numDataBuffers], [numTensors, numDataBuffers]);
      assert.equal(kernelContext()!.machine.float32().length, size);
      step.dispose();
      ready.network.built.model.dispose();
    }
    // TF.js keeps some of what it made while it built the models.
    assert.ok(tfc.memory().numTensors - tensorsBefore < 60, `${tfc.memory().numTensors - tensorsBefore} tensors stay`);
  });

  it('is said to be too little when it cannot be had', () => {
    assert.throws(() => tfc.tidy(() => void tfc.zeros([2 ** 30, 2])), /memory|length/);
  });

  it('profiles a step without changing anything', async () => {
    const ready = await networkFrom(source(5));
    const step = new TrainStep(ready.network, ready.optimizer);
    const batch = randomBatch(ready, 6);
    step.prepare(6, 400);
    step.run(batch, 0.01, 1, () => 'nothing');
    const values = (): Float32Array[] =>
      ready.network.built.parameters.flatMap((p, i) => [copyValues(p.variable), ...step.slots[i].map((s) => copyValues(s))]);
    const before = values();
    const profile = step.profile(batch, 2);
    assert.deepEqual(values(), before);
    assert.equal(profile.isPlanned, true);
    const names = profile.layers.map((l) => l.layer);
    assert.deepEqual(names, ['conv2d', 'batch_normalization', 'dense', 'dense_1', 'loss']);
    for (const { layer, forward, backward } of profile.layers) {
      assert.ok(forward > 0, `${layer} forward`);
      if (layer !== 'loss') assert.ok(backward > 0, `${layer} backward`);
    }
    assert.ok(profile.update > 0 && profile.step > 0);
  });
});
