import * as assert from 'node:assert/strict';
import { readModelSource } from '../../../../src/model/readModelSource';
import { onlyModel, readPython, summary } from '../readText';

const IMPORTS = `
import tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, Model, Input, Sequential
from tensorflow.keras import backend as K
`;

describe('functional and subclassed models', () => {
  it('reads a residual block with helpers, shapes of tensors and a loop', async () => {
    const model = await onlyModel(`${IMPORTS}
def block(x, filters, stride=1):
    shortcut = x
    if stride != 1 or x.shape[-1] != filters:
        shortcut = layers.Conv2D(filters, 1, strides=stride, use_bias=False)(x)
    x = layers.Conv2D(filters, 3, strides=stride, padding='same', use_bias=False)(x)
    x = layers.BatchNormalization()(x)
    return layers.ReLU()(layers.add([x, shortcut]))

inputs = Input((32, 32, 3))
x = inputs
for i, (filters, stride) in enumerate([(8, 1), (16, 2)]):
    x = block(x, filters, stride)
outputs = layers.Dense(10, activation='softmax')(layers.GlobalAveragePooling2D()(x))
model = Model(inputs=inputs, outputs=outputs, name='tiny')
`);
    assert.equal(model.totalParams, 3 * 8 + 216 + 32 + 8 * 16 + 1152 + 64 + 170);
    assert.deepEqual(model.outputShapes, [[null, 10]]);
    const add = model.layers.find((l) => l.className === 'Add');
    assert.equal(add?.inputs.length, 2);
    assert.equal(model.topology.class_name, 'Functional');
  });

  it('reads several inputs and outputs, and layers used twice', async () => {
    const model = await onlyModel(`${IMPORTS}
a = Input((8, 8, 1), name='a')
b = Input((8, 8, 1), name='b')
shared = layers.Conv2D(4, 3, name='shared')
both = layers.concatenate([layers.Flatten()(shared(a)), layers.Flatten()(shared(b))])
model = Model([a, b], [layers.Dense(2, name='p')(both), layers.Dense(3, name='q')(both)])
`);
    assert.deepEqual(model.inputShapes, [
      [null, 8, 8, 1],
      [null, 8, 8, 1],
    ]);
    assert.deepEqual(model.outputShapes, [
      [null, 2],
      [null, 3],
    ]);
    assert.equal(model.layers.filter((l) => l.name === 'shared').length, 1);
    assert.equal(model.totalParams, 40 + (288 * 2 + 2) + (288 * 3 + 3));
  });

  it('flattens nested models and names their layers', async () => {
    const model = await onlyModel(`${IMPORTS}
def build():
    body = Sequential([layers.Conv2D(4, 3, input_shape=(8, 8, 1)), layers.Flatten()], name='body')
    x = Input((8, 8, 1))
    return Model(x, layers.Dense(2)(body(x)))
model = build()
`);
    assert.deepEqual(summary(model), ['Conv2D [null,6,6,4] 40', 'Flatten [null,144] 0', 'Dense [null,2] 290']);
    assert.ok(model.layers.some((l) => l.name.startsWith('body/')));
  });

  it('follows the call() of a subclassed model over the data it is fitted to', async () => {
    const model = await onlyModel(`${IMPORTS}
(x_train, y_train), _ = keras.datasets.mnist.load_data()
x_train = x_train[..., tf.newaxis] / 255.0

class Net(Model):
    def __init__(self, classes=10):
        super().__init__()
        self.conv = layers.Conv2D(32, 3, activation='relu')
        self.flatten = layers.Flatten()
        self.dense = [layers.Dense(128, activation='relu'), layers.Dense(classes)]

    def call(self, x, training):
        x = self.flatten(self.conv(x))
        for d in self.dense:
            x = d(x)
        return tf.nn.softmax(x)

model = Net()
model.compile(optimizer='adam', loss='sparse_categorical_crossentropy')
model.fit(x_train, y_train, epochs=5)
`);
    assert.equal(model.name, 'model');
    assert.deepEqual(summary(model), [
      'Conv2D [null,26,26,32] 320',
      'Flatten [null,21632] 0',
      'Dense [null,128] 2769024',
      'Dense [null,10] 1290',
      'Activation [null,10] 0',
    ]);
    assert.equal(model.training.epochs, 5);
    assert.equal(model.data.name, 'mnist');
  });

  it('counts the weights that a custom layer adds, as one layer that is not trained', async () => {
    const model = await onlyModel(`${IMPORTS}
class Scale(layers.Layer):
    def build(self, input_shape):
        self.kernel = self.add_weight(name='kernel', shape=(input_shape[-1], 5), initializer='he_normal')
    def call(self, inputs):
        return tf.matmul(inputs, self.kernel)

model = Sequential([layers.Flatten(input_shape=(4, 4, 1)), Scale(), layers.Dense(2)])
`);
    assert.deepEqual(summary(model), ['Flatten [null,16] 0', 'Scale [null,5] 80', 'Dense [null,2] 12']);
    assert.equal(model.trainable, false);
  });

  it('tells the shape behind a Lambda from its body', async () => {
    const model = await onlyModel(`${IMPORTS}
x = Input((6, 6, 4))
y = layers.Lambda(lambda t: K.sum(K.square(t), axis=-1))(x)
model = Model(x, layers.Flatten()(y))
`);
    assert.deepEqual(summary(model), ['Lambda [null,6,6] 0', 'Flatten [null,36] 0']);
  });

  it('turns operators and functions on tensors into layers', async () => {
    const model = await onlyModel(`${IMPORTS}
x = Input((8, 8, 4))
a = tf.nn.relu(x) + x
b = tf.concat([a, x * 2.0], axis=-1)
c = tf.reduce_mean(b, axis=[1, 2])
model = Model(x, c)
`);
    assert.deepEqual(
      model.layers.map((l) => l.className),
      ['InputLayer', 'Activation', 'Add', 'Rescaling', 'Concatenate', 'GlobalAveragePooling2D'],
    );
    assert.deepEqual(model.outputShapes, [[null, 8]]);
  });

  it('lists a model once that a loop makes again and again', async () => {
    const source = await readPython(`${IMPORTS}
def build():
    m = Sequential()
    m.add(layers.Conv2D(4, 3, input_shape=(8, 8, 1)))
    return m
for fold in range(5):
    model = build()
    model.compile('adam', 'mse')
`);
    assert.equal(source.models.length, 1);
  });

  it('reads recurrent layers and wrappers', async () => {
    const model = await onlyModel(`${IMPORTS}
model = Sequential([
    layers.TimeDistributed(layers.Conv2D(4, 3), input_shape=(5, 8, 8, 1)),
    layers.TimeDistributed(layers.Flatten()),
    layers.Bidirectional(layers.LSTM(6, return_sequences=True)),
    layers.GRU(3),
])
`);
    assert.deepEqual(summary(model), [
      'TimeDistributed [null,5,6,6,4] 40',
      'TimeDistributed [null,5,144] 0',
      'Bidirectional [null,5,12] 7248',
      'GRU [null,3] 153',
    ]);
  });
});

