import * as assert from 'node:assert/strict';
import { readModelSource } from '../../../../src/model/readModelSource';
import { readOne, readTorch } from './read';

const cnn = (channels: number, features: number) => `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(${channels}, 6, 5)
        self.conv2 = nn.Conv2d(6, 16, 5)
        self.fc = nn.Linear(${features}, 10)
    def forward(self, x):
        x = F.max_pool2d(F.relu(self.conv1(x)), 2)
        x = F.max_pool2d(F.relu(self.conv2(x)), 2)
        return self.fc(torch.flatten(x, 1))
`;

describe('PyTorch input shapes', () => {
  it('solves the side from the first linear layer', async () => {
    for (const [channels, features, side] of [
      [1, 16 * 4 * 4, 28],
      [3, 16 * 5 * 5, 32],
      [3, 16 * 53 * 53, 224],
      [3, 16 * 34 * 34, 150],
    ]) {
      const model = await readOne(cnn(channels, features));
      assert.deepEqual(model.inputShapes, [[null, side, side, channels]]);
      assert.equal(model.trainable, true);
      assert.deepEqual(
        model.notes.map((n) => n.code),
        ['assumed-input-shape'],
      );
    }
  });

  it('names the layer when no square input fits', async () => {
    const model = await readOne(cnn(3, 1001));
    assert.equal(model.trainable, false);
    assert.match(model.notes[0].message, /"fc" expects 1001 features but gets/);
  });

  it('takes the shape of the images that the file loads, transforms included', async () => {
    const model = await readOne(`from torchvision import datasets, transforms
t = transforms.Compose([transforms.Resize((64, 48)), transforms.Grayscale(), transforms.ToTensor(), transforms.Normalize((0.5,), (0.25,))])
train = datasets.ImageFolder('data/train', transform=t)
loader = torch.utils.data.DataLoader(train, batch_size=16, shuffle=True)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(1, 4, 3)
        self.fc = nn.Linear(4, 2)
    def forward(self, x):
        return self.fc(self.conv(x).mean((2, 3)))
net = Net()
for images, labels in loader:
    out = net(images)
`);
    assert.deepEqual(model.inputShapes, [[null, 64, 48, 1]]);
    assert.equal(model.data.kind, 'folder');
    assert.equal(model.data.path, 'data/train');
    assert.equal(model.data.colorMode, 'grayscale');
    assert.deepEqual(model.data.preprocessing, { rescale: 1 / 255, mean: [0.5], std: [0.25] });
    assert.equal(model.training.batchSize, 16);
  });

  it('takes the shape given to a summary', async () => {
    const model = await readOne(`from torchsummary import summary
net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())
summary(net, (3, 40, 50))
`);
    assert.deepEqual(model.inputShapes, [[null, 40, 50, 3]]);
  });

  it('assumes a usual size with a note, or what the person said', async () => {
    const program = `class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        return self.conv(x)
`;
    const assumed = await readOne(program);
    assert.match(assumed.notes[0].message, /\(3, 32, 32\) is assumed/);
    const text = `import torch.nn as nn\n${program}`;
    const { models } = await readModelSource({ path: 'a.py', text }, { assumptions: { 'Net.input_shape': [3, 20, 30] } });
    assert.deepEqual(models[0].inputShapes, [[null, 20, 30, 3]]);
    assert.deepEqual(models[0].notes, []);
  });

  it('finds flattened images behind a view', async () => {
    const model = await readOne(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)
    def forward(self, x):
        x = x.view(-1, 28 * 28)
        return self.fc(x)
`);
    assert.deepEqual(model.inputShapes, [[null, 28, 28, 1]]);
  });

  it('prefers the side that the transforms of data it does not know make', async () => {
    const model = await readOne(`from torchvision import transforms
prepare = transforms.Compose([transforms.Resize(120), transforms.CenterCrop(96), transforms.ToTensor()])
data = OwnPictures('pictures', prepare)
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
    def forward(self, x):
        return self.conv(x).mean((2, 3))
`);
    assert.deepEqual(model.inputShapes, [[null, 96, 96, 3]]);
  });

  it('takes sizes that nothing says from what modules are given, and asks for the others', async () => {
    const model = await readOne(`class Net(nn.Module):
    def __init__(self, cfg):
        super().__init__()
        self.a = nn.Conv2d(cfg.channels, 6, 3)
        self.b = nn.Conv2d(6, cfg.width, 3)
        self.norm = nn.BatchNorm2d(cfg.width)
        self.fc = nn.Linear(cfg.flat, cfg.classes)
    def forward(self, x):
        return self.fc(torch.flatten(self.norm(self.b(self.a(x))), 1))
`);
    assert.deepEqual(model.inputShapes, [[null, 32, 32, 3]]);
    assert.deepEqual(model.outputShapes, [[null, 10]]);
    assert.equal(model.totalParams, 168 + (6 * 9 * 64 + 64) + 128 + (28 * 28 * 64 * 10 + 10));
    const about = (code: string) => model.notes.filter((n) => n.code === code).map((n) => n.message.split(' is not known')[0]);
    assert.deepEqual(about('assumed-value'), ['The out_channels of this Conv2d', 'The out_features of this Linear']);
    assert.deepEqual(about('size-from-input'), [
      'The in_channels of this Conv2d',
      'The num_features of this BatchNorm2d',
      'The in_features of this Linear',
    ]);
  });

  it('reads what functions return that need more than they say, before classes alone', async () => {
    const source = await readTorch(`class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1)
    def forward(self, x):
        return x + self.conv(x)
class Net(nn.Module):
    def __init__(self, block, sizes, classes=5):
        super().__init__()
        self.body = nn.Sequential(nn.Conv2d(3, 8, 3), *[block(n) for n in sizes])
        self.fc = nn.Linear(8, classes)
    def forward(self, x):
        return self.fc(self.body(x).mean((2, 3)))
def load(path):
    return torch.load(path)
def tiny(weights_file, pretrained=False):
    net = Net(Block, [8, 8])
    if pretrained:
        net.load_state_dict(load(weights_file))
    return net
`);
    assert.deepEqual(
      source.models.map((m) => [m.name, m.totalParams, m.trainable]),
      [['Net', 224 + 2 * 584 + 45, true]],
    );
  });

  it('sees from the order of its axes that an input is a sequence', async () => {
    const model = await readOne(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.pre = nn.Linear(40, 80)
        self.conv = nn.Conv1d(80, 4, 3)
    def forward(self, x):
        return self.conv(self.pre(x).permute(0, 2, 1)).mean(2)
`);
    assert.deepEqual(model.inputShapes, [[null, 32, 40]]);
    assert.deepEqual(model.outputShapes, [[null, 4]]);
  });

  it('reads the cells of a notebook as one program and says which cell a layer is in', async () => {
    const cell = (source: string) => ({ cell_type: 'code', source });
    const text = JSON.stringify({
      cells: [
        cell('%matplotlib inline\nimport torch\nfrom torch import nn'),
        { cell_type: 'markdown', source: '# A network' },
        cell('net = nn.Sequential(\n    nn.Conv2d(1, 2, 3),\n    nn.ReLU(),\n)'),
        cell('net(torch.rand(1, 1, 8, 8)).shape'),
      ],
      nbformat: 4,
    });
    const { models } = await readModelSource({ path: 'a.ipynb', text });
    assert.deepEqual(models[0].inputShapes, [[null, 8, 8, 1]]);
    const place = models[0].layers.find((l) => l.className === 'Conv2D')?.source;
    assert.deepEqual([place?.cell, place?.startLine], [2, 1]);
  });
});
