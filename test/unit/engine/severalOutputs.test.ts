import assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { TrainStep } from '../../../src/engine/trainStep';
import { networkFrom, randomBatch } from '../../bench/networkFrom';
import { startEngine } from './reference';

/** A network with an output on the way. */
const model = (compile: string, units = 3): string => `from keras import Input, Model
from keras.layers import *
x = Input((6, 6, 2))
a = Conv2D(4, 3, activation='relu')(x)
aux = Dense(${units}, activation='softmax', name='aux')(GlobalAveragePooling2D()(a))
main = Dense(3, activation='softmax', name='main')(Flatten()(a))
m = Model(x, [main, aux])
m.compile('adam', ${compile})`;
const WEIGHTED = model("{'aux': 'categorical_crossentropy', 'main': 'categorical_crossentropy'}, loss_weights={'aux': 0.3}");

describe('engine: models with several outputs', () => {
  before(startEngine);

  it('add up the losses of all, each with its weight', async () => {
    const ready = await networkFrom(WEIGHTED);
    assert.deepEqual(ready.network.objective.weights, [1, 0.3]);
    const batch = randomBatch(ready, 5);
    const [loss, each, outputs] = tfc.tidy(() => {
      const pass = ready.network.forward(batch, false);
      return [pass.loss.dataSync()[0], [...ready.network.exampleLosses(pass).dataSync()], pass.outputs.map((o) => [...o.dataSync()])];
    });
    const crossEntropy = (output: number[], i: number): number => -Math.log(output[i * 3 + batch.labels[i]]);
    const expected = each.map((_, i) => crossEntropy(outputs[0], i) + 0.3 * crossEntropy(outputs[1], i));
    expected.forEach((e, i) => assert.ok(Math.abs(each[i] - e) < 1e-5, `image ${i}: ${each[i]}, expected ${e}`));
    assert.ok(Math.abs(loss - expected.reduce((a, b) => a + b) / 5) < 1e-5);
  });

  it('train with a plan to the same bits as without', async () => {
    const losses: number[][] = [];
    for (const isPlanned of [true, false]) {
      const ready = await networkFrom(WEIGHTED);
      const step = new TrainStep(ready.network, ready.optimizer);
      if (isPlanned) assert.equal(step.prepare(5, 72), null);
      losses.push([1, 2, 3].map((i) => step.run(randomBatch(ready, 5, `batch ${i}`), 0.01, i, () => 'nothing').loss));
      step.dispose();
    }
    assert.deepEqual(losses[0], losses[1]);
    assert.ok(losses[0][2] !== losses[0][0]);
  });

  it('leave out what has no loss, as Keras does', async () => {
    const { network } = await networkFrom(model("{'main': 'categorical_crossentropy'}"));
    assert.deepEqual(network.objective.weights, [1, 0]);
  });

  it('are refused where they tell different things', async () => {
    await assert.rejects(networkFrom(model("['mse', 'mse']", 2)), /m has outputs of different shapes \(3 and 2\)/);
    await assert.rejects(networkFrom(model("['mse', 'mae']")), /different losses \(mean_squared_error and mean_absolute_error\)/);
  });
});
