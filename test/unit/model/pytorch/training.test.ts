import * as assert from 'node:assert/strict';
import { readOne, readTorch } from './read';

const NET = `from torchvision import datasets, transforms
import torch.optim as optim
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(784, 10)
    def forward(self, x):
        return self.fc(torch.flatten(x, 1))
train_set = datasets.MNIST('data', train=True, transform=transforms.Compose([transforms.RandomRotation(10), transforms.ToTensor()]))
loader = torch.utils.data.DataLoader(train_set, batch_size=32, shuffle=True)
model = Net()
`;

const loop = (step: string) => `for epoch in range(7):
    for i, (images, labels) in enumerate(loader):
        optimizer.zero_grad()
        outputs = model(images)
        ${step}
        loss.backward()
        optimizer.step()
`;

describe('PyTorch training code', () => {
  it('reads optimizer, loss, epochs, batch size and data of the usual loop', async () => {
    const model = await readOne(
      `${NET}criterion = nn.CrossEntropyLoss()\noptimizer = optim.SGD(model.parameters(), lr=0.05, momentum=0.9, weight_decay=5e-4)\n${loop('loss = criterion(outputs, labels)')}`,
    );
    const { training, data } = model;
    assert.deepEqual(training.optimizer, {
      className: 'SGD',
      config: { learning_rate: 0.05, variant: 'pytorch', coupled_weight_decay: 5e-4, momentum: 0.9, nesterov: false },
    });
    assert.deepEqual(training.loss, { name: 'sparse_categorical_crossentropy', fromLogits: true, config: {} });
    assert.equal(training.epochs, 7);
    assert.equal(training.batchSize, 32);
    assert.deepEqual([data.kind, data.name], ['named', 'mnist']);
    assert.deepEqual(data.preprocessing, { rescale: 1 / 255, augmentation: { rotationRange: 10 } });
  });

  it("fills in PyTorch's defaults, not Keras's", async () => {
    const step = loop('loss = F.nll_loss(F.log_softmax(outputs, dim=1), labels)');
    const config = async (made: string) => (await readOne(`${NET}optimizer = ${made}\n${step}`)).training.optimizer;
    assert.deepEqual(await config('optim.Adam(model.parameters())'), {
      className: 'Adam',
      config: { learning_rate: 0.001, variant: 'pytorch', beta_1: 0.9, beta_2: 0.999, epsilon: 1e-8, amsgrad: false },
    });
    assert.deepEqual(await config('optim.RMSprop(model.parameters())'), {
      className: 'RMSprop',
      config: { learning_rate: 0.01, variant: 'pytorch', rho: 0.99, momentum: 0, epsilon: 1e-8, centered: false },
    });
    assert.deepEqual(await config('torch.optim.Adadelta(model.parameters())'), {
      className: 'Adadelta',
      config: { learning_rate: 1, variant: 'pytorch', rho: 0.9, epsilon: 1e-6 },
    });
  });

  it('follows the output into the loss through functions of the training code', async () => {
    const model = await readOne(
      `${NET}optimizer = optim.Adam(model.parameters(), 1e-3)\n${loop('loss = nn.BCELoss()(torch.sigmoid(outputs).squeeze(), labels.float())')}`,
    );
    assert.deepEqual(model.training.loss, { name: 'binary_crossentropy', fromLogits: true, config: {} });
  });

  it('reads training that stands in functions with argparse defaults', async () => {
    const model = await readOne(`import argparse
${NET}def train(args, model, loader, optimizer, epoch):
    model.train()
    for data, target in loader:
        loss = F.cross_entropy(model(data.to('cuda')), target)
        loss.backward()
        optimizer.step()
def main():
    parser = argparse.ArgumentParser()
    parser.add_argument('--epochs', type=int, default=14)
    parser.add_argument('--lr', type=float, default=0.5)
    args = parser.parse_args()
    optimizer = optim.Adagrad(model.parameters(), lr=args.lr)
    for epoch in range(1, args.epochs + 1):
        train(args, model, loader, optimizer, epoch)
if __name__ == '__main__':
    main()
`);
    assert.equal(model.training.epochs, 14);
    assert.equal(model.training.optimizer?.className, 'Adagrad');
    assert.equal(model.training.optimizer?.config.learning_rate, 0.5);
  });

  it('lets a LightningModule tell its optimizer and loss', async () => {
    const model = await readOne(`import pytorch_lightning as pl
class Lit(pl.LightningModule):
    def __init__(self, lr=0.02):
        super().__init__()
        self.lr = lr
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(784, 10))
    def forward(self, x):
        return self.net(x)
    def training_step(self, batch, batch_idx):
        x, y = batch
        return F.cross_entropy(self(x), y)
    def configure_optimizers(self):
        return torch.optim.Adam(self.parameters(), lr=self.lr)
lit = Lit()
trainer = pl.Trainer(max_epochs=5)
trainer.fit(lit)
lit(torch.randn(1, 1, 28, 28))
`);
    assert.equal(model.training.optimizer?.config.learning_rate, 0.02);
    assert.equal(model.training.loss?.name, 'sparse_categorical_crossentropy');
    assert.equal(model.training.epochs, 5);
  });

  it('does not run a training loop round by round', async () => {
    const step = loop('loss = criterion(outputs, labels)\n        seen.append(i)').replace('range(7)', 'range(100000)');
    const { models } = await readTorch(
      `${NET}seen = []\ncriterion = nn.CrossEntropyLoss()\noptimizer = optim.SGD(model.parameters(), lr=0.1)\n${step}later = nn.Sequential(nn.Linear(4, len(seen)))\n`,
    );
    assert.equal(models[0].training.epochs, 100_000);
    // What follows the loop is reached, and the loop went round once.
    assert.deepEqual(models[1]?.outputShapes[0].at(-1), 1);
  });
});
