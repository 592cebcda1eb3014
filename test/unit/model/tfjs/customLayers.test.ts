import * as assert from 'node:assert/strict';
import { readModelSource } from '../../../../src/model/readModelSource';
import { readOne, rows } from './readOne';

const net = (layer: string): string => `
const model = tf.sequential();
model.add(tf.layers.conv2d({filters: 4, kernelSize: 3, inputShape: [8, 8, 1]}));
model.add(${layer});
model.add(tf.layers.flatten());
model.add(tf.layers.dense({units: 2}));`;

describe("Layers of a script's own", () => {
  it('are followed through their call(), as operations that train', async () => {
    const model = await readOne(`
class Half extends tf.layers.Layer {
  constructor(config) { super(config); this.factor = config.factor; }
  computeOutputShape(shape) { return shape; }
  call(inputs) { return tf.tidy(() => inputs[0].mul(tf.scalar(this.factor)).add(1).relu()); }
  static get className() { return 'Half'; }
}${net('new Half({factor: 0.5})')}`);
    assert.deepEqual(
      rows(model).filter((r) => !/^InputLayer/.test(r)),
      ['Conv2D 6×6×4 40', 'Rescaling 6×6×4 0', 'Rescaling 6×6×4 0', 'Activation 6×6×4 0', 'Flatten 144 0', 'Dense 2 290'],
    );
    assert.equal(model.trainable, true);
  });

  it('may take the tensor itself, resize, slice and join', async () => {
    const model = await readOne(`
class Corner extends tf.layers.Layer {
  call(x) {
    const small = tf.image.resizeBilinear(x, [4, 4]);
    return tf.concat([small, small.square()], 3).slice([0, 0, 0, 1], [-1, 2, -1, 3]);
  }
}${net('new Corner({})')}`);
    assert.deepEqual(rows(model).slice(-2), ['Flatten 24 0', 'Dense 2 50']);
  });

  it('with weights of their own are one layer, with the shape that they state', async () => {
    const model = await readOne(`
class Project extends tf.layers.Layer {
  constructor(units) { super({}); this.units = units; }
  build(shape) { this.w = this.addWeight('w', [shape[shape.length - 1], this.units], 'float32', tf.initializers.zeros()); this.built = true; }
  computeOutputShape(shape) { return [...shape.slice(0, -1), this.units]; }
  call(input) { return tf.dot(input, this.w.read()); }
}${net('new Project(5)')}`);
    assert.deepEqual(rows(model), ['Conv2D 6×6×4 40', 'Project 6×6×5 20', 'Flatten 180 0', 'Dense 2 362']);
    assert.equal(model.trainable, false);
    assert.ok(model.notes.some((n) => n.code === 'assumed-shape' && /computeOutputShape\(\) says \(None, 6, 6, 5\)/.test(n.message)));
    const project = model.layers[1];
    assert.deepEqual([project.weights[0].name, project.weights[0].initializer.className], ['w', 'Zeros']);
  });

  it('work in functional models, with several inputs', async () => {
    const source = await readModelSource({
      path: 'model.js',
      text: `import * as tf from '@tensorflow/tfjs';
class Mean extends tf.layers.Layer {
  call(inputs) { const [a, b] = inputs; return tf.div(tf.add(a, b), tf.scalar(2)); }
}
const input = tf.input({shape: [4]});
const a = tf.layers.dense({units: 3}).apply(input);
const b = tf.layers.dense({units: 3}).apply(input);
const model = tf.model({inputs: input, outputs: new Mean({}).apply([a, b])});`,
    });
    const [model] = source.models;
    assert.deepEqual(model.outputShapes, [[null, 3]]);
    assert.equal(model.totalParams, 30);
  });
});
