import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { dropMask, noiseKey } from '../../../src/engine/noise';
import { convolution } from '../../../src/engine/ops/convolution';
import { crossEntropy } from '../../../src/engine/ops/crossEntropy';
import { dense } from '../../../src/engine/ops/dense';
import { normalise } from '../../../src/engine/ops/normalise';
import { OP } from '../../../src/engine/ops/opNames';
import { runKernel } from '../../../src/engine/ops/run';
import { readValues } from '../../../src/engine/tensorMemory';
import { assertClose, assertMatchesCpu, assertMatchesDifferences, evaluateOn, randomValues, startEngine } from './reference';

describe('engine: layer kernels', () => {
  before(startEngine);

  /** [height, width, cin, window, cout, stride, padding, dilation] */
  const convolutions = [
    [7, 6, 3, 3, 5, 1, 'same', 1],
    [8, 8, 16, 3, 16, 1, 'same', 1],
    [9, 8, 3, 3, 4, 1, 'same', 2],
    [9, 9, 4, 2, 6, 1, 'valid', 3],
    [9, 7, 2, 3, 9, 2, 'same', 1],
    // Winograd's algorithm: dilated, with windows of several groups of 3×3 taps, and both.
    [9, 8, 16, 3, 20, 1, 'same', 2],
    [13, 12, 20, 3, 16, 1, 'valid', 2],
    [12, 11, 16, 3, 24, 1, 'same', 3],
    [8, 9, 16, 5, 20, 1, 'same', 1],
    [13, 14, 20, 5, 16, 1, 'valid', 1],
    [9, 8, 20, 7, 16, 1, 'same', 1],
    [12, 12, 16, 4, 16, 1, 'same', 1],
    [12, 13, 16, 5, 16, 1, 'same', 2],
  ] as const;
  for (const [h, w, cin, k, cout, stride, pad, dilation] of convolutions)
    for (const isRelu of [false, true]) {
      const name = `${h}×${w}×${cin} * ${k}×${k}×${cout}, stride ${stride}, ${pad}, dilation ${dilation}${isRelu ? ', relu' : ''}`;
      const operation = (x: tfc.Tensor, f: tfc.Tensor, b: tfc.Tensor): tfc.Tensor =>
        convolution(x as tfc.Tensor4D, f as tfc.Tensor4D, b, {
          strides: [stride, stride],
          pad,
          dilations: [dilation, dilation],
          isRelu,
        });
      const inputs = (n: number) => [randomValues('x', [n, h, w, cin]), randomValues('f', [k, k, cin, cout]), randomValues('b', [cout])];
      it(`convolution equals the CPU backend: ${name}`, () => assertMatchesCpu('convolution', operation, inputs(3)));
      // A relu has no derivative where a difference steps over its corner.
      if (!isRelu && cin < 16)
        it(`convolution has the gradient of its finite differences: ${name}`, () =>
          assertMatchesDifferences('convolution', operation, inputs(1)));
    }

  for (const isRelu of [false, true])
    it(`dense equals the CPU backend${isRelu ? ', relu' : ''}`, () =>
      assertMatchesCpu('dense', (x, k, b) => dense(x as tfc.Tensor2D, k as tfc.Tensor2D, b, isRelu), [
        randomValues('x', [5, 19]),
        randomValues('k', [19, 11]),
        randomValues('b', [11]),
      ]));

  const batchNorm =
    (c: number, isRelu: boolean) =>
    (x: tfc.Tensor, gamma: tfc.Tensor, beta: tfc.Tensor): tfc.Tensor =>
      normalise({ x, gamma, beta, movingMean: tfc.zeros([c]), movingVariance: tfc.ones([c]) }, { epsilon: 1e-3, momentum: 0.9, isRelu });
  for (const shape of [
    [2, 3, 3, 1],
    [9, 4, 5, 6],
    [3, 5, 4, 24],
    [7, 10],
    [11, 32],
    [2, 6, 3],
  ])
    for (const isRelu of [false, true]) {
      const c = shape[shape.length - 1];
      const inputs = [randomValues('x', shape, -1, 3), randomValues('gamma', [c], 0.5, 2), randomValues('beta', [c], -0.3, 0.3)];
      it(`batch normalisation equals the CPU backend: [${shape}]${isRelu ? ', relu' : ''}`, () =>
        assertMatchesCpu('batch normalisation', batchNorm(c, isRelu), inputs));
      if (!isRelu)
        it(`batch normalisation has the gradient of its finite differences: [${shape}]`, () =>
          assertMatchesDifferences('batch normalisation', batchNorm(c, false), inputs));
    }

  it('batch normalisation moves its statistics', async () => {
    const x = randomValues('x', [4, 3, 2, 5], -1, 3);
    const [momentum, start] = [0.8, 0.25];
    const moved = (of: 'movingMean' | 'movingVariance') =>
      evaluateOn(
        'wasm',
        (t) => {
          const moving = { movingMean: tfc.fill([5], start), movingVariance: tfc.fill([5], start) };
          normalise({ x: t, gamma: undefined, beta: undefined, ...moving }, { epsilon: 1e-3, momentum, isRelu: false });
          return moving[of];
        },
        [x],
        false,
      );
    const [[mean], [variance]] = [await moved('movingMean'), await moved('movingVariance')];
    for (let k = 0; k < 5; k++) {
      const column = x.values.filter((_, i) => i % 5 === k);
      const m = column.reduce((a, b) => a + b) / column.length;
      const v = column.reduce((a, b) => a + (b - m) ** 2, 0) / column.length;
      assert.ok(Math.abs(mean.values[k] - (start * momentum + m * (1 - momentum))) < 1e-6);
      assert.ok(Math.abs(variance.values[k] - (start * momentum + v * (1 - momentum))) < 1e-6);
    }
  });

  const targets = (rows: number, units: number): tfc.Tensor2D =>
    tfc.tensor2d(
      Float32Array.from({ length: rows * units }, (_, i) => (i % units === Math.floor(i / units) % units ? 1 : 0)),
      [rows, units],
    );
  for (const kind of ['softmax', 'sigmoid'] as const)
    for (const [rows, units] of [
      [1, 1],
      [5, 3],
      [9, 10],
    ]) {
      if (kind === 'softmax' && units === 1) continue;
      it(`${kind} cross-entropy equals the CPU backend: ${rows}×${units}`, () =>
        assertMatchesCpu('cross-entropy', (z) => crossEntropy(targets(rows, units), z as tfc.Tensor2D, kind), [
          randomValues('z', [rows, units], -6, 6),
        ]));
      it(`${kind} cross-entropy has the gradient of its finite differences: ${rows}×${units}`, () =>
        assertMatchesDifferences(
          'cross-entropy',
          (z) => crossEntropy(tfc.fill([rows, units], 0.3) as tfc.Tensor2D, z as tfc.Tensor2D, kind),
          [randomValues('z', [rows, units], -6, 6)],
        ));
    }

  it('cross-entropies of hand-computed examples', async () => {
    const z = { shape: [1, 3], values: new Float32Array([Math.log(1), Math.log(2), Math.log(5)]) };
    const [soft] = await evaluateOn('wasm', (t) => crossEntropy(tfc.tensor2d([[0, 1, 0]]), t as tfc.Tensor2D, 'softmax'), [z], false);
    assertClose(soft, { shape: [], values: new Float32Array([Math.log(8 / 2)]) }, 'softmax');
    const [sigmoid] = await evaluateOn('wasm', (t) => crossEntropy(tfc.tensor2d([[0, 1, 1]]), t as tfc.Tensor2D, 'sigmoid'), [z], false);
    const expected = -(Math.log(1 / 2) + Math.log(2 / 3) + Math.log(5 / 6)) / 3;
    assertClose(sigmoid, { shape: [], values: new Float32Array([expected]) }, 'sigmoid');
    // Logits of hundreds are no problem.
    const far = { shape: [1, 2], values: new Float32Array([-500, 500]) };
    const [large] = await evaluateOn('wasm', (t) => crossEntropy(tfc.tensor2d([[1, 0]]), t as tfc.Tensor2D, 'softmax'), [far], false);
    assert.equal(large.values[0], 1000);
  });

  for (const shape of [[3], [5, 7], [2, 3, 4, 6], [9001]])
    it(`dropout masks are those of the noise: [${shape}]`, async () => {
      const key = noiseKey(42, 3, 'dropout_1');
      const n = tfc.util.sizeFromShape(shape);
      const mask = runKernel<tfc.Tensor>(OP.dropMask, {}, { shape, rate: 0.3, scale: 1 / 0.7, layer: 'dropout_1', ...key });
      assert.deepEqual((await readValues([mask]))[0], dropMask(key, n, 0.3, 1 / 0.7));
    });

  it('dropout drops about as many as its rate says, differently in every step and layer', () => {
    const draw = (step: number, layer: string): Float32Array => dropMask(noiseKey(1, step, layer), 20_000, 0.25, 1);
    const first = draw(1, 'a');
    const share = first.reduce((n, v) => n + v, 0) / first.length;
    // Five standard deviations of a binomial share.
    assert.ok(Math.abs(share - 0.75) < 5 * Math.sqrt((0.25 * 0.75) / first.length));
    for (const other of [draw(2, 'a'), draw(1, 'b')]) {
      const same = first.filter((v, i) => v === other[i]).length / first.length;
      assert.ok(Math.abs(same - (0.75 ** 2 + 0.25 ** 2)) < 0.02);
    }
  });
});
