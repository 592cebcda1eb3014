import assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { activeShare } from '../../../../src/engine/probes/activeShare';
import { classActivation } from '../../../../src/engine/probes/classActivation';
import { excitement } from '../../../../src/engine/probes/excitement';
import { interceptLayer, layerAt } from '../../../../src/engine/probes/interceptLayer';
import { kernelSight } from '../../../../src/engine/probes/kernelSight';
import { readImages } from '../../../../src/engine/probes/sampleImages';
import { copyValues, setValues } from '../../../../src/engine/tensorMemory';
import { startEngine } from '../reference';
import { kerasSource, probed, type Probed } from './ready';

const never = new AbortController().signal;
const LAYERS = [
  "Conv2D(4, 3, activation='relu', name='a')",
  'MaxPooling2D()',
  "Conv2D(6, 3, use_bias=False, name='b')",
  'BatchNormalization()',
  'ReLU()',
  'Flatten()',
  "Dense(4, activation='softmax', name='c')",
];
const SOURCE = kerasSource(LAYERS, '(12, 12, 1)', 'sparse_categorical_crossentropy');
const all = { split: null, indices: [3], detail: 0 };

describe('engine: reasons of an answer', function () {
  this.timeout(60_000);
  before(startEngine);

  /** The score of a class when a constant is added to one kernel's map, straight through the model. */
  function scoreWith({ target }: Probed, layer: string, kernel: number, added: number, label: number, inputs: Float32Array): number {
    const { network } = target;
    return tfc.tidy(() => {
      const change = (y: tfc.Tensor): tfc.Tensor => {
        const mask = Float32Array.from({ length: y.shape[3]! }, (_, i) => (i === kernel ? added : 0));
        return tfc.add(y, tfc.tensor(mask, [1, 1, 1, mask.length]));
      };
      const batch = { count: 1, inputs, labels: new Int32Array(1) };
      const output = interceptLayer(layerAt(network.built.model, layer), change, () => network.forward(batch, false).output);
      return copyValues(output)[label];
    });
  }

  it('tells the classes of a network that leaves softmax to its loss, as those of one that applies it', async () => {
    const logits = [...LAYERS.slice(0, -1), "Dense(4, name='c')"];
    const source = kerasSource(logits, '(12, 12, 1)', 'LOSS').replace("'LOSS'", 'SparseCategoricalCrossentropy(from_logits=True)');
    const text = source.replace(
      'from tensorflow.keras.optimizers',
      'from tensorflow.keras.losses import *\nfrom tensorflow.keras.optimizers',
    );
    const [own, other] = [await probed(SOURCE, 6), await probed(text, 6)];
    const found = await Promise.all(
      [own, other].map(({ target }) => kernelSight(target, { layer: 'a', filter: 1, split: null, indices: [3, 4], detail: 0 }, never)),
    );
    found[0].images.forEach(({ predicted }, i) => {
      const same = found[1].images[i].predicted;
      assert.equal(same?.label, predicted?.label);
      assert.ok(Math.abs((same?.output ?? NaN) - (predicted?.output ?? NaN)) < 1e-4, `${same?.output} against ${predicted?.output}`);
    });
    const reasons = await Promise.all([own, other].map(({ target }) => classActivation(target, { layer: 'b', index: 3, label: 2 }, never)));
    reasons[0].weights.forEach((w, k) => assert.ok(Math.abs(w - reasons[1].weights[k]) < 1e-4, `kernel ${k}`));
  });

  for (const layer of ['a', 'b'])
    it(`weighs the maps of ${layer} by the slope of the class score, as differences say`, async () => {
      const run = await probed(SOURCE, 20);
      const found = await classActivation(run.target, { layer, index: 3, label: 2 }, never);
      const { inputs } = await readImages(run.target.dataset, 'validation', [3]);
      assert.deepEqual(found.image.pixels, inputs);
      const h = 1e-2;
      const places = found.map[0] * found.map[1];
      for (let k = 0; k < found.weights.length; k++) {
        const [up, down] = [h, -h].map((d) => scoreWith(run, layer, k, d, 2, inputs));
        const expected = (up - down) / (2 * h) / places;
        assert.ok(
          Math.abs(found.weights[k] - expected) < 0.02 * Math.abs(expected) + 2e-4,
          `kernel ${k}: ${found.weights[k]}, differences say ${expected}`,
        );
      }
      // The map is what its weights say of the very maps that the kernels make.
      const sum = new Float64Array(places);
      for (let k = 0; k < found.weights.length; k++) {
        const { images } = await kernelSight(run.target, { layer, filter: k, ...all }, never);
        images[0].values.forEach((v, p) => (sum[p] += found.weights[k] * v));
      }
      found.values.forEach((v, p) => assert.ok(Math.abs(v - Math.max(0, sum[p])) < 1e-4, `place ${p}: ${v}, not ${sum[p]}`));
    });

  it('explains the class that the network answers unless told otherwise, and refuses what has no maps', async () => {
    const { target } = await probed(SOURCE, 20);
    const found = await classActivation(target, { layer: 'b', index: null, label: null }, never);
    assert.equal(found.label, found.image.predicted?.label);
    assert.equal(found.image.index, 0);
    await assert.rejects(classActivation(target, { layer: 'c', index: 0, label: null }, never), /makes no maps/);
    await assert.rejects(classActivation(target, { layer: 'b', index: 999, label: null }, never), /from 0 to 149/);
    await assert.rejects(classActivation(target, { layer: 'b', index: 0, label: 9 }, never), /no class 9; the model has 4/);
  });

  it('draws for a first-layer kernel exactly its own signs, in its patch alone', async () => {
    const { target } = await probed(SOURCE, 20);
    const all = await Promise.all([0, 1, 2, 3].map((filter) => excitement(target, { layer: 'a', filter }, never)));
    // This small network has dead kernels: nothing is drawn for those.
    all.forEach(({ images, drawn }) => assert.equal(drawn === null, images[0].value === 0));
    const filter = all.findIndex(({ drawn }) => drawn !== null);
    const found = all[filter];
    const { drawn } = found;
    assert.ok(drawn);
    const kernel = copyValues(target.network.built.parameters[0].variable).filter((_, i) => i % 4 === filter);
    // A kernel that answers nothing to grey is begun from the image that it answers most strongly to.
    const isGrey = drawn.begunFrom === 'grey';
    const startAt = (i: number): number => (isGrey ? drawn.pixels[143] : found.images[0].pixels[i]);
    const patch = new Set<number>();
    for (let y = 0; y < 3; y++)
      for (let x = 0; x < 3; x++) {
        const at = (drawn.row + y) * 12 + drawn.column + x;
        patch.add(at);
        const [w, moved] = [kernel[y * 3 + x], drawn.pixels[at] - startAt(at)];
        assert.ok(w > 0 ? moved >= 0 : moved <= 0, `moved by ${moved} for weight ${w}`);
        assert.ok(moved !== 0 || !isGrey);
      }
    drawn.pixels.forEach((v, i) => assert.ok(patch.has(i) || v === startAt(i), `pixel ${i} was changed`));
    assert.ok(drawn.value > drawn.before);
  });

  it('finds the images with the strongest answers, strongest first, where they are', async () => {
    const { target } = await probed(SOURCE, 20);
    const found = await excitement(target, { layer: 'b', filter: 2 }, never);
    assert.equal(found.searched, 150);
    let strongest = -Infinity;
    for (let from = 0; from < 150; from += 30) {
      const indices = Array.from({ length: 30 }, (_, i) => from + i);
      const { images } = await kernelSight(target, { layer: 'b', filter: 2, split: null, indices, detail: 0 }, never);
      for (const { values } of images) strongest = Math.max(strongest, ...values);
    }
    const [first] = found.images;
    assert.ok(Math.abs(first.value - strongest) < 1e-6);
    assert.equal(first.values[first.row * found.map[1] + first.column], first.value);
    found.images.slice(1).forEach((image, i) => assert.ok(image.value <= found.images[i].value));
    assert.ok(found.drawn && found.drawn.value > found.drawn.before);
  });

  it('units of dense layers have a whole image drawn', async () => {
    const { target } = await probed(SOURCE, 20);
    const found = await excitement(target, { layer: 'c', filter: 3 }, never);
    assert.deepEqual(found.map, [1, 1]);
    assert.ok(found.drawn && found.drawn.value > found.images[0].value, 'a drawn image excites it more than any real one');
  });

  it('counts how often a kernel answers, and finds a dead one dead', async () => {
    const { target } = await probed(SOURCE, 20);
    const bias = target.network.built.parameters.find((p) => p.layer === 'a' && p.name === 'bias')!;
    const state = target.state.bind(target);
    // The state that this target gives for any step is its newest.
    Object.assign(target, { state: () => state() });
    const alive = await activeShare(target, { layer: 'a', filter: 1, steps: [20] }, never);
    assert.equal(alive.images, 64);
    const indices = Array.from({ length: 32 }, (_, i) => i);
    const { images } = await kernelSight(target, { layer: 'a', filter: 1, split: null, indices, detail: 0, step: 20 }, never);
    const half = images.flatMap((i) => [...i.values]);
    const share = half.filter((v) => v > 0).length / half.length;
    assert.ok(Math.abs((alive.shares[0] ?? NaN) - share) < 0.1, `${alive.shares[0]}, half of the images give ${share}`);
    const values = copyValues(bias.variable);
    values[1] = -100;
    setValues(bias.variable, values);
    Object.assign(target, {
      state: async () => ({ ...(await state()), taken: null, weights: target.network.built.parameters.map((p) => copyValues(p.variable)) }),
    });
    const dead = await activeShare(target, { layer: 'a', filter: 1, steps: [20] }, never);
    assert.deepEqual(dead.shares, [0]);
    // Behind batch normalisation and relu, not before.
    assert.match((await activeShare(target, { layer: 'b', filter: 0, steps: [20] }, never)).at, /re_?lu/i);
  });
});
