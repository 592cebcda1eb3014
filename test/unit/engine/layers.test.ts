import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import {
  SeededAlphaDropout,
  SeededDropout,
  SeededGaussianDropout,
  SeededGaussianNoise,
  SeededSpatialDropout,
} from '../../../src/engine/layers/dropout';
import type { NoiseLayer } from '../../../src/engine/layers/noiseLayer';
import {
  SeededRandomBrightness,
  SeededRandomContrast,
  SeededRandomFlip,
  SeededRandomRotation,
  SeededRandomTranslation,
  SeededRandomZoom,
} from '../../../src/engine/layers/randomImage';
import { copyValues, setValues } from '../../../src/engine/tensorMemory';
import { TrainStep } from '../../../src/engine/trainStep';
import { networkFrom, randomBatch, type ReadyNetwork } from '../../bench/networkFrom';
import { assertClose, assertMatchesDifferences, randomValues, startEngine } from './reference';

const source = (input: string, ...layers: string[]): string => `
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
model = Sequential([Input(${input}), ${layers.join(', ')}, Flatten(), Dense(2, activation='softmax')])
model.compile(optimizer='sgd', loss='categorical_crossentropy')
`;

/** What the first layer makes of a batch. */
function firstLayer({ network }: ReadyNetwork, x: tfc.Tensor, isTraining: boolean): Float32Array {
  const layer = network.built.model.layers.find((l) => l.getClassName() !== 'InputLayer')!;
  return tfc.tidy(() => copyValues(layer.apply(x, { training: isTraining }) as tfc.Tensor));
}

const [H, W, C] = [8, 6, 3];
const images = randomValues('images', [4, H, W, C], 0, 1);

