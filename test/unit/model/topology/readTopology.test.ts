import * as assert from 'node:assert/strict';
import type { ModelSource } from '../../../../src/common/modelSpec';
import { readModelSource } from '../../../../src/model/readModelSource';
import { onlyModel, summary, textAt } from '../readText';

const read = (value: unknown, prefix = ''): Promise<ModelSource> =>
  readModelSource({ path: 'model.json', text: prefix + (typeof value === 'string' ? value : JSON.stringify(value)) });

const KERAS_1 = {
  class_name: 'Sequential',
  keras_version: '1.2.2',
  config: [
    {
      class_name: 'Convolution2D',
      config: {
        name: 'convolution2d_1',
        batch_input_shape: [null, 28, 28, 1],
        nb_filter: 8,
        nb_row: 3,
        nb_col: 5,
        border_mode: 'valid',
        subsample: [1, 1],
        dim_ordering: 'tf',
        bias: true,
        init: 'glorot_uniform',
        activation: 'linear',
      },
    },
    { class_name: 'Activation', config: { name: 'activation_1', activation: 'relu' } },
    { class_name: 'Flatten', config: { name: 'flatten_1' } },
    { class_name: 'Dense', config: { name: 'dense_1', output_dim: 10, activation: 'softmax', bias: true } },
  ],
};

const KERAS_3 = {
  module: 'keras',
  class_name: 'Functional',
  config: {
    name: 'functional',
    layers: [
      {
        module: 'keras.layers',
        class_name: 'InputLayer',
        config: { batch_shape: [null, 8, 8, 2], dtype: 'float32', name: 'in' },
        registered_name: null,
        name: 'in',
        inbound_nodes: [],
      },
      {
        module: 'keras.layers',
        class_name: 'Conv2D',
        config: {
          name: 'conv',
          dtype: { module: 'keras', class_name: 'DTypePolicy', config: { name: 'float32' }, registered_name: null },
          filters: 4,
          kernel_size: [3, 3],
          padding: 'same',
          activation: 'relu',
          kernel_initializer: { module: 'keras.initializers', class_name: 'HeNormal', config: { seed: null }, registered_name: null },
        },
        registered_name: null,
        build_config: { input_shape: [null, 8, 8, 2] },
        name: 'conv',
        inbound_nodes: [
          {
            args: [{ class_name: '__keras_tensor__', config: { shape: [null, 8, 8, 2], dtype: 'float32', keras_history: ['in', 0, 0] } }],
            kwargs: {},
          },
        ],
      },
      {
        module: 'keras.layers',
        class_name: 'Concatenate',
        config: { name: 'cat', axis: -1 },
        registered_name: null,
        name: 'cat',
        inbound_nodes: [
          {
            args: [
              [
                { class_name: '__keras_tensor__', config: { keras_history: ['in', 0, 0] } },
                { class_name: '__keras_tensor__', config: { keras_history: ['conv', 0, 0] } },
              ],
            ],
            kwargs: {},
          },
        ],
      },
    ],
    input_layers: [['in', 0, 0]],
    output_layers: ['cat', 0, 0],
  },
  compile_config: { optimizer: 'adam', loss: 'mse', metrics: ['mae'] },
};

