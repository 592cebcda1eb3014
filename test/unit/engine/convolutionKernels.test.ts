import * as tfc from '@tensorflow/tfjs-core';
import { assertMatchesCpu, assertMatchesDifferences, randomValues, startEngine } from './reference';

type Pad = 'valid' | 'same' | [[number, number], [number, number], [number, number], [number, number]];
const explicit: Pad = [
  [0, 0],
  [1, 2],
  [0, 1],
  [0, 0],
];

/** More than a window reaches over the edge. */
const wide: Pad = [
  [0, 0],
  [3, 4],
  [0, 5],
  [0, 0],
];

/** [batch, height, width, cin, kh, kw, cout, stride h, stride w, padding] */
type Case = [number, number, number, number, number, number, number, number, number, Pad];

// Batch of 1, channels that fill no vector, windows larger than needed, all paddings and strides; the direct kernels.
const direct: Case[] = [
  [1, 5, 5, 1, 3, 3, 1, 1, 1, 'valid'],
  [2, 7, 6, 3, 3, 3, 5, 1, 1, 'same'],
  [3, 8, 9, 4, 3, 3, 8, 2, 2, 'same'],
  [1, 9, 7, 5, 5, 3, 7, 2, 1, 'valid'],
  [9, 6, 6, 2, 2, 4, 9, 1, 1, 'same'],
  [2, 10, 10, 3, 7, 7, 6, 2, 2, 'same'],
  [2, 6, 5, 13, 1, 1, 17, 1, 1, 'valid'],
  [2, 6, 7, 6, 1, 1, 10, 2, 3, 'same'],
  [2, 8, 8, 3, 3, 3, 11, 3, 3, 'valid'],
  [2, 7, 7, 3, 3, 2, 4, 1, 1, explicit],
  [1, 3, 3, 40, 3, 3, 21, 1, 1, 'valid'],
  [1, 4, 4, 70, 3, 3, 9, 1, 1, 'same'],
  [2, 5, 6, 3, 3, 3, 5, 1, 1, wide],
  [9, 3, 3, 24, 3, 3, 28, 1, 1, 'valid'],
];

// Stride 1, at least 16 channels in whole vectors: Winograd's algorithm; images and windows that are not whole tiles.
const winograd: Case[] = [
  [1, 4, 4, 16, 3, 3, 16, 1, 1, 'same'],
  [2, 7, 9, 16, 3, 3, 20, 1, 1, 'same'],
  [3, 6, 5, 20, 3, 3, 16, 1, 1, 'valid'],
  [9, 5, 5, 24, 3, 3, 28, 1, 1, 'valid'],
  [2, 13, 12, 32, 3, 3, 36, 1, 1, 'same'],
  [1, 7, 7, 16, 3, 3, 16, 1, 1, explicit],
  [1, 8, 7, 16, 3, 3, 16, 1, 1, wide],
  [1, 8, 8, 16, 5, 5, 16, 1, 1, 'same'],
  [3, 13, 10, 20, 5, 5, 28, 1, 1, 'valid'],
  [2, 9, 11, 16, 5, 5, 20, 1, 1, explicit],
  [2, 8, 12, 16, 3, 5, 16, 1, 1, 'same'],
  [1, 12, 9, 20, 7, 5, 16, 1, 1, 'same'],
  [2, 8, 8, 16, 4, 6, 24, 1, 1, 'same'],
];

const text = ([n, h, w, cin, kh, kw, cout, sh, sw, pad]: Case): string =>
  `${n}×${h}×${w}×${cin} * ${kh}×${kw}×${cout}, stride ${sh},${sw}, ${typeof pad === 'string' ? pad : 'explicit'}`;

const operationOf =
  ([, , , , , , , sh, sw, pad]: Case) =>
  (x: tfc.Tensor, f: tfc.Tensor): tfc.Tensor =>
    tfc.conv2d(x as tfc.Tensor4D, f as tfc.Tensor4D, [sh, sw], pad);
const inputsOf = ([n, h, w, cin, kh, kw, cout]: Case) => [randomValues('x', [n, h, w, cin]), randomValues('f', [kh, kw, cin, cout])];