describe('engine: layers that TensorFlow.js lacks', () => {
  before(startEngine);

  it('recurrent layers have gradients over a single step of time', async () => {
    for (const name of ['LSTM', 'GRU', 'SimpleRNN']) {
      const ready = await networkFrom(source('(1, 3)', `${name}(4)`));
      const layer = ready.network.built.model.layers.find((l) => l.getClassName() !== 'InputLayer')!;
      await assertMatchesDifferences(`${name} over one step`, (x) => layer.apply(x) as tfc.Tensor, [randomValues('x', [2, 1, 3])]);
    }
  });

  it('GRU with reset_after is the formula of Keras', async () => {
    const [time, features, units] = [3, 2, 4];
    const ready = await networkFrom(source(`(${time}, ${features})`, `GRU(${units})`));
    const values: Record<string, Float32Array> = {};
    for (const p of ready.network.built.parameters.filter((p) => p.className === 'GRU')) {
      values[p.name] = randomValues(p.name, p.spec.shape).values;
      setValues(p.variable, values[p.name]);
    }
    assert.deepEqual(Object.keys(values), ['kernel', 'recurrent_kernel', 'bias']);
    const x = randomValues('x', [1, time, features]);
    const sigmoid = (v: number): number => 1 / (1 + Math.exp(-v));
    let h = new Array<number>(units).fill(0);
    for (let t = 0; t < time; t++) {
      const gate = (input: readonly number[], kernel: Float32Array, bias: number, column: number): number =>
        input.reduce((sum, v, i) => sum + v * kernel[i * 3 * units + column], values.bias[bias * 3 * units + column]);
      const now = Array.from(x.values.subarray(t * features, (t + 1) * features));
      h = h.map((old, u) => {
        const [xz, xr, xh] = [0, 1, 2].map((g) => gate(now, values.kernel, 0, g * units + u));
        const [hz, hr, hh] = [0, 1, 2].map((g) => gate(h, values.recurrent_kernel, 1, g * units + u));
        const z = sigmoid(xz + hz);
        return z * old + (1 - z) * Math.tanh(xh + sigmoid(xr + hr) * hh);
      });
    }
    const actual = firstLayer(ready, tfc.tensor(x.values, x.shape), false);
    assertClose({ shape: [units], values: actual }, { shape: [units], values: Float32Array.from(h) }, 'GRU');
  });

  const random: Record<string, (seed: number) => NoiseLayer> = {
    RandomFlip: () => new SeededRandomFlip({ mode: 'horizontal_and_vertical' }),
    RandomRotation: () => new SeededRandomRotation({ factor: 0.1 }),
    RandomZoom: () => new SeededRandomZoom({ heightFactor: 0.2 }),
    RandomTranslation: () => new SeededRandomTranslation({ heightFactor: 0.2, widthFactor: [0.1, 0.3] }),
    RandomContrast: () => new SeededRandomContrast({ factor: 0.4 }),
    RandomBrightness: () => new SeededRandomBrightness({ factor: 0.2, valueRange: [0, 1] }),
    Dropout: () => new SeededDropout({ rate: 0.4 }),
    SpatialDropout: () => new SeededSpatialDropout({ rate: 0.4 }),
    GaussianNoise: () => new SeededGaussianNoise({ stddev: 0.2 }),
    GaussianDropout: () => new SeededGaussianDropout({ rate: 0.3 }),
    AlphaDropout: () => new SeededAlphaDropout({ rate: 0.2 }),
  };
  const applied = (layer: NoiseLayer, isTraining: boolean): Float32Array =>
    tfc.tidy(() => copyValues(layer.apply(tfc.tensor(images.values, images.shape), { training: isTraining }) as tfc.Tensor));
  for (const [name, make] of Object.entries(random))
    it(`${name} changes training images only, differently in every step, the same for the same seed`, () => {
      const at = (seed: number, step: number): Float32Array => {
        const layer = make(seed);
        layer.name = name;
        layer.clock = { seed, step };
        assert.deepEqual(applied(layer, false), images.values);
        return applied(layer, true);
      };
      const first = at(1, 1);
      assert.notDeepEqual(first, images.values);
      assert.notDeepEqual(at(1, 2), first);
      assert.notDeepEqual(at(2, 1), first);
      assert.deepEqual(at(1, 1), first);
    });

  it('activity regularisers add what the outputs come to, per example, planned or not', async () => {
    const ready = async (more: string): Promise<ReadyNetwork> => networkFrom(source('(6, 5, 2)', `Conv2D(3, 2${more})`));
    const [plain, regular] = [await ready(''), await ready(", activity_regularizer='l2'")];
    const batch = randomBatch(plain, 4);
    const lossOf = ({ network, optimizer }: ReadyNetwork, isPlanned: boolean): number => {
      const step = new TrainStep(network, optimizer);
      if (isPlanned) assert.equal(step.prepare(4, 60), null);
      const { loss } = step.run(batch, 0, 1, () => 'nothing');
      step.dispose();
      return loss;
    };
    const made = firstLayer(plain, tfc.tensor(batch.inputs, [4, 6, 5, 2]), true);
    const wanted = lossOf(plain, false) + (0.01 * made.reduce((sum, v) => sum + v * v, 0)) / 4;
    for (const isPlanned of [false, true]) assert.ok(Math.abs(lossOf(regular, isPlanned) - wanted) < 1e-5);
  });

  it('RandomFlip only mirrors', () => {
    const seen = new Set<string>();
    for (let step = 1; step <= 4; step++) {
      const layer = new SeededRandomFlip({ mode: 'horizontal' });
      layer.clock = { seed: 1, step };
      const out = applied(layer, true);
      for (let i = 0; i < 4; i++) {
        const image = images.values.subarray(i * H * W * C, (i + 1) * H * W * C);
        const mirrored = image.map((_, k) => {
          const [row, column, c] = [Math.floor(k / (W * C)), Math.floor(k / C) % W, k % C];
          return image[(row * W + (W - 1 - column)) * C + c];
        });
        const now = out.subarray(i * H * W * C, (i + 1) * H * W * C);
        const kind = [image, mirrored].findIndex((wanted) => wanted.every((v, k) => Math.abs(v - now[k]) < 1e-6));
        assert.notEqual(kind, -1, `step ${step}, image ${i}`);
        seen.add(String(kind));
      }
    }
    assert.deepEqual([...seen].sort(), ['0', '1']);
  });

  it('Normalization, Rescaling, LeakyReLU and ReLU with a slope', async () => {
    const apply = async (layer: string): Promise<Float32Array> =>
      firstLayer(await networkFrom(source(`(${H}, ${W}, ${C})`, layer)), tfc.tensor(images.values, images.shape), false);
    const check = async (layer: string, of: (v: number, c: number) => number): Promise<void> => {
      const values = images.values.map((v, i) => of(v, i % C));
      assertClose({ shape: images.shape, values: await apply(layer) }, { shape: images.shape, values }, layer);
    };
    const [mean, variance] = [
      [0.1, 0.2, 0.3],
      [4, 9, 16],
    ];
    await check(`Normalization(mean=[${mean}], variance=[${variance}])`, (v, c) => (v - mean[c]) / Math.sqrt(variance[c]));
    await check('Rescaling(2.0, offset=-1.0)', (v) => 2 * v - 1);
    await check('ReLU(negative_slope=0.1, threshold=0.5)', (v) => (v >= 0.5 ? v : 0.1 * (v - 0.5)));
  });

  it('train with a plan to the same bits when random layers come first', async () => {
    const text = source(
      `(${H}, ${W}, ${C})`,
      'RandomFlip()',
      'RandomRotation(0.1)',
      "Conv2D(4, 3, activation='relu')",
      'GaussianNoise(0.1)',
    );
    const train = async (isPlanned: boolean): Promise<{ plan: string | null; losses: number[] }> => {
      const ready = await networkFrom(text);
      const step = new TrainStep(ready.network, ready.optimizer);
      const plan = isPlanned ? step.prepare(5, H * W * C) : null;
      const losses = [1, 2, 3].map((i) => step.run(randomBatch(ready, 5, `b${i}`), 0.1, i, () => 'nothing').loss);
      step.dispose();
      return { plan, losses };
    };
    const planned = await train(true);
    assert.equal(planned.plan, null);
    assert.deepEqual(planned, await train(false));
  });
});
