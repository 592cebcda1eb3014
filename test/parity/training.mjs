/**
 * Trains a small network with every optimiser, learning-rate schedule and loss in Keras, in PyTorch and here, from the same weights on
 * the same batches, and compares the weights after some steps.
 *
 *   node test/parity/training.mjs PYTHON      (a Python that can import keras with TensorFlow behind it, and torch)
 */
import { execFileSync } from 'node:child_process';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { createRequire } from 'node:module';
import { register } from 'tsx/cjs/api';

register();
const require = createRequire(import.meta.url);
const { startBackend } = require('../../src/engine/backend.ts');
const { TrainStep } = require('../../src/engine/trainStep.ts');
const { copyValues } = require('../../src/engine/tensorMemory.ts');
const { networkFrom, randomBatch } = require('../bench/networkFrom.ts');
const cases = require('./trainingCases.json');

const [python] = process.argv.slice(2);
if (!python) {
  console.error('usage: node test/parity/training.mjs PYTHON');
  process.exit(2);
}
const STEPS = 9;
const STEPS_PER_EPOCH = 3;
const BATCH = 6;

const keras = ({ optimizer = "'sgd'", loss = "'categorical_crossentropy'", units = 3, activation = 'softmax' }) => `
import keras
from keras import Input, Sequential, layers
from keras.optimizers import SGD, Adam, AdamW, RMSprop, Adagrad, Adadelta, Adamax, Nadam, Ftrl, Lion
from keras.optimizers.schedules import ExponentialDecay, CosineDecay, PiecewiseConstantDecay, PolynomialDecay, InverseTimeDecay, CosineDecayRestarts
from keras.losses import SparseCategoricalCrossentropy, CategoricalCrossentropy, BinaryCrossentropy, MeanAbsolutePercentageError, Huber, CosineSimilarity, CategoricalFocalCrossentropy, BinaryFocalCrossentropy
model = Sequential([Input((4, 4, 1)), layers.Flatten(), layers.Dense(5, activation='tanh'), layers.Dense(${units}, activation='${activation}')])
model.compile(optimizer=${optimizer}, loss=${loss})
`;
const torch = ({ optimizer = 'SGD(model.parameters(), lr=0.05)', loss = 'CrossEntropyLoss()', units = 3, schedule, per = 'epoch' }) => `
import torch
from torch import nn, optim
from torch.nn import CrossEntropyLoss, NLLLoss, BCEWithLogitsLoss, BCELoss, MSELoss, L1Loss, SmoothL1Loss, HuberLoss
from torch.optim import SGD, Adam, AdamW, NAdam, Adamax, RMSprop, Adagrad, Adadelta
from torch.optim.lr_scheduler import StepLR, MultiStepLR, ExponentialLR, CosineAnnealingLR, CosineAnnealingWarmRestarts, ConstantLR, LinearLR, PolynomialLR, OneCycleLR
from torchvision.datasets import MNIST
from torch.utils.data import DataLoader
loader = DataLoader(MNIST('data'), batch_size=${BATCH})
model = nn.Sequential(nn.Flatten(), nn.Linear(16, 5), nn.Tanh(), nn.Linear(5, ${units})${/^(BCELoss)/.test(loss) ? ', nn.Sigmoid()' : ''}${/^NLL/.test(loss) ? ', nn.LogSoftmax(dim=1)' : ''})
model(torch.zeros(1, 1, 4, 4))
criterion = ${loss}
optimizer = ${optimizer}
${schedule ? `scheduler = ${schedule}` : ''}
for epoch in range(3):
    for x, y in loader:
        optimizer.zero_grad()
        loss = criterion(model(x), y)
        loss.backward()
        optimizer.step()
${schedule && per === 'step' ? '        scheduler.step()' : ''}
${schedule && per === 'epoch' ? '    scheduler.step()' : ''}
`;

/** Trains a case here; what the reference needs to do the same, and where the weights ended. */
async function train(kind, given) {
  const ready = await networkFrom((kind === 'keras' ? keras : torch)(given));
  const { network, optimizer } = ready;
  optimizer.stepsPerEpoch = STEPS_PER_EPOCH;
  const parameters = network.built.parameters;
  const weights = parameters.map((p) => ({ shape: p.spec.shape, values: [...copyValues(p.variable)] }));
  const step = new TrainStep(network, optimizer);
  step.prepare(BATCH, 16);
  const batches = [];
  for (let i = 0; i < STEPS; i++) {
    const batch = randomBatch(ready, BATCH, `batch ${i}`);
    batches.push({
      x: [...batch.inputs],
      labels: [...batch.labels],
      targets: [...network.objective.targets(batch.labels, batch.inputs)],
    });
    const result = step.run(batch, optimizer.learningRateAt(i), i + 1, () => 'nothing');
    if (!result.isFinite) throw new Error(`step ${i + 1} is not finite`);
  }
  const after = parameters.map((p) => [...copyValues(p.variable)]);
  step.dispose();
  return {
    kind,
    ...given,
    loss: given.loss ?? (kind === 'keras' ? "'categorical_crossentropy'" : 'CrossEntropyLoss()'),
    weights,
    batches,
    after,
  };
}

await startBackend('auto');
const jobs = [];
let failures = 0;
for (const kind of ['keras', 'torch'])
  for (const given of cases[kind]) {
    const details = [given.optimizer ?? given.loss, given.schedule, given.activation, given.units && `${given.units} unit`];
    const name = [kind, ...details.filter(Boolean)].join(' ');
    try {
      jobs.push({ name, ...(await train(kind, given)) });
    } catch (error) {
      failures++;
      console.log(`WRONG ${name}: ${error.message}`);
    }
  }
const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'parity-'));
const [asked, answered] = ['asked.json', 'answered.json'].map((f) => path.join(folder, f));
fs.writeFileSync(asked, JSON.stringify({ jobs, stepsPerEpoch: STEPS_PER_EPOCH }));
const results = {};
const versions = ['keras', 'torch'].map((kind) => {
  execFileSync(python, [path.join(import.meta.dirname, 'trainingReference.py'), kind, asked, answered], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const { version, ...mine } = JSON.parse(fs.readFileSync(answered, 'utf8'));
  Object.assign(results, mine);
  return `${kind} ${version}`;
});
fs.rmSync(folder, { recursive: true });
for (const job of jobs) {
  const expected = results[job.name];
  if (typeof expected === 'string') {
    failures++;
    console.log(`WRONG ${job.name}: ${expected}`);
    continue;
  }
  // Relative to how far the weights went: an optimiser that hardly moves them must be as exact.
  let [worst, moved] = [0, 1e-6];
  job.after.forEach((values, i) =>
    values.forEach((v, k) => {
      worst = Math.max(worst, Math.abs(v - expected[i][k]));
      moved = Math.max(moved, Math.abs(expected[i][k] - job.weights[i].values[k]));
    }),
  );
  const isRight = worst < 1e-3 * moved + 2e-7 && worst < 2e-5 * Math.max(1, moved);
  if (!isRight) failures++;
  console.log(
    `${isRight ? 'ok   ' : 'WRONG'} ${job.name}: weights within ${worst.toExponential(1)} after moving ${moved.toExponential(1)}`,
  );
}
console.log(
  `${versions.join(', ')}: ${cases.keras.length + cases.torch.length - failures} of ${cases.keras.length + cases.torch.length} alike after ${STEPS} steps`,
);
process.exit(failures > 0 ? 1 : 0);
