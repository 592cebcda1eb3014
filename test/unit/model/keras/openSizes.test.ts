import assert from 'node:assert/strict';
import { allNotes, onlyModel, readPython, summary } from '../readText';

const KERAS = 'from tensorflow import keras\nfrom tensorflow.keras import layers\n';

describe('sizes that come from outside of a file', () => {
  it('asks for a vocabulary and assumes a usual one', async () => {
    const text = `${KERAS}import data
model = keras.Sequential([layers.Embedding(data.words, 8, input_length=20), layers.LSTM(data.units), layers.Dense(2)])
`;
    const source = await readPython(text);
    assert.deepEqual(summary(source.models[0]), [
      'Embedding [null,20,8] 80000',
      `LSTM [null,64] ${4 * 64 * (8 + 64 + 1)}`,
      'Dense [null,2] 130',
    ]);
    const asked = allNotes(source).flatMap((n) => (n.assumption ? [n.assumption.key] : []));
    assert.deepEqual(asked, ['embedding.input_dim', 'lstm.units']);
    const told = await onlyModel(text, { assumptions: { 'embedding.input_dim': 500, 'lstm.units': 3 } });
    assert.equal(told.layers.find((l) => l.className === 'Embedding')?.params, 4000);
    assert.equal(told.layers.find((l) => l.className === 'LSTM')?.outputShape[1], 3);
  });

  it('takes what a program sets on names from outside', async () => {
    const model = await onlyModel(`import wandb
run = wandb.init(config={'width': 6})
config = wandb.config
config.classes = 4
${KERAS}model = keras.Sequential([layers.Dense(run.config.width, input_shape=(3,)), layers.Dense(config.classes)])
`);
    assert.deepEqual(summary(model), ['Dense [null,6] 24', 'Dense [null,4] 28']);
  });

  it('begins a model without input shape with one that all its layers take', async () => {
    const sequence = await onlyModel(`${KERAS}model = keras.Sequential([layers.LSTM(4), layers.Dense(1)])\n`);
    assert.deepEqual(sequence.inputShapes, [[null, 100, 16]]);
    const subclass = await onlyModel(`import tensorflow as tf
${KERAS}class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.lstm = layers.LSTM(4)
        self.out = layers.Dense(2)
    def call(self, x):
        return self.out(self.lstm(tf.reshape(x, [-1, 20, 1])))
net = Net()
`);
    assert.deepEqual(subclass.inputShapes, [[null, 20, 1]]);
    assert.deepEqual(subclass.outputShapes, [[null, 2]]);
  });

  it('shows text layers and what follows them', async () => {
    const model = await onlyModel(`${KERAS}text = layers.TextVectorization(max_tokens=50, output_sequence_length=7)
model = keras.Sequential([keras.Input(shape=(1,), dtype='string'), text, layers.Embedding(50, 3), layers.Flatten(), layers.Dense(1)])
`);
    assert.deepEqual(summary(model), [
      'TextVectorization [null,7] 0',
      'Embedding [null,7,3] 150',
      'Flatten [null,21] 0',
      'Dense [null,1] 22',
    ]);
    assert.equal(model.trainable, false);
  });
});

describe('programs of other shapes', () => {
  it('builds what is given to a wrapper for scikit-learn', async () => {
    const model = await onlyModel(`from keras.models import Sequential
from keras.layers import Dense
from keras.wrappers.scikit_learn import KerasClassifier
def create(units=5):
    model = Sequential()
    model.add(Dense(units, input_dim=8))
    model.compile(loss='binary_crossentropy', optimizer='adam')
    return model
create = KerasClassifier(build_fn=create, units=6, epochs=15, batch_size=4)
`);
    assert.deepEqual(summary(model), ['Dense [null,6] 54']);
    assert.equal(model.name, 'create');
    assert.deepEqual([model.training.epochs, model.training.batchSize], [15, 4]);
  });

  it('leaves a wrapped builder that a search gives its arguments to be asked for', async () => {
    const source = await readPython(`from keras.models import Sequential
from keras.layers import Dense
from scikeras.wrappers import KerasClassifier
def create(hidden_units):
    return Sequential([Dense(hidden_units, input_dim=8)])
search = KerasClassifier(model=create)
`);
    assert.ok(allNotes(source).some((n) => n.assumption?.key === 'create.hidden_units'));
  });

  it('follows models whose class defines __call__', async () => {
    const model = await onlyModel(`${KERAS}class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.out = layers.Dense(2)
    def __call__(self, x):
        return self.out(x)
net = Net()
net.build((None, 6))
`);
    assert.deepEqual(summary(model), ['Dense [null,2] 14']);
  });

  it('runs one round of a training loop written by hand', async () => {
    const model = await onlyModel(`import tensorflow as tf
${KERAS}model = keras.Sequential([layers.Dense(2, input_shape=(3,))])
optimizer = keras.optimizers.Adam()
seen = []
for epoch in range(500):
    for step in range(500):
        optimizer.apply_gradients([])
        seen.append(step)
model.add(layers.Dense(len(seen)))
`);
    assert.equal(model.outputShapes[0][1], 1);
  });
});
