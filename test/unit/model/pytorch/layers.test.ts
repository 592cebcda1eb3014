import * as assert from 'node:assert/strict';
import { network, readOne, table } from './read';

describe('PyTorch layers', () => {
  it('reads a straight forward pass with functions, names by attribute path, and ranges of the constructor calls', async () => {
    const model = await readOne(
      network(
        ['self.conv1 = nn.Conv2d(1, 10, kernel_size=5)', 'self.fc = nn.Linear(1440, 10)'],
        ['x = F.relu(F.max_pool2d(self.conv1(x), 2))', 'x = x.view(-1, 1440)', 'return F.log_softmax(self.fc(x), dim=1)'],
        [1, 1, 28, 28],
      ),
    );
    assert.deepEqual(table(model), [
      'conv1 Conv2D 24×24×10 260',
      'max_pool2d MaxPooling2D 12×12×10 0',
      'relu ReLU 12×12×10 0',
      'flatten.to_channels_first Permute 10×12×12 0',
      'flatten Flatten 1440 0',
      'fc Dense 10 14410',
      'log_softmax Activation 10 0',
    ]);
    assert.deepEqual(model.inputShapes, [[null, 28, 28, 1]]);
    assert.equal(model.dialect, 'pytorch');
    assert.equal(model.trainable, true);
    const conv = model.layers.find((l) => l.name === 'conv1');
    assert.deepEqual(conv?.source, { startLine: 6, startColumn: 21, endLine: 6, endColumn: 52 });
    assert.equal(model.layers.find((l) => l.name === 'flatten.to_channels_first')?.source, null);
  });

  it("uses Keras's 'same' only where it pads as PyTorch does", async () => {
    const strided = (size: number) =>
      network(['self.c = nn.Conv2d(3, 4, 3, stride=2, padding=1)'], ['return self.c(x)'], [1, 3, size, size]);
    const even = await readOne(strided(8));
    assert.deepEqual(table(even), ['c.padding ZeroPadding2D 10×10×3 0', 'c Conv2D 4×4×4 112']);
    const odd = await readOne(strided(9));
    assert.deepEqual(table(odd), ['c Conv2D 5×5×4 112']);
    assert.equal(odd.layers[1].config.padding, 'same');
  });

  it('pads a max pooling with what can never win', async () => {
    const pool = ['self.p = nn.MaxPool2d(3, 2, 1)'];
    const signed = await readOne(network(pool, ['return self.p(x)'], [1, 2, 8, 8]));
    assert.deepEqual(table(signed), ['p.window MaxPooling2D 8×8×2 0', 'p MaxPooling2D 4×4×2 0']);
    const positive = await readOne(network(pool, ['return self.p(F.relu(x))'], [1, 2, 8, 8]));
    assert.deepEqual(table(positive).slice(1), ['p.padding ZeroPadding2D 9×9×2 0', 'p MaxPooling2D 4×4×2 0']);
  });

  it('puts windows side by side that no pooling layer has: dilated ones, and those of several lengths', async () => {
    const dilated = await readOne(network(['self.p = nn.MaxPool2d(2, 1, padding=1, dilation=3)'], ['return self.p(x)'], [1, 2, 5, 6]));
    assert.deepEqual(table(dilated), ['p.windows AxisMaps 8×10×2 0', 'p MaxPooling2D 4×5×2 0']);
    // Places of the windows of one axis; what would lie in the padding never wins, so that it is left out.
    assert.deepEqual((dilated.layers[1].config.indices as number[][])[0], [2, 2, 0, 3, 1, 4, 2, 2]);
    const adaptive = await readOne(network(['self.p = nn.AdaptiveMaxPool2d((2, 3))'], ['return self.p(x)'], [1, 2, 5, 6]));
    assert.deepEqual(table(adaptive), ['p.windows AxisMaps 6×6×2 0', 'p MaxPooling2D 2×3×2 0']);
    assert.deepEqual(adaptive.layers[1].config.indices, [
      [0, 1, 2, 2, 3, 4],
      [0, 1, 2, 3, 4, 5],
    ]);
  });

  it("takes batch normalisation's momentum the other way round and leaves running statistics out of the count", async () => {
    const model = await readOne(network(['self.bn = nn.BatchNorm2d(6, momentum=0.3)'], ['return self.bn(x)'], [1, 6, 4, 4]));
    const [, bn] = model.layers;
    assert.equal(bn.config.momentum, 0.7);
    assert.equal(bn.config.epsilon, 1e-5);
    assert.equal(bn.params, 12);
    assert.equal(model.totalParams, 12);
    assert.deepEqual(
      bn.weights.map((w) => w.name),
      ['gamma', 'beta', 'moving_mean', 'moving_variance'],
    );
  });

  it("names PyTorch's initialisers and counts fan_in as it does", async () => {
    const model = await readOne(
      network(
        ['self.a = nn.Conv2d(4, 8, 3, groups=4)', 'self.b = nn.ConvTranspose2d(8, 2, 4, 2, 1)'],
        ['return self.b(self.a(x))'],
        [1, 4, 8, 8],
      ),
    );
    const [a, b] = model.layers.filter((l) => l.weights.length > 0);
    assert.equal(a.className, 'DepthwiseConv2D');
    assert.equal(a.config.depth_multiplier, 2);
    assert.deepEqual(
      a.weights.map((w) => [w.name, w.initializer.className, w.fanIn]),
      [
        ['depthwise_kernel', 'TorchKaimingUniform', 9],
        ['bias', 'TorchBiasUniform', 9],
      ],
    );
    assert.deepEqual(
      b.weights.map((w) => [w.shape, w.fanIn]),
      [
        [[4, 4, 2, 8], 32],
        [[2], 32],
      ],
    );
    assert.equal(b.config.padding, 'same');
  });

  it('takes initialisers that the program sets, by apply() and by hand', async () => {
    const model = await readOne(
      `def init(m):
    if isinstance(m, nn.Conv2d):
        nn.init.kaiming_normal_(m.weight, mode='fan_out', nonlinearity='relu')
        m.bias.data.zero_()
` +
        network(
          ['self.c = nn.Conv2d(1, 2, 3)', 'self.fc = nn.Linear(2, 2)', 'nn.init.constant_(self.fc.bias, 0.5)', 'self.apply(init)'],
          ['return self.fc(self.c(x).mean((2, 3)))'],
          [1, 1, 8, 8],
        ),
    );
    const [conv, fc] = model.layers.filter((l) => l.weights.length > 0);
    assert.deepEqual(
      conv.weights.map((w) => w.initializer),
      [
        {
          className: 'VarianceScaling',
          config: { scale: 2.0000000000000004, mode: 'fan_out', distribution: 'untruncated_normal', seed: null },
        },
        { className: 'Zeros', config: {} },
      ],
    );
    assert.deepEqual(fc.weights[1].initializer, { className: 'Constant', config: { value: 0.5 } });
  });

  it('freezes weights that the program freezes', async () => {
    const model = await readOne(
      network(
        [
          'self.body = nn.Conv2d(1, 2, 3)',
          'self.head = nn.Conv2d(2, 1, 1)',
          'for p in self.body.parameters():',
          '    p.requires_grad = False',
        ],
        ['return self.head(self.body(x))'],
        [1, 1, 8, 8],
      ),
    );
    assert.deepEqual(
      model.layers.map((l) => l.trainableParams),
      [0, 0, 3],
    );
    assert.equal(model.totalParams, 23);
  });

  it('shows what no layer can do, and says that it cannot be trained', async () => {
    const model = await readOne(network(['self.c = nn.Conv2d(1, 4, 3)'], ['return self.c(x).roll(1, 2)'], [1, 1, 8, 8]));
    assert.equal(model.trainable, false);
    assert.deepEqual(model.outputShapes, [[null, 6, 6, 4]]);
    assert.equal(model.notes[0].code, 'unsupported-operation');
  });

  it('takes parts and slices as operations that train', async () => {
    const model = await readOne(
      network(['self.c = nn.Conv2d(1, 4, 3)'], ['a, b = self.c(x).chunk(2, dim=1)', 'return (a * b)[:, 1, ::2] / 2'], [1, 1, 8, 8]),
    );
    assert.equal(model.trainable, true);
    assert.deepEqual(model.outputShapes, [[null, 3, 6]]);
    const [slice] = model.layers.filter((l) => l.config.operation === 'getitem').slice(-1);
    const whole = { start: null, stop: null, step: null };
    assert.deepEqual(slice.config.items, [whole, 1, { start: 0, stop: 6, step: 2 }, whole]);
  });

  it('names the layer that does not fit, and shows what comes before it', async () => {
    const model = await readOne(
      network(['self.a = nn.Conv2d(1, 4, 3)', 'self.b = nn.Conv2d(8, 4, 3)'], ['return self.b(self.a(x))'], [1, 1, 8, 8]),
    );
    assert.deepEqual(table(model), ['a Conv2D 6×6×4 40']);
    assert.match(model.notes[0].message, /"b" can't be computed: it expects 8 channels but gets 4/);
    assert.equal(model.notes[0].range.startLine, 7);
    assert.equal(model.trainable, false);
  });
});
