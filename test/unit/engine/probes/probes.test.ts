import assert from 'node:assert/strict';
import { setTimeout as wait } from 'node:timers/promises';
import { checkGradient } from '../../../../src/engine/probes/checkGradient';
import { gradientSum } from '../../../../src/engine/probes/gradientSum';
import { kernelSight } from '../../../../src/engine/probes/kernelSight';
import { knockOut } from '../../../../src/engine/probes/knockOut';
import { mergeKernels } from '../../../../src/engine/probes/mergeKernels';
import { lossSlice } from '../../../../src/engine/probes/lossSlice';
import { copyWeights } from '../../../../src/engine/probes/probeState';
import { probeHandlers } from '../../../../src/engine/probes/probeHandlers';
import { copyValues, setValues } from '../../../../src/engine/tensorMemory';
import { startEngine } from '../reference';
import { kerasSource, probed, type Probed } from './ready';

const never = new AbortController().signal;

const SMOOTH = kerasSource(
  [
    "Conv2D(5, 3, activation='tanh', strides=2, name='a')",
    'BatchNormalization()',
    'Dropout(0.3)',
    "Conv2D(6, 3, padding='same', kernel_regularizer='l2', name='b')",
    "Activation('sigmoid')",
    'AveragePooling2D()',
    'Flatten()',
    "Dense(4, activation='softmax', name='c')",
  ],
  '(13, 12, 2)',
  'categorical_crossentropy',
  'Adam(0.01)',
);
const KINKED = SMOOTH.replace("'tanh'", "'relu'").replace("'sigmoid'", "'relu'").replace('AveragePooling2D', 'MaxPooling2D');

/** Everything of a training that a probe could spoil. */
function everything({ target, step }: Probed): Float32Array[] {
  const { built } = target.network;
  return [
    ...copyWeights(built.parameters),
    ...step.slots.flat().map((s) => copyValues(s)),
    Float32Array.of(built.clock.step, built.clock.seed),
  ];
}

async function runAll(target: Probed['target'], signal = never): Promise<void> {
  const place = { layer: 'b', weight: 'kernel', offset: 17 };
  await gradientSum(target, place, signal);
  await checkGradient(target, place, signal);
  await lossSlice(target, { ...place, halfWidth: null }, signal);
  await kernelSight(target, { layer: 'b', filter: 2, split: null, indices: null, detail: 1 }, signal);
  await knockOut(target, { layer: 'b', filter: 2 }, signal);
}

