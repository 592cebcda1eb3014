import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { readModelSource } from '../../../../src/model/readModelSource';
import { network, readOne, readTorch, table } from './read';

describe('PyTorch module structure', () => {
  it('reads every network of the fixture with the number of parameters that PyTorch gives', async () => {
    const file = path.join(__dirname, 'fixtures/networks.py');
    const { models } = await readModelSource({ path: file, text: fs.readFileSync(file, 'utf8') });
    assert.deepEqual(
      models.map((m) => [m.name, m.trainable, m.totalParams]),
      [
        ['StridedPadding', true, 2318],
        ['FlattenOrder', true, 7922],
        ['Pools', true, 16],
        ['Residual', true, 6442],
        ['Growing', true, 2186],
        ['Shuffle', true, 224],
        ['Attention', true, 308],
        ['Listed', true, 1367],
        ['Sequence', true, 213],
        ['Rare', true, 392],
        ['Windows', true, 76],
        ['Transposed', true, 240],
        ['Operations', true, 278],
      ],
    );
  });

  it('reads nn.Sequential at the top of a file, nested and from an OrderedDict', async () => {
    const model = await readOne(`from collections import OrderedDict
net = nn.Sequential(
    nn.Sequential(OrderedDict([('conv', nn.Conv2d(3, 4, 3)), ('act', nn.ReLU())])),
    nn.Flatten(),
    nn.Linear(4 * 30 * 30, 10),
)
out = net(torch.rand(8, 3, 32, 32))
`);
    assert.equal(model.name, 'net');
    assert.deepEqual(table(model), [
      '0.conv Conv2D 30×30×4 112',
      '0.act ReLU 30×30×4 0',
      '1.to_channels_first Permute 4×30×30 0',
      '1 Flatten 3600 0',
      '2 Dense 10 36010',
    ]);
  });

  it('follows residual blocks that a method builds', async () => {
    const model = await readOne(`class Block(nn.Module):
    def __init__(self, c):
        super().__init__()
        self.conv = nn.Conv2d(c, c, 3, padding=1)
    def forward(self, x):
        return F.relu(self.conv(x) + x)
class Net(nn.Module):
    def __init__(self, depth=2):
        super().__init__()
        self.layers = self.build(depth)
    def build(self, n):
        return nn.Sequential(*[Block(4) for _ in range(n)])
    def forward(self, x):
        return self.layers(x)
Net()(torch.zeros(1, 4, 6, 6))
`);
    assert.deepEqual(table(model), [
      'layers.0.conv Conv2D 6×6×4 148',
      'layers.0.add Add 6×6×4 0',
      'layers.0.relu ReLU 6×6×4 0',
      'layers.1.conv Conv2D 6×6×4 148',
      'layers.1.add Add 6×6×4 0',
      'layers.1.relu ReLU 6×6×4 0',
    ]);
    assert.deepEqual(model.layers.find((l) => l.name === 'layers.0.add')?.inputs, ['layers.0.conv', 'x']);
  });

  it('uses one layer for a module with weights that is called twice', async () => {
    const model = await readOne(
      network(['self.c = nn.Conv2d(4, 4, 1)', 'self.r = nn.ReLU()'], ['return self.r(self.c(self.r(self.c(x))))'], [1, 4, 5, 5]),
    );
    assert.deepEqual(table(model), ['c Conv2D 5×5×4 20', 'r ReLU 5×5×4 0', 'r_1 ReLU 5×5×4 0']);
    assert.equal(model.totalParams, 20);
  });

  it('calls the forward pass of the base class and overrides it', async () => {
    const { models } = await readTorch(`class Base(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 8)
    def forward(self, x):
        return self.a(x)
class Derived(Base):
    def __init__(self):
        super().__init__()
        self.b = nn.Linear(8, 2)
    def forward(self, x):
        return self.b(super().forward(x))
Derived()(torch.randn(3, 4))
`);
    const derived = models.find((m) => m.name === 'Derived');
    assert.deepEqual(derived && table(derived), ['a Dense 8 40', 'b Dense 2 18']);
  });

  it('keeps the main output and those that nothing else depends on', async () => {
    const model = await readOne(
      network(['self.a = nn.Linear(4, 8)', 'self.b = nn.Linear(8, 2)'], ['h = self.a(x)', 'return self.b(h), h'], [1, 4]),
    );
    assert.deepEqual(model.outputShapes, [[null, 2]]);
  });

  it('counts weights that the output does not depend on, and says so', async () => {
    const model = await readOne(network(['self.a = nn.Linear(4, 2)', 'self.b = nn.Linear(4, 4)'], ['return self.a(x)'], [1, 4]));
    assert.equal(model.totalParams, 30);
    assert.deepEqual(
      model.notes.map((n) => [n.code, n.range.startLine]),
      [['unused-layer', 7]],
    );
  });

  it('offers every builder, the file’s own names first', async () => {
    const { models } = await readTorch(`class Net(nn.Module):
    def __init__(self, width, num_classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.fc = nn.Linear(width, num_classes)
    def forward(self, x):
        return self.fc(F.adaptive_avg_pool2d(self.conv(x), 1).flatten(1))
def small():
    return Net(8)
def large(**kwargs):
    return Net(16, **kwargs)
`);
    assert.deepEqual(
      models.map((m) => [m.name, m.totalParams]),
      [
        ['small', 314],
        ['large', 618],
      ],
    );
    assert.notEqual(models[0].range.startLine, models[1].range.startLine);
  });

  it('shows the networks inside of a wrapper whose own forward pass is not one', async () => {
    const { models } = await readTorch(`class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.c = nn.Conv2d(3, 2, 3)
    def forward(self, x):
        return self.c(x)
class Pipeline(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = Net()
    def forward(self, picture):
        return detect(open(picture), self.net)
`);
    assert.deepEqual(
      models.map((m) => m.name),
      ['Net'],
    );
  });

  it('says why there is no model', async () => {
    const { models, notes } = await readTorch(`import torchvision
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = torchvision.models.inception_v3()
    def forward(self, x):
        return self.model(x)
`);
    assert.equal(models.length, 0);
    assert.match(notes[0].message, /Net.*"model" is not known.*torchvision's inception_v3/);
  });
});

describe("torchvision's networks", () => {
  it('have the published numbers of parameters', async () => {
    const published: Record<string, number> = {
      alexnet: 61100840,
      vgg16: 138357544,
      vgg19_bn: 143678248,
      resnet18: 11689512,
      resnet50: 25557032,
      wide_resnet50_2: 68883240,
      resnext50_32x4d: 25028904,
      squeezenet1_0: 1248424,
      squeezenet1_1: 1235496,
      mobilenet_v2: 3504872,
      densenet121: 7978856,
      densenet161: 28681000,
    };
    for (const [name, count] of Object.entries(published)) {
      const model = await readOne(`from torchvision import models\nmodel = models.${name}()\n`);
      assert.deepEqual(
        [model.name, model.totalParams, model.inputShapes, model.outputShapes],
        [name, count, [[null, 224, 224, 3]], [[null, 1000]]],
      );
    }
  });

  it('take the changes of transfer learning, at the line that makes them', async () => {
    const model = await readOne(`from torchvision import models
model = models.resnet18(weights=models.ResNet18_Weights.DEFAULT)
for p in model.parameters():
    p.requires_grad = False
model.fc = nn.Linear(model.fc.in_features, 2)
`);
    assert.equal(model.totalParams, 11177538);
    assert.equal(
      model.layers.reduce((sum, l) => sum + l.trainableParams, 0),
      1026,
    );
    assert.equal(model.range.startLine, 4);
    assert.equal(model.layers.find((l) => l.name === 'layer4.1.conv2')?.source?.startLine, 4);
    assert.equal(model.layers.at(-1)?.source?.startLine, 7);
    assert.ok(model.notes.some((n) => n.code === 'no-pretrained-weights'));
  });

  it('can be parts of the file’s own modules', async () => {
    const model = await readOne(`from torchvision.models import vgg19
class Features(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(*list(vgg19(pretrained=True).features.children())[:5])
    def forward(self, x):
        return self.body(x)
Features()(torch.randn(1, 3, 64, 64))
`);
    assert.deepEqual(
      model.layers.filter((l) => l.weights.length > 0).map((l) => [l.name, l.outputShape.at(-1)]),
      [
        ['body.0', 64],
        ['body.2', 64],
      ],
    );
    assert.deepEqual(model.outputShapes, [[null, 32, 32, 64]]);
  });
});

describe('programs without a class', () => {
  it('shows a single layer that is trained by itself', async () => {
    const model = await readOne(`model = nn.Linear(784, 10)
optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
`);
    assert.equal(model.name, 'model');
    assert.equal(model.totalParams, 7850);
    assert.deepEqual(model.inputShapes, [[null, 784]]);
    assert.equal(model.training.optimizer?.className, 'SGD');
  });

  it('asks nothing about functions that build nothing', async () => {
    const { notes } = await readTorch('def progress(current, num_classes):\n    print(current)\n');
    assert.ok(!notes.some((n) => n.code === 'assumed-argument'));
  });
});

describe('sizes that come from outside of a program', () => {
  const FOLDER = `from torchvision import datasets, transforms
train = datasets.ImageFolder('photos', transform=transforms.Compose([transforms.Resize((8, 8)), transforms.ToTensor()]))
class Net(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.fc = nn.Linear(4 * 8 * 8, n)
    def forward(self, x):
        return self.fc(torch.flatten(self.conv(x), 1))
net = Net(len(train.classes))
`;

  it('asks how many classes there are', async () => {
    const model = await readOne(FOLDER);
    assert.equal(model.totalParams, 112 + 257 * 10);
    const asked = model.notes.flatMap((n) => (n.assumption?.key === 'Linear.out_features' ? [n.assumption.value] : []));
    assert.deepEqual(asked, [10]);
    const text = `import torch\nimport torch.nn as nn\n${FOLDER}`;
    const told = await readModelSource({ path: 'net.py', text }, { assumptions: { 'Linear.out_features': 3 } });
    assert.equal(told.models[0].totalParams, 112 + 257 * 3);
  });
});
