import * as assert from 'node:assert/strict';
import type { ModelSource, ModelSpec } from '../../../../src/common/modelSpec';
import { readModelSource, type ReadOptions } from '../../../../src/model/readModelSource';

const IMPORT = "import * as tf from '@tensorflow/tfjs';\n";

const read = (text: string, path = 'model.js', options: ReadOptions = {}): Promise<ModelSource> => readModelSource({ path, text }, options);

async function readOne(text: string, path = 'model.js', options: ReadOptions = {}): Promise<ModelSpec> {
  const { models } = await read(text, path, options);
  assert.deepEqual(models.length, 1, models.map((m) => m.name).join(', '));
  return models[0];
}

const table = (model: ModelSpec) => model.layers.map((l) => `${l.className} ${l.outputShape.slice(1).join('×')} ${l.params}`);

const CONV =
  "tf.layers.conv2d({inputShape: [28, 28, 1], kernelSize: 5, filters: 8, activation: 'relu', kernelInitializer: 'varianceScaling'})";

describe('TensorFlow.js programs', () => {
  it('reads sequential models layer by layer, with the line of every call', async () => {
    const model = await readOne(`${IMPORT}const model = tf.sequential();
model.add(${CONV});
model.add(tf.layers.maxPooling2d({poolSize: [2, 2], strides: [2, 2]}));
model.add(tf.layers.flatten());
model.add(tf.layers.dense({units: 10, activation: 'softmax'}));
model.compile({optimizer: tf.train.sgd(0.15), loss: 'categoricalCrossentropy', metrics: ['accuracy']});
await model.fit(xs, ys, {batchSize: 64, epochs: 3, validationSplit: 0.15, shuffle: false});
`);
    assert.equal(model.dialect, 'tfjs');
    assert.equal(model.name, 'model');
    assert.deepEqual(table(model), ['Conv2D 24×24×8 208', 'MaxPooling2D 12×12×8 0', 'Flatten 1152 0', 'Dense 10 11530']);
    assert.deepEqual(
      model.layers.map((l) => l.source?.startLine),
      [2, 3, 4, 5],
    );
    assert.equal(model.layers[0].source?.startColumn, 'model.add('.length);
    // TF.js's varianceScaling without settings is LeCun's.
    assert.equal(model.layers[0].weights[0].initializer.className, 'LecunNormal');
    assert.deepEqual(model.training, {
      optimizer: { className: 'SGD', config: { learning_rate: 0.15 } },
      loss: { name: 'categorical_crossentropy', fromLogits: false, config: {} },
      metrics: ['accuracy'],
      compileRange: { startLine: 6, startColumn: 0, endLine: 6, endColumn: 102 },
      epochs: 3,
      batchSize: 64,
      validationSplit: 0.15,
      stepsPerEpoch: null,
      validationSteps: null,
      shuffle: false,
      fitRange: { startLine: 7, startColumn: 6, endLine: 7, endColumn: 90 },
    });
    assert.equal(model.trainable, true);
  });

  it("takes TF.js's own defaults: glorotNormal kernels, names, an adadelta of 1 by name", async () => {
    const model = await readOne(
      `${IMPORT}const m = tf.sequential({layers: [tf.layers.dense({units: 2, inputShape: [3]}), tf.layers.dense({units: 1})]});
m.compile({optimizer: 'adadelta', loss: 'meanSquaredError'});`,
    );
    assert.deepEqual(
      model.layers.map((l) => l.name),
      ['dense_Dense1', 'dense_Dense2'],
    );
    assert.equal(model.layers[0].weights[0].initializer.className, 'GlorotNormal');
    assert.equal(model.training.optimizer?.config.learning_rate, 1);
    assert.equal(model.training.loss?.name, 'mean_squared_error');
  });

  it('reads functional models with branches', async () => {
    const model = await readOne(`${IMPORT}
export function build() {
  const input = tf.input({shape: [8, 8, 3]});
  const a = tf.layers.conv2d({filters: 4, kernelSize: 3, padding: 'same'}).apply(input);
  const b = tf.layers.conv2d({filters: 4, kernelSize: 1, padding: 'same'}).apply(input);
  const sum = tf.layers.add().apply([a, b]);
  const joined = tf.layers.concatenate().apply([sum, a]);
  const output = tf.layers.dense({units: 2}).apply(tf.layers.globalAveragePooling2d({}).apply(joined));
  return tf.model({inputs: input, outputs: output});
}`);
    assert.equal(model.name, 'build');
    assert.deepEqual(table(model).slice(1), [
      'Conv2D 8×8×4 112',
      'Conv2D 8×8×4 16',
      'Add 8×8×4 0',
      'Concatenate 8×8×8 0',
      'GlobalAveragePooling2D 8 0',
      'Dense 2 18',
    ]);
  });

  it('reads builders that nothing calls, exported or not, in TypeScript, classes and CommonJS', async () => {
    const builders = [
      `${IMPORT}export default function cnn() { const m = tf.sequential(); m.add(${CONV}); return m; }`,
      `${IMPORT}const make = (): tf.Sequential => { const m: tf.Sequential = tf.sequential(); m.add(${CONV} as any); return m!; };`,
      `${IMPORT}class Net { private model?: tf.LayersModel; constructor() { this.build(); } build() { this.model = tf.sequential({layers: [${CONV}]}); } }`,
      `const tf = require('@tensorflow/tfjs-node');\nmodule.exports = {build: async function () { const m = tf.sequential(); m.add(${CONV}); return m; }};`,
      `${IMPORT}export const addLayers = (model: tf.Sequential): void => { model.add(${CONV}); };`,
      `import {sequential, layers} from '@tensorflow/tfjs-layers';\nfunction f() { const m = sequential(); m.add(layers.conv2d({inputShape: [28, 28, 1], kernelSize: 5, filters: 8})); return m; }`,
      `document.querySelector('#go').addEventListener('click', async () => { const tf = window.tf; const m = tf.sequential(); m.add(${CONV}); });`,
    ];
    for (const text of builders) assert.deepEqual(table(await readOne(text, 'model.ts')), ['Conv2D 24×24×8 208'], text);
  });

  it('follows arithmetic, loops, spreads, destructuring, closures and defaults', async () => {
    const model = await readOne(`${IMPORT}
const {layers: l} = tf;
const config = {size: 4 * 4, filters: [8, 16]};
const block = ({filters, kernelSize = 3, ...rest}) => l.conv2d({filters, kernelSize, padding: 'same', ...rest});
function build(depth = 2, classes = config.filters.length * 5) {
  const model = tf.sequential();
  for (let i = 0; i < depth; i++) {
    model.add(block({filters: config.filters[i], ...(i === 0 ? {inputShape: [config.size, config.size, 3]} : {})}));
    if (i % 2 === 1) model.add(l.maxPooling2d({poolSize: 2}));
  }
  [l.flatten(), l.dense({units: Math.max(classes, 3)})].forEach(layer => model.add(layer));
  return model;
}`);
    assert.deepEqual(table(model), [
      'Conv2D 16×16×8 224',
      'Conv2D 16×16×16 1168',
      'MaxPooling2D 8×8×16 0',
      'Flatten 1024 0',
      'Dense 10 10250',
    ]);
  });

  it('reads the scripts and the event attributes of a page, at their lines', async () => {
    const page = `<html>
<!-- not this <script> tag -->
<script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs"></script>
<script>
  const SIZE = 12;
</script>
<input type="button" onclick="{
  const model = tf.sequential();
  model.add(tf.layers.dense({units: 3, inputShape: [SIZE]}));
}">
</html>`;
    const model = await readOne(page, 'index.html');
    assert.deepEqual(table(model), ['Dense 3 39']);
    assert.deepEqual(model.range.startLine, 7);
    assert.deepEqual(model.layers[0].source, { startLine: 8, startColumn: 12, endLine: 8, endColumn: 59 });
  });

  it('asks for what comes from a page or another file, and takes the answer', async () => {
    const text = `${IMPORT}import {IMAGE_H} from './data';
const model = tf.sequential();
model.add(tf.layers.conv2d({inputShape: [IMAGE_H, IMAGE_H, 1], filters: 2, kernelSize: 3}));
model.add(tf.layers.flatten());
model.add(tf.layers.dense({units: Number(document.getElementById('n').value)}));`;
    const assumed = await readOne(text);
    assert.deepEqual(table(assumed), ['Conv2D 26×26×2 20', 'Flatten 1352 0', 'Dense 10 13530']);
    assert.deepEqual(
      assumed.notes.map((n) => n.assumption?.key),
      ['IMAGE_H', 'dense_Dense1.units'],
    );
    const told = await readOne(text, 'model.js', { assumptions: { IMAGE_H: 10, 'dense_Dense1.units': 4 } });
    assert.deepEqual(table(told), ['Conv2D 8×8×2 20', 'Flatten 128 0', 'Dense 4 516']);
    assert.ok(told.notes.every((n) => n.severity === 'info'));
  });

  it('reads optimizers, initializers and regularizers made by functions', async () => {
    const model = await readOne(`${IMPORT}const m = tf.sequential();
m.add(tf.layers.dense({units: 2, inputShape: [3], kernelInitializer: tf.initializers.randomNormal({mean: 0, stddev: 0.02}), kernelRegularizer: tf.regularizers.l2({l2: 0.01})}));
m.compile({optimizer: tf.train.momentum(0.1, 0.9), loss: tf.losses.softmaxCrossEntropy});`);
    const [{ weights, config }] = model.layers;
    assert.deepEqual(weights[0].initializer, { className: 'RandomNormal', config: { mean: 0, stddev: 0.02, seed: null } });
    assert.deepEqual(config.kernel_regularizer, { class_name: 'L2', config: { l2: 0.01 } });
    assert.deepEqual(model.training.optimizer, { className: 'SGD', config: { learning_rate: 0.1, momentum: 0.9, nesterov: false } });
    assert.deepEqual(model.training.loss, { name: 'categorical_crossentropy', fromLogits: true, config: {} });
  });

  it('keeps one model of a builder that is called twice, and both of one called with other arguments', async () => {
    const builder = `${IMPORT}function make(units) { const m = tf.sequential(); m.add(tf.layers.dense({units, inputShape: [4]})); return m; }\n`;
    assert.equal((await read(`${builder}const a = make(3); const b = make(3);`)).models.length, 1);
    assert.deepEqual(
      (await read(`${builder}const a = make(3); const b = make(5);`)).models.map((m) => [m.name, m.totalParams]),
      [
        ['a', 15],
        ['b', 25],
      ],
    );
  });

  it('says what is wrong with a layer that cannot be built', async () => {
    const model = await readOne(
      `${IMPORT}const m = tf.sequential();\nm.add(tf.layers.conv2d({inputShape: [4, 4, 1], filters: 2, kernelSize: 7}));`,
    );
    assert.equal(model.trainable, false);
    assert.match(model.notes[0].message, /window of 7 does not fit into an input of 4/);
    assert.equal(model.notes[0].range.startLine, 2);
  });

  it('ends in a note for scripts without models, broken scripts and endless ones', async () => {
    const none = await read(`${IMPORT}console.log(tf.version);`);
    assert.deepEqual(
      none.notes.map((n) => n.code),
      ['no-model'],
    );
    const broken = await read(`${IMPORT}const model = tf.sequential(;\n`);
    assert.ok(broken.notes.some((n) => n.code === 'syntax-error' && n.range.startLine === 1));
    // That it comes back at all is the point.
    await read(`${IMPORT}for (;;) { let i = 0; while (true) i++; }\nfunction f() { f(); f(); }\nf();`);
  });

  it('does not parse bundles', async () => {
    const { models, notes } = await read(`${IMPORT}${'const a=1;'.repeat(20_000)}`);
    assert.equal(models.length, 0);
    assert.deepEqual(
      notes.map((n) => n.code),
      ['bundled-script'],
    );
  });

  it('leaves other scripts alone', async () => {
    assert.deepEqual(await read('const x = 1;'), { dialect: null, models: [], notes: [] });
  });
});

