import * as assert from 'node:assert/strict';
import { decodeTensors } from '../../../src/common/safetensors';
import { encodeCheckpoint, restoreCheckpoint } from '../../../src/engine/checkpoint';
import { kernelContext } from '../../../src/engine/kernels/kernels';
import { copyValues } from '../../../src/engine/tensorMemory';
import { TrainStep } from '../../../src/engine/trainStep';
import { networkFrom, randomBatch, type ReadyNetwork } from '../../bench/networkFrom';
import { startEngine } from './reference';

/** Everything that draws random numbers, on the way to batch norm and a gate with dropout. */
const source = (optimizer: string): string => `
from tensorflow.keras import Sequential
from tensorflow.keras.layers import *
from tensorflow.keras.optimizers import *
model = Sequential([
    Input((12, 10, 3)),
    RandomContrast(0.3), RandomBrightness(0.2, value_range=(0, 1)),
    Conv2D(16, 3, padding='same'), BatchNormalization(), Activation('relu'), MaxPooling2D(),
    SpatialDropout2D(0.2), GaussianNoise(0.1), Conv2D(8, 3, groups=2), GroupNormalization(4), AlphaDropout(0.1),
    Reshape((12, 8)), LSTM(6, dropout=0.2, recurrent_dropout=0.3), GaussianDropout(0.1), Dropout(0.3), Dense(4, activation='softmax'),
])
model.compile(optimizer=${optimizer}, loss='categorical_crossentropy')
`;

const optimizers = [
  'Adam(0.01)',
  'SGD(0.05, momentum=0.9, nesterov=True, clipnorm=0.5)',
  'RMSprop(0.01, centered=True)',
  'AdamW(0.01, weight_decay=0.1)',
  'Nadam(0.01)',
  'Lion(0.01)',
];
const STEPS = 6;
const BATCH = 5;

interface Way {
  isPlanned: boolean;
  /** After how many steps the run is taken up again from its checkpoint; null: it is not. */
  resumedAt: number | null;
}

/** Weights after a training, as the bytes they are. */
async function train(text: string, { isPlanned, resumedAt }: Way): Promise<string> {
  const start = async (): Promise<{ ready: ReadyNetwork; step: TrainStep }> => {
    const ready = await networkFrom(text, 3);
    const step = new TrainStep(ready.network, ready.optimizer);
    if (isPlanned) assert.equal(step.prepare(BATCH, randomBatch(ready, 1).inputs.length), null);
    return { ready, step };
  };
  let { ready, step } = await start();
  for (let i = 1; i <= STEPS; i++) {
    step.run(randomBatch(ready, BATCH, `batch ${i}`), ready.optimizer.learningRateAt(i - 1), i, () => 'nothing');
    if (i !== resumedAt) continue;
    const { slots } = ready.optimizer.rule;
    const progress = { step: i, seconds: 0, epochsRecorded: 0, learningRate: null, tally: { loss: 0, count: 0, sums: [] } } as never;
    const file = decodeTensors(encodeCheckpoint(progress, ready.network.built.parameters, slots, step.slots));
    step.dispose();
    ({ ready, step } = await start());
    restoreCheckpoint(file, ready.network.built.parameters, slots, step.slots);
  }
  const bytes = ready.network.built.parameters.map((p) => Buffer.from(copyValues(p.variable).buffer).toString('hex')).join('\n');
  step.dispose();
  return bytes;
}

describe('engine: the same seed', () => {
  before(startEngine);
  after(() => kernelContext()!.machine.stopThreads());

  for (const optimizer of optimizers)
    it(`gives the same bits, planned or not, resumed or not, on 1, 2 and 3 threads: ${optimizer}`, async () => {
      const { machine } = kernelContext()!;
      const seen = new Map<string, string>();
      for (const threads of [1, 2, 3]) {
        await machine.stopThreads();
        if (threads > 1) await machine.startThreads(threads);
        assert.equal(machine.threads, threads);
        for (const isPlanned of [false, true])
          for (const resumedAt of [null, 4])
            seen.set(
              `${threads} threads, planned ${isPlanned}, resumed ${resumedAt}`,
              await train(source(optimizer), { isPlanned, resumedAt }),
            );
      }
      const [[first, bits]] = seen;
      for (const [way, other] of seen) assert.ok(other === bits, `${way} differs from ${first}`);
    });

  it('of another value gives other bits', async () => {
    const way = { isPlanned: true, resumedAt: null };
    assert.notEqual(await train(source('Adam(0.01)'), way), await train(source('Adam(0.02)'), way));
  });
});
