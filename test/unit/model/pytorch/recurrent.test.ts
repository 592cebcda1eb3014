import * as assert from 'node:assert/strict';
import type { ModelSpec } from '../../../../src/common/modelSpec';
import { network, readOne, readTorch, table } from './read';

const codes = (model: ModelSpec): string[] => model.notes.map((n) => n.code);

describe("PyTorch's recurrent modules and attention", () => {
  it('are a layer for every layer and direction, with two biases each', async () => {
    const model = await readOne(
      network(
        ['self.lstm = nn.LSTM(4, 5, num_layers=2, batch_first=True, bidirectional=True, dropout=0.2)'],
        ['out, (h, c) = self.lstm(x)', 'return torch.cat((h[-2], h[-1]), dim=1)'],
        [2, 7, 4],
      ),
    );
    const one = (inputs: number) => 4 * 5 * (inputs + 5 + 2);
    assert.deepEqual(table(model), [
      `lstm.l0 LSTM 7×5 ${one(4)}`,
      `lstm.l0_reverse LSTM 7×5 ${one(4)}`,
      'lstm.l0_reverse.in_order TFOpLambda 7×5 0',
      'lstm.l0.concat Concatenate 7×10 0',
      'lstm.l0.dropout Dropout 7×10 0',
      `lstm.l1 LSTM 7×5 ${one(10)}`,
      `lstm.l1_reverse LSTM 7×5 ${one(10)}`,
      'cat Concatenate 10 0',
    ]);
    assert.equal(model.totalParams, 2 * one(4) + 2 * one(10));
    assert.equal(model.trainable, true);
  });

  it('begin with uniform values within one over the root of their size, or as the program says', async () => {
    const model = await readOne(
      network(
        ['self.rnn = nn.GRU(3, 16, batch_first=True)', 'nn.init.orthogonal_(self.rnn.weight_hh_l0)', 'nn.init.zeros_(self.rnn.bias_ih_l0)'],
        ['return self.rnn(x)[0][:, -1]'],
        [1, 5, 3],
      ),
    );
    const weights = model.layers.find((l) => l.name === 'rnn')?.weights ?? [];
    assert.deepEqual(
      weights.map((w) => [w.name, w.shape, w.initializer.className]),
      [
        ['kernel', [3, 48], 'RandomUniform'],
        ['recurrent_kernel', [16, 48], 'Orthogonal'],
        ['bias', [2, 48], 'Zeros'],
      ],
    );
    assert.deepEqual(weights[0].initializer.config, { minval: -0.25, maxval: 0.25, seed: null });
  });

  it('take time first where batch_first is not said, from tokens too, with lengths that are left out', async () => {
    const { models } = await readTorch(`class Sentiment(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(50, 6)
        self.rnn = nn.LSTM(6, 8)
        self.fc = nn.Linear(8, 1)
    def forward(self, text, text_lengths):
        packed = nn.utils.rnn.pack_padded_sequence(self.embedding(text), text_lengths)
        output, (hidden, cell) = self.rnn(packed)
        output, lengths = nn.utils.rnn.pad_packed_sequence(output)
        return self.fc(hidden.squeeze(0) + output[-1])
`);
    const [model] = models;
    assert.deepEqual(model.inputShapes, [[null, 32]]);
    assert.deepEqual(model.outputShapes, [[null, 1]]);
    assert.equal(model.totalParams, 50 * 6 + 4 * 8 * (6 + 8 + 2) + 9);
    assert.ok(codes(model).includes('packing-ignored'));
    const asked = model.notes.find((n) => n.code === 'assumed-input-shape');
    assert.match(asked?.message ?? '', /\(32, batch\) is assumed/);
    assert.deepEqual(asked?.assumption, { key: 'Sentiment.input_shape', value: [32] });
  });

  it('begin with zeros where their states come from outside, and say so where they are not zeros', async () => {
    const net = (forward: string, h: string) => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.rnn = nn.GRU(3, 4, batch_first=True)
    def forward(self, ${forward}):
        out, hidden = self.rnn(x, ${h})
        return out, hidden
Net()(torch.randn(2, 5, 3))
`;
    const outside = await readOne(net('x, hidden', 'hidden').replace('Net()(torch.randn(2, 5, 3))', ''));
    assert.deepEqual(outside.inputShapes, [[null, 32, 3]]);
    assert.ok(!codes(outside).includes('initial-state'));
    const zeros = await readOne(net('x', 'torch.zeros(1, x.size(0), 4)'));
    assert.ok(!codes(zeros).includes('initial-state'));
    const random = await readOne(net('x', 'torch.randn(1, x.size(0), 4)'));
    assert.ok(codes(random).includes('initial-state'));
  });

  it('say what is wrong with the order of axes, and what is not followed', async () => {
    const one = async (module: string, use: string) => readOne(network([`self.m = ${module}`], [use], [2, 5, 3]));
    const projected = await one('nn.LSTM(3, 8, proj_size=2, batch_first=True)', 'return self.m(x)[0]');
    assert.ok(projected.notes.some((n) => n.severity === 'error' && /proj_size/.test(n.message)));
    const twice = await one('nn.GRU(3, 3, batch_first=True)', 'return self.m(self.m(x)[0].transpose(0, 1))[0]');
    assert.ok(twice.notes.some((n) => n.severity === 'error' && /batch_first is True/.test(n.message)));
    const masked = await one('nn.MultiheadAttention(3, 3, batch_first=True)', 'return self.m(x, x, x, attn_mask=torch.ones(5, 5))[0]');
    assert.ok(codes(masked).includes('mask-ignored'));
    assert.equal(masked.totalParams, 4 * (3 * 3 + 3));
  });

  it("read the settings that a class takes as one object: the parser's, a class's of settings, the file's own", async () => {
    const net = `class Net(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.fc = nn.Linear(config.inputs, config.classes)
    def forward(self, x):
        return self.fc(x)
`;
    for (const settings of [
      `import argparse\nparser = argparse.ArgumentParser()\nparser.add_argument('--inputs', type=int, default=12)\nparser.add_argument('--classes', default=5)\nargs = parser.parse_args()\n`,
      `from dataclasses import dataclass\n@dataclass\nclass NetConfig:\n    inputs: int = 12\n    classes: int = 5\n`,
      `class Config:\n    inputs = 12\n    classes = 5\n`,
      `from types import SimpleNamespace\ncfg = SimpleNamespace(**{'inputs': 12, 'classes': 5})\n`,
      `from easydict import EasyDict as edict\nopt = edict()\nopt.inputs = 12\nopt.classes = 5\n`,
    ]) {
      const model = await readOne(settings + net);
      assert.equal(model.totalParams, 65, settings);
    }
  });

  it('names the arguments of a loss that are not applied', async () => {
    const source = await readTorch(`net = nn.Sequential(nn.Linear(4, 3))
loss = nn.CrossEntropyLoss(weight=torch.tensor([1.0, 2.0, 1.0]), reduction='sum')
fine = nn.CrossEntropyLoss(reduction='mean', ignore_index=-100)
`);
    const ignored = [...source.notes, ...source.models.flatMap((m) => m.notes)].filter((n) => n.code === 'loss-argument-ignored');
    assert.deepEqual(
      ignored.map((n) => /^The (\w+) of/.exec(n.message)?.[1]),
      ['weight', 'reduction'],
    );
  });
});
