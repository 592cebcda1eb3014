import * as assert from 'node:assert/strict';
import { onlyModel, readPython, summary } from '../readText';

const HEAD = `
import numpy as np, pandas as pd, tensorflow as tf
from tensorflow import keras
from tensorflow.keras import layers, Sequential
from sklearn.model_selection import train_test_split
from sklearn import datasets
`;

const TAIL = `
model = Sequential([layers.Conv2D(4, 3, input_shape=x.shape[1:]), layers.Flatten(), layers.Dense(10)])
model.compile('adam', 'mse')
model.fit(x, y, epochs=2)
`;

describe('data that Keras files name', () => {
  it('may be an npz file, by key', async () => {
    const model = await onlyModel(`${HEAD}
f = np.load('data/digits.npz')
x, y = f['x_train'].reshape(-1, 28, 28, 1) / 255, f['y_train']
${TAIL}`);
    assert.deepEqual(model.inputShapes, [[null, 28, 28, 1]]);
    assert.equal(model.data.kind, 'file');
    assert.equal(model.data.path, 'data/digits.npz');
    assert.deepEqual(model.data.extra, { key: 'x_train' });
    assert.equal(model.data.preprocessing.rescale, 1 / 255);
  });

  it('may be their own targets, noise being said to be left out', async () => {
    const text = (input: string) => `${HEAD}
(x, _), (t, _) = keras.datasets.mnist.load_data()
x = x.reshape(-1, 28, 28, 1) / 255
noisy = np.clip(x + 0.5 * np.random.normal(loc=0.0, scale=1.0, size=x.shape), 0, 1)
model = Sequential([layers.Conv2D(1, 3, padding='same', input_shape=(28, 28, 1))])
model.compile('adam', 'mse')
model.fit(${input}, x, epochs=2)
`;
    for (const input of ['x', 'noisy']) {
      const { data, notes } = await onlyModel(text(input));
      assert.deepEqual([data.name, data.classMode, data.preprocessing.rescale], ['mnist', 'input', 1 / 255]);
      assert.deepEqual(
        notes.map((n) => n.code),
        input === 'noisy' ? ['ignored-noise'] : [],
      );
    }
  });

  it('may be columns of one array: images and labels of it are no image twice', async () => {
    const read = async (x: string, y: string) =>
      (
        await onlyModel(`${HEAD}
data = np.loadtxt('train.csv', delimiter=',', skiprows=1)
x = (${x}).reshape(-1, 28, 28, 1)
model = Sequential([layers.Conv2D(4, 3, input_shape=(28, 28, 1)), layers.Flatten(), layers.Dense(10, activation='softmax')])
model.compile('adam', 'sparse_categorical_crossentropy')
model.fit(x, ${y}, epochs=2)
`)
      ).data;
    const data = await read('data[:, 1:] / 255', 'data[:, 0]');
    assert.deepEqual([data.path, data.preprocessing.rescale, data.classMode], ['train.csv', 1 / 255, 'sparse']);
    assert.equal((await read('data[:, 1:]', 'data[:, :1]')).classMode, 'sparse');
    // The same columns, and rows of them, are the input again; a new axis takes nothing away.
    assert.equal((await read('data[:, 1:]', 'data[:, 1:][:, :, None]')).classMode, 'input');
    assert.equal((await read('data[:100]', 'data[..., None][:100]')).classMode, 'input');
  });

  it('may be what a generator yields, with what it does to the batches', async () => {
    const { data, training } = await onlyModel(`${HEAD}
from keras.preprocessing.image import ImageDataGenerator
def scaled(image, mask):
    if np.max(image) > 1:
        image = image / 255
        mask = mask / 255
        mask[mask > 0.5] = 1
    return image, mask
def batches(folder, size):
    settings = dict(horizontal_flip=True)
    flow = lambda name: ImageDataGenerator(**settings).flow_from_directory(
        folder, classes=[name], class_mode=None, color_mode='grayscale', target_size=(64, 64), batch_size=size)
    while True:
        for image, mask in zip(flow('image'), flow('label')):
            image, mask = scaled(image, mask)
            yield image, mask
i = keras.Input((64, 64, 1))
model = keras.Model(i, layers.Conv2D(1, 3, padding='same', activation='sigmoid')(i))
model.compile('adam', 'binary_crossentropy')
model.fit(batches('data/train', 2), steps_per_epoch=5)
`);
    assert.deepEqual([data.kind, data.path, data.colorMode, data.batchSize], ['folder', 'data/train', 'grayscale', 2]);
    assert.deepEqual(data.preprocessing, { rescale: 1 / 255, augmentation: { horizontalFlip: true } });
    assert.equal(training.batchSize, 2);
  });

  it('is not taken from generators of other things, which their first does not tell', async () => {
    const source = await readPython(`${HEAD}
def blocks():
    for n in (4, 8):
        yield layers.Conv2D(n, 3)
model = Sequential([keras.Input((9, 9, 1)), *blocks()])
`);
    // One layer of two would be another network.
    assert.ok(source.models.every((m) => m.layers.filter((l) => l.className === 'Conv2D').length === 0));
  });

  it('may be a table of pixels', async () => {
    const model = await onlyModel(`${HEAD}
train = pd.read_csv('train.csv')
y = train['label']
x = train.drop('label', axis=1).values.reshape(-1, 28, 28, 1)
${TAIL}`);
    assert.deepEqual([model.data.kind, model.data.path], ['file', 'train.csv']);
  });

  it('may be split in two', async () => {
    const model = await onlyModel(`${HEAD}
digits = datasets.load_digits()
images = digits.images.reshape((len(digits.images), 8, 8, 1))
x, x_test, y, y_test = train_test_split(images, digits.target, test_size=0.2)
print(x.shape)
${TAIL}`);
    assert.deepEqual(summary(model), ['Conv2D [null,6,6,4] 40', 'Flatten [null,144] 0', 'Dense [null,10] 1450']);
  });

  it('may come through tf.data into a training loop', async () => {
    const model = await onlyModel(`${HEAD}
(x_train, y_train), _ = keras.datasets.cifar10.load_data()
ds = tf.data.Dataset.from_tensor_slices((x_train, y_train)).shuffle(100).batch(32)
class Net(keras.Model):
    def __init__(self):
        super().__init__()
        self.conv = layers.Conv2D(4, 3)
    def call(self, x):
        return self.conv(x)
model = Net()
@tf.function
def train_step(images, labels):
    with tf.GradientTape() as tape:
        predictions = model(images, training=True)
for epoch in range(5):
    for images, labels in ds:
        train_step(images, labels)
`);
    assert.deepEqual(summary(model), ['Conv2D [null,30,30,4] 112']);
  });

  it('may be a set of tensorflow_datasets', async () => {
    const model = await onlyModel(`${HEAD}
import tensorflow_datasets as tfds
train, test = tfds.load('fashion_mnist', split=['train', 'test'], as_supervised=True)
def scale(image, label):
    return tf.image.resize(tf.cast(image, tf.float32) / 255., (20, 24)), label
for images, labels in train.map(scale).batch(16).take(1):
    x, y = images, labels
${TAIL}`);
    assert.deepEqual(model.inputShapes, [[null, 20, 24, 1]]);
  });
});

