import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { JOB } from '../../../src/engine/kernels/jobs';
import { kernelContext } from '../../../src/engine/kernels/kernels';
import { convolution } from '../../../src/engine/ops/convolution';
import { assertMatchesCpu, assertMatchesDifferences, evaluateOn, randomValues, startEngine } from './reference';

/** [batch, height, width, channels in, channels out, window height, window width, stride, padding, relu] */
const cases = [
  [1, 7, 8, 1, 4, 3, 3, 1, 'valid', true],
  [9, 9, 8, 3, 8, 3, 3, 1, 'same', true],
  [2, 12, 11, 32, 12, 3, 3, 1, 'valid', true],
  [3, 10, 13, 16, 20, 3, 3, 1, 'same', true],
  [2, 11, 12, 3, 4, 5, 5, 1, 'valid', false],
  [2, 13, 13, 6, 4, 5, 2, 2, 'same', true],
  [2, 8, 8, 12, 8, 1, 1, 1, 'valid', true],
  [1, 18, 22, 64, 4, 3, 3, 1, 'valid', true],
] as const;

describe('engine: gradients of convolutions under max pooling', () => {
  before(startEngine);
  for (const [n, h, w, cin, cout, kh, kw, stride, pad, isRelu] of cases) {
    const name = `${n}×${h}×${w}×${cin} to ${cout}, window ${kh}×${kw}, stride ${stride}, ${pad}${isRelu ? ', relu' : ''}`;
    const how = { strides: [stride, stride], pad, dilations: [1, 1], isRelu } as const;
    const run = (x: tfc.Tensor, filter: tfc.Tensor, bias: tfc.Tensor): tfc.Tensor =>
      tfc.maxPool(
        convolution(x as tfc.Tensor4D, filter as tfc.Tensor4D, bias, { ...how, strides: [stride, stride], dilations: [1, 1] }),
        2,
        2,
        'valid',
      );
    const inputs = [randomValues('x', [n, h, w, cin]), randomValues('filter', [kh, kw, cin, cout]), randomValues('bias', [cout])];

    it(`equal the CPU backend: ${name}`, () => assertMatchesCpu('convolution and pooling', run, inputs));

    it(`multiply winners only: ${name}`, async () => {
      const jobs: number[] = [];
      const { machine } = kernelContext()!;
      machine.onMeasure = ({ job }) => void jobs.push(job);
      try {
        await evaluateOn('wasm', run, inputs, true);
      } finally {
        machine.onMeasure = undefined;
      }
      assert.equal(jobs.filter((job) => job === JOB.pooledGrad).length, (kw * cin) % 4 === 0 ? 2 : 1);
      assert.equal(jobs.filter((job) => job === JOB.pooledSums).length, 1);
    });
  }

  it('keep to the whole gradient where something else uses the convolution, too', () =>
    assertMatchesCpu(
      'convolution used twice',
      (x, filter) => {
        const y = convolution(x as tfc.Tensor4D, filter as tfc.Tensor4D, undefined, {
          strides: [1, 1],
          pad: 'same',
          dilations: [1, 1],
          isRelu: true,
        });
        return tfc.add(tfc.sum(tfc.maxPool(y, 2, 2, 'valid')), tfc.mean(tfc.square(y)));
      },
      [randomValues('x', [2, 6, 6, 4]), randomValues('filter', [3, 3, 4, 8])],
    ));

  it('have the gradient of finite differences', () =>
    assertMatchesDifferences(
      'convolution and pooling',
      (x, filter) =>
        tfc.maxPool(
          convolution(x as tfc.Tensor4D, filter as tfc.Tensor4D, undefined, {
            strides: [1, 1],
            pad: 'valid',
            dilations: [1, 1],
            isRelu: false,
          }),
          2,
          2,
          'valid',
        ),
      [randomValues('x', [1, 6, 6, 1]), randomValues('filter', [3, 3, 1, 4])],
      1e-3,
      2e-2,
    ));
});
