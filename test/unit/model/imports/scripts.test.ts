import assert from 'node:assert/strict';
import { Project } from './project';

const BUILDER = `const model = tf.sequential();
  model.add(tf.layers.conv2d({ inputShape: [SIDE, SIDE, 1], filters: 8, kernelSize: 3, activation: 'relu' }));
  model.add(tf.layers.flatten());
  model.add(tf.layers.dense({ units: classes, activation: 'softmax' }));
  return model;`;

const params = (side: number, classes: number) => 80 + (side - 2) ** 2 * 8 * classes + classes;

describe('imports between scripts', () => {
  it("finds files from the project's top, and the library where a file that is not there hands it on", async () => {
    const project = new Project({
      'src/models/net.ts': `import { tf } from '@/missing/globalTf';\nimport { SIDE } from '@/constants';\nexport const make = (classes = 3) => {\n  ${BUILDER}\n};\n`,
      'src/constants.ts': 'export const SIDE = 9;\n',
    });
    const { models } = await project.open('src/models/net.ts');
    assert.equal(models.length, 1);
    assert.equal(models[0].totalParams, params(9, 3));
  });

  it('passes over libraries that a page loads', async () => {
    const library = `var a=${'1+'.repeat(20_000)}1;`;
    const project = new Project({
      'index.html': `<script src="lib.min.js"></script><script src="own.js"></script>\n<script>build(2);</script>\n`,
      'lib.min.js': library,
      'own.js': `const SIDE = 7;\nfunction build(classes) {\n  ${BUILDER}\n}\n`,
    });
    const source = await project.open('index.html');
    assert.equal(source.models[0].totalParams, params(7, 2));
    assert.ok(!source.imports?.some((f) => f.endsWith('lib.min.js')));
  });

  it('follows named, default and re-exported imports, and constants', async () => {
    const project = new Project({
      'src/index.ts': `import * as tf from '@tensorflow/tfjs';
import build, { CLASSES as count } from './lib';
import { train } from './training.js';
const net = build(count);
train(net);
`,
      'src/lib/index.ts': `export { default } from './model';\nexport * from './constants';\n`,
      'src/lib/model.ts': `import * as tf from '@tensorflow/tfjs';\nimport { SIDE } from './constants';\nexport default function (classes: number) {\n  ${BUILDER}\n}\n`,
      'src/lib/constants.ts': 'export const SIDE = 12, CLASSES = 4;\n',
      'src/training.ts': `export const train = async (model) => {\n  model.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });\n  await model.fit(x, y, { epochs: 3 });\n};\n`,
    });
    const source = await project.open('src/index.ts');
    assert.equal(source.models.length, 1);
    const [model] = source.models;
    assert.equal(model.name, 'net');
    assert.equal(model.totalParams, params(12, 4));
    assert.deepEqual([model.range.startLine, model.range.file], [3, undefined]);
    assert.equal(model.layers[0].source?.file, '/work/src/lib/model.ts');
    assert.deepEqual([model.training.compileRange?.startLine, model.training.epochs], [4, 3]);
    assert.match(
      model.notes.find((n) => n.code === 'imported-layers')?.message ?? '',
      /^The layers of net come from lib\/model\.ts \(lines 5 to 7\)\.$/,
    );
    assert.deepEqual([...(source.imports ?? [])].sort(), [
      '/work/src/lib/constants.ts',
      '/work/src/lib/index.ts',
      '/work/src/lib/model.ts',
      '/work/src/training.ts',
    ]);
  });

  it('follows require() of functions, objects, classes and JSON', async () => {
    const project = new Project({
      'main.js': `const tf = require('@tensorflow/tfjs-node');
const { create } = require('./model');
const config = require('./config.json');
const Trainer = require('./trainer');
new Trainer(create(config.classes)).go();
`,
      'model.js': `const tf = require('@tensorflow/tfjs-node');\nconst SIDE = 10;\nfunction create(classes) {\n  ${BUILDER}\n}\nmodule.exports = { create };\n`,
      'trainer.js': `module.exports = class Trainer {\n  constructor(model) { this.model = model; }\n  go() { this.model.compile({ optimizer: 'adam', loss: 'categoricalCrossentropy' }); }\n};\n`,
      'config.json': '{ "classes": 6 }',
    });
    const [model] = (await project.open('main.js')).models;
    assert.equal(model.totalParams, params(10, 6));
    assert.equal(model.training.optimizer?.className, 'Adam');
    assert.equal(model.training.compileRange?.startLine, 4);
  });

  it('reads a program that names TensorFlow.js only in the files that it imports', async () => {
    const project = new Project({
      'train.js': "import { create } from './model.js';\nconst m = create(3);\nm.fit(a, b, { epochs: 2 });\n",
      'model.js': `import * as tf from '@tensorflow/tfjs';\nconst SIDE = 8;\nexport const create = (classes) => {\n  ${BUILDER}\n};\n`,
      'other.js': "import { a } from './nothing.js';\n",
      'nothing.js': 'export const a = 1;\n',
    });
    assert.equal((await project.open('train.js')).models[0].totalParams, params(8, 3));
    assert.deepEqual(await project.open('other.js'), { dialect: null, models: [], notes: [] });
  });

  it('reads the scripts that a page loads as one program with its own', async () => {
    const project = new Project({
      'index.html': `<html><script src="https://cdn.jsdelivr.net/npm/@tensorflow/tfjs"></script>
<script src="js/sizes.js"></script>
<script src="./js/model.js"></script>
<script>
const m = create(5);
m.compile({ optimizer: 'sgd', loss: 'meanSquaredError' });
</script></html>`,
      'js/sizes.js': 'const SIDE = 7;\n',
      'js/model.js': `function create(classes) {\n  ${BUILDER}\n}\n`,
    });
    const [model] = (await project.open('index.html')).models;
    assert.equal(model.totalParams, params(7, 5));
    assert.equal(model.range.startLine, 4);
    assert.equal(model.layers[0].source?.file, '/work/js/model.js');
  });

  it('follows cycles, and does not show what a file only imports', async () => {
    const project = new Project({
      'a.js': `import * as tf from '@tensorflow/tfjs';\nimport { two, unused } from './b.js';\nexport const SIDE = 9;\nconst own = tf.sequential({ layers: [tf.layers.dense({ units: two, inputShape: [3] })] });\n`,
      'b.js': `import * as tf from '@tensorflow/tfjs';\nimport { SIDE } from './a.js';\nexport const two = 2;\nexport function unused(classes) {\n  ${BUILDER}\n}\nconst made = unused(3);\n`,
    });
    const { models } = await project.open('a.js');
    assert.deepEqual(
      models.map((m) => [m.name, m.totalParams]),
      [['own', 8]],
    );
  });
});
