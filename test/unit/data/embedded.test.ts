import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { openDataset } from '../../../src/data/openDataset';
import { wishes } from './files';

async function read(name: 'digits' | 'shapes', shape: [number, number, number], split: 'train' | 'test', count: number, seed = 1) {
  const dataset = await openDataset({ kind: 'embedded', name }, { ...wishes(shape), seed });
  const inputs = new Float32Array(count * shape[0] * shape[1] * shape[2]);
  const labels = new Int32Array(count);
  await dataset.read(
    split,
    Uint32Array.from({ length: count }, (_, i) => i),
    { inputs, labels },
    null,
  );
  return { info: dataset.info, inputs, labels };
}

const hash = (values: Float32Array): string => createHash('sha256').update(new Uint8Array(values.buffer)).digest('hex');

/** Share of the test images whose class a linear model gets right: softmax regression by plain gradient descent. */
function linearAccuracy(train: { inputs: Float32Array; labels: Int32Array }, test: typeof train, classes: number): number {
  const n = train.labels.length;
  const d = train.inputs.length / n;
  const weights = new Float64Array((d + 1) * classes);
  const scores = new Float64Array(classes);
  const score = (x: Float32Array, at: number): void => {
    for (let c = 0; c < classes; c++) scores[c] = weights[d * classes + c];
    for (let i = 0; i < d; i++) {
      const v = x[at + i];
      if (v !== 0) for (let c = 0; c < classes; c++) scores[c] += v * weights[i * classes + c];
    }
  };
  for (let pass = 0; pass < 30; pass++)
    for (let row = 0; row < n; row++) {
      score(train.inputs, row * d);
      const max = Math.max(...scores);
      const e = scores.map((s) => Math.exp(s - max));
      const sum = e.reduce((a, b) => a + b, 0);
      for (let c = 0; c < classes; c++) {
        const step = (0.02 / (1 + pass)) * (e[c] / sum - Number(train.labels[row] === c));
        for (let i = 0; i < d; i++) weights[i * classes + c] -= step * train.inputs[row * d + i];
        weights[d * classes + c] -= step;
      }
    }
  let right = 0;
  for (let row = 0; row < test.labels.length; row++) {
    score(test.inputs, row * d);
    right += Number(scores.indexOf(Math.max(...scores)) === test.labels[row]);
  }
  return right / test.labels.length;
}

describe('embedded data', function () {
  this.timeout(60_000);

  it('is the same for every seed of a run and says that it is synthetic', async () => {
    const a = await read('digits', [28, 28, 1], 'train', 20, 1);
    const b = await read('digits', [28, 28, 1], 'train', 20, 2);
    assert.equal(hash(a.inputs), hash(b.inputs));
    assert.equal(a.info.isSynthetic, true);
    assert.match(a.info.description, /drawn by a program/);
    assert.ok(a.inputs.every((v) => v >= 0 && v <= 1));
    assert.notDeepEqual(a.inputs.slice(0, 784), a.inputs.slice(784, 1568));
  });

  it('has all classes in every part, and no image of one part in another', async () => {
    const { info, inputs, labels } = await read('digits', [28, 28, 1], 'train', 1000);
    const test = await read('digits', [28, 28, 1], 'test', 500);
    assert.equal(info.classNames.length, 10);
    assert.equal(new Set(labels).size, 10);
    assert.equal(new Set(test.labels).size, 10);
    const seen = new Set(Array.from({ length: 1000 }, (_, i) => hash(inputs.slice(i * 784, (i + 1) * 784))));
    for (let i = 0; i < 500; i++) assert.ok(!seen.has(hash(test.inputs.slice(i * 784, (i + 1) * 784))));
  });

  it('draws shapes in colour at the size and with the classes that a model wants', async () => {
    const { info, inputs } = await read('shapes', [64, 64, 3], 'train', 8);
    assert.deepEqual(info.inputShape, [64, 64, 3]);
    let coloured = 0;
    for (let p = 0; p < inputs.length; p += 3) if (Math.abs(inputs[p] - inputs[p + 1]) > 0.1) coloured++;
    assert.ok(coloured > inputs.length / 60);
  });

  it('is hard for a linear model', async () => {
    const train = await read('digits', [28, 28, 1], 'train', 2000);
    const test = await read('digits', [28, 28, 1], 'test', 500);
    const accuracy = linearAccuracy(train, test, 10);
    console.log(`      softmax regression on 2000 digits: ${(100 * accuracy).toFixed(1)} %`);
    // The sample's convolutional network passes 95 % (see the end-to-end test of a whole run).
    assert.ok(accuracy > 0.2 && accuracy < 0.85);
  });
});
