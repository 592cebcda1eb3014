import assert from 'node:assert/strict';
import { encodeFrame } from '../../../src/common/frame';
import { kernelHistory } from '../../../src/training/kernelHistory';

const stored = (step: number): ArrayBuffer =>
  encodeFrame({
    step,
    epoch: 0,
    loss: 1,
    learningRate: 0.1,
    tensors: [{ name: 'weight:conv/kernel', shape: [2, 1, 1, 3], values: Float32Array.from([0, 1, 2, 3, 4, 5], (v) => v + 10 * step) }],
  });

describe('kernelHistory', () => {
  it('takes one filter out of every stored frame, passing over a frame thinned away meanwhile', async () => {
    const load = async (step: number) => {
      if (step === 2) throw new Error('gone');
      return stored(step);
    };
    const history = await kernelHistory([0, 2, 4], load, { layer: 'conv', weight: 'kernel', filter: 1 });
    assert.deepEqual(history.steps, [0, 4]);
    assert.equal(history.length, 2);
    assert.deepEqual([...new Float32Array(history.values as ArrayBuffer)], [1, 4, 41, 44]);
  });

  it('says what is missing', async () => {
    const load = async (step: number) => stored(step);
    await assert.rejects(kernelHistory([0], load, { layer: 'conv', weight: 'kernel', filter: 3 }), /3 filters, no number 3/);
    await assert.rejects(kernelHistory([0], load, { layer: 'x', weight: 'kernel', filter: 0 }), /no stored frame holds x\/kernel/);
  });
});
