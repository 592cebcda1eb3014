import * as assert from 'node:assert/strict';
import { allNotes, onlyModel, readPython, summary } from '../readText';

const IMPORTS = `
import tensorflow as tf
from tensorflow.keras import layers, Sequential, Input
`;

describe("classes that derive from one of Keras's layers", () => {
  it('are that layer where they compute nothing otherwise', async () => {
    const model = await onlyModel(`${IMPORTS}
class Conv(layers.Conv2D):
    def __init__(self, filters, **kwargs):
        super().__init__(filters, 3, padding='same', **kwargs)

model = Sequential([Input((8, 8, 1)), Conv(4), layers.Conv2D(2, 3)])
`);
    assert.deepEqual(summary(model), ['Conv2D [null,8,8,4] 40', 'Conv2D [null,6,6,2] 74']);
    assert.equal(model.trainable, true);
  });

  it('are followed through call() and super().call(), and train', async () => {
    const model = await onlyModel(`${IMPORTS}
class Scaled(layers.Dense):
    def __init__(self, units, factor, **kwargs):
        super().__init__(units, **kwargs)
        self.factor = factor

    def call(self, inputs):
        return tf.nn.relu(super().call(inputs) * self.factor)

model = Sequential([Input((3,)), Scaled(4, 0.5), layers.Dense(2)])
`);
    assert.deepEqual(summary(model), ['Dense [null,4] 16', 'Rescaling [null,4] 0', 'Activation [null,4] 0', 'Dense [null,2] 10']);
    assert.equal(model.trainable, true);
    // Their names count apart from those of Keras's own layers.
    assert.equal(model.layers.at(-1)?.name, 'dense');
  });

  it('keep the shape of the layer where call() can not be followed, with its weights and their own', async () => {
    const text = `${IMPORTS}
class Masked(layers.Conv2D):
    def build(self, input_shape):
        super().build(input_shape)
        self.mask = self.add_weight(name='mask', shape=self.kernel.shape, initializer='ones', trainable=False)

    def call(self, inputs):
        return tf.nn.conv2d(inputs, self.kernel * self.mask, strides=self.strides, padding='VALID')

model = Sequential([Input((8, 8, 1)), Masked(4, 3, strides=2), layers.Flatten()])
`;
    const source = await readPython(text);
    assert.deepEqual(summary(source.models[0]), ['Masked [null,3,3,4] 76', 'Flatten [null,36] 0']);
    assert.equal(source.models[0].layers[1].weights.find((w) => w.name === 'mask')?.trainable, false);
    assert.equal(source.models[0].trainable, false);
    assert.ok(allNotes(source).some((n) => n.code === 'assumed-shape' && /the layer it derives from/.test(n.message)));
  });

  it('have only their own weights where build() is all their own', async () => {
    const model = await onlyModel(`${IMPORTS}
class Low(layers.Dense):
    def build(self, input_shape):
        self.a = self.add_weight(name='a', shape=(input_shape[-1], 2))
        self.b = self.add_weight(name='b', shape=(2, self.units))

    def call(self, inputs):
        return tf.matmul(tf.matmul(inputs, self.a), self.b)

model = Sequential([Input((10,)), Low(6)])
`);
    assert.deepEqual(summary(model), ['Low [null,6] 32']);
  });
});

describe('recurrent layers of cells', () => {
  it('are the layer of the same kind, with the settings of both', async () => {
    const model = await onlyModel(`${IMPORTS}
model = Sequential([
    Input((5, 3)),
    layers.RNN(layers.LSTMCell(4, use_bias=False), return_sequences=True, name='first'),
    layers.RNN([layers.GRUCell(4), layers.SimpleRNNCell(2)], name='both'),
    layers.Dense(1),
])
`);
    assert.deepEqual(summary(model), ['LSTM [null,5,4] 112', 'GRU [null,5,4] 120', 'SimpleRNN [null,2] 14', 'Dense [null,1] 3']);
    assert.deepEqual([model.layers[1].name, model.trainable], ['first', true]);
  });

  it('say that a cell alone is no layer', async () => {
    const source = await readPython(`${IMPORTS}
model = Sequential([Input((5, 3)), layers.LSTMCell(4)])
`);
    assert.ok(allNotes(source).some((n) => /wrap it as RNN\(LSTMCell\(…\)\) or use LSTM/.test(n.message)));
  });
});
