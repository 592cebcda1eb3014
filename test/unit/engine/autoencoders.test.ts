import assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { targetsOf } from '../../../src/engine/modelShapes';
import { networkFrom, randomBatch } from '../../bench/networkFrom';
import { startEngine } from './reference';

const HEAD = 'from keras import Input, Model, Sequential\nfrom keras.layers import *\n';
const CONVOLUTIONAL = `${HEAD}
m = Sequential([Input((8, 8, 3)), Conv2D(4, 3, strides=2, padding='same', activation='relu'), Conv2DTranspose(3, 3, strides=2, padding='same', activation='sigmoid')])
m.compile('adam', 'mse')`;
const FLAT = `${HEAD}
m = Sequential([Dense(5, activation='relu', input_shape=(64,)), Dense(64, activation='sigmoid')])
m.compile('adam', 'binary_crossentropy')`;

describe('engine: models that reproduce their input', () => {
  before(startEngine);

  it('are told by their shapes and loss', async () => {
    const targets = async (text: string) => targetsOf((await networkFrom(text)).spec);
    assert.equal(await targets(CONVOLUTIONAL), 'input');
    assert.equal(await targets(FLAT), 'input');
    // As many classes as pixels is no autoencoder, and neither is a single number.
    assert.equal(await targets(FLAT.replace('binary_crossentropy', 'categorical_crossentropy').replace('sigmoid', 'softmax')), 'labels');
    assert.equal(
      await targets(`${HEAD}\nm = Sequential([Conv2D(1, 3, input_shape=(3, 3, 1)), Flatten(), Dense(9)])\nm.compile('adam', 'mse')`),
      'labels',
    );
  });

  for (const [name, text] of Object.entries({ convolutional: CONVOLUTIONAL, flat: FLAT }))
    it(`are compared with it, value by value: ${name}`, async () => {
      const ready = await networkFrom(text);
      const batch = randomBatch(ready, 3);
      const [loss, output] = tfc.tidy(() => {
        const pass = ready.network.forward(batch, false);
        return [pass.loss.dataSync()[0], ready.network.measure(batch, Float32Array.from(pass.output.dataSync())).predictions];
      });
      const compare = (t: number, y: number): number => (name === 'flat' ? -(t * Math.log(y) + (1 - t) * Math.log(1 - y)) : (t - y) ** 2);
      const expected = batch.inputs.reduce((sum, t, i) => sum + compare(t, output[i]), 0) / batch.inputs.length;
      assert.ok(Math.abs(loss - expected) < 1e-5, `${loss}, expected ${expected}`);
      assert.equal(ready.network.objective.isClassifier, false);
    });

  it('are compared in the order of their channels', async () => {
    const text = `${HEAD}
m = Sequential([Input((3, 4, 5)), Conv2D(3, 1, data_format='channels_first')])
m.compile('adam', 'mae')`;
    const ready = await networkFrom(text);
    const { kernel } = Object.fromEntries(ready.network.built.parameters.map((p) => [p.name, p.variable]));
    // A convolution that hands every channel on as it is.
    kernel.assign(tfc.reshape(tfc.eye(3), kernel.shape) as tfc.Tensor);
    const loss = tfc.tidy(() => ready.network.forward(randomBatch(ready, 2), false).loss.dataSync()[0]);
    assert.ok(Math.abs(loss) < 1e-6, `${loss}`);
  });

  it('are not models of words, which are refused', async () => {
    const text = `${HEAD}
m = Sequential([Embedding(50, 4, input_length=16), Flatten(), Dense(1, activation='sigmoid')])
m.compile('adam', 'binary_crossentropy')`;
    await assert.rejects(networkFrom(text), /m takes numbers of words/);
  });

  it('are refused with losses that sum over the channels of a pixel', async () => {
    for (const loss of ['kl_divergence', 'cosine_similarity', 'categorical_crossentropy', 'categorical_hinge'])
      await assert.rejects(
        networkFrom(CONVOLUTIONAL.replace('mse', loss), 1, 'input'),
        new RegExp(`m is trained to reproduce images, which ${loss}`),
      );
  });

  it('say so, and leave accuracy out', async () => {
    const { network } = await networkFrom(CONVOLUTIONAL.replace("'mse'", "'mse', ['accuracy', 'mae']"));
    assert.deepEqual(
      network.objective.metrics.map((m) => m.name),
      ['mean_absolute_error'],
    );
    assert.match(network.objective.notes.join(' '), /reproduce its input.*accuracy counts right classes/);
  });
});
