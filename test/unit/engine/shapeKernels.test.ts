import * as tfc from '@tensorflow/tfjs-core';
import { isOnGpu, assertMatchesCpu, assertMatchesDifferences, randomValues, startEngine, type Values } from './reference';

const x = (...shape: number[]): Values[] => [randomValues('x', shape)];

describe('engine: shapes', () => {
  before(startEngine);
  const slices: [number[], number[], number[]][] = [
    [[7], [2], [3]],
    [
      [3, 5],
      [1, 0],
      [2, 4],
    ],
    [
      [3, 5, 4],
      [0, 2, 1],
      [3, 2, 3],
    ],
    [
      [3, 4, 5, 6],
      [1, 1, 0, 2],
      [2, 2, 5, 3],
    ],
  ];
  for (const [shape, begin, size] of slices)
    it(`slices [${shape}] at [${begin}] to [${size}]`, () => assertMatchesCpu('slice', (t) => tfc.slice(t, begin, size), x(...shape)));

  for (const axis of [0, 1, 2, 3])
    it(`joins along axis ${axis}`, () =>
      assertMatchesCpu('concat', (a, b, c) => tfc.concat([a, b, c], axis), [
        randomValues('a', [2, 3, 4, 5].with(axis, 1)),
        randomValues('b', [2, 3, 4, 5].with(axis, 6)),
        randomValues('c', [2, 3, 4, 5]),
      ]));

  for (const axis of [0, 1, 2])
    it(`splits, stacks and unstacks along axis ${axis}`, async () => {
      await assertMatchesCpu('split', (t) => tfc.mul(...(tfc.split(t, 2, axis) as [tfc.Tensor, tfc.Tensor])), x(4, 6, 8));
      await assertMatchesCpu('stack', (a, b) => tfc.stack([a, b, a], axis), [randomValues('a', [3, 4]), randomValues('b', [3, 4])]);
      await assertMatchesCpu('unstack', (t) => tfc.addN(tfc.unstack(t, axis)), x(3, 4, 5));
    });

  it('moves what has six dimensions', async function () {
    // TF.js's WebGPU backend makes a shader of it that is not valid.
    if (isOnGpu) this.skip();
    const six = x(2, 3, 2, 3, 2, 4);
    await assertMatchesCpu('transpose', (t) => tfc.transpose(t, [0, 1, 4, 2, 5, 3]), six);
    await assertMatchesCpu('transpose', (t) => tfc.transpose(t, [5, 4, 3, 2, 1, 0]), six);
    await assertMatchesCpu('slice', (t) => tfc.slice(t, [0, 1, 0, 1, 0, 1], [2, 2, 1, 2, 2, 3]), six);
    await assertMatchesCpu('unstack', (t) => tfc.addN(tfc.unstack(t, 1)), six);
    await assertMatchesCpu('split', (t) => tfc.mul(...(tfc.split(t, 2, 4) as [tfc.Tensor, tfc.Tensor])), six);
  });

  for (const perm of [
    [1, 0, 2, 3],
    [0, 3, 1, 2],
    [0, 2, 3, 1],
    [3, 2, 1, 0],
  ])
    it(`transposes to [${perm}]`, () => assertMatchesCpu('transpose', (t) => tfc.transpose(t, perm), x(2, 3, 4, 5)));

  for (const [shape, reps] of [
    [[3], [4]],
    [
      [2, 3],
      [1, 3],
    ],
    [
      [2, 1, 3],
      [2, 4, 1],
    ],
    [
      [1, 1, 1, 5],
      [3, 2, 2, 1],
    ],
  ])
    it(`repeats [${shape}] [${reps}] times`, () => assertMatchesCpu('tile', (t) => tfc.tile(t, reps), x(...shape)));

  for (const axes of [[0], [1], [2], [0, 2], [1, 2]])
    it(`reverses axes ${axes}`, () => assertMatchesCpu('reverse', (t) => tfc.reverse(t, axes), x(3, 4, 5)));

  it('pads with zeros and other values', async () => {
    await assertMatchesCpu(
      'pad',
      (t) =>
        tfc.pad(t, [
          [0, 0],
          [1, 2],
          [3, 0],
          [0, 0],
        ]),
      x(2, 4, 5, 3),
    );
    await assertMatchesCpu(
      'pad',
      (t) =>
        tfc.pad(
          t,
          [
            [2, 1],
            [0, 3],
          ],
          0.5,
        ),
      x(3, 4),
      false,
    );
  });

  for (const size of [
    [8, 6],
    [4, 9],
    [12, 3],
    [5, 5],
  ] as [number, number][]) {
    const enlarge = (t: tfc.Tensor): tfc.Tensor => tfc.image.resizeNearestNeighbor(t as tfc.Tensor4D, size);
    it(`enlarges 4×3 to ${size.join('×')}`, async () => {
      await assertMatchesCpu('nearest', enlarge, x(2, 4, 3, 5));
      // TF.js's own CPU gradient is wrong from the second image of a batch on; ours replaces it.
      await assertMatchesDifferences('nearest', enlarge, x(2, 4, 3, 5));
    });
  }
});
