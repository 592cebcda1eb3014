import assert from 'node:assert/strict';
import { metricNamed } from '../../../src/engine/metrics';
import { maskGeometry, targetsOf } from '../../../src/engine/modelShapes';
import { tidied } from '../../../src/engine/probes/probeState';
import { TrainStep } from '../../../src/engine/trainStep';
import { copyValues } from '../../../src/engine/tensorMemory';
import type { DatasetInfo } from '../../../src/common/dataSpec';
import { decideObjective } from '../../../src/engine/objective';
import { readModelSource } from '../../../src/model/readModelSource';
import { networkFrom, randomBatch } from '../../bench/networkFrom';
import { startEngine } from './reference';

const HEAD = 'from keras import Input, Model\nfrom keras.layers import *\n';

/** A small U-Net. */
const unet = (channels: number, last: string, loss: string, input = '(8, 8, 3)'): string => `${HEAD}
i = Input(${input})
a = Conv2D(4, 3, padding='same', activation='relu')(i)
b = Conv2D(6, 3, padding='same', activation='relu')(MaxPooling2D(2)(a))
c = Concatenate()([Conv2DTranspose(4, 2, strides=2)(b), a])
m = Model(i, Conv2D(${channels}, 1${last})(c))
m.compile('sgd', ${loss})`;
const TWO = unet(1, ", activation='sigmoid'", "'binary_crossentropy'");
const FIVE = unet(5, ", activation='softmax'", "'sparse_categorical_crossentropy'");

/** Random images with random masks. */
function maskBatch(ready: Awaited<ReturnType<typeof networkFrom>>, count: number) {
  const batch = randomBatch(ready, count);
  const { shape, channels } = maskGeometry(ready.spec);
  const masks = Float32Array.from({ length: count * shape[0] * shape[1] }, (_, i) => (i * 7 + (i >> 3)) % Math.max(2, channels));
  return { ...batch, masks };
}