describe('engine: probes', function () {
  this.timeout(60_000);
  before(startEngine);

  it('leave a run as if they had not been: the next steps are the same, bit for bit', async () => {
    const planned = KINKED.replace(", kernel_regularizer='l2'", '');
    const [plain, looked] = [await probed(planned, 2), await probed(planned, 2)];
    // The product trains by a plan: probes must not disturb its memory either.
    for (const run of [plain, looked]) assert.equal(run.step.prepare(6, 13 * 12 * 2), null);
    for (let i = 0; i < 3; i++) {
      const before = everything(looked);
      await runAll(looked.target);
      assert.deepEqual(everything(looked), before);
      const [a, b] = [await plain.take(), await looked.take()];
      assert.equal(b.loss, a.loss);
    }
    assert.deepEqual(everything(looked), everything(plain));
  });

  it('do not mind that training goes on meanwhile', async () => {
    const [plain, looked] = [await probed(KINKED, 2), await probed(KINKED, 2)];
    const place = { layer: 'a', weight: 'kernel', offset: 4, halfWidth: 0.2 };
    const still = await lossSlice(plain.target, place, never);
    const busy = lossSlice(looked.target, place, never);
    for (let i = 0; i < 4; i++) {
      await new Promise((resolve) => setImmediate(resolve));
      await looked.take();
      await plain.take();
    }
    assert.deepEqual(await busy, still);
    assert.deepEqual(everything(looked), everything(plain));
  });

  it('end soon when called off, one waiting behind another too', async () => {
    const { target } = await probed(SMOOTH, 1);
    const handlers = probeHandlers(() => target);
    const off = new AbortController();
    const place = { layer: 'a', weight: 'kernel', offset: 0, halfWidth: null };
    const first = handlers.lossSlice(place, off.signal) as Promise<unknown>;
    const second = handlers.lossSlice(place, off.signal) as Promise<unknown>;
    const rejected = Promise.all([assert.rejects(first), assert.rejects(second)]);
    await wait(5);
    off.abort();
    await rejected;
    const sum = await handlers.gradientSum({ layer: 'a', weight: 'kernel', offset: 0 }, never);
    assert.equal(sum.about.step, 1);
  });

  it('agree with finite differences', async () => {
    const { target } = await probed(SMOOTH, 3);
    for (const [layer, offset] of [
      ['a', 3],
      ['a', 61],
      ['b', 100],
      ['c', 5],
    ] as const) {
      const check = await checkGradient(target, { layer, weight: 'kernel', offset }, never);
      const sum = await gradientSum(target, { layer, weight: 'kernel', offset }, never);
      assert.ok(Math.abs(sum.sum - check.gradient) < 1e-5 * sum.sumOfSizes + 1e-9);
      const { relativeError } = check.trials[check.chosen];
      assert.ok(relativeError < 5e-3 && check.uncertainty < 0.05, `${layer} ${offset}: ${JSON.stringify(check)}`);
    }
  });

  it('know how far kinks and rounding make differences uncertain', async () => {
    const { target } = await probed(KINKED, 3, 24);
    let [certain, surprising] = [0, 0];
    for (let offset = 0; offset < 90; offset += 6) {
      const check = await checkGradient(target, { layer: 'a', weight: 'kernel', offset }, never);
      const { relativeError } = check.trials[check.chosen];
      if (relativeError > 2 * check.uncertainty + 1e-2) surprising++;
      if (check.uncertainty < 0.1) certain++;
    }
    assert.ok(surprising <= 1 && certain >= 8, `of 15, ${surprising} are surprising, ${certain} certain within 10 %`);
  });

  it('finds a gradient that is wrong', async () => {
    const { target } = await probed(SMOOTH, 3);
    const { network } = target;
    // A forward pass with another loss than the one differentiated: the check has to notice.
    const spoiled = Object.create(network, {
      exampleLosses: { value: (pass: Parameters<typeof network.exampleLosses>[0]) => network.exampleLosses(pass).mul(1.5) },
    }) as typeof network;
    const check = await checkGradient({ ...target, network: spoiled }, { layer: 'c', weight: 'kernel', offset: 5 }, never);
    const { relativeError } = check.trials[check.chosen];
    assert.ok(relativeError > 0.2 && relativeError > 5 * check.uncertainty, JSON.stringify(check));
  });

  it('draw the loss along a weight: tangent and step fit the curve', async () => {
    const { target } = await probed(SMOOTH, 4);
    const place = { layer: 'a', weight: 'kernel', offset: 7 };
    const slice = await lossSlice(target, { ...place, halfWidth: null }, never);
    const state = await target.state();
    const index = target.network.built.parameters.findIndex((p) => p.layer === 'a' && p.name === 'kernel');
    assert.equal(slice.value, state.weights[index][7]);
    assert.equal(slice.after, copyValues(target.network.built.parameters[index].variable)[7]);
    assert.deepEqual(
      slice.weights,
      [...slice.weights].sort((a, b) => a - b),
    );
    const middle = slice.weights.indexOf(slice.value);
    assert.equal(middle, (slice.weights.length - 1) / 2);
    assert.equal(slice.batch.losses[middle], slice.batch.here);
    assert.equal(slice.sample.losses[middle], slice.sample.here);
    // Nearby, the tangent is the curve.
    const near = await lossSlice(target, { ...place, halfWidth: 0.02 }, never);
    const slope = (near.batch.losses.at(-1)! - near.batch.losses[0]) / (near.weights.at(-1)! - near.weights[0]);
    assert.ok(Math.abs(slope - near.gradient) < 0.02 * Math.abs(near.gradient) + 1e-5, `slope ${slope}, gradient ${near.gradient}`);
    await assert.rejects(lossSlice(target, { ...place, halfWidth: -1 }, never), /can't be looked at/);
  });

  it('show what a kernel makes of an image: each value is the sum the detail says', async () => {
    const { target } = await probed(KINKED, 2);
    for (const [layer, filter] of [
      ['a', 3],
      ['b', 5],
    ] as const) {
      const sight = await kernelSight(target, { layer, filter, split: 'validation', indices: [4, 0, 77], detail: 2 }, never);
      assert.deepEqual(
        sight.images.map((i) => i.index),
        [4, 0, 77],
      );
      const { detail, map } = sight;
      assert.ok(detail);
      const [rows, columns] = map;
      const [height, width, cin] = detail.inputShape;
      const [kh, kw] = detail.kernelShape;
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          let z = detail.bias;
          for (let a = 0; a < kh; a++)
            for (let b = 0; b < kw; b++) {
              const y = i * detail.strides[0] + a * detail.dilations[0] - detail.pad[0];
              const x = j * detail.strides[1] + b * detail.dilations[1] - detail.pad[1];
              if (y < 0 || y >= height || x < 0 || x >= width) continue;
              for (let c = 0; c < cin; c++) z += detail.input[(y * width + x) * cin + c] * detail.kernel[(a * kw + b) * cin + c];
            }
          const expected = detail.activation === 'relu' ? Math.max(0, z) : z;
          const actual = sight.images[2].values[i * columns + j];
          assert.ok(Math.abs(actual - expected) < 1e-5, `${layer} ${i} ${j}: ${actual}, expected ${expected}`);
        }
    }
    const classes = await kernelSight(target, { layer: 'c', filter: 0, split: null, indices: null, detail: 0 }, never);
    assert.deepEqual(
      classes.images.map((i) => i.label),
      [0, 1, 2, 3],
    );
    assert.deepEqual(classes.map, [1, 1]);
    assert.equal(classes.detail, null);
    await assert.rejects(kernelSight(target, { layer: 'a', filter: 0, split: 'train', indices: [99], detail: 0 }, never), /from 0 to 47/);
    await assert.rejects(
      kernelSight(target, { layer: 'a', filter: 9, split: null, indices: null, detail: 0 }, never),
      /no output channel 9/,
    );
  });

  it('knock a kernel out: the same as its weights taken from what reads it', async () => {
    const { target } = await probed(KINKED, 30);
    const filter = 2;
    const out = await knockOut(target, { layer: 'b', filter }, never);
    assert.equal(out.images, 150);
    assert.equal(out.with.right - out.lost + out.gained, out.without.right);
    assert.ok(out.with.low < out.with.accuracy && out.with.accuracy < out.with.high);
    // The dense layer reads the pooled maps: without the rows of this kernel it does not see it.
    const dense = target.network.built.parameters.find((p) => p.layer === 'c' && p.name === 'kernel')!;
    const kept = copyValues(dense.variable);
    const [inputs, units] = dense.spec.shape;
    const cut = new Float32Array(kept);
    for (let i = filter; i < inputs; i += 6) cut.fill(0, i * units, (i + 1) * units);
    setValues(dense.variable, cut);
    const check = await mergeKernels(target, { layer: 'b', pairs: [] }, never);
    setValues(dense.variable, kept);
    assert.equal(check.with.right, out.without.right);
    assert.equal(check.with.right, check.without.right);
    assert.equal(check.pValue, 1);
    await assert.rejects(knockOut(target, { layer: 'c', filter: 0 }, never), /answer itself/);
    await assert.rejects(knockOut(target, { layer: 'b', filter: 6 }, never), /no kernel 6/);
  });

  it('merge a kernel into its twin: the same as writing its multiple in its place', async () => {
    const { target } = await probed(KINKED, 30);
    const merged = await mergeKernels(target, { layer: 'b', pairs: [{ kernel: 1, twin: 4 }] }, never);
    assert.equal(merged.with.right - merged.lost + merged.gained, merged.without.right);
    const kernel = target.network.built.parameters.find((p) => p.layer === 'b' && p.name === 'kernel')!;
    const kept = copyValues(kernel.variable);
    const column = (f: number) => kept.filter((_, i) => i % 6 === f);
    const [own, twin] = [column(1), column(4)];
    const dot = (a: Float32Array, b: Float32Array) => a.reduce((s, x, i) => s + x * b[i], 0);
    const factor = dot(own, twin) / dot(twin, twin);
    // No other multiple of the twin is nearer.
    const distance = (f: number) => own.reduce((s, x, i) => s + (x - f * twin[i]) ** 2, 0);
    assert.ok(distance(factor) < distance(factor + 0.01) && distance(factor) < distance(factor - 0.01));
    setValues(
      kernel.variable,
      kept.map((v, i) => (i % 6 === 1 ? factor * twin[Math.floor(i / 6)] : v)),
    );
    const check = await mergeKernels(target, { layer: 'b', pairs: [] }, never);
    setValues(kernel.variable, kept);
    assert.equal(check.with.right, merged.without.right);
    assert.ok(Math.abs(check.with.loss - merged.without.loss) < 1e-6);
    await assert.rejects(mergeKernels(target, { layer: 'b', pairs: [{ kernel: 1, twin: 6 }] }, never), /no kernel 6/);
  });
});
