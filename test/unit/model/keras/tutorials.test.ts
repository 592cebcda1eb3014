import * as assert from 'node:assert/strict';
import { allNotes, onlyModel, readPython, summary, textAt } from '../readText';

const CATS = `
from keras.models import Sequential
from keras.layers import Conv2D, MaxPooling2D, Flatten, Dense
from keras.preprocessing.image import ImageDataGenerator

classifier = Sequential()
classifier.add(Conv2D(32, (3, 3), input_shape=(64, 64, 3), activation='relu'))
classifier.add(MaxPooling2D(pool_size=(2, 2)))
classifier.add(Flatten())
classifier.add(Dense(units=128, activation='relu'))
classifier.add(Dense(units=1, activation='sigmoid'))
classifier.compile(optimizer='adam', loss='binary_crossentropy', metrics=['accuracy'])

train = ImageDataGenerator(rescale=1./255, shear_range=0.2, zoom_range=0.2, horizontal_flip=True)
test = ImageDataGenerator(rescale=1./255)
training_set = train.flow_from_directory('dataset/training_set', target_size=(64, 64), batch_size=16, class_mode='binary')
test_set = test.flow_from_directory('dataset/test_set', target_size=(64, 64), batch_size=16, class_mode='binary')
classifier.fit_generator(training_set, steps_per_epoch=8000, epochs=25, validation_data=test_set, validation_steps=2000)
`;