describe('topology JSON', () => {
  it('reads Keras 1, whose arguments had other names', async () => {
    const [model] = (await read(KERAS_1)).models;
    assert.deepEqual(summary(model), [
      'Conv2D [null,26,24,8] 128',
      'Activation [null,26,24,8] 0',
      'Flatten [null,4992] 0',
      'Dense [null,10] 49930',
    ]);
    assert.equal(model.dialect, 'topology-json');
    assert.equal(model.trainable, true);
  });

  it('reads Keras 3, with batch_shape, objects for settings and histories for nodes', async () => {
    const [model] = (await read(KERAS_3)).models;
    assert.deepEqual(summary(model), ['Conv2D [null,8,8,4] 76', 'Concatenate [null,8,8,6] 0']);
    assert.deepEqual(model.inputShapes, [[null, 8, 8, 2]]);
    assert.equal(model.layers[1].weights[0].initializer.className, 'HeNormal');
    assert.equal(model.training.optimizer?.className, 'Adam');
    assert.equal(model.training.loss?.name, 'mean_squared_error');
    assert.deepEqual(model.training.metrics, ['mean_absolute_error']);
  });

  it('reads a TF.js model.json and leaves its weights alone', async () => {
    const topology = {
      model_config: KERAS_1,
      keras_version: '2.2.4',
      training_config: { optimizer_config: { class_name: 'SGD', config: { lr: 0.5 } }, loss: 'binary_crossentropy' },
    };
    const [model] = (await read({ format: 'layers-model', modelTopology: topology, weightsManifest: [{ paths: ['a.bin'], weights: [] }] }))
      .models;
    assert.equal(model.totalParams, 128 + 49930);
    assert.equal(model.training.optimizer?.config.learning_rate, 0.5);
    assert.equal(model.training.loss?.name, 'binary_crossentropy');
  });

  it('reads what it writes: the topology of a Python model', async () => {
    const python = await onlyModel(`
from tensorflow.keras import layers, Model, Input
x = Input((12, 12, 3))
a = layers.SeparableConv2D(8, 3, padding='same', activation='relu')(x)
b = layers.DepthwiseConv2D(3, padding='same')(x)
c = layers.Concatenate()([a, b])
model = Model(x, layers.Dense(5)(layers.Flatten()(layers.BatchNormalization()(c))))
`);
    const [model] = (await read(python.topology)).models;
    assert.deepEqual(summary(model), summary(python));
    assert.equal(model.totalParams, python.totalParams);
  });

  it('gives layers their place in the file, behind a byte order mark too', async () => {
    const text = JSON.stringify(KERAS_1, null, 1);
    for (const prefix of ['', '\uFEFF']) {
      const [model] = (await read(text, prefix)).models;
      const { source } = model.layers[0];
      assert.ok(source);
      const lines = (prefix + text).split('\n').slice(source.startLine, source.endLine + 1);
      assert.equal(lines[0].slice(source.startColumn), '{');
      assert.ok(lines.join('\n').includes('"convolution2d_1"'));
      assert.ok(!lines.join('\n').includes('"activation_1"'));
    }
    const flat = JSON.stringify(KERAS_1);
    const [model] = (await read(flat, '\uFEFF')).models;
    assert.ok(model.layers[1].source);
    assert.equal(textAt('\uFEFF' + flat, model.layers[1].source), JSON.stringify(KERAS_1.config[1]));
  });

  it('restores nested models and shared layers', async () => {
    const python = await onlyModel(`
from tensorflow.keras import layers, Model, Input, Sequential
def make():
    body = Sequential([layers.Conv2D(4, 3, input_shape=(8, 8, 1)), layers.Flatten()], name='body')
    a, b = Input((8, 8, 1)), Input((8, 8, 1))
    return Model([a, b], layers.subtract([body(a), body(b)]))
model = make()
`);
    const [model] = (await read(python.topology)).models;
    assert.equal(model.totalParams, 40);
    assert.deepEqual(model.outputShapes, [[null, 144]]);
  });

  it('keeps a custom layer in its place and says that it is assumed', async () => {
    const [model] = (
      await read({
        class_name: 'Sequential',
        config: {
          name: 's',
          layers: [
            { class_name: 'Whiten', config: { name: 'w', batch_input_shape: [null, 4] } },
            { class_name: 'Dense', config: { name: 'd', units: 2 } },
          ],
        },
      })
    ).models;
    assert.deepEqual(summary(model), ['Whiten [null,4] 0', 'Dense [null,2] 10']);
    assert.equal(model.trainable, false);
    assert.ok(model.notes.some((n) => n.code === 'assumed-shape'));
  });

  it('says what is wrong with other files', async () => {
    const graph = await read({ format: 'graph-model', modelTopology: { node: [] } });
    assert.equal(graph.notes[0].code, 'graph-model');
    const broken = await read('{"class_name": "Sequential",\n "config": [}');
    assert.equal(broken.notes[0].code, 'invalid-json');
    assert.equal(broken.notes[0].range.startLine, 1);
    assert.deepEqual(await read({ name: 'package', version: '1.0.0' }), { dialect: null, models: [], notes: [] });
    const unconnected = await read({
      class_name: 'Model',
      config: {
        layers: [
          { class_name: 'InputLayer', name: 'i', config: { name: 'i', batch_input_shape: [null, 4] }, inbound_nodes: [] },
          { class_name: 'Dense', name: 'd', config: { name: 'd', units: 2 }, inbound_nodes: [[['gone', 0, 0]]] },
        ],
        input_layers: [['i', 0, 0]],
        output_layers: [['d', 0, 0]],
      },
    });
    assert.equal(unconnected.models.length, 0);
    assert.ok(unconnected.notes.some((n) => /"gone"/.test(n.message)));
  });
});
