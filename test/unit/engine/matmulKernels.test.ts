import * as tfc from '@tensorflow/tfjs-core';
import { assertMatchesCpu, assertMatchesDifferences, randomValues, startEngine } from './reference';

/** Batch shapes of A and B; m, k, n. */
const cases: [number[], number[], number, number, number][] = [
  [[], [], 1, 1, 1],
  [[], [], 3, 5, 7],
  [[], [], 1, 70, 33],
  [[], [], 65, 9, 8],
  [[], [], 40, 600, 12],
  [[], [], 70, 64, 130],
  // The right-hand matrix is large: packed where it is used.
  [[], [], 5, 601, 203],
  [[], [], 257, 130, 1000],
  [[3], [3], 5, 6, 7],
  [[3], [1], 5, 6, 9],
  [[1], [4], 3, 2, 10],
  [[2, 3], [2, 3], 4, 5, 3],
];

describe('engine: matrix products', () => {
  before(startEngine);
  for (const [batchA, batchB, m, k, n] of cases)
    for (const transposeA of [false, true])
      for (const transposeB of [false, true])
        it(`equals the CPU backend: [${batchA}] ${m}×${k} by [${batchB}] ${k}×${n}${transposeA ? ', A transposed' : ''}${transposeB ? ', B transposed' : ''}`, () =>
          assertMatchesCpu(
            'product',
            (a, b) => tfc.matMul(a, b, transposeA, transposeB),
            [
              randomValues('a', [...batchA, ...(transposeA ? [k, m] : [m, k])]),
              randomValues('b', [...batchB, ...(transposeB ? [n, k] : [k, n])]),
              // TF.js has no gradient where the batches differ.
            ],
            String(batchA) === String(batchB),
          ));
  for (const activation of ['linear', 'relu'] as const)
    for (const n of [1, 8, 13])
      it(`fuses bias and ${activation} into ${n} units`, () =>
        assertMatchesCpu('dense', (a, b, bias) => tfc.fused.matMul({ a, b, bias, activation }), [
          randomValues('a', [6, 11]),
          randomValues('b', [11, n]),
          randomValues('bias', [n]),
        ]));
  it('fuses bias and relu where the right-hand matrix is large', () =>
    assertMatchesCpu('dense', (a, b, bias) => tfc.fused.matMul({ a, b, bias, activation: 'relu' }), [
      randomValues('a', [6, 1100]),
      randomValues('b', [1100, 150]),
      randomValues('bias', [150]),
    ]));
  it('has the gradient of its finite differences', () =>
    assertMatchesDifferences('dense', (a, b, bias) => tfc.fused.matMul({ a, b, bias }), [
      randomValues('a', [3, 9]),
      randomValues('b', [9, 5]),
      randomValues('bias', [5]),
    ]));
});
