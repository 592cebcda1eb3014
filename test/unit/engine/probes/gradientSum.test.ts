import assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { gradientSum } from '../../../../src/engine/probes/gradientSum';
import { startEngine } from '../reference';
import { kerasSource, probed, type Probed } from './ready';

const never = new AbortController().signal;

/** What each model is to show: its layers, and how to get at its weights. */
const models: Record<string, string> = {
  'valid and same padding, strides, dense': kerasSource(
    [
      "Conv2D(5, 3, activation='relu', name='a')",
      "Conv2D(6, (3, 2), strides=(2, 1), padding='same', activation='tanh', name='b')",
      "Conv2D(4, 3, strides=2, name='c')",
      'Flatten()',
      "Dense(9, activation='relu', name='d')",
      "Dense(4, activation='softmax', name='e')",
    ],
    '(13, 11, 2)',
    'categorical_crossentropy',
  ),
  'dilation, batch normalisation, dropout, relu on its own': kerasSource(
    [
      "Conv2D(6, 3, padding='same', dilation_rate=2, use_bias=False, name='a')",
      'BatchNormalization()',
      "Activation('relu')",
      'Dropout(0.4)',
      "Conv2D(7, 3, dilation_rate=(1, 3), name='b')",
      'ReLU()',
      'MaxPooling2D()',
      'Flatten()',
      "Dense(1, activation='sigmoid', name='c')",
    ],
    '(12, 12, 3)',
    'binary_crossentropy',
    'Adam(0.01)',
  ),
  'depthwise, separable, transposed, regularised': kerasSource(
    [
      "DepthwiseConv2D(3, strides=2, padding='same', depth_multiplier=2, name='a')",
      "SeparableConv2D(6, 3, activation='elu', name='b')",
      "Conv2DTranspose(5, 3, strides=2, padding='same', activation='relu', name='c')",
      "Conv2D(4, 3, kernel_regularizer=regularizers.l2(0.05), name='d')",
      'GlobalAveragePooling2D()',
      "Dense(3, kernel_regularizer='l1', name='e')",
      'Softmax()',
    ],
    '(12, 12, 3)',
    'sparse_categorical_crossentropy',
  ),
  'one-dimensional convolutions': kerasSource(
    ["Conv1D(4, 3, strides=2, padding='same', activation='relu', name='a')", "Dense(5, name='b')", 'Flatten()', "Dense(3, name='c')"],
    '(10, 8)',
    'mse',
  ),
};

describe('engine: a gradient as the sum that it is', () => {
  before(startEngine);
  afterEach(() => tfc.setBackend('wasm'));

  for (const backend of ['wasm', 'cpu'])
    for (const [name, text] of Object.entries(models))
      it(`adds up to the recorded gradient on ${backend}: ${name}`, async function () {
        this.timeout(60_000);
        await tfc.setBackend(backend);
        const run = await probed(text, 3);
        for (const p of run.target.network.built.parameters.filter((q) => q.isTrained && !/gamma|beta/.test(q.name)))
          for (const offset of new Set([0, Math.floor(p.size / 2) - 1, p.size - 1].filter((i) => i >= 0)))
            await assertAddsUp(run, p.layer, p.name, offset);
      });

  it('says that the next step is meant before the first one', async () => {
    const { target, take } = await probed(Object.values(models)[0], 0);
    const place = { layer: 'a', weight: 'kernel', offset: 7 };
    const before = await gradientSum(target, place, never);
    assert.deepEqual(before.about, { step: 1, kind: 'next', images: 6 });
    assert.equal(before.recorded, null);
    await take();
    const after = await gradientSum(target, place, never);
    assert.deepEqual(after.about, { step: 1, kind: 'last', images: 6 });
    assert.deepEqual({ ...after, about: 0, recorded: 0 }, { ...before, about: 0, recorded: 0 });
  });

  it('shows the images that contribute most, with the pixels under the weight', async () => {
    const { target, batches } = await probed(Object.values(models)[0], 2);
    // Row 1, column 2, channel 1, kernel 3 of [3, 3, 2, 5], no padding: X is the pixel one down and two to the right.
    const sum = await gradientSum(target, { layer: 'a', weight: 'kernel', offset: ((1 * 3 + 2) * 2 + 1) * 5 + 3 }, never);
    assert.deepEqual(sum.map, [11, 9]);
    const sizes = sum.images.map((i) => Math.abs(i.share));
    assert.deepEqual(
      sizes,
      [...sizes].sort((a, b) => b - a),
    );
    const batch = await batches.batchOf(1);
    for (const image of sum.images) {
      const { row, column, x, dy, product } = image.strongest;
      assert.equal(x, image.pixels[((row + 1) * 11 + column + 2) * 2 + 1]);
      assert.equal(image.pixels[5], batch.inputs[image.place * 13 * 11 * 2 + 5]);
      assert.equal(image.label, batch.labels[image.place]);
      assert.equal(product, Math.fround(x * dy));
      const total = image.products.reduce((a, b) => a + b, 0);
      assert.ok(Math.abs(total - image.share) <= 1e-5 * Math.abs(image.share) + 1e-9);
      assert.equal(sum.shares[image.place], Math.fround(image.share));
    }
  });

  it('refuses weights whose gradient is no such sum, and weights that are not there', async () => {
    const { target } = await probed(Object.values(models)[1], 1);
    const of = (layer: string, weight: string, offset = 0) => gradientSum(target, { layer, weight, offset }, never);
    const norm = target.network.built.parameters.find((p) => p.name === 'gamma')!.layer;
    await assert.rejects(of(norm, 'gamma'), /not a plain sum.*Choose a weight of a convolution/);
    await assert.rejects(of(norm, 'moving_mean'), /not changed by the optimiser/);
    await assert.rejects(of('a', 'bias'), /no weight a\/bias/);
    await assert.rejects(of('a', 'kernel', 1e6), /no weight number 1000000/);
  });
});

async function assertAddsUp({ target }: Probed, layer: string, weight: string, offset: number): Promise<void> {
  const sum = await gradientSum(target, { layer, weight, offset }, never);
  assert.equal(sum.about.kind, 'last');
  assert.notEqual(sum.recorded, null);
  // Rounding of float32 sums grows with the sizes of the terms, not with the sum.
  const tolerance = 4e-6 * Math.max(sum.sumOfSizes, Math.abs(sum.regularization)) + 1e-9;
  assert.ok(
    Math.abs(sum.sum - sum.recorded!) <= tolerance,
    `${layer}/${weight} ${offset}: sum ${sum.sum}, recorded ${sum.recorded}, sizes ${sum.sumOfSizes}`,
  );
  assert.ok(Math.abs(sum.shares.reduce((a, b) => a + b, 0) + sum.regularization - sum.sum) <= tolerance);
}
