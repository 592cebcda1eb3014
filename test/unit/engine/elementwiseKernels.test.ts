import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { assertMatchesCpu, assertMatchesDifferences, evaluateOn, isOnGpu, randomValues, startEngine } from './reference';

// Pairs of shapes: equal, scalars, rows, columns, per example, and one that goes to TF.js's own kernels.
const shapes: [number[], number[]][] = [
  [
    [3, 5, 7],
    [3, 5, 7],
  ],
  [[1], [40_000]],
  [[2, 3, 8], [8]],
  [[5], [3, 2, 5]],
  [
    [4, 6],
    [4, 1],
  ],
  [
    [1, 9],
    [6, 9],
  ],
  [
    [3, 1, 1, 5],
    [3, 4, 2, 5],
  ],
  [
    [3, 4, 2, 8],
    [3, 1, 1, 8],
  ],
  [
    [3, 4, 2, 8],
    [1, 4, 2, 8],
  ],
  [
    [3, 4, 1],
    [3, 4, 6],
  ],
  [
    [4, 2, 1],
    [3, 4, 2, 6],
  ],
  [[], [2, 3]],
  [
    [2, 1, 3],
    [1, 4, 1],
  ],
  [
    [7, 1],
    [7, 9],
  ],
  [
    [1, 7],
    [1, 9, 7],
  ],
];

describe('engine: element-wise operations', () => {
  before(startEngine);
  for (const [a, b] of shapes)
    for (const operation of ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'squaredDifference'] as const)
      it(`${operation} equals the CPU backend: [${a}] and [${b}]`, () =>
        assertMatchesCpu(
          operation,
          (x, y) => tfc[operation](x, y),
          [randomValues('a', a, 0.5, 2), randomValues('b', b, 0.6, 2)],
          // TF.js's gradient of a squared difference does not broadcast.
          operation !== 'squaredDifference' || String(a) === String(b),
        ));

  const unary: Record<string, (x: tfc.Tensor) => tfc.Tensor> = {
    relu: (x) => tfc.relu(x),
    relu6: (x) => tfc.relu6(tfc.mul(x, 8)),
    sigmoid: (x) => tfc.sigmoid(tfc.mul(x, 5)),
    tanh: (x) => tfc.tanh(tfc.mul(x, 3)),
    leakyRelu: (x) => tfc.leakyRelu(x, 0.3),
    elu: (x) => tfc.elu(tfc.mul(x, 3)),
    selu: (x) => tfc.selu(tfc.mul(x, 3)),
    softplus: (x) => tfc.softplus(tfc.mul(x, 6)),
    exp: (x) => tfc.exp(x),
    log: (x) => tfc.log(tfc.add(x, 1.5)),
    square: (x) => tfc.square(x),
    neg: (x) => tfc.neg(x),
    abs: (x) => tfc.abs(x),
    sqrt: (x) => tfc.sqrt(tfc.add(x, 1.5)),
    rsqrt: (x) => tfc.rsqrt(tfc.add(x, 1.5)),
    reciprocal: (x) => tfc.reciprocal(tfc.add(x, 1.5)),
    erf: (x) => tfc.erf(tfc.mul(x, 3)),
    step: (x) => tfc.step(x, 0.25),
    clipByValue: (x) => tfc.clipByValue(x, -0.3, 0.5),
    fill: (x) => tfc.add(x, tfc.fill(x.shape, 1.5)),
  };
  for (const [name, operation] of Object.entries(unary))
    for (const shape of [[1], [3, 7], [2, 5, 4], [20_003]])
      it(`${name} equals the CPU backend: [${shape}]`, () => assertMatchesCpu(name, operation, [randomValues('x', shape)]));

  for (const [name, f] of [
    ['sigmoid', (x: number) => 1 / (1 + Math.exp(-x))],
    ['tanh', (x: number) => Math.tanh(x)],
  ] as const)
    it(`${name} is good to three units in the last place, for any number`, async function () {
      // A GPU may compute them as it likes.
      if (isOnGpu) this.skip();
      const special = [0, 1e-30, -1e-7, 87, -87, 100, -100, 1e30, -1e30, Infinity, -Infinity];
      const values = Float32Array.of(
        ...special,
        ...randomValues('near', [5000], -10, 10).values,
        NaN,
        ...randomValues('close', [501], -0.01).values,
      );
      const [y] = await evaluateOn('wasm', (x) => tfc[name](x), [{ shape: [values.length], values }], false);
      values.forEach((x, i) => {
        const expected = f(x);
        if (Number.isNaN(x)) return assert.ok(Number.isNaN(y.values[i]), 'NaN');
        // What is too small for a normal float is 0.
        const least = 2 ** -126;
        assert.ok(Math.abs(y.values[i] - expected) <= 3.6e-7 * Math.abs(expected) + least, `${x}: ${y.values[i]}, expected ${expected}`);
      });
    });

  for (const shape of [[9], [3, 1], [2, 7], [4, 5, 6], [2, 3, 4, 13]])
    it(`softmax and its logarithm equal the CPU backend: [${shape}]`, async () => {
      await assertMatchesCpu('softmax', (x) => tfc.softmax(tfc.mul(x, 9)), [randomValues('x', shape)]);
      await assertMatchesCpu('logSoftmax', (x) => tfc.logSoftmax(tfc.mul(x, 99)), [randomValues('x', shape)]);
    });

  it('gradients of comparisons are those of finite differences', async () => {
    // Values far enough from each other, and from the limits, that a step of the differences passes none.
    const apart = (by: number) => ({ shape: [3, 4], values: Float32Array.from({ length: 12 }, (_, i) => ((i * 5) % 12) - 5.5 + by) });
    const row = { shape: [4], values: Float32Array.of(-3, 2.9, 0.2, -8) };
    for (const operation of ['maximum', 'minimum'] as const)
      await assertMatchesDifferences(operation, (a, b) => tfc[operation](a, b), [apart(0), row]);
    await assertMatchesDifferences('clipByValue', (x) => tfc.clipByValue(x, -3, 4), [apart(0)]);
    for (const axis of [0, 1]) await assertMatchesDifferences('max', (x) => tfc.max(x, axis), [apart(0.1)]);
  });

  for (const reduce of ['sum', 'mean', 'max'] as const)
    for (const axes of [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]])
      for (const keepDims of [false, true])
        it(`${reduce} over [${axes}]${keepDims ? ', dimensions kept,' : ''} equals the CPU backend`, () =>
          assertMatchesCpu(reduce, (x) => tfc[reduce](x, axes, keepDims), [randomValues('x', [9, 4, 6])]));
});
