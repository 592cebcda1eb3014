import * as assert from 'node:assert/strict';
import { allNotes, onlyModel, readPython, summary } from '../readText';

const BUILDER = `from tensorflow.keras import layers, models

def build_model(input_shape, num_classes, filters=8):
    model = models.Sequential()
    model.add(layers.Conv2D(filters, 3, input_shape=input_shape))
    model.add(layers.Flatten())
    model.add(layers.Dense(num_classes))
    return model
`;

describe('builders that nothing calls', () => {
  it('are offered with their defaults, and what was assumed is noted with its key', async () => {
    const source = await readPython(BUILDER);
    const [model] = source.models;
    assert.equal(model.name, 'build_model');
    assert.deepEqual(model.inputShapes, [[null, 64, 64, 3]]);
    assert.deepEqual(model.outputShapes, [[null, 10]]);
    const assumed = allNotes(source).filter((n) => n.assumption);
    assert.deepEqual(
      assumed.map((n) => n.assumption),
      [
        { key: 'build_model.input_shape', value: [64, 64, 3] },
        { key: 'build_model.num_classes', value: 10 },
      ],
    );
    assert.equal(assumed[0].range.startLine, 2);
    assert.equal(assumed[0].range.startColumn, BUILDER.split('\n')[2].indexOf('input_shape'));
  });

  it('take what the person tells', async () => {
    const source = await readPython(BUILDER, { assumptions: { 'build_model.input_shape': [28, 28, 1], 'build_model.num_classes': 26 } });
    assert.deepEqual(source.models[0].inputShapes, [[null, 28, 28, 1]]);
    assert.deepEqual(source.models[0].outputShapes, [[null, 26]]);
    assert.deepEqual(
      allNotes(source)
        .filter((n) => n.assumption)
        .map((n) => [n.severity, n.code, n.assumption?.value]),
      [
        ['info', 'given-value', [28, 28, 1]],
        ['info', 'given-value', 26],
      ],
    );
  });

  it('get larger images when a builder refuses small ones', async () => {
    const source = await readPython(
      BUILDER.replace('    model = models', "    if input_shape[0] < 139:\n        raise ValueError('too small')\n    model = models"),
    );
    assert.deepEqual(source.models[0].inputShapes, [[null, 224, 224, 3]]);
  });

  it('get larger images when a deep network does not fit on small ones', async () => {
    const source = await readPython(`from tensorflow.keras import layers, models
def deep(input_shape):
    model = models.Sequential()
    model.add(layers.Conv2D(4, 11, strides=4, input_shape=input_shape))
    for _ in range(3):
        model.add(layers.Conv2D(4, 3))
        model.add(layers.MaxPooling2D())
    return model
`);
    assert.deepEqual(source.models[0].inputShapes, [[null, 224, 224, 3]]);
    assert.equal(source.models.length, 1);
  });

  it('take shape and classes from the data set that the file loads', async () => {
    const source = await readPython(`${BUILDER}
from tensorflow.keras.datasets import cifar100
train, test = cifar100.load_data()
`);
    assert.deepEqual(source.models[0].inputShapes, [[null, 32, 32, 3]]);
    assert.deepEqual(source.models[0].outputShapes, [[null, 100]]);
  });

  it('are not offered when the file calls them', async () => {
    const model = await onlyModel(`${BUILDER}
net = build_model((28, 28, 1), 10)
`);
    assert.equal(model.name, 'net');
    assert.ok(!model.notes.some((n) => n.code === 'uncalled-builder'));
  });

  it('can be static methods of a class', async () => {
    const source = await readPython(`from keras.models import Sequential
from keras.layers import Conv2D
class LeNet:
    @staticmethod
    def build(width, height, depth, classes):
        model = Sequential()
        model.add(Conv2D(20, (5, 5), input_shape=(height, width, depth)))
        return model
`);
    assert.equal(source.models.length, 1);
    assert.equal(source.models[0].name, 'LeNet.build');
    assert.deepEqual(source.models[0].inputShapes, [[null, 64, 64, 3]]);
  });

  it('can be methods of an object that must be made first', async () => {
    const source = await readPython(`from keras.models import Sequential
from keras.layers import Conv2D
class Classifier(object):
    def __init__(self, filters=6):
        self.filters = filters
    def build(self):
        self.model = Sequential([Conv2D(self.filters, 3, input_shape=(8, 8, 1))])
        return self.model
`);
    assert.deepEqual(source.models.map(summary), [['Conv2D [null,6,6,6] 60']]);
  });

  it('can be model classes', async () => {
    const source = await readPython(`import tensorflow as tf
class Net(tf.keras.Model):
    def __init__(self, num_classes):
        super(Net, self).__init__()
        self.conv = tf.keras.layers.Conv2D(4, 3)
        self.head = tf.keras.layers.Dense(num_classes)
    def call(self, x):
        return self.head(tf.reduce_mean(self.conv(x), [1, 2]))
`);
    assert.deepEqual(source.models.map(summary), [
      ['Conv2D [null,62,62,4] 112', 'GlobalAveragePooling2D [null,4] 0', 'Dense [null,10] 50'],
    ]);
  });
});

