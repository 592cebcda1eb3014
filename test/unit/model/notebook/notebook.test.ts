import * as assert from 'node:assert/strict';
import type { ModelSource } from '../../../../src/common/modelSpec';
import { maskMagics } from '../../../../src/model/notebook/maskMagics';
import { readModelSource } from '../../../../src/model/readModelSource';
import { allNotes, summary } from '../readText';

type Cell = [type: 'code' | 'markdown', ...lines: string[]];

function notebook(cells: Cell[], more: object = {}): string {
  const json = cells.map(([type, ...lines]) => ({
    cell_type: type,
    metadata: {},
    source: lines.map((l, i) => (i < lines.length - 1 ? `${l}\n` : l)),
    ...(type === 'code' && { outputs: [], execution_count: null }),
  }));
  return JSON.stringify({ nbformat: 4, nbformat_minor: 5, metadata: {}, cells: json, ...more });
}

const read = (text: string): Promise<ModelSource> => readModelSource({ path: 'lesson.ipynb', text });

const LESSON: Cell[] = [
  ['markdown', '# A lesson'],
  ['code', '%matplotlib inline', '!pip install -q keras \\', '    tensorflow', 'import keras', 'from keras import layers'],
  ['code', '%%bash', 'for f in *; do echo $f; done'],
  ['code', 'files = !ls', 'model = keras.Sequential()'],
  ['code', 'def broken(:', '   ??'],
  ['code', '', 'model.add(layers.Conv2D(4, (3, 3), input_shape=(8, 8, 1)))', 'model.summary?'],
  ['code', 'model.compile("adam", "mse")'],
];

describe('notebooks', () => {
  it('are read cell by cell, each range in its cell', async () => {
    const source = await read(notebook(LESSON));
    const [model] = source.models;
    assert.deepEqual(summary(model), ['Conv2D [null,6,6,4] 40']);
    assert.equal(model.name, 'model');
    assert.deepEqual([model.range.cell, model.range.startLine], [3, 1]);
    const { source: place } = model.layers.find((l) => l.className === 'Conv2D') ?? {};
    assert.deepEqual([place?.cell, place?.startLine, place?.startColumn], [5, 1, 10]);
    assert.equal(model.training.compileRange?.cell, 6);
  });

  it('keep an error in one cell away from the others', async () => {
    const errors = allNotes(await read(notebook(LESSON))).filter((n) => n.code === 'syntax-error');
    assert.ok(errors.length > 0);
    assert.ok(errors.every((n) => n.range.cell === 4));
  });

  it('may be of format 3', async () => {
    const cells = [{ cell_type: 'code', input: ['import keras\n', 'm = keras.Sequential([keras.layers.Dense(2, input_shape=(3,))])'] }];
    const source = await read(JSON.stringify({ nbformat: 3, worksheets: [{ cells }] }));
    assert.deepEqual(source.models.map(summary), [['Dense [null,2] 8']]);
  });

  it('in other languages, or that are none, are told so', async () => {
    const other = await read(notebook([['code', 'x <- 1']], { metadata: { kernelspec: { language: 'R', name: 'ir' } } }));
    assert.equal(other.notes[0].code, 'other-language');
    const broken = await read('{"cells": [');
    assert.equal(broken.notes[0].severity, 'error');
    const none = await read('[]');
    assert.match(none.notes[0].message, /not a notebook/);
  });

  it('lose their magics but not their places', () => {
    const text = 'a = 1\n  !ls -l\nb = """\n!not a command\n"""\npip install x\n%time c = 2\nd = %who\nif 1 % 2: pass\n?help';
    assert.equal(maskMagics(text), 'a = 1\n  pass\nb = """\n!not a command\n"""\npass\npass\nd = ...\nif 1 % 2: pass\npass');
    assert.equal(maskMagics('%%time\nx = 1'), '\nx = 1');
    assert.equal(maskMagics('%%writefile a.py\nx = 1'), '\nx = 1');
    assert.equal(maskMagics('%%writefile a.txt\nx = 1'), '\n');
  });
});

describe('PyTorch in notebooks', () => {
  it('tells classes and what is made of them apart by their cells', async () => {
    const source = await read(
      notebook([
        ['code', 'import torch', 'from torch import nn'],
        [
          'code',
          'class Net(nn.Module):',
          '    def __init__(self, classes):',
          '        super().__init__()',
          '        self.fc = nn.Linear(6, classes)',
          '    def forward(self, x):',
          '        return self.fc(x)',
        ],
        // At lines that the class has in its own cell.
        ['code', '', '', 'net = Net(4)', 'optimizer = torch.optim.Adam(net.parameters())'],
      ]),
    );
    assert.deepEqual(
      source.models.map((m) => [m.name, m.totalParams, m.range.cell, m.training.optimizer?.className]),
      [['Net', 28, 1, 'Adam']],
    );
  });
});
