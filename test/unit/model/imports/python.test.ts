import assert from 'node:assert/strict';
import { Project } from './project';

const BUILDER = `from tensorflow import keras
from tensorflow.keras import layers

def build_model(size, classes=2):
    model = keras.Sequential()
    model.add(layers.Conv2D(8, 3, activation='relu', input_shape=(size, size, 3)))
    model.add(layers.Flatten())
    model.add(layers.Dense(classes, activation='softmax'))
    return model
`;

const BLOCK = `import torch.nn as nn

class Block(nn.Module):
    def __init__(self, inputs, outputs):
        super().__init__()
        self.conv = nn.Conv2d(inputs, outputs, 3, padding=1)
        self.pool = nn.MaxPool2d(2)

    def forward(self, x):
        return self.pool(self.conv(x))
`;

const NET = `import torch.nn as nn
from .blocks import Block

class Net(nn.Module):
    def __init__(self, classes=10):
        super().__init__()
        self.block = Block(3, 4)
        self.fc = nn.Linear(4 * 8 * 8, classes)

    def forward(self, x):
        return self.fc(self.block(x).flatten(1))
`;

describe('imports between Python files', () => {
  it('builds the model of a function that another file defines, with the values of a third one', async () => {
    const project = new Project({
      'train.py':
        'from model import build_model\nimport config\n\nnet = build_model(config.SIZE, classes=config.CLASSES)\nnet.compile("sgd", "mse")\n',
      'model.py': BUILDER,
      'config.py': 'SIZE = 12\nCLASSES = 7\n',
    });
    const source = await project.open('train.py');
    const [model] = source.models;
    assert.equal(source.models.length, 1);
    assert.equal(model.name, 'net');
    assert.deepEqual(model.outputShapes, [[null, 7]]);
    assert.equal(model.totalParams, 224 + 5607);
    // The model has its place where this file makes it, its layers where they are written.
    assert.deepEqual([model.range.startLine, model.range.file], [3, undefined]);
    assert.deepEqual(
      model.layers.map((l) => [l.source?.file, l.source?.startLine]),
      [5, 6, 7].map((line) => ['/work/model.py', line]),
    );
    assert.equal(model.training.compileRange?.startLine, 4);
    assert.deepEqual(source.imports, ['/work/model.py', '/work/config.py']);
    const origin = model.notes.find((n) => n.code === 'imported-layers');
    assert.equal(origin?.message, 'The layers of net come from model.py (lines 6 to 8).');
    assert.deepEqual([origin?.range.startLine, origin?.range.file], [3, undefined]);
  });

  it('gives the training code of another file a place where it is called', async () => {
    const project = new Project({
      'main.py': 'from model import build_model\nfrom lib.loop import run\nrun(build_model(9))\n',
      'model.py': BUILDER,
      'lib/loop.py': 'def run(m):\n    m.compile(optimizer="rmsprop", loss="mse")\n    m.fit(None, None, epochs=4)\n',
    });
    const [model] = (await project.open('main.py')).models;
    assert.equal(model.training.optimizer?.className, 'RMSprop');
    assert.equal(model.training.epochs, 4);
    assert.deepEqual([model.training.compileRange?.startLine, model.training.fitRange?.startLine], [2, 2]);
    assert.equal(model.training.fitRange?.file, undefined);
  });

  it('follows PyTorch modules through packages and relative imports', async () => {
    const project = new Project({
      'main.py': 'import torch\nfrom models.net import Net\nnet = Net(classes=5)\nnet(torch.randn(1, 3, 16, 16))\n',
      'models/net.py': NET,
      'models/blocks.py': BLOCK,
    });
    const [model] = (await project.open('main.py')).models;
    assert.equal(model.name, 'Net');
    assert.equal(model.totalParams, 112 + 256 * 5 + 5);
    assert.equal(model.range.startLine, 2);
    assert.equal(model.layers.find((l) => l.name === 'block.conv')?.source?.file, '/work/models/blocks.py');
    // The file of the class itself shows the same network with the class's own defaults.
    const [own] = (await project.open('models/net.py')).models;
    assert.equal(own.totalParams, 112 + 256 * 10 + 10);
    assert.equal(own.range.startLine, 3);
  });

  it('takes names through a package, `import *`, `__all__` and `__dict__`', async () => {
    const project = new Project({
      'main.py': 'import torch\nimport models\nname = "net"\nnet = models.__dict__[name](classes=3)\nnet(torch.randn(1, 3, 16, 16))\n',
      'models/__init__.py': 'from .net import *\n',
      'models/net.py': `__all__ = ["net"]\n${NET}\nclass Hidden: pass\n\ndef net(**kwargs):\n    return Net(**kwargs)\n`,
      'models/blocks.py': BLOCK,
    });
    const source = await project.open('main.py');
    assert.deepEqual(
      source.models.map((m) => [m.name, m.totalParams, m.range.startLine]),
      [['Net', 112 + 256 * 3 + 3, 3]],
    );
  });

  it('finds absolute imports from the folders around the file', async () => {
    const project = new Project({
      'tools/train.py': 'from src.model import build_model\nbuild_model(5)\n',
      'src/model.py': BUILDER,
    });
    assert.equal((await project.open('tools/train.py')).models[0].totalParams, 224 + 72 * 2 + 2);
  });

  it('does not show the models and functions that a file only imports', async () => {
    const project = new Project({
      'use.py':
        'from model import build_model, ready\nfrom tensorflow import keras\nown = keras.Sequential([keras.layers.Dense(3, input_shape=(4,))])\n',
      'model.py': `${BUILDER}ready = build_model(6)\nother = build_model(7)\n`,
    });
    const { models } = await project.open('use.py');
    assert.deepEqual(
      models.map((m) => m.name),
      ['ready', 'own'],
    );
    assert.equal(models[0].range.startLine, 0);
  });

  it('does not run what stands under a main guard of an imported file', async () => {
    const project = new Project({
      'use.py': 'from model import *\nnet = build_model(8)\n',
      'model.py': `${BUILDER}if __name__ == "__main__":\n    main = build_model(6)\n`,
    });
    assert.deepEqual(
      (await project.open('use.py')).models.map((m) => m.name),
      ['net'],
    );
  });

  it('follows cycles once, and says what a name in them is not', async () => {
    const project = new Project({
      'a.py': `import b\n${BUILDER}net = build_model(b.SIZE)\n`,
      'b.py': 'import c\nfrom c import *\nSIZE = c.SIDE + 1\n',
      'c.py': 'import b\nSIDE = 6\n',
    });
    const [net] = (await project.open('a.py')).models;
    assert.deepEqual(net.inputShapes, [[null, 7, 7, 3]]);
  });

  it('says in which other file something is wrong', async () => {
    const project = new Project({
      'train.py': 'from model import build\nnet = build()\n',
      'model.py':
        'from tensorflow.keras import layers, Sequential\ndef build():\n    return Sequential([layers.Conv2D(8, 9, input_shape=(4, 4, 1))])\n',
    });
    const source = await project.open('train.py');
    const errors = [...source.notes, ...source.models.flatMap((m) => m.notes)].filter((n) => n.severity === 'error');
    assert.equal(errors.length, 1);
    assert.match(errors[0].message, /^model\.py, line 3: /);
    assert.deepEqual([errors[0].range.startLine, errors[0].range.file], [1, undefined]);
  });

  it('stays inside the workspace, and asks for no file that is not there', async () => {
    const project = new Project({
      'a/train.py': 'from ...secret import x\nimport sklearn.svm\nfrom tensorflow import keras\nfrom .. import y\n',
    });
    await project.open('a/train.py');
    assert.deepEqual(project.reads, []);
  });

  it('leaves out huge files and stops after many', async () => {
    const many = Object.fromEntries(Array.from({ length: 90 }, (_, i) => [`m${i}.py`, `import m${i + 1}\n`]));
    const project = new Project({ ...many, 'big.py': `x = 1\n${'# filler\n'.repeat(40_000)}`, 'main.py': 'import big\nimport m0\n' });
    const source = await project.open('main.py');
    assert.equal(source.imports?.includes('/work/big.py'), false);
    assert.equal(source.imports?.length, 60);
  });

  it('reads a file again only when its text has changed', async () => {
    const project = new Project({ 'train.py': 'from model import build_model\nnet = build_model(6)\n', 'model.py': BUILDER });
    assert.equal((await project.open('train.py')).models[0].layers[0].config.filters, 8);
    project.texts['model.py'] = BUILDER.replace('Conv2D(8', 'Conv2D(16');
    assert.equal((await project.open('train.py')).models[0].layers[0].config.filters, 16);
  });

  it('follows the imports of a notebook', async () => {
    const cell = { cell_type: 'code', metadata: {}, source: 'from model import build_model\nnet = build_model(6)' };
    const notebook = JSON.stringify({
      cells: [{ cell_type: 'markdown', source: 'x' }, cell],
      metadata: {},
      nbformat: 4,
      nbformat_minor: 5,
    });
    const project = new Project({ 'train.ipynb': notebook, 'model.py': BUILDER });
    const [model] = (await project.open('train.ipynb')).models;
    assert.deepEqual([model.range.cell, model.range.startLine], [1, 1]);
    assert.equal(model.layers[0].source?.file, '/work/model.py');
  });
});