describe('values of JavaScript', () => {
  it('knows sets, maps and properties that a class computes', async () => {
    const model = await readOne(`${IMPORT}
class Data {
  constructor() { this.rows = [[1, 2, 3], [4, 5, 6]]; }
  get width() { return this.rows[0].length; }
}
const words = new Set(['a', 'b', 'a']);
words.add('c');
const sizes = new Map([['hidden', 6]]);
sizes.set('out', 2);
const data = new Data();
const model = tf.sequential();
model.add(tf.layers.dense({ units: sizes.get('hidden'), inputShape: [data.width] }));
model.add(tf.layers.dense({ units: words.size * sizes.get('out') }));
`);
    assert.deepEqual(table(model), ['Dense 6 24', 'Dense 6 42']);
  });

  it('takes the defaults of command-line arguments', async () => {
    const model = await readOne(`${IMPORT}const argparse = require('argparse');
const parser = new argparse.ArgumentParser({ description: 'training' });
parser.addArgument('--units', { type: 'int', defaultValue: 7 });
parser.add_argument('--epochs', { type: 'int', default: 4 });
const args = parser.parseArgs();
const model = tf.sequential({ layers: [tf.layers.dense({ units: args.units, inputShape: [3] })] });
model.compile({ optimizer: 'adam', loss: 'meanSquaredError' });
model.fit(x, y, { epochs: args.epochs });
`);
    assert.deepEqual(table(model), ['Dense 7 28']);
    assert.equal(model.training.epochs, 4);
  });

  it('asks for the parts of an input shape that a caller gives', async () => {
    const text = `${IMPORT}export function encoder(opts) {
  const { size } = opts;
  const input = tf.input({ shape: [size], name: 'pixels' });
  const out = tf.layers.dense({ units: 3 }).apply(input);
  return tf.model({ inputs: input, outputs: out });
}
`;
    const assumed = await readOne(text);
    assert.equal(assumed.layers.at(-1)?.params, 33);
    const told = await readOne(text, 'model.js', { assumptions: { 'pixels.shape': [20] } });
    assert.equal(told.layers.at(-1)?.params, 63);
  });
});