describe('engine: models that tell the class of every pixel', () => {
  before(startEngine);

  it('are told by their maps, their loss and what is joined', async () => {
    const targets = async (text: string) => targetsOf((await networkFrom(text)).spec);
    assert.equal(await targets(TWO), 'masks');
    assert.equal(await targets(FIVE), 'masks');
    // Maps like the grey image: joined to early maps they are masks, alone they are the image again.
    const grey = unet(1, ", activation='sigmoid'", "'binary_crossentropy'", '(8, 8, 1)');
    assert.equal(await targets(grey), 'masks');
    assert.equal(await targets(grey.replace("'binary_crossentropy'", "'mse'")), 'input');
    assert.equal(await targets(grey.replace('Concatenate()([Conv2DTranspose(4, 2, strides=2)(b), a])', 'UpSampling2D(2)(b)')), 'input');
  });

  for (const [name, text] of Object.entries({ 'two classes': TWO, 'five classes': FIVE }))
    it(`are compared with masks pixel by pixel: ${name}`, async () => {
      const ready = await networkFrom(text);
      const { network } = ready;
      const batch = maskBatch(ready, 3);
      const { loss, each, measured } = tidied(() => {
        const pass = network.forward(batch, false);
        const output = copyValues(pass.output);
        return { loss: copyValues(pass.loss)[0], each: copyValues(network.exampleLosses(pass)), measured: network.measure(batch, output) };
      });
      const { predictions, units } = measured;
      const ofPixel = (p: number): number => {
        const target = batch.masks[p];
        if (units > 1) return -Math.log(predictions[p * units + target]);
        return -Math.log(target === 1 ? predictions[p] : 1 - predictions[p]);
      };
      const losses = Array.from(batch.masks, (_, p) => ofPixel(p));
      const mean = (values: number[]): number => values.reduce((a, b) => a + b, 0) / values.length;
      assert.ok(Math.abs(loss - mean(losses)) < 1e-5, `${loss}, expected ${mean(losses)}`);
      for (let i = 0; i < 3; i++) assert.ok(Math.abs(each[i] - mean(losses.slice(i * 64, (i + 1) * 64))) < 1e-5, `image ${i}`);
      assert.deepEqual([units, measured.count], [name === 'two classes' ? 1 : 5, 3 * 64]);
      assert.deepEqual(
        network.objective.metrics.map((m) => m.name),
        ['accuracy', 'mean_io_u'],
      );
    });

  it('take the same steps with a plan and without, to the bit, and learn', async () => {
    const run = async (isPlanned: boolean) => {
      const ready = await networkFrom(FIVE);
      const batch = maskBatch(ready, 4);
      // Something that can be learned: classes by where pixels are.
      batch.masks.forEach((_, p) => (batch.masks[p] = Math.floor((p % 64) / 13)));
      const step = new TrainStep(ready.network, ready.optimizer);
      if (isPlanned) assert.equal(step.prepare(4, 192), null);
      const losses = Array.from({ length: 60 }, (_, i) => step.run(batch, 0.3, i + 1, () => 'nothing').loss);
      const weights = ready.network.built.parameters.map((p) => [...copyValues(p.variable)]);
      step.dispose();
      return { losses, weights };
    };
    const planned = await run(true);
    assert.deepEqual(planned, await run(false));
    assert.ok(planned.losses[59] < 0.8 * planned.losses[0], `${planned.losses[0]} → ${planned.losses[59]}`);
  });

  it('are measured by what masks and predictions have in common, class by class', () => {
    const metric = metricNamed('MeanIoU', 3);
    assert.ok(metric);
    const oneHot = (classes: number[]): Float32Array => Float32Array.from(classes.flatMap((c) => [0, 1, 2].map((k) => Number(k === c))));
    const sums = new Array<number>(metric.size).fill(0);
    metric.add({ count: 4, units: 3, threshold: 0.5, targets: oneHot([0, 0, 1, 1]), predictions: oneHot([0, 1, 1, 1]) }, sums);
    // Class 0: 1 of 2 pixels, class 1: 2 of 3; class 2 does not occur.
    assert.ok(Math.abs(metric.value(sums) - (1 / 2 + 2 / 3) / 2) < 1e-12);
    const binary = metricNamed('mean_io_u', 1);
    assert.ok(binary);
    const two = new Array<number>(binary.size).fill(0);
    binary.add(
      { count: 4, units: 1, threshold: 0.5, targets: Float32Array.of(0, 1, 1, 0), predictions: Float32Array.of(0.2, 0.9, 0.4, 0.1) },
      two,
    );
    assert.ok(Math.abs(binary.value(two) - (2 / 3 + 1 / 2) / 2) < 1e-12);
  });

  it('take logits for what they are, as PyTorch’s programs do with those of classes', async () => {
    const { network } = await networkFrom(
      unet(1, '', 'BinaryCrossentropy(from_logits=True)').replace(HEAD, `${HEAD}from keras.losses import *\n`),
    );
    assert.equal(network.objective.threshold, 0);
    const count = (threshold: number): number => {
      const metric = metricNamed('accuracy', 1);
      assert.ok(metric);
      const sums = new Array<number>(metric.size).fill(0);
      metric.add({ count: 3, units: 1, threshold, targets: Float32Array.of(1, 1, 0), predictions: Float32Array.of(0.3, 2, -1) }, sums);
      return metric.value(sums);
    };
    assert.deepEqual([count(0), count(0.5)], [1, 2 / 3]);
    const { models } = await readModelSource({
      path: 'net.py',
      text: `import torch\nfrom torch import nn
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 1))
criterion = nn.BCEWithLogitsLoss()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
net(torch.randn(1, 3, 8, 8))`,
    });
    const info = { name: 'two', classNames: ['a', 'b'] } as unknown as DatasetInfo;
    const { threshold, isClassifier } = decideObjective(models[0], info);
    assert.deepEqual([threshold, isClassifier], [0, true]);
    const keras = `${HEAD}from keras import Sequential\nfrom keras.losses import *
m = Sequential([Input((8, 8, 3)), Flatten(), Dense(1)])
m.compile('sgd', BinaryCrossentropy(from_logits=True))`;
    assert.equal((await networkFrom(keras)).network.objective.threshold, 0.5);
  });

  it('are refused where no mask fits, with the way out', async () => {
    await assert.rejects(
      networkFrom(unet(1, ", activation='softmax'", "'mse'")),
      /one value per pixel, which softmax makes 1 everywhere; use a sigmoid/,
    );
    await assert.rejects(networkFrom(unet(1, '', "'categorical_crossentropy'")), /categorical_crossentropy cannot tell classes by/);
    const cropped = `${HEAD}
i = Input((8, 8, 3))
m = Model(i, Conv2D(1, 3, activation='sigmoid')(i))
m.compile('sgd', 'binary_crossentropy')`;
    await assert.rejects(networkFrom(cropped), /makes maps of 6 × 6 from images of 8 × 8, which no mask fits; use padding='same'/);
  });
});
