import assert from 'node:assert/strict';
import type { ModelSpec } from '../../../src/common/modelSpec';
import { Random } from '../../../src/common/random';
import type { LayerActivity } from '../../../src/common/trainingProtocol';
import { compareAcrossSeeds, type SeedRun } from '../../../src/insight/acrossSeeds';
import { bestAssignment } from '../../../src/insight/assignment';
import { debiasedLinearCka } from '../../../src/insight/centredKernelAlignment';
import { kernelRows } from '../../../src/insight/distinctiveness';
import { chanceOfMatching, matchKernels, permuteInputs } from '../../../src/insight/matchKernels';

const normals = (random: Random, length: number): Float32Array => Float32Array.from({ length }, () => random.normal());

function bestByTrying(value: Float64Array, n: number): number {
  const go = (row: number, used: number): number => {
    if (row === n) return 0;
    let best = -Infinity;
    for (let j = 0; j < n; j++) if (!(used & (1 << j))) best = Math.max(best, value[row * n + j] + go(row + 1, used | (1 << j)));
    return best;
  };
  return go(0, 0);
}

describe('assignment', () => {
  it('is as good as the best of all permutations', () => {
    const random = new Random(3);
    for (let trial = 0; trial < 60; trial++) {
      const n = 1 + (trial % 7);
      // Ties and negative values as well.
      const value = Float64Array.from({ length: n * n }, () => (trial % 2 ? random.normal() : random.integer(4) - 2));
      const columns = bestAssignment(value, n);
      assert.deepEqual(
        [...columns].sort((a, b) => a - b),
        [...Array(n).keys()],
      );
      const sum = columns.reduce((s, j, i) => s + value[i * n + j], 0);
      assert.ok(Math.abs(sum - bestByTrying(value, n)) < 1e-9);
    }
  });
});

describe('matching kernels of two runs', () => {
  it('finds shuffled copies again', () => {
    const random = new Random(11);
    const shape = [3, 3, 2, 10];
    const values = normals(random, 180);
    const order = random.permutation(10);
    const shuffled = Float32Array.from(values, (_, i) => 2.5 * values[i - (i % 10) + order[i % 10]]);
    const { partner, mean } = matchKernels(kernelRows(values, shape), kernelRows(shuffled, shape));
    partner.forEach((j, i) => assert.equal(order[j], i));
    assert.ok(Math.abs(mean - 1) < 1e-6);
  });

  it('undoes a permutation of input channels', () => {
    const random = new Random(12);
    const shape = [3, 3, 4, 5];
    const values = normals(random, 180);
    const order = Int32Array.from(random.permutation(4));
    const inverse = new Int32Array(4);
    order.forEach((to, from) => (inverse[to] = from));
    assert.deepEqual(permuteInputs(permuteInputs(values, shape, order), shape, inverse), values);
    assert.notDeepEqual(permuteInputs(values, shape, order), values);
  });

  // Measured elsewhere with 2 random sets of n kernels of d weights: mean, 95th percentile of the mean.
  for (const [n, d, mean, mean95] of [
    [10, 9, 0.43, 0.52],
    [32, 9, 0.59, 0.63],
    [8, 25, 0.24, 0.31],
    [10, 25, 0.26, 0.32],
    [32, 27, 0.36, 0.38],
    [16, 75, 0.18, 0.21],
  ]) {
    it(`says what chance gives for ${n} kernels of ${d} weights`, () => {
      const chance = chanceOfMatching(n, d);
      assert.ok(Math.abs(chance.mean - mean) < 0.015, `mean ${chance.mean}`);
      assert.ok(Math.abs(chance.mean95 - mean95) < 0.02, `95th ${chance.mean95}`);
      assert.ok(chance.pair95 > chance.mean95);
    });
  }
});

