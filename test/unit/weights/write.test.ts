import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import type { KerasTopology } from '../../../src/common/modelSpec';
import { Random } from '../../../src/common/random';
import { openWeights } from '../../../src/weights/openWeights';
import { saveModel, saveFormats, type SaveFormat } from '../../../src/weights/write/saveModel';
import { tensorName, type SavedModel } from '../../../src/weights/write/savedModel';

const random = new Random(9);
const tensor = (layer: string, weight: string, shape: number[]) => ({
  layer,
  weight,
  shape,
  values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, () => random.normal()),
});

const topology = {
  class_name: 'Sequential',
  config: {
    name: 'net',
    layers: [
      {
        class_name: 'Conv2D',
        config: { name: 'first', filters: 4, kernel_size: [3, 3], batch_input_shape: [null, 8, 8, 2], dtype: 'float32' },
      },
      { class_name: 'BatchNormalization', config: { name: 'norm', axis: -1 } },
      { class_name: 'Conv2D', config: { name: 'second', filters: 3, kernel_size: [2, 2] } },
      { class_name: 'Flatten', config: { name: 'flat' } },
      { class_name: 'Dense', config: { name: 'out', units: 5 } },
    ],
  },
} as unknown as KerasTopology;

const model: SavedModel = {
  name: 'net',
  topology,
  layers: [
    { name: 'first', className: 'Conv2D' },
    { name: 'norm', className: 'BatchNormalization' },
    { name: 'second', className: 'Conv2D' },
    { name: 'flat', className: 'Flatten' },
    { name: 'out', className: 'Dense' },
  ],
  tensors: [
    tensor('first', 'kernel', [3, 3, 2, 4]),
    tensor('first', 'bias', [4]),
    ...['gamma', 'beta', 'moving_mean', 'moving_variance'].map((w) => tensor('norm', w, [4])),
    tensor('second', 'kernel', [2, 2, 4, 3]),
    tensor('second', 'bias', [3]),
    tensor('out', 'kernel', [75, 5]),
    tensor('out', 'bias', [5]),
  ],
};

describe('saving a model', () => {
  let folder: string;
  before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-save-'))));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  async function save(format: SaveFormat): Promise<string> {
    const target = path.join(folder, format);
    fs.mkdirSync(target);
    const files = await saveModel(model, format, `net${format === 'tfjs' ? '' : saveFormats[format].ending}`);
    for (const f of files) fs.writeFileSync(path.join(target, f.name), f.bytes);
    return path.join(target, files[0].name);
  }

  const expectedNames: Record<SaveFormat, string[]> = {
    keras: [
      ...[0, 1].map((i) => `layers/conv2d/vars/${i}`),
      ...[0, 1, 2, 3].map((i) => `layers/batch_normalization/vars/${i}`),
      ...[0, 1].map((i) => `layers/conv2d_1/vars/${i}`),
      ...[0, 1].map((i) => `layers/dense/vars/${i}`),
    ],
    safetensors: model.tensors.map(tensorName),
    tfjs: model.tensors.map(tensorName),
    npz: model.tensors.map(tensorName),
  };

  for (const format of Object.keys(saveFormats) as SaveFormat[])
    it(`keeps every value of every weight in ${saveFormats[format].title}`, async () => {
      const reader = await openWeights(await save(format));
      try {
        assert.deepEqual(reader.info.tensors.map((t) => t.name).sort(), [...expectedNames[format]].sort());
        for (const [i, t] of model.tensors.entries()) {
          const name = expectedNames[format][i];
          assert.deepEqual(reader.tensor(name).shape, t.shape, name);
          assert.deepEqual(await reader.read(name), t.values, name);
        }
      } finally {
        reader.close();
      }
    });

  it('is loaded by TensorFlow.js itself', async () => {
    await tfc.setBackend('cpu');
    const [json, ...shards] = await saveModel(model, 'tfjs', 'net');
    const { modelTopology, weightsManifest } = JSON.parse(new TextDecoder().decode(json.bytes)) as {
      modelTopology: object;
      weightsManifest: { weights: tfc.io.WeightsManifestEntry[] }[];
    };
    const weightData = Uint8Array.from(shards.flatMap((s) => [...s.bytes])).buffer;
    const loaded = await tfl.loadLayersModel(tfc.io.fromMemory({ modelTopology, weightSpecs: weightsManifest[0].weights, weightData }));
    const kernel = loaded.getLayer('second').getWeights()[0];
    assert.deepEqual(kernel.dataSync(), model.tensors[6].values);
    const moving = loaded
      .getLayer('norm')
      .getWeights()
      .map((w) => w.dataSync());
    assert.deepEqual(
      moving,
      model.tensors.slice(2, 6).map((t) => t.values),
    );
  });

  it('says what it cannot hold', async () => {
    const nested = { ...model, layers: [...model.layers, { name: 'inner/conv', className: 'Conv2D' }] };
    await assert.rejects(saveModel(nested, 'keras', 'x.weights.h5'), /inner\/conv is in a model inside the model.*SafeTensors/);
  });
});
