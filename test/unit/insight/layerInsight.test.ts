import assert from 'node:assert/strict';
import { Random } from '../../../src/common/random';
import { layerInsight } from '../../../src/insight/layerInsight';

/** [3, 3, 1, n] from n slices of nine values. */
function layer(slices: number[][]): Float32Array {
  return Float32Array.from({ length: 9 * slices.length }, (_, i) => slices[i % slices.length][Math.floor(i / slices.length)]);
}

describe('layer insight', () => {
  it('tells edges, lines, blobs and dead kernels apart and finds twins', () => {
    const sobel = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
    const slices = [sobel, sobel.map((x) => -2 * x), [-1, 2, -1, -1, 2, -1, -1, 2, -1], Array(9).fill(1), Array(9).fill(0)] as number[][];
    const { kernels, summary } = layerInsight(layer(slices), [3, 3, 1, 5]);
    assert.deepEqual(
      kernels.map((k) => k.kernelClass),
      ['edge', 'edge', 'line', 'blob', 'flat'],
    );
    assert.deepEqual(kernels[0].nearest?.index, 1);
    assert.ok(Math.abs((kernels[0].nearest?.cosine ?? 0) + 1) < 1e-6);
    assert.equal(summary.edges, 2);
    assert.ok(summary.pValue < 0.01);
    assert.match(summary.sentence, /2 of 5 kernels are edge filters.*more than chance/);
  });

  it('finds no more than chance in untrained layers, at the stated level over many seeds', () => {
    let alarms = 0;
    const seeds = 400;
    for (let seed = 0; seed < seeds; seed++) {
      const random = new Random(seed);
      const values = Float32Array.from({ length: 9 * 3 * 32 }, () => random.uniform(-0.138, 0.138));
      if (layerInsight(values, [3, 3, 3, 32]).summary.pValue < 0.01) alarms++;
    }
    assert.ok(alarms / seeds <= 0.02, `${alarms} of ${seeds}`);
  });

  it('looks for no edges where there is no room for one', () => {
    const values = Float32Array.from({ length: 64 }, (_, i) => Math.sin(i));
    for (const shape of [
      [1, 1, 8, 8],
      [1, 4, 2, 8],
    ]) {
      const { summary } = layerInsight(values, shape);
      assert.deepEqual([summary.edges, summary.expectedByChance, summary.pValue], [0, 0, 1]);
      assert.equal(summary.sentence, `Kernels of ${shape[0]} × ${shape[1]} have no room for an edge.`);
    }
  });
});