describe('layers that augment images', () => {
  const AUGMENTED = `${IMPORTS}
augmentation = Sequential([layers.RandomFlip('horizontal'), layers.RandomRotation(0.1), layers.RandomZoom(0.2)])
x = inputs = Input((16, 16, 3))
x = augmentation(x)
x = layers.Rescaling(1. / 255)(x)
x = layers.Flatten()(layers.Conv2D(4, 3)(x))
model = Model(inputs, layers.Dense(2)(x))
`;

  it('are shown, but done to the data', async () => {
    const model = await onlyModel(AUGMENTED);
    assert.equal(model.name, 'model');
    assert.deepEqual(summary(model).slice(0, 4), [
      'RandomFlip [null,16,16,3] 0',
      'RandomRotation [null,16,16,3] 0',
      'RandomZoom [null,16,16,3] 0',
      'Rescaling [null,16,16,3] 0',
    ]);
    assert.equal(model.trainable, true);
    const { augmentation } = model.data.preprocessing;
    assert.deepEqual(augmentation, { horizontalFlip: true, rotationRange: 36, zoomRange: 0.2, fillMode: 'reflect' });
    assert.ok(!/Random/.test(JSON.stringify(model.topology)));
    assert.equal(model.notes.filter((n) => n.code === 'augmentation-layer').length, 3);
  });

  it('leave a topology that reads from what came before them', async () => {
    const model = await onlyModel(AUGMENTED);
    const text = JSON.stringify(model.topology);
    const again = await readModelSource({ path: 'model.json', text });
    assert.deepEqual(again.models[0].outputShapes, [[null, 2]]);
    assert.equal(again.models[0].totalParams, model.totalParams);
  });
});
