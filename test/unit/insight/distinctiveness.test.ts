import assert from 'node:assert/strict';
import { Random } from '../../../src/common/random';
import {
  chanceMeanAbsCosine,
  cosines,
  effectiveKernels,
  entropy10,
  kernelRows,
  meanAbsCosine,
  nearestTwin,
  orthogonality,
  sparsity,
  varianceEntropy,
  varianceEntropyThreshold,
} from '../../../src/insight/distinctiveness';
import { symmetricEigenvalues } from '../../../src/insight/symmetricEigenvalues';

const close = (a: number, b: number, tolerance = 1e-6): void => assert.ok(Math.abs(a - b) <= tolerance, `${a} against ${b}`);

describe('distinctiveness', () => {
  it('has the published thresholds of the variance entropy', () => {
    const table: [number, number][] = [
      [8, 0.5092],
      [10, 0.5874],
      [16, 0.7221],
      [32, 0.8457],
      [64, 0.9056],
      [512, 0.948],
      [2048, 0.9507],
    ];
    for (const [n, t] of table) close(varianceEntropyThreshold(n), t, 6e-5);
    close(entropy10([0.5, 0.2, 0.2, 0.1]), 0.5301, 5e-5);
  });

  it('gives the published answers for ones, zeros, halves and random kernels', () => {
    const shape = [3, 3, 4, 16];
    const ones = new Float32Array(576).fill(1);
    assert.equal(sparsity(ones, shape), 0);
    assert.deepEqual(varianceEntropy(ones, shape), { entropy: 0, ratio: 0 });
    assert.ok(orthogonality(cosines(kernelRows(ones, shape)), 16) < 1e-5);
    assert.equal(sparsity(new Float32Array(576), shape), 1);
    const half = ones.map((_, i) => (i % 2 === 0 ? 1 : 0));
    assert.equal(sparsity(half, shape), 0.5);
    const random = new Random(3);
    const noise = Float32Array.from({ length: 9 * 64 * 64 }, () => random.normal());
    assert.ok((varianceEntropy(noise, [3, 3, 64, 64])?.ratio ?? 0) > 1);
  });

  it('finds twins and negatives', () => {
    // Three kernels of four weights: b is a doubled, c is -a with one weight changed.
    const rows = { values: Float64Array.of(1, 2, 3, 4, 2, 4, 6, 8, -1, -2, -3, 4), n: 3, d: 4 };
    const c = cosines(rows);
    close(c[0 * 3 + 1], 1);
    close(c[0 * 3 + 2], (-1 - 4 - 9 + 16) / 30);
    assert.deepEqual(nearestTwin(c, 3, 0)?.index, 1);
  });

  it('random kernels come to the chance level of mean |cos|', () => {
    const random = new Random(4);
    for (const d of [25, 75]) {
      const n = 200;
      const rows = { values: Float64Array.from({ length: n * d }, () => random.normal()), n, d };
      close(meanAbsCosine(cosines(rows), n), chanceMeanAbsCosine(d), 0.02 * chanceMeanAbsCosine(d) + 0.002);
    }
  });

  it('counts effectively different kernels', () => {
    const identity = Float64Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 1 : 0));
    close(effectiveKernels(identity, 5), 5);
    close(effectiveKernels(new Float64Array(25).fill(1), 5), 1);
  });

  it('has eigenvalues with the right sums of powers', () => {
    const random = new Random(8);
    for (const n of [1, 2, 3, 9, 40]) {
      const m = new Float64Array(n * n);
      for (let a = 0; a < n; a++) for (let b = 0; b <= a; b++) m[a * n + b] = m[b * n + a] = random.normal();
      const e = symmetricEigenvalues(m, n);
      let trace = 0;
      for (let i = 0; i < n; i++) trace += m[i * n + i];
      close(
        e.reduce((x, y) => x + y, 0),
        trace,
        1e-9,
      );
      close(
        e.reduce((x, y) => x + y * y, 0),
        m.reduce((x, y) => x + y * y, 0),
        1e-7,
      );
    }
    const two = [...symmetricEigenvalues([2, 1, 1, 2], 2)].sort();
    close(two[0], 1);
    close(two[1], 3);
  });
});