describe('notes', () => {
  it('say that an input shape is missing, and what was assumed', async () => {
    const text = `from keras.models import Sequential
from keras.layers import Conv2D
model = Sequential()
model.add(Conv2D(4, (3, 3)))
`;
    const source = await readPython(text);
    const note = allNotes(source).find((n) => n.assumption);
    assert.deepEqual(note?.assumption, { key: 'model.input_shape', value: [64, 64, 3] });
    assert.equal(note?.range.startLine, 3);
    const told = await readPython(text, { assumptions: { 'model.input_shape': [10, 10, 1] } });
    assert.deepEqual(summary(told.models[0]), ['Conv2D [null,8,8,4] 40']);
  });

  it('ask for a class count that depends on folders', async () => {
    const source = await readPython(`import os
from tensorflow.keras import layers, Sequential
names = os.listdir('data/train')
model = Sequential([layers.Flatten(input_shape=(4, 4)), layers.Dense(len(names), activation='softmax')])
`);
    const note = allNotes(source).find((n) => n.assumption);
    assert.equal(note?.assumption?.value, 10);
    assert.match(note?.assumption?.key ?? '', /units$/);
    assert.equal(note?.range.startLine, 3);
  });

  it('name the layer that does not fit, at its call', async () => {
    const text = `from keras.models import Sequential
from keras.layers import Conv2D
model = Sequential()
model.add(Conv2D(4, (3, 3), input_shape=(4, 4, 1)))
model.add(Conv2D(4, (5, 5)))
`;
    const [model] = (await readPython(text)).models;
    const note = model.notes.find((n) => n.severity === 'error');
    assert.equal(note?.range.startLine, 4);
    assert.equal(note?.range.startColumn, 10);
    assert.match(note?.message ?? '', /window of 5 does not fit into an input of 2/);
    assert.equal(model.trainable, false);
  });

  it('warn of arguments that a layer does not have', async () => {
    const [model] = (
      await readPython(`from tensorflow.keras import layers, Sequential
model = Sequential([layers.Dense(3, input_shape=(2,), activaton='relu')])
`)
    ).models;
    assert.match(model.notes[0].message, /activaton/);
    assert.equal(model.notes[0].severity, 'warning');
  });

  it('tell that a file only has parts of models', async () => {
    const source = await readPython(`from keras.layers import Conv2D
def block(x, filters):
    return Conv2D(filters, 3)(x)
`);
    assert.deepEqual(source.models, []);
    assert.equal(source.notes[0].code, 'no-model');
    assert.equal(source.notes[0].range.startLine, 1);
  });

  it('are not made about files without Keras', async () => {
    const source = await readPython('import os\nfor i in range(3):\n    print(i)\n');
    assert.deepEqual(source, { dialect: null, models: [], notes: [] });
  });

  it('may be methods of a class that something makes, but whose methods nothing calls', async () => {
    const model = await onlyModel(`from keras.models import Sequential
from keras.layers import Dense
class Base(object):
    def __init__(self, size=8):
        self.size = size
class Net(Base):
    def _create(self):
        self.model = Sequential([Dense(4, input_dim=self.size)])
def make(*args, **kwargs):
    return Net(*args, **kwargs)
`);
    assert.deepEqual(summary(model), ['Dense [null,4] 36']);
  });

  it('take a size where a name that sounds like a shape is one of several sizes, channels first as in Keras 1', async () => {
    const model = await onlyModel(`from keras.models import Sequential
from keras.layers import Dense, Flatten, Convolution2D
def make(input_size):
    model = Sequential()
    model.add(Convolution2D(4, 3, 3, border_mode='same', input_shape=(3, input_size, input_size)))
    model.add(Flatten())
    model.add(Dense(2))
    return model
`);
    assert.deepEqual(summary(model), ['Conv2D [null,4,64,64] 112', 'Flatten [null,16384] 0', 'Dense [null,2] 32770']);
    assert.ok(model.notes.some((n) => n.code === 'channels-first'));
  });

  it('survive a syntax error elsewhere in the file', async () => {
    const source = await readPython(`from keras.models import Sequential
from keras.layers import Dense
def broken(:
    return ((
model = Sequential()
model.add(Dense(3, input_shape=(2,)))
`);
    assert.deepEqual(source.models.map(summary), [['Dense [null,3] 9']]);
    assert.ok(allNotes(source).some((n) => n.code === 'syntax-error'));
  });
});