describe('engine: convolution', () => {
  before(startEngine);

  for (const c of [...direct, ...winograd])
    it(`equals the CPU backend: ${text(c)}`, () => assertMatchesCpu('convolution', operationOf(c), inputsOf(c)));

  for (const c of [direct[1], direct[2], winograd[0], winograd[2]].map(([, h, w, ...rest]): Case => [
    1,
    Math.min(h, 5),
    Math.min(w, 4),
    ...rest,
  ]))
    it(`has the gradient of its finite differences: ${text(c)}`, () =>
      assertMatchesDifferences('convolution', operationOf(c), inputsOf(c)));

  for (const [dilation, pad] of [
    [2, 'same'],
    [[1, 3], 'valid'],
    [[2, 1], 'same'],
  ] as const)
    it(`equals the CPU backend when dilated by ${String(dilation)}, ${pad}`, () =>
      assertMatchesCpu(
        'dilated convolution',
        (x, f) => tfc.conv2d(x as tfc.Tensor4D, f as tfc.Tensor4D, 1, pad, 'NHWC', dilation as number | [number, number]),
        [randomValues('x', [2, 9, 10, 3]), randomValues('f', [3, 3, 3, 6])],
        false,
      ));

  for (const activation of ['linear', 'relu', 'sigmoid', 'relu6'] as const)
    for (const cout of [6, 16])
      it(`fuses bias and ${activation} into ${cout} channels`, () =>
        assertMatchesCpu(
          'fused convolution',
          (x, filter, bias) =>
            tfc.fused.conv2d({ x: x as tfc.Tensor4D, filter: filter as tfc.Tensor4D, strides: 1, pad: 'same', bias, activation }),
          [randomValues('x', [2, 6, 7, 16]), randomValues('f', [3, 3, 16, cout]), randomValues('b', [cout])],
          activation !== 'sigmoid' && activation !== 'relu6',
        ));

  for (const [stride, pad] of [
    [1, 'same'],
    [2, 'same'],
    [2, 'valid'],
  ] as const)
    it(`equals the CPU backend transposed, stride ${stride}, ${pad}`, () => {
      const size = pad === 'same' ? 5 * stride : 4 * stride + 3;
      return assertMatchesCpu(
        'transposed convolution',
        (x, f) => tfc.conv2dTranspose(x as tfc.Tensor4D, f as tfc.Tensor4D, [2, size, size, 6], stride, pad),
        [randomValues('x', [2, 5, 5, 7]), randomValues('f', [3, 3, 6, 7])],
      );
    });
});

describe('engine: depthwise convolution', () => {
  before(startEngine);
  /** [height, width, channels, multiplier, window, stride, padding, dilation] */
  const cases = [
    [6, 7, 3, 1, 3, 1, 'same', 1],
    [7, 6, 8, 1, 3, 2, 'same', 1],
    [6, 6, 5, 2, 3, 1, 'valid', 1],
    [8, 8, 9, 1, 5, 1, 'same', 1],
    [6, 6, 4, 3, 2, 2, 'valid', 1],
    [9, 9, 6, 1, 3, 1, 'same', 2],
    [9, 11, 13, 1, 5, 1, 'valid', 1],
    [5, 4, 16, 1, 7, 1, 'same', 1],
    [10, 9, 12, 1, 4, 2, 'same', 1],
    [7, 8, 8, 1, 1, 3, 'valid', 1],
    [8, 13, 20, 1, 3, 3, 'valid', 1],
  ] as const;
  for (const [h, w, c, m, k, stride, pad, dilation] of cases)
    it(`equals the CPU backend: ${h}×${w}×${c}·${m}, window ${k}, stride ${stride}, ${pad}, dilation ${dilation}`, () =>
      assertMatchesCpu(
        'depthwise convolution',
        (x, f) => tfc.depthwiseConv2d(x as tfc.Tensor4D, f as tfc.Tensor4D, stride, pad, 'NHWC', dilation),
        [randomValues('x', [2, h, w, c]), randomValues('f', [k, k, c, m])],
        dilation === 1,
      ));
  it('fuses bias and relu', () =>
    assertMatchesCpu(
      'fused depthwise convolution',
      (x, filter, bias) =>
        tfc.fused.depthwiseConv2d({
          x: x as tfc.Tensor4D,
          filter: filter as tfc.Tensor4D,
          strides: 1,
          pad: 'same',
          bias,
          activation: 'relu',
        }),
      [randomValues('x', [2, 6, 7, 6]), randomValues('f', [3, 3, 6, 1]), randomValues('b', [6])],
      false,
    ));
});
