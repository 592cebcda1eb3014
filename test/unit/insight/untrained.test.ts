import assert from 'node:assert/strict';
import type { WeightSpec } from '../../../src/common/modelSpec';
import { Random } from '../../../src/common/random';
import { binomialTail } from '../../../src/insight/binomial';
import { kernelRows } from '../../../src/insight/distinctiveness';
import { drawWeight } from '../../../src/insight/initializers';
import { layerInsight } from '../../../src/insight/layerInsight';
import { chanceOfDraws, matchKernels } from '../../../src/insight/matchKernels';
import { signTest, wilsonInterval } from '../../../src/insight/proportions';
import { rankCorrelation } from '../../../src/insight/rankCorrelation';

type Initializer = WeightSpec['initializer'];
const INITIALIZERS: [string, Initializer][] = [
  ['Glorot uniform', { className: 'GlorotUniform', config: {} }],
  ['He normal', { className: 'HeNormal', config: {} }],
  ['orthogonal', { className: 'Orthogonal', config: {} }],
  ['PyTorch’s default', { className: 'TorchKaimingUniform', config: {} }],
];

function kernel(shape: number[], initializer: Initializer): WeightSpec {
  const [kh, kw, cin, filters] = shape;
  return { name: 'kernel', shape, fanIn: kh * kw * cin, fanOut: kh * kw * filters, initializer, trainable: true };
}

const drawn = (shape: number[], initializer: Initializer, seed: number): Float32Array =>
  drawWeight(kernel(shape, initializer), seed, 'conv');

/** The largest number of alarms in so many trials that a rate of `level` gives at least once in a thousand. */
function most(trials: number, level: number): number {
  let k = 0;
  while (binomialTail(trials, level, k + 1) > 0.001) k++;
  return k;
}

describe('verdicts over networks that have learned nothing', function () {
  this.timeout(240_000);

  const cases: [shape: number[], seeds: number][] = [
    [[3, 3, 1, 32], 400],
    [[3, 3, 3, 32], 400],
    [[3, 3, 32, 64], 100],
    [[5, 5, 1, 16], 100],
    [[5, 5, 3, 16], 100],
    [[7, 7, 3, 16], 60],
  ];
  for (const [name, initializer] of INITIALIZERS)
    it(`find more edges or colours than chance at the stated 1 % at most, drawn by ${name}`, () => {
      for (const [shape, seeds] of cases) {
        let [edges, colours, counted] = [0, 0, 0];
        for (let seed = 0; seed < seeds; seed++) {
          const { summary } = layerInsight(drawn(shape, initializer, seed), shape);
          counted += summary.edges / summary.expectedByChance / seeds;
          if (summary.pValue < 0.01) edges++;
          if ((summary.colours?.pValue ?? 1) < 0.01) colours++;
        }
        const what = `${shape.join(' × ')}, ${seeds} seeds`;
        assert.ok(edges <= most(seeds, 0.01), `${edges} layers with more edges than chance, ${what}`);
        assert.ok(colours <= most(seeds, 0.01), `${colours} layers with more colours than chance, ${what}`);
        // What is stated beside the count is what comes out, on average.
        assert.ok(counted > 0.5 && counted < 1.2, `${counted} times the stated number of edges, ${what}`);
      }
    });

  for (const [name, initializer] of INITIALIZERS)
    it(`find two runs more alike than random ones at the stated 5 % at most, drawn by ${name}`, () => {
      for (const shape of [
        [3, 3, 1, 8],
        [3, 3, 1, 32],
        [3, 3, 3, 16],
        [5, 5, 1, 8],
      ]) {
        const pairs = 200;
        const chance = chanceOfDraws(kernel(shape, initializer));
        let [alarms, passed] = [0, 0];
        for (let p = 0; p < pairs; p++) {
          const [a, b] = [2 * p, 2 * p + 1].map((seed) => kernelRows(drawn(shape, initializer, seed), shape));
          const match = matchKernels(a, b);
          if (match.mean > chance.mean95) alarms++;
          passed += match.cosine.filter((c) => c > chance.pair95).length / shape[3] / pairs;
        }
        assert.ok(alarms <= most(pairs, 0.05), `${alarms} of ${pairs} pairs, ${shape.join(' × ')}`);
        assert.ok(passed < 0.065, `${passed} of the kernels seem to be found again, ${shape.join(' × ')}`);
      }
    });

  it('find edges decided at the start once in a hundred at most, where start and end have nothing in common', () => {
    for (const n of [8, 16, 32]) {
      const trials = 20_000 / n;
      const random = new Random(n);
      let alarms = 0;
      for (let t = 0; t < trials; t++) {
        const [a, b] = [0, 1].map(() => Array.from({ length: n }, () => random.next()));
        if (rankCorrelation(a, b).pValue < 0.01) alarms++;
      }
      assert.ok(alarms <= most(trials, 0.01), `${alarms} of ${trials} for ${n} kernels`);
    }
  });
});

describe('accuracies of networks that do not differ', () => {
  it('differ by the sign test once in twenty at most, however many images change', () => {
    for (let changed = 1; changed <= 80; changed++) {
      let alarm = 0;
      for (let lost = 0; lost <= changed; lost++)
        if (signTest(lost, changed - lost) < 0.05) alarm += binomialTail(changed, 0.5, lost) - binomialTail(changed, 0.5, lost + 1);
      assert.ok(alarm <= 0.05 + 1e-9, `${alarm} for ${changed}`);
    }
  });

  it('lie in the interval that is shown in about 95 of 100 cases', () => {
    for (const [images, accuracy] of [
      [50, 0.9],
      [200, 0.97],
      [1000, 0.99],
      [1000, 0.5],
    ]) {
      let held = 0;
      for (let right = 0; right <= images; right++) {
        const [low, high] = wilsonInterval(right, images);
        if (low <= accuracy && accuracy <= high) held += binomialTail(images, accuracy, right) - binomialTail(images, accuracy, right + 1);
      }
      assert.ok(held > 0.93 && held < 0.98, `${held} for ${accuracy} of ${images}`);
    }
  });
});
