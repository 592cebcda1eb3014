import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { kernelContext } from '../../../src/engine/kernels/kernels';
import { copyValues } from '../../../src/engine/tensorMemory';
import { TrainStep } from '../../../src/engine/trainStep';
import { networkFrom, randomBatch } from '../../bench/networkFrom';
import { trainedModels, wideModels } from './trainedModels';
import { assertClose, startEngine, type Values } from './reference';

const models = { ...trainedModels, ...wideModels };

interface Trained {
  plan: string | null;
  losses: number[];
  weights: Map<string, Values>;
}

/** Losses and weights of some steps on the active backend, planned or call by call. */
async function train(text: string, steps: number, batchSize: number, isPlanned = false): Promise<Trained> {
  const ready = await networkFrom(text);
  const step = new TrainStep(ready.network, ready.optimizer);
  const plan = isPlanned ? step.prepare(batchSize, randomBatch(ready, 1).inputs.length) : null;
  const losses: number[] = [];
  // A smaller last batch, as at the end of an epoch.
  for (let i = 1; i <= steps; i++)
    losses.push(
      step.run(randomBatch(ready, i === 3 ? 2 : batchSize, `batch ${i}`), ready.optimizer.learningRateAt(i - 1), i, () => 'nothing').loss,
    );
  const { parameters } = ready.network.built;
  return {
    plan,
    losses,
    weights: new Map(parameters.map((p) => [`${p.layer}/${p.name}`, { shape: p.spec.shape, values: copyValues(p.variable) }])),
  };
}

describe('engine: whole models', () => {
  before(startEngine);

  for (const [name, text] of Object.entries(models))
    it(`train as on the CPU backend: ${name}`, async () => {
      await tfc.setBackend('cpu');
      let expected: Trained;
      try {
        expected = await train(text, 4, 5);
      } finally {
        await tfc.setBackend('wasm');
      }
      const actual = await train(text, 4, 5);
      actual.losses.forEach((loss, i) =>
        assert.ok(
          Math.abs(loss - expected.losses[i]) < 1e-4 * Math.abs(expected.losses[i]),
          `loss ${i}: ${loss}, expected ${expected.losses[i]}`,
        ),
      );
      for (const [key, values] of expected.weights) assertClose(actual.weights.get(key)!, values, key, 5e-4);
    });

  for (const [name, text] of Object.entries(models))
    it(`give the same bits with a plan: ${name}`, async () => {
      const planned = await train(text, 4, 5, true);
      const called = await train(text, 4, 5);
      assert.deepEqual({ ...planned, plan: null }, called);
      assert.equal(planned.plan, null);
    });

  /** An LSTM over so many times. */
  const overTime = (times: number): string => `from keras import Input, Sequential
from keras.layers import *
m = Sequential([Input((28, ${times / 28}, 1)), Reshape((${times}, 1)), LSTM(3), Dense(2, activation='softmax')])
m.compile('sgd', 'categorical_crossentropy')`;

  it('are planned with many thousand kernel calls, too', async () => {
    const planned = await train(overTime(224), 1, 2, true);
    assert.deepEqual({ ...planned, plan: null }, await train(overTime(224), 1, 2));
    assert.equal(planned.plan, null);
  });

  it('are not planned where a step is too long for that, and train all the same', async function () {
    this.timeout(120_000);
    const { plan, losses } = await train(overTime(784), 1, 2, true);
    assert.match(plan ?? '', /^layer lstm makes a step longer than 30000 kernel calls$/);
    assert.ok(losses.every((loss) => loss > 0 && loss < 5));
  });

  it('give the same bits with one thread as with several', async () => {
    const machine = kernelContext()!.machine;
    const text = models['convolutions, pooling, dense'].replace('(13, 11, 1)', '(33, 31, 1)').replace('Conv2D(5,', 'Conv2D(16,');
    const run = (isPlanned: boolean): Promise<Trained> => train(text, 3, 9, isPlanned);
    await machine.startThreads(3);
    assert.ok(machine.threads >= 3);
    const several = await run(true);
    assert.deepEqual(await run(false), several);
    await machine.stopThreads();
    assert.equal(machine.threads, 1);
    assert.deepEqual(await run(true), several);
    assert.deepEqual(await run(false), several);
    await machine.startThreads(2);
    assert.deepEqual(await run(true), several);
  });
});
