import * as assert from 'node:assert/strict';
import { kernelContext } from '../../../src/engine/kernels/kernels';
import { copyValues } from '../../../src/engine/tensorMemory';
import { TrainStep } from '../../../src/engine/trainStep';
import { networkFrom, randomBatch } from '../../bench/networkFrom';
import { startEngine } from './reference';

const STEPS = 3;

const model = (input: string, layers: string): string => `
from tensorflow.keras import Model
from tensorflow.keras.layers import *
i = Input(${input})
${layers}
model = Model(i, Dense(3, activation='softmax')(Flatten()(x)))
model.compile(optimizer='adam', loss='categorical_crossentropy')
`;

/** Weights after some steps, as the bytes they are, and what a plan needs for itself. */
async function train(source: string, batch: number, isPlanned: boolean): Promise<{ weights: string; planBytes: number }> {
  const ready = await networkFrom(source, 3);
  const step = new TrainStep(ready.network, ready.optimizer);
  if (isPlanned) assert.equal(step.prepare(batch, randomBatch(ready, 1).inputs.length), null);
  const { planBytes } = step;
  // Values around 0, so that some maxima are not positive and some windows are equal.
  for (let i = 1; i <= STEPS; i++) {
    const images = randomBatch(ready, batch, `batch ${i}`);
    images.inputs.forEach((v, k) => void (images.inputs[k] = k % 7 === 0 ? 0 : Math.round(8 * v - 4) / 4));
    step.run(images, 0.01, i, () => 'nothing');
  }
  const weights = ready.network.built.parameters.map((p) => Buffer.from(copyValues(p.variable).buffer).toString('hex')).join('\n');
  step.dispose();
  return { weights, planBytes };
}

/** What it is, batch, source. */
const cases: [string, number, string][] = [
  ['direct, odd height, one image', 1, model('(13, 10, 1)', "x = MaxPooling2D()(Conv2D(4, 3, activation='relu')(i))")],
  [
    'direct, padded, strided, 12 channels',
    9,
    model('(21, 16, 3)', "x = MaxPooling2D()(Conv2D(12, 3, strides=2, padding='same', activation='relu')(i))"),
  ],
  ['direct, without relu', 3, model('(9, 12, 2)', 'x = MaxPooling2D()(Conv2D(8, 5)(i))')],
  [
    'direct, without bias, one row of windows',
    2,
    model('(4, 11, 2)', "x = MaxPooling2D()(Conv2D(8, 3, use_bias=False, activation='relu')(i))"),
  ],
  ['Winograd, one row left over', 2, model('(15, 19, 16)', "x = MaxPooling2D()(Conv2D(20, 3, activation='relu')(i))")],
  ['Winograd, padded, without relu', 3, model('(10, 9, 16)', "x = MaxPooling2D()(Conv2D(16, 3, padding='same')(i))")],
  ['Winograd, 5×5', 2, model('(14, 15, 16)', "x = MaxPooling2D()(Conv2D(20, 5, padding='same', activation='relu')(i))")],
  [
    'Winograd, dilated',
    2,
    model('(12, 13, 16)', "x = MaxPooling2D()(Conv2D(16, 3, dilation_rate=2, padding='same', activation='relu')(i))"),
  ],
  [
    'one after the other',
    5,
    model(
      '(20, 21, 3)',
      "x = MaxPooling2D()(Conv2D(16, 3, activation='relu')(i))\nx = MaxPooling2D()(Conv2D(16, 3, padding='same', activation='relu')(x))",
    ),
  ],
  ['a layer of five channels', 2, model('(9, 9, 1)', "x = MaxPooling2D()(Conv2D(5, 3, activation='relu')(i))")],
  [
    'something else reads the convolution, too',
    2,
    model('(10, 10, 1)', "y = Conv2D(8, 3, activation='relu')(i)\nx = Concatenate()([MaxPooling2D()(y), AveragePooling2D()(y)])"),
  ],
  [
    'two poolings of a convolution',
    2,
    model('(10, 10, 1)', "y = Conv2D(8, 3, activation='relu')(i)\nx = Add()([MaxPooling2D()(y), MaxPooling2D()(y)])"),
  ],
];

describe('engine: convolutions that pool at once', () => {
  before(startEngine);
  after(() => kernelContext()!.machine.stopThreads());

  for (const [name, batch, source] of cases)
    it(`give the bits of the calls, on 1 and 2 threads: ${name}`, async () => {
      const { machine } = kernelContext()!;
      const { weights } = await train(source, batch, false);
      for (const threads of [1, 2]) {
        await machine.stopThreads();
        if (threads > 1) await machine.startThreads(threads);
        assert.equal((await train(source, batch, true)).weights, weights, `${threads} threads`);
      }
    });

  it('keep no output of the convolution', async () => {
    const [batch, side] = [4, 38];
    const source = model(
      '(40, 40, 1)',
      "x = MaxPooling2D(pool_size=2)(Conv2D(32, 3, activation='relu')(i))\nx = GlobalAveragePooling2D()(x)",
    );
    const { planBytes } = await train(source, batch, true);
    assert.ok(planBytes < batch * side * side * 32 * 4, `${planBytes} bytes`);
  });
});
