import assert from 'node:assert/strict';
import { Random } from '../../../src/common/random';
import {
  chanceEffectiveKernels,
  chanceMeanAbsCosine,
  cosines,
  effectiveKernels,
  effectiveNumber,
  entropy10,
  kernelRows,
  meanAbsCosine,
  nearestTwin,
  orthogonality,
  sparsity,
  varianceEntropy,
  varianceEntropyThreshold,
} from '../../../src/insight/distinctiveness';
import { gram } from '../../../src/insight/gram';
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

  it('counts random kernels as what drawing them gives', () => {
    const random = new Random(6);
    for (const [n, d] of [
      [4, 9],
      [8, 9],
      [32, 9],
      [10, 25],
      [32, 27],
      [64, 27],
      [64, 288],
      [16, 75],
    ]) {
      const rounds = Math.ceil(640 / n);
      let found = 0;
      for (let r = 0; r < rounds; r++)
        found += effectiveKernels(cosines({ values: Float64Array.from({ length: n * d }, () => random.normal()), n, d }), n) / rounds;
      close(found / chanceEffectiveKernels(n, d), 1, 0.03);
    }
    assert.equal(chanceEffectiveKernels(1, 9), 1);
  });

  it('has the mean |cosine| of random directions exactly where it is known', () => {
    assert.ok(Math.abs(chanceMeanAbsCosine(1) - 1) < 1e-12);
    assert.ok(Math.abs(chanceMeanAbsCosine(2) - 2 / Math.PI) < 1e-12);
    assert.ok(Math.abs(chanceMeanAbsCosine(3) - 0.5) < 1e-12);
    close(chanceMeanAbsCosine(25), 0.16, 0.002);
    close(chanceMeanAbsCosine(75), 0.093, 0.001);
  });

  it('has all scalar products, whatever the size of tiles', () => {
    const random = new Random(7);
    for (const [n, d] of [
      [1, 1],
      [2, 300],
      [3, 129],
      [5, 7],
      [9, 128],
      [17, 257],
    ]) {
      const rows = Float64Array.from({ length: n * d }, () => random.normal());
      const products = gram(rows, n, d);
      for (let a = 0; a < n; a++)
        for (let b = 0; b < n; b++) {
          let sum = 0;
          for (let i = 0; i < d; i++) sum += rows[a * d + i] * rows[b * d + i];
          close(products[a * n + b], sum, 1e-10);
        }
    }
  });

  it('takes the kernels of a weight apart as rows', () => {
    const shape = [2, 3, 2, 11];
    const values = Float32Array.from({ length: 132 }, (_, i) => i);
    const { values: rows, n, d } = kernelRows(values, shape);
    assert.deepEqual([n, d], [11, 12]);
    for (let f = 0; f < n; f++) for (let i = 0; i < d; i++) assert.equal(rows[f * d + i], i * n + f);
  });

  it('counts effectively different kernels', () => {
    const identity = Float64Array.from({ length: 25 }, (_, i) => (i % 6 === 0 ? 1 : 0));
    close(effectiveKernels(identity, 5), 5);
    close(effectiveKernels(new Float64Array(25).fill(1), 5), 1);
  });

  it('counts the same from whichever products are fewer, kernels of zeros as well', () => {
    const random = new Random(5);
    for (const [n, d] of [
      [12, 30],
      [30, 12],
      [40, 3],
    ]) {
      const values = Float64Array.from({ length: n * d }, () => random.normal());
      values.fill(0, d, 3 * d);
      const rows = { values, n, d };
      close(effectiveNumber(rows), effectiveKernels(cosines(rows), n));
    }
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
