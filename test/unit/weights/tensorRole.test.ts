import * as assert from 'node:assert/strict';
import { guessConvOrder } from '../../../src/weights/convOrder';
import { roleAndLayout } from '../../../src/weights/tensorRole';
import { WeightFileReader } from '../../../src/weights/weightFileReader';

describe('roles and layouts of tensors', () => {
  it('follow the habits of Keras and PyTorch', () => {
    const say = (name: string, shape: number[], convention: 'keras' | 'torch' | 'unknown') => {
      const { role, layout } = roleAndLayout(name, shape, 'float32', convention);
      return `${role}, ${layout}`;
    };
    assert.equal(say('conv2d/kernel:0', [3, 3, 1, 8], 'keras'), 'conv kernel, HWIO');
    assert.equal(say('sep/depthwise_kernel:0', [3, 3, 8, 1], 'keras'), 'conv kernel, HWIM');
    assert.equal(say('conv2d_transpose/kernel', [3, 3, 4, 8], 'keras'), 'conv kernel, HWOI');
    assert.equal(say('features.0.weight', [64, 3, 7, 7], 'torch'), 'conv kernel, OIHW');
    assert.equal(say('fc.weight', [10, 84], 'torch'), 'dense kernel, OI');
    assert.equal(say('dense/kernel:0', [84, 10], 'keras'), 'dense kernel, IO');
    assert.equal(say('dense/bias:0', [10], 'keras'), 'bias, null');
    assert.equal(say('bn1.running_var', [64], 'torch'), 'normalisation, null');
    assert.equal(say('layer1.0.bn2.weight', [64], 'torch'), 'normalisation, null');
    assert.equal(say('embed_tokens.weight', [100, 8], 'torch'), 'embedding, null');
    assert.equal(say('lstm/recurrent_kernel:0', [8, 32], 'keras'), 'recurrent kernel, null');
    assert.equal(say('optimizer.state.0.exp_avg', [4, 1, 3, 3], 'torch'), 'optimiser, null');
    assert.equal(say('conv1/kernel/Adam_1', [3, 3, 1, 8], 'keras'), 'optimiser, null');
    assert.equal(say('anything', [3, 3, 1, 8], 'unknown'), 'conv kernel, null');
  });

  it('are guessed from the shapes of a file that does not say', () => {
    assert.equal(
      guessConvOrder([
        [3, 3, 3, 64],
        [1, 1, 64, 16],
      ]).convention,
      'keras',
    );
    assert.equal(
      guessConvOrder([
        [64, 3, 3, 3],
        [16, 64, 1, 1],
      ]).convention,
      'torch',
    );
    assert.equal(guessConvOrder([[3, 3, 3, 3]]).convention, 'unknown');
    assert.equal(guessConvOrder([[128, 10]]).convention, 'unknown');
    assert.match(guessConvOrder([[64, 3, 5, 5]]).reason, /guessed from the shapes, such as \[64, 3, 5, 5\]/);
  });

  it('see a normalisation by its running mean', () => {
    const data = { read: (start: number, end: number) => new Float32Array(end - start) };
    const tensor = (name: string) => ({ name, dtype: 'float32', shape: [4], bytes: 16, data });
    const tensors = ['1.weight', '1.bias', '1.running_mean', '2.weight'].map(tensor);
    const reader = new WeightFileReader({ format: 'pytorch', producer: {}, convention: 'torch', tensors, warnings: [] }, () => undefined);
    assert.deepEqual(
      reader.info.tensors.map((t) => t.role),
      ['normalisation', 'normalisation', 'normalisation', 'other'],
    );
  });
});