describe('debiased linear CKA', () => {
  const gram = (x: Float32Array, n: number, p: number): Float64Array => {
    const g = new Float64Array(n * n);
    for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) for (let k = 0; k < p; k++) g[i * n + j] += x[i * p + k] * x[j * p + k];
    return g;
  };

  it('is 1 for a rotated and scaled copy', () => {
    const random = new Random(5);
    const [n, p] = [40, 6];
    const x = normals(random, n * p);
    const [c, s] = [Math.cos(0.7), Math.sin(0.7)];
    const y = Float32Array.from(x);
    for (let i = 0; i < n; i++) {
      y[i * p] = c * x[i * p] - s * x[i * p + 1];
      y[i * p + 1] = s * x[i * p] + c * x[i * p + 1];
    }
    for (let i = 0; i < y.length; i++) y[i] *= 3;
    assert.ok(Math.abs(debiasedLinearCka(gram(x, n, p), gram(y, n, p), n) - 1) < 1e-4);
  });

  it('is about 0 for unrelated representations even of few images, where the plain form is far from it', () => {
    const random = new Random(6);
    const [n, p] = [50, 32];
    let debiased = 0;
    let plain = 0;
    const trials = 20;
    for (let t = 0; t < trials; t++) {
      const [k, l] = [gram(normals(random, n * p), n, p), gram(normals(random, n * p), n, p)];
      debiased += debiasedLinearCka(k, l, n) / trials;
      plain += plainCka(k, l, n) / trials;
    }
    assert.ok(Math.abs(debiased) < 0.05, `debiased ${debiased}`);
    assert.ok(Math.abs(plain - 0.4) < 0.03, `plain ${plain}`);
  });

  /** The biased form, with centred Gram matrices: an independent way that shows what the debiased one takes away. */
  function plainCka(k: Float64Array, l: Float64Array, n: number): number {
    const centred = (g: Float64Array): Float64Array => {
      const rows = Array.from({ length: n }, (_, i) => g.subarray(i * n, i * n + n).reduce((a, b) => a + b, 0) / n);
      const all = rows.reduce((a, b) => a + b, 0) / n;
      return g.map((x, i) => x - rows[Math.floor(i / n)] - rows[i % n] + all);
    };
    const [a, b] = [centred(k), centred(l)];
    const dot = (x: Float64Array, y: Float64Array): number => x.reduce((s, v, i) => s + v * y[i], 0);
    return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
  }
});

describe('comparing runs across seeds', () => {
  const [filters, images, samples] = [12, 30, 300];
  const spec = {
    layers: [
      {
        name: 'conv',
        className: 'Conv2D',
        config: {},
        inputs: [],
        outputShape: [null, 8, 8, filters],
        params: 120,
        trainableParams: 120,
        source: null,
        weights: [
          {
            name: 'kernel',
            shape: [3, 3, 1, filters],
            fanIn: 9,
            fanOut: 108,
            trainable: true,
            initializer: { className: 'GlorotUniform', config: {} },
          },
        ],
      },
    ],
  } as unknown as ModelSpec;
  const activityOf = (random: Random): Map<string, LayerActivity> =>
    new Map([
      [
        'conv',
        {
          layer: 'conv',
          units: filters,
          gram: normals(random, images * images).map((_, i) => Math.sin(i)),
          samples: normals(random, samples * filters),
        },
      ],
    ]);
  const run = (seed: number, kernel: Float32Array, random: Random): SeedRun => ({
    seed,
    accuracy: 0.9 + seed / 100,
    kernels: new Map([['conv', kernel]]),
    activity: activityOf(random),
    untrained: activityOf(random),
  });

  it('calls random kernels no more alike than chance', () => {
    const random = new Random(21);
    const { layers } = compareAcrossSeeds(
      spec,
      [1, 2, 3].map((s) => run(s, normals(random, 9 * filters), random)),
      images,
    );
    const [{ matchedCosine, inEverySeed }] = layers;
    assert.ok(matchedCosine && Math.abs(matchedCosine.mean - matchedCosine.chanceMean) < 0.08);
    assert.ok((inEverySeed ?? NaN) <= 2);
  });

  it('states how many kernels runs with nothing in common seem to share', () => {
    const random = new Random(23);
    for (const runs of [2, 3]) {
      let found = 0;
      const rounds = 60;
      let stated = NaN;
      for (let round = 0; round < rounds; round++) {
        const seeds = Array.from({ length: runs }, (_, s) => run(s + 1, normals(random, 9 * filters), random));
        const [layer] = compareAcrossSeeds(spec, seeds, images).layers;
        found += layer.inEverySeed ?? NaN;
        stated = layer.inEverySeedByChance ?? NaN;
      }
      assert.equal(stated, filters * 0.05 ** (runs - 1));
      // Kernels of a run are matched together, so that their number varies more than independent ones would.
      const error = Math.sqrt(stated / rounds);
      assert.ok(Math.abs(found / rounds - stated) < 6 * error, `${runs} runs: ${found / rounds} against ${stated}`);
    }
  });

  it('finds kernels that every run has, whatever their order', () => {
    const random = new Random(22);
    const kernel = normals(random, 9 * filters);
    const shuffled = (): Float32Array => {
      const order = random.permutation(filters);
      return Float32Array.from(kernel, (_, i) => kernel[i - (i % filters) + order[i % filters]]);
    };
    const result = compareAcrossSeeds(spec, [run(1, kernel, random), run(2, shuffled(), random), run(3, shuffled(), random)], images);
    const [layer] = result.layers;
    assert.ok(layer.matchedCosine && layer.matchedCosine.mean > 0.999);
    assert.equal(layer.inEverySeed, filters);
    assert.equal(layer.inNoOther, 0);
    assert.ok(Math.abs((result.accuracy?.standardDeviation ?? NaN) - 0.01) < 1e-9);
    assert.match(result.summary, /With 3 runs only large differences show/);
  });
});
