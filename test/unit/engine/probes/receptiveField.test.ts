import assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { receptiveField } from '../../../../src/insight/receptiveField';
import { copyValues, setValues } from '../../../../src/engine/tensorMemory';
import { networkFrom } from '../../../bench/networkFrom';
import { startEngine } from '../reference';
import { kerasSource } from './ready';

const [H, W] = [17, 14];
const models: Record<string, string[]> = {
  'strides, same padding, pooling': [
    "Conv2D(2, 3, strides=2, padding='same')",
    'MaxPooling2D(2)',
    "Conv2D(2, (2, 3), padding='same', dilation_rate=1)",
  ],
  'dilation, zero padding, cropping': [
    'ZeroPadding2D(((1, 2), (3, 0)))',
    'Conv2D(2, 3, dilation_rate=2)',
    'Cropping2D((2, 1))',
    'Conv2D(2, 2)',
  ],
  'pooling without holes, up-sampling, transposed': [
    "AveragePooling2D(3, strides=2, padding='same')",
    'UpSampling2D(2)',
    "Conv2DTranspose(2, 3, strides=2, padding='same')",
    "DepthwiseConv2D(3, padding='valid')",
  ],
};

describe('receptive field', () => {
  before(startEngine);

  for (const [name, layers] of Object.entries(models))
    it(`is where changed pixels change the output: ${name}`, async function () {
      this.timeout(60_000);
      const { network, spec } = await networkFrom(
        kerasSource(
          [...layers, "Conv2D(1, 1, name='last')", 'GlobalAveragePooling2D()', "Dense(1, activation='sigmoid')"],
          `(${H}, ${W}, 1)`,
          'binary_crossentropy',
        ),
      );
      // All weights 1, no biases: nothing cancels, so whatever is read shows.
      for (const p of network.built.parameters) setValues(p.variable, new Float32Array(p.size).fill(p.name === 'bias' ? 0 : 1));
      const shape = spec.layers.find((l) => l.name === 'last')!.outputShape;
      const [rows, columns] = [shape[1]!, shape[2]!];
      // One image per pixel, with this pixel lit (lit pixels also win every maximum).
      const inputs = new Float32Array(H * W * H * W);
      for (let i = 0; i < H * W; i++) inputs[i * H * W + i] = 1;
      const map = tfc.tidy(() => copyValues(network.activations({ count: H * W, inputs, labels: new Int32Array(H * W) }, ['last'])[0]));
      for (let row = 0; row < rows; row++)
        for (let column = 0; column < columns; column++) {
          const seen = Array.from({ length: H * W }, (_, i) => i).filter((i) => map[i * rows * columns + row * columns + column] !== 0);
          // Outputs that read padding alone.
          if (seen.length === 0) continue;
          const ys = seen.map((i) => Math.floor(i / W));
          const xs = seen.map((i) => i % W);
          const expected = { top: Math.min(...ys), left: Math.min(...xs), bottom: Math.max(...ys), right: Math.max(...xs) };
          assert.deepEqual(receptiveField(spec.layers, 'last', row, column, [H, W]), expected, `row ${row}, column ${column}`);
        }
    });

  it('is the whole image behind a Flatten, the union of branches, and not known behind an unknown layer', async () => {
    const { spec } = await networkFrom(
      kerasSource(
        ["Conv2D(2, 3, name='a')", 'Flatten()', "Dense(4, name='b')", "Dense(1, activation='sigmoid', name='c')"],
        '(9, 8, 1)',
        'binary_crossentropy',
      ),
    );
    const whole = { top: 0, left: 0, bottom: 8, right: 7 };
    assert.deepEqual(receptiveField(spec.layers, 'b', 0, 0, [9, 8]), whole);
    assert.deepEqual(receptiveField(spec.layers, 'c', 0, 0, [9, 8]), whole);
    assert.deepEqual(receptiveField(spec.layers, 'a', 1, 2, [9, 8]), { top: 1, left: 2, bottom: 3, right: 4 });
    const [a] = spec.layers.filter((l) => l.name === 'a');
    const branch = { ...a, name: 'wide', config: { ...a.config, kernel_size: [5, 5], padding: 'same' }, outputShape: [null, 9, 8, 2] };
    const narrow = { ...branch, name: 'narrow', config: { ...a.config, kernel_size: [1, 3], padding: 'same' } };
    const sum = { ...branch, name: 'sum', className: 'Add', config: {}, inputs: ['wide', 'narrow'] };
    const all = [...spec.layers, branch, narrow, sum].map((l) => (['wide', 'narrow'].includes(l.name) ? { ...l, inputs: a.inputs } : l));
    assert.deepEqual(receptiveField(all, 'sum', 4, 4, [9, 8]), { top: 2, left: 2, bottom: 6, right: 6 });
    const odd = all.map((l) => (l.name === 'wide' ? { ...l, className: 'Lambda' } : l));
    assert.equal(receptiveField(odd, 'sum', 4, 4, [9, 8]), null);
  });
});