describe('reading tutorials in Keras', () => {
  it('reads layers, compile, fit_generator and folders of the cats and dogs tutorial', async () => {
    const model = await onlyModel(CATS);
    assert.equal(model.name, 'classifier');
    assert.equal(model.dialect, 'keras2');
    assert.deepEqual(summary(model), [
      'Conv2D [null,62,62,32] 896',
      'MaxPooling2D [null,31,31,32] 0',
      'Flatten [null,30752] 0',
      'Dense [null,128] 3936384',
      'Dense [null,1] 129',
    ]);
    assert.equal(model.totalParams, 896 + 3936384 + 129);
    assert.equal(model.trainable, true);
    const { training, data } = model;
    assert.equal(training.optimizer?.className, 'Adam');
    assert.equal(training.loss?.name, 'binary_crossentropy');
    assert.deepEqual(training.metrics, ['accuracy']);
    assert.equal(training.epochs, 25);
    assert.equal(training.stepsPerEpoch, 8000);
    assert.equal(training.validationSteps, 2000);
    assert.equal(data.kind, 'folder');
    assert.equal(data.path, 'dataset/training_set');
    assert.equal(data.validationPath, 'dataset/test_set');
    assert.deepEqual(data.targetSize, [64, 64]);
    assert.equal(data.batchSize, 16);
    assert.equal(data.classMode, 'binary');
    assert.equal(data.preprocessing.rescale, 1 / 255);
    assert.deepEqual(data.preprocessing.augmentation, { shearRange: 0.2, zoomRange: 0.2, horizontalFlip: true });
  });

  it('gives every layer the range of the call that made it', async () => {
    const model = await onlyModel(CATS);
    const places = model.layers.map((l) => l.source && textAt(CATS, l.source)).filter((t) => t !== null);
    assert.equal(places[0], "Conv2D(32, (3, 3), input_shape=(64, 64, 3), activation='relu')");
    assert.equal(places[4], "Dense(units=1, activation='sigmoid')");
    assert.equal(textAt(CATS, model.range), 'Sequential()');
  });

  it('follows mnist through reshape, scaling and to_categorical', async () => {
    const model = await onlyModel(`
import keras
from keras import layers
from keras.datasets import mnist
(x_train, y_train), (x_test, y_test) = mnist.load_data()
x_train = x_train.reshape(x_train.shape[0], 28, 28, 1).astype('float32')
x_train /= 255
y_train = keras.utils.to_categorical(y_train, 10)
model = keras.Sequential([
    keras.Input(shape=x_train.shape[1:]),
    layers.Conv2D(32, kernel_size=(3, 3), activation="relu"),
    layers.MaxPooling2D(pool_size=(2, 2)),
    layers.Flatten(),
    layers.Dropout(0.5),
    layers.Dense(10, activation="softmax"),
])
model.compile(loss="categorical_crossentropy", optimizer="adam", metrics=["accuracy"])
model.fit(x_train, y_train, batch_size=128, epochs=15, validation_split=0.1)
`);
    assert.deepEqual(model.inputShapes, [[null, 28, 28, 1]]);
    assert.deepEqual(model.outputShapes, [[null, 10]]);
    assert.equal(model.totalParams, 320 + 54090);
    assert.deepEqual([model.training.epochs, model.training.batchSize, model.training.validationSplit], [15, 128, 0.1]);
    assert.equal(model.data.kind, 'named');
    assert.equal(model.data.name, 'mnist');
    assert.equal(model.data.preprocessing.rescale, 1 / 255);
    assert.equal(model.data.classMode, 'categorical');
  });

  it('reads image_dataset_from_directory with its defaults', async () => {
    const model = await onlyModel(`
import tensorflow as tf
from tensorflow.keras import layers
ds = tf.keras.utils.image_dataset_from_directory('photos', validation_split=0.2, subset='training', seed=123, image_size=(180, 180), batch_size=8)
model = tf.keras.Sequential([layers.Rescaling(1./255, input_shape=(180, 180, 3)), layers.Conv2D(16, 3, padding='same'), layers.GlobalAveragePooling2D(), layers.Dense(5)])
model.compile(optimizer='adam', loss=tf.keras.losses.SparseCategoricalCrossentropy(from_logits=True))
model.fit(ds.prefetch(2), epochs=3)
`);
    assert.deepEqual(summary(model), [
      'Rescaling [null,180,180,3] 0',
      'Conv2D [null,180,180,16] 448',
      'GlobalAveragePooling2D [null,16] 0',
      'Dense [null,5] 85',
    ]);
    assert.equal(model.training.loss?.name, 'sparse_categorical_crossentropy');
    assert.equal(model.training.loss?.fromLogits, true);
    assert.equal(model.data.kind, 'folder');
    assert.equal(model.data.path, 'photos');
    assert.deepEqual([model.data.batchSize, model.data.validationSplit, model.data.seed], [8, 0.2, 123]);
    assert.deepEqual(model.data.targetSize, [180, 180]);
  });

  it('tells a 3×3 kernel from a stride by the import', async () => {
    const body = `
model = Sequential()
model.add(Conv2D(32, 3, 3, input_shape=(28, 28, 1)))
`;
    const old = await onlyModel(`from keras.models import Sequential\nfrom keras.layers import Conv2D\n${body}`);
    assert.deepEqual(summary(old), ['Conv2D [null,26,26,32] 320']);
    assert.ok(old.notes.some((n) => n.code === 'kernel-from-two-numbers'));
    const current = await onlyModel(`from tensorflow.keras.models import Sequential\nfrom tensorflow.keras.layers import Conv2D\n${body}`);
    assert.deepEqual(summary(current), ['Conv2D [null,9,9,32] 320']);
    assert.ok(current.notes.some((n) => n.code === 'second-number-is-stride'));
  });

  it('reads Keras 1 names, positions and arguments', async () => {
    const model = await onlyModel(`
from keras.models import Sequential
from keras.layers.core import Dense, Dropout, Activation, Flatten
from keras.layers.convolutional import Convolution2D, MaxPooling2D
model = Sequential()
model.add(Convolution2D(32, 3, 5, border_mode='same', subsample=(2, 2), input_shape=(28, 28, 1), dim_ordering='tf', bias=False))
model.add(Activation('relu'))
model.add(MaxPooling2D(pool_size=(2, 2), border_mode='valid'))
model.add(Flatten())
model.add(Dense(output_dim=10, init='uniform'))
model.compile(loss='categorical_crossentropy', optimizer='adadelta')
model.fit([], [], nb_epoch=12, batch_size=128)
`);
    assert.equal(model.dialect, 'keras1');
    assert.deepEqual(summary(model), [
      'Conv2D [null,14,14,32] 480',
      'Activation [null,14,14,32] 0',
      'MaxPooling2D [null,7,7,32] 0',
      'Flatten [null,1568] 0',
      'Dense [null,10] 15690',
    ]);
    assert.equal(model.layers[0].config.padding, 'same');
    assert.equal(model.training.epochs, 12);
    assert.equal(model.training.optimizer?.config.learning_rate, 1);
  });

  it("sees Theano's order of axes in a Keras 1 input shape", async () => {
    const source = await readPython(`
from keras.models import Sequential
from keras.layers import Convolution2D, MaxPooling2D
model = Sequential()
model.add(Convolution2D(32, 3, 3, border_mode='valid', input_shape=(3, 32, 32)))
model.add(MaxPooling2D(pool_size=(2, 2)))
`);
    assert.deepEqual(summary(source.models[0]), ['Conv2D [null,32,30,30] 896', 'MaxPooling2D [null,32,15,15] 0']);
    assert.ok(allNotes(source).some((n) => n.code === 'channels-first'));
  });

  it('takes the branch that K.image_data_format() decides', async () => {
    const model = await onlyModel(`
from keras import backend as K
from keras.models import Sequential
from keras.layers import Conv2D
if K.image_data_format() == 'channels_first':
    input_shape = (1, 28, 28)
else:
    input_shape = (28, 28, 1)
model = Sequential()
model.add(Conv2D(8, (3, 3), input_shape=input_shape))
`);
    assert.deepEqual(model.inputShapes, [[null, 28, 28, 1]]);
  });

  it("fills in the dialect's own defaults of an optimizer", async () => {
    const body = (module: string) => `
from ${module}.models import Sequential
from ${module}.layers import Dense
model = Sequential([Dense(1, input_shape=(4,))])
model.compile(optimizer='adadelta', loss='mse')
`;
    const rate = async (module: string) => (await onlyModel(body(module))).training.optimizer?.config.learning_rate;
    assert.equal(await rate('keras'), 1);
    assert.equal(await rate('tensorflow.keras'), 0.001);
  });
});
