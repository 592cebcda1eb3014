import * as tfc from '@tensorflow/tfjs-core';
import { assertMatchesCpu, assertMatchesDifferences, randomValues, startEngine } from './reference';

/** [batch, height, width, channels, window, stride, padding] */
const cases = [
  [1, 4, 4, 1, 2, 2, 'valid'],
  [2, 7, 6, 5, 2, 2, 'valid'],
  [2, 7, 7, 8, 3, 2, 'same'],
  [3, 6, 8, 6, 3, 1, 'same'],
  [1, 5, 5, 9, 2, 1, 'valid'],
  [9, 5, 7, 4, 3, 3, 'same'],
] as const;

describe('engine: pooling', () => {
  before(startEngine);
  for (const [n, h, w, c, k, s, pad] of cases) {
    const name = `${n}×${h}×${w}×${c}, window ${k}, stride ${s}, ${pad}`;
    it(`max equals the CPU backend: ${name}`, () =>
      assertMatchesCpu('max pooling', (x) => tfc.maxPool(x as tfc.Tensor4D, k, s, pad), [randomValues('x', [n, h, w, c])]));
    // TF.js's own WebAssembly kernel is wrong where a window's maximum is negative.
    it(`max of negative values equals the CPU backend: ${name}`, () =>
      assertMatchesCpu('max pooling', (x) => tfc.maxPool(x as tfc.Tensor4D, k, s, pad), [randomValues('x', [n, h, w, c], -2, -1)]));
    it(`average equals the CPU backend: ${name}`, () =>
      // TF.js's gradient divides by the whole window at padded borders, unlike its forward pass: compared below instead.
      assertMatchesCpu(
        'average pooling',
        (x) => tfc.avgPool(x as tfc.Tensor4D, k, s, pad),
        [randomValues('x', [n, h, w, c])],
        pad === 'valid',
      ));
    it(`average has the gradient of its finite differences: ${name}`, () =>
      assertMatchesDifferences('average pooling', (x) => tfc.avgPool(x as tfc.Tensor4D, k, s, pad), [randomValues('x', [1, h, w, c])]));
  }
});