describe('networks of keras.applications', () => {
  it('are the base of a model on their output', async () => {
    const model = await onlyModel(`${HEAD}
base = keras.applications.MobileNetV2(input_shape=(96, 96, 3), include_top=False)
base.trainable = False
x = layers.GlobalAveragePooling2D()(base.output)
model = keras.Model(base.input, layers.Dense(2)(x))
model.compile('adam', 'mse')
`);
    assert.equal(model.totalParams, 2257984 + 1280 * 2 + 2);
    assert.equal(
      model.layers.reduce((n, l) => n + l.trainableParams, 0),
      2562,
    );
    assert.ok(model.notes.some((n) => n.code === 'pretrained-weights'));
  });

  it('are models themselves when they are trained as they are', async () => {
    const source = await readPython(`${HEAD}
net = keras.applications.vgg16.VGG16(weights=None, classes=10, input_shape=(32, 32, 3))
net.compile('sgd', 'categorical_crossentropy')
`);
    assert.deepEqual(
      source.models.map((m) => [m.name, m.totalParams]),
      [['net', 33638218]],
    );
  });

  it('are a layer of a sequential model', async () => {
    const model = await onlyModel(`${HEAD}
from tensorflow.keras.applications import ResNet50
model = Sequential()
model.add(ResNet50(include_top=False, pooling='avg', weights='imagenet', input_shape=(64, 64, 3)))
model.add(layers.Dense(3, activation='softmax'))
`);
    assert.equal(model.totalParams, 23587712 + 2048 * 3 + 3);
    assert.deepEqual(model.outputShapes, [[null, 3]]);
  });
});

describe('what tensorflow_datasets tells', () => {
  it('gives the shape and the number of classes', async () => {
    const model = await onlyModel(`${HEAD}
import tensorflow_datasets as tfds
data, info = tfds.load('eurosat', with_info=True, as_supervised=True)
model = keras.Sequential([
    layers.Flatten(input_shape=info.features['image'].shape),
    layers.Dense(info.features['label'].num_classes),
])
`);
    assert.deepEqual(model.inputShapes, [[null, 64, 64, 3]]);
    assert.deepEqual(model.outputShapes, [[null, 10]]);
  });
});

describe('networks that no Model() closes', () => {
  it('are shown from their Input on', async () => {
    const model = await onlyModel(`${HEAD}
x = inputs = keras.Input((8, 8, 1))
x = layers.Conv2D(2, 3)(x)
x = layers.Flatten()(x)
outputs = layers.Dense(4)(x)
`);
    assert.deepEqual(summary(model), ['Conv2D [null,6,6,2] 20', 'Flatten [null,72] 0', 'Dense [null,4] 292']);
    assert.ok(model.notes.some((n) => n.code === 'no-model-call'));
  });
});
