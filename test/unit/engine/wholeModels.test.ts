import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { kernelContext } from '../../../src/engine/kernels/kernels';
import { copyValues } from '../../../src/engine/tensorMemory';
import { TrainStep } from '../../../src/engine/trainStep';
import { networkFrom, randomBatch } from '../../bench/networkFrom';
import { assertClose, startEngine, type Values } from './reference';

const source = (layers: string[], input: string, loss: string, optimizer = 'SGD(0.05, momentum=0.9)'): string => `
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import *
model = Sequential([Input(${input}), ${layers.join(', ')}])
model.compile(optimizer=${optimizer}, loss='${loss}')
`;

const models: Record<string, string> = {
  'convolutions, pooling, dense': source(
    [
      "Conv2D(5, 3, activation='relu')",
      'MaxPooling2D()',
      "Conv2D(16, 3, padding='same', activation='relu')",
      "Conv2D(16, 3, activation='relu')",
      'Flatten()',
      "Dense(9, activation='relu')",
      "Dense(4, activation='softmax')",
    ],
    '(13, 11, 1)',
    'categorical_crossentropy',
  ),
  'batch normalisation and dropout': source(
    [
      "Conv2D(6, 3, padding='same', use_bias=False)",
      'BatchNormalization()',
      "Activation('relu')",
      "Conv2D(7, 3, strides=2, padding='same')",
      'BatchNormalization(scale=False)',
      'ReLU()',
      'AveragePooling2D()',
      'Dropout(0.4)',
      'Flatten()',
      "Dense(1, activation='sigmoid')",
    ],
    '(9, 10, 3)',
    'binary_crossentropy',
  ),
  'depthwise, separable, global pooling': source(
    [
      "Conv2D(8, 5, strides=2, padding='same', activation='relu')",
      "DepthwiseConv2D(3, padding='same')",
      'BatchNormalization(center=False)',
      'LeakyReLU()',
      "SeparableConv2D(6, 3, activation='elu')",
      'GlobalAveragePooling2D()',
      "Dense(3, activation='softmax')",
    ],
    '(12, 12, 3)',
    'sparse_categorical_crossentropy',
  ),
  'other activations, spatial dropout, regularisation': source(
    [
      "Conv2D(4, 3, activation='tanh', kernel_regularizer='l2')",
      'SpatialDropout2D(0.3)',
      "Conv2D(5, 2, activation='sigmoid')",
      'GaussianNoise(0.1)',
      'GlobalMaxPooling2D()',
      "Dense(6, activation='selu')",
      'Dense(3)',
      'Softmax()',
    ],
    '(8, 8, 2)',
    'categorical_crossentropy',
  ),
};

models['recurrent, reshaped, padded, joined'] = `
from tensorflow.keras import Model
from tensorflow.keras.layers import *
i = Input((8, 6, 2))
a = Conv2D(4, 3, padding='same', activation='relu')(ZeroPadding2D(1)(i))
b = UpSampling2D()(MaxPooling2D()(a))
c = Concatenate()([a, Conv2DTranspose(3, 3, padding='same', activation='tanh')(b)])
d = Cropping2D(1)(c)
e = GRU(5, reset_after=False, return_sequences=True)(Reshape((16, -1))(Permute((2, 1, 3))(d)))
f = Bidirectional(LSTM(4))(e)
model = Model(i, Dense(3, activation='softmax')(f))
model.compile(optimizer='rmsprop', loss='categorical_crossentropy')
`;

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
