import assert from 'node:assert/strict';
import { encodeNpy } from '../../../src/common/npy';
import type { LayerInfo, WeightSpec } from '../../../src/common/modelSpec';
import { Random } from '../../../src/common/random';
import { film } from '../../../src/report/film';
import { metricCsv, metricNamesOf, metricSeries, tensorCsv } from '../../../src/report/tables';

const random = new Random(3);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());

describe('tables of a run', () => {
  it('write every weight with its place, to the bit', () => {
    const shape = [3, 2, 2, 4];
    const values = normals(48);
    const [head, ...lines] = tensorCsv({ shape, values }).trimEnd().split('\n');
    assert.equal(head, 'row,column,channel,kernel,value');
    assert.equal(lines.length, 48);
    for (const line of lines) {
      const [row, column, channel, kernel, value] = line.split(',').map(Number);
      assert.equal(Math.fround(value), values[((row * 2 + column) * 2 + channel) * 4 + kernel]);
    }
  });

  it('name other axes by their number', () => {
    assert.match(tensorCsv({ shape: [1, 1, 1, 1, 2], values: normals(2) }), /^axis0,axis1,axis2,axis3,axis4,value\n0,0,0,0,0,/);
    assert.match(tensorCsv({ shape: [2], values: Float32Array.of(1, NaN) }), /^index,value\n0,1\n1,NaN\n$/);
  });

  it('write NumPy’s format', () => {
    for (const [shape, values] of [
      [[3, 4], normals(12)],
      [[5], Float64Array.of(1, 2, 3, 4, Math.PI)],
    ] as const) {
      const bytes = encodeNpy(values, shape);
      const view = new DataView(bytes.buffer);
      assert.deepEqual([...bytes.subarray(0, 8)], [0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0]);
      const length = view.getUint16(8, true);
      assert.equal((10 + length) % 64, 0);
      const header = Buffer.from(bytes.subarray(10, 10 + length)).toString('latin1');
      const dimensions = shape.length === 1 ? '\\(5,\\)' : '\\(3, 4\\)';
      assert.match(
        header,
        new RegExp(`^\\{'descr': '<f${values.BYTES_PER_ELEMENT}', 'fortran_order': False, 'shape': ${dimensions}, \\} *\n$`),
      );
      values.forEach((v, i) =>
        assert.equal(
          values.BYTES_PER_ELEMENT === 4 ? view.getFloat32(10 + length + i * 4, true) : view.getFloat64(10 + length + i * 8, true),
          v,
        ),
      );
    }
  });

  it('find metrics of steps and of epochs', () => {
    const metrics = {
      steps: [1, 2].map((step) => ({ step, epoch: 0, seconds: 0, learningRate: 0.1, values: { loss: 3 - step } })),
      epochs: [{ step: 2, epoch: 0, seconds: 0, values: { loss: 1.5, val_loss: 1.25 } }],
    };
    assert.deepEqual(metricNamesOf(metrics), ['loss', 'val_loss']);
    assert.deepEqual(metricSeries(metrics, 'loss'), { steps: [1, 2], values: [2, 1] });
    assert.equal(metricCsv('val_loss', metricSeries(metrics, 'val_loss') ?? { steps: [], values: [] }), 'step,val_loss\n2,1.25\n');
    assert.equal(metricSeries(metrics, 'accuracy'), null);
  });
});

describe('the film of a layer', () => {
  const weight = { name: 'kernel', shape: [3, 3, 1, 8] } as WeightSpec;
  const layer = { name: 'conv', className: 'Conv2D', weights: [weight] } as unknown as LayerInfo;
  const steps = [0, 1, 5, 30].map((step) => ({ step, values: normals(72) }));

  for (const kernel of [null, 3])
    it(`is a GIF that begins anew, a picture per step (${kernel === null ? 'all kernels' : `kernel ${kernel}`})`, () => {
      const gif = Buffer.from(film(layer, weight, steps, kernel));
      assert.equal(gif.toString('latin1', 0, 6), 'GIF89a');
      assert.ok(gif.includes('NETSCAPE2.0'));
      assert.equal(gif[gif.length - 1], 0x3b);
      // Graphic control extensions, with their delays in hundredths of a second.
      const delays: number[] = [];
      for (let at = gif.indexOf(Buffer.from([0x21, 0xf9, 4])); at >= 0; at = gif.indexOf(Buffer.from([0x21, 0xf9, 4]), at + 1))
        if (gif[at + 7] === 0) delays.push(gif.readUInt16LE(at + 4));
      assert.deepEqual(delays, [12, 12, 12, 160]);
    });

  it('refuses one that nobody could play', () => {
    const huge = Array.from({ length: 120 }, (_, step) => ({ step, values: new Float32Array(0) }));
    const wide = { name: 'kernel', shape: [3, 3, 64, 4096] } as WeightSpec;
    assert.throws(() => film({ ...layer, weights: [wide] }, wide, huge, null), /too large; give one kernel/);
  });
});
