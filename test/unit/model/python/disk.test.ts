import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { ModelSource } from '../../../../src/common/modelSpec';
import { arrayShapes, tableColumns } from '../../../../src/data/arrays/dataHeaders';
import { diskFiles } from '../../../../src/model/imports/diskFiles';
import { readModelSource } from '../../../../src/model/readModelSource';

describe('what is on disk', () => {
  let folder: string;
  beforeEach(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'disk-'))));
  afterEach(() => fs.rmSync(folder, { recursive: true }));

  const folders = (...names: string[]) => names.forEach((n) => fs.mkdirSync(path.join(folder, n), { recursive: true }));
  /** A .npy of zeros. */
  const npy = (shape: number[]): Buffer => {
    const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape.join(', ')},), }`.padEnd(117) + '\n';
    const head = Buffer.concat([Buffer.from([0x93]), Buffer.from('NUMPY'), Buffer.from([1, 0, text.length, 0]), Buffer.from(text)]);
    return Buffer.concat([head, Buffer.alloc(shape.reduce((p, n) => p * n, 1))]);
  };
  const read = async (text: string): Promise<ModelSource> => {
    const file = path.join(folder, 'train.py');
    const files = await diskFiles(file, folder, { arrays: arrayShapes, columns: tableColumns });
    return readModelSource({ path: file, text }, { files });
  };
  const keras = (lines: string): string => `import os
import numpy as np, pandas as pd
from tensorflow import keras
from tensorflow.keras import layers
${lines}
`;
  const outputs = ({ models }: ModelSource) => models.map((m) => m.outputShapes[0].at(-1));
  const shown = ({ models, notes }: ModelSource) =>
    [...notes, ...models.flatMap((m) => m.notes)].filter((n) => n.code === 'read-from-disk');

  it('counts the classes that folders name, in every way programs ask for them', async () => {
    folders('data/train/cats', 'data/train/dogs', 'data/train/owls');
    fs.writeFileSync(path.join(folder, 'data/train/readme.txt'), '');
    for (const [count, expected] of [
      ["len([d for d in os.listdir('data/train') if os.path.isdir(os.path.join('data/train', d))])", 3],
      ["len(os.listdir('data/train'))", 4],
      ["len(next(os.walk('/content/drive/data/train'))[1])", 3],
      ["keras.preprocessing.image.ImageDataGenerator().flow_from_directory('data/train', (64, 64)).num_classes", 3],
      ["len(keras.utils.image_dataset_from_directory('data/train').class_names)", 3],
      ["len(keras.preprocessing.image.ImageDataGenerator().flow_from_directory('data/train').class_indices)", 3],
    ] as const) {
      const source = await read(keras(`n = ${count}\nmodel = keras.Sequential([layers.Input((8,)), layers.Dense(n)])`));
      assert.deepEqual(outputs(source), [expected], count);
      assert.equal(shown(source).length, 1, count);
    }
  });

  it('asks for the number of classes where the folder is not there, or outside of the workspace', async () => {
    for (const where of ['data/train', '../data/train', '/usr']) {
      const source = await read(keras(`n = len(os.listdir('${where}'))\nmodel = keras.Sequential([layers.Input((8,)), layers.Dense(n)])`));
      assert.deepEqual(outputs(source), [10], where);
      assert.ok(
        source.models[0].notes.some((n) => n.code === 'assumed-value' && n.assumption),
        where,
      );
    }
  });

  it('sees at the next reading what has changed', async () => {
    folders('train/a', 'train/b');
    const text = keras(`model = keras.Sequential([layers.Input((8,)), layers.Dense(len(os.listdir('train')))])`);
    assert.deepEqual(outputs(await read(text)), [2]);
    folders('train/c');
    assert.deepEqual(outputs(await read(text)), [3]);
    fs.rmSync(path.join(folder, 'train'), { recursive: true });
    assert.deepEqual(outputs(await read(text)), [10]);
  });

  it('reads shapes of arrays and columns of tables', async () => {
    fs.writeFileSync(path.join(folder, 'x_train.npy'), npy([5, 20, 12, 3]));
    const arrays = await read(
      keras(`x = np.load('x_train.npy')\nmodel = keras.Sequential([layers.Conv2D(4, (3, 3), input_shape=x.shape[1:]), layers.Flatten()])`),
    );
    assert.deepEqual(outputs(arrays), [18 * 10 * 4]);
    fs.writeFileSync(path.join(folder, 'train.csv'), 'label,"a, b",c,d\n1,2,3,4\n');
    for (const [width, expected] of [
      ["df.drop('label', axis=1).shape[1]", 3],
      ["df.drop(columns=['label', 'c']).values.shape[1]", 2],
      ['df.iloc[:, 1:].values.shape[1]', 3],
      ["len([c for c in df.columns if c != 'label'])", 3],
      ["df[['c', 'd']].to_numpy().shape[-1]", 2],
    ] as const) {
      const source = await read(
        keras(
          `df = pd.read_csv('train.csv')\nmodel = keras.Sequential([layers.Dense(2, input_shape=(${width},)), layers.Dense(${width})])`,
        ),
      );
      assert.deepEqual(outputs(source), [expected], width);
      assert.deepEqual(source.models[0].inputShapes, [[null, expected]], width);
    }
  });

  it("takes the classes of PyTorch's folders of images", async () => {
    folders('images/a', 'images/b', 'images/c', 'images/d');
    const source = await read(`import torch.nn as nn
from torchvision import datasets, transforms
data = datasets.ImageFolder('images', transform=transforms.Compose([transforms.Resize((32, 32)), transforms.ToTensor()]))
class Net(nn.Module):
    def __init__(self, classes):
        super().__init__()
        self.fc = nn.Linear(3 * 32 * 32, classes)
    def forward(self, x):
        return self.fc(x.flatten(1))
model = Net(len(data.classes))
`);
    assert.deepEqual(outputs(source), [4]);
  });

  it('reads settings from JSON and YAML files', async () => {
    fs.writeFileSync(path.join(folder, 'config.json'), '{"model": {"units": 6, "act": "relu"}}');
    fs.writeFileSync(path.join(folder, 'config.yaml'), 'model:\n  units: 7\n');
    for (const [load, expected] of [
      ["with open('config.json') as f:\n    config = json.load(f)", 6],
      ["config = json.loads(open('config.json').read())", 6],
      ["with open('config.yaml', 'r') as f:\n    config = yaml.safe_load(f)", 7],
    ] as const) {
      const source = await read(
        `import json, yaml\n${keras(`${load}\nmodel = keras.Sequential([layers.Input((8,)), layers.Dense(config['model']['units'])])`)}`,
      );
      assert.deepEqual(outputs(source), [expected], load);
    }
    const gone = await read(
      `import json\n${keras("config = json.load(open('other.json'))\nmodel = keras.Sequential([layers.Input((8,)), layers.Dense(config['units'])])")}`,
    );
    assert.deepEqual(outputs(gone), [10]);
  });
});
