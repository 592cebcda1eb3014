import * as assert from 'node:assert/strict';
import type { Dataset } from '../../../src/data/dataset';
import { adaptedStatistics } from '../../../src/engine/adaptNormalization';
import { networkFrom } from '../../bench/networkFrom';
import { randomValues, startEngine } from './reference';

const COUNT = 70;
const SIZE = 4 * 4 * 2;

describe('engine: Normalization that a file adapts', () => {
  before(startEngine);

  for (const [axis, channels] of [
    ['-1', 2],
    ['None', 1],
  ] as const)
    it(`gets mean and variance of all training images, axis ${axis}`, async () => {
      const { spec, network } = await networkFrom(`
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
norm = Normalization(axis=${axis})
model = Sequential([Input((4, 4, 2)), Rescaling(3.0, offset=1.0), norm, Flatten(), Dense(2, activation='softmax')])
norm.adapt(data)
model.compile(optimizer='sgd', loss='categorical_crossentropy')
`);
      const { values } = randomValues('images', [COUNT, SIZE], 0, 1);
      const info = { inputShape: [4, 4, 2], trainCount: COUNT, validationCount: 0, testCount: 0 };
      const dataset = {
        info,
        maskSize: 0,
        read(_split: string, indices: Uint32Array, { inputs }: { inputs: Float32Array }) {
          indices.forEach((image, i) => inputs.set(values.subarray(image * SIZE, (image + 1) * SIZE), i * SIZE));
          return Promise.resolve();
        },
      } as unknown as Dataset;
      const found = await adaptedStatistics(spec, network, dataset, new AbortController().signal);
      const byName = new Map([...found].map(([p, v]) => [p.name, v]));
      for (let c = 0; c < channels; c++) {
        const mine = [...values].map((v) => 3 * v + 1).filter((_, i) => i % channels === c);
        const mean = mine.reduce((a, b) => a + b) / mine.length;
        const variance = mine.reduce((a, b) => a + (b - mean) ** 2, 0) / mine.length;
        assert.ok(Math.abs(byName.get('mean')![c] - mean) < 1e-5);
        assert.ok(Math.abs(byName.get('variance')![c] - variance) < 1e-5);
        assert.equal(byName.get('count')![0], mine.length);
      }
    });
});
