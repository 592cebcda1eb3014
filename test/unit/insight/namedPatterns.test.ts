import assert from 'node:assert/strict';
import { Random } from '../../../src/common/random';
import { betaTail } from '../../../src/insight/betaTail';
import { colourOpponency } from '../../../src/insight/colourOpponency';
import { curvedChance, curvedShare } from '../../../src/insight/curvedShare';
import { fitGabor } from '../../../src/insight/gaborFit';
import { classifySlice } from '../../../src/insight/kernelClass';
import { layerInsight } from '../../../src/insight/layerInsight';
import { rankCorrelation } from '../../../src/insight/rankCorrelation';

const close = (a: number, b: number, tolerance: number, what = ''): void =>
  assert.ok(Math.abs(a - b) <= tolerance, `${what} ${a}, not ${b}`);
/** A size × size slice from a function of the place, 0 in the middle. */
const slice = (size: number, f: (x: number, y: number) => number): Float64Array =>
  Float64Array.from({ length: size * size }, (_, i) => f((i % size) - (size - 1) / 2, Math.floor(i / size) - (size - 1) / 2));
const gabor = (size: number, theta: number, wavelength: number, phase: number, sigma = size / 3.5): Float64Array =>
  slice(size, (x, y) => {
    const [u, v] = [x * Math.cos(theta) + y * Math.sin(theta), y * Math.cos(theta) - x * Math.sin(theta)];
    return Math.exp(-(u * u + 0.6 * v * v) / (2 * sigma * sigma)) * Math.cos((2 * Math.PI * u) / wavelength + phase);
  });

describe('chance of patterns', () => {
  it('has the beta distribution’s tails: closed forms', () => {
    for (const x of [0.05, 0.3, 0.62, 0.97]) {
      close(betaTail(1, 4.5, x), (1 - x) ** 4.5, 1e-12);
      close(betaTail(3.2, 1, x), 1 - x ** 3.2, 1e-12);
      close(betaTail(2, 2, x), 1 - (3 * x * x - 2 * x ** 3), 1e-12);
      close(betaTail(0.5, 0.5, x), 1 - (2 / Math.PI) * Math.asin(Math.sqrt(x)), 1e-12);
      close(betaTail(9, 4.5, x) + betaTail(4.5, 9, 1 - x), 1, 1e-12);
    }
    assert.equal(betaTail(2, 3, 0), 1);
    assert.equal(betaTail(2, 3, 1), 0);
  });

  it('agrees with random kernels: colour opponency, curved surfaces, Gabor functions', () => {
    const random = new Random(12);
    const draws = 20_000;
    let [colour, share, curved] = [0, 0, 0];
    for (let i = 0; i < draws; i++) {
      const found = colourOpponency(Float64Array.from({ length: 27 }, () => random.normal()))!;
      share += found.share / draws;
      if (found.chance <= 0.05) colour++;
      if (
        curvedChance(
          curvedShare(
            slice(5, () => random.normal()),
            5,
            5,
          ),
          25,
        ) <= 0.05
      )
        curved++;
    }
    close(share, 2 / 3, 0.005, 'mean share of colour');
    close(colour / draws, 0.05, 0.006, 'colour at the 5 % level');
    close(curved / draws, 0.05, 0.006, 'curved at the 5 % level');
    const fits = Array.from(
      { length: 400 },
      () =>
        fitGabor(
          slice(5, () => random.normal()),
          5,
          5,
        )!.chance,
    );
    close(fits.filter((c) => c <= 0.1).length / fits.length, 0.1, 0.06, 'Gabor at the 10 % level');
  });

  it('has Spearman’s rank correlation, and its p-value as permutations give it', () => {
    close(rankCorrelation([1, 2, 3, 4, 5], [2, 1, 4, 3, 5]).rho, 0.8, 1e-12);
    close(rankCorrelation([1, 2, 3, 4], [8, 6, 4, 2]).rho, -1, 1e-12);
    // Ties share their mean rank: ranks 1.5, 1.5, 3, 4.
    close(rankCorrelation([1, 1, 2, 3], [1, 2, 3, 4]).rho, 4.5 / Math.sqrt(4.5 * 5), 1e-12);
    const a = Array.from({ length: 12 }, (_, i) => i);
    const b = [3, 0, 1, 7, 2, 9, 4, 5, 11, 6, 10, 8];
    const { rho, pValue } = rankCorrelation(a, b);
    const random = new Random(3);
    let asFar = 0;
    const shuffles = 20_000;
    for (let s = 0; s < shuffles; s++) if (Math.abs(rankCorrelation(a, [...random.permutation(12)]).rho) >= Math.abs(rho) - 1e-12) asFar++;
    close(pValue, asFar / shuffles, 0.005);
  });
});

describe('patterns by name', () => {
  const nameOf = (w: ArrayLike<number>, size: number): string => classifySlice(w, size, size, 1).kernelClass;

  for (const size of [5, 7, 9])
    it(`names what it is shown at ${size} × ${size}`, () => {
      assert.equal(
        nameOf(
          slice(size, (x) => x / size),
          size,
        ),
        'edge',
      );
      assert.equal(
        nameOf(
          slice(size, (x, y) => (x + y > 0 ? 1 : x + y < 0 ? -1 : 0)),
          size,
        ),
        'edge',
      );
      assert.equal(
        nameOf(
          slice(size, () => 0.5),
          size,
        ),
        'blob',
      );
      assert.equal(
        nameOf(
          slice(size, (x, y) => Math.exp(-(x * x + y * y) / size ** 2)),
          size,
        ),
        'blob',
      );
      assert.equal(
        nameOf(
          slice(size, (x) => (x * x) / size - size / 12),
          size,
        ),
        'line',
      );
      assert.equal(
        nameOf(
          slice(size, () => 0.001),
          size,
        ),
        'flat',
      );
      for (const theta of [0, 0.8, 1.57, 2.3]) assert.equal(nameOf(gabor(size, theta, size / 1.6, 1.2), size), 'gabor');
    });

  it('recovers a Gabor function’s direction, wavelength and phase', () => {
    for (const [theta, phase] of [
      [0.3, 0.2],
      [1.2, 1.4],
      [2.6, -2],
    ]) {
      const fit = fitGabor(gabor(9, theta, 5.5, phase), 9, 9)!;
      assert.ok(fit.score > 0.97, `explains ${fit.score}`);
      const turn = Math.abs(fit.theta - theta) % Math.PI;
      close(Math.min(turn, Math.PI - turn), 0, 0.1, 'direction');
      close(fit.wavelength, 5.5, 0.7, 'wavelength');
      assert.ok(fit.chance <= 1 / 301 + 1e-12);
    }
    assert.equal(
      fitGabor(
        slice(3, (x) => x),
        3,
        3,
      ),
      null,
    );
  });

  it('calls a kernel that tells colours apart by that, and a grey edge over three channels an edge', () => {
    const sobel = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
    const [grey, opponent, yellow] = [sobel.map((v) => [v, v, v]), sobel.map((v) => [v, -v, 0.1 * v]), sobel.map(() => [1, 1, -2])].map(
      (w) => w.flat(),
    );
    const values = Float32Array.from({ length: 27 * 3 }, (_, i) => [grey, opponent, yellow][i % 3][Math.floor(i / 3)]);
    const { kernels, summary } = layerInsight(values, [3, 3, 3, 3]);
    assert.deepEqual(
      kernels.map((k) => k.kernelClass),
      ['edge', 'colour', 'colour'],
    );
    close(kernels[0].colour!.share, 0, 1e-9);
    assert.deepEqual([kernels[1].colour?.axis, kernels[2].colour?.axis], ['red–green', 'blue–yellow']);
    assert.equal(summary.colours?.count, 2);
    assert.ok((summary.colours?.pValue ?? 1) < 0.01);
  });
});

describe('untrained layers', function () {
  this.timeout(120_000);
  const SEEDS = 1000;
  /** Above this an alarm rate of 1 % is ruled out: P(more than 20 of 1000) is 0.0016. */
  const MOST = 20;
  const cases: [string, number[], (r: Random) => number][] = [
    ['32 uniform kernels of 3 × 3 × 1', [3, 3, 1, 32], (r) => r.uniform(-0.142, 0.142)],
    ['32 uniform kernels of 3 × 3 × 3', [3, 3, 3, 32], (r) => r.uniform(-0.138, 0.138)],
    ['64 uniform kernels of 3 × 3 × 1', [3, 3, 1, 64], (r) => r.uniform(-1, 1)],
    ['10 normal kernels of 3 × 3 × 1', [3, 3, 1, 10], (r) => r.normal()],
    ['8 uniform kernels of 5 × 5 × 1', [5, 5, 1, 8], (r) => r.uniform(-0.16, 0.16)],
  ];
  for (const [name, shape, draw] of cases)
    it(`come out as no more than chance over ${SEEDS} seeds: ${name}`, () => {
      let [edges, colours] = [0, 0];
      for (let seed = 0; seed < SEEDS; seed++) {
        const random = new Random(seed);
        const { summary } = layerInsight(
          Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => draw(random)),
          shape,
        );
        if (summary.pValue < 0.01) edges++;
        if ((summary.colours?.pValue ?? 1) < 0.01) colours++;
      }
      assert.ok(edges <= MOST, `${edges} of ${SEEDS} layers have more edges than chance`);
      assert.ok(colours <= MOST, `${colours} of ${SEEDS} layers have more colours than chance`);
    });

  it('say when they are too few to tell', () => {
    const sobel = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
    const one = (kernels: number[][]) =>
      layerInsight(
        Float32Array.from({ length: 9 * kernels.length }, (_, i) => kernels[i % kernels.length][Math.floor(i / kernels.length)]),
        [3, 3, 1, kernels.length],
      ).summary.sentence;
    const noise = [1, -2, 3, 1, 1, -2, 1, 0, 1];
    assert.match(one([sobel, noise]), /From so few it can’t be told: it would take 2 to show more than chance/);
    assert.match(one([sobel]), /even if all of them were, so few could not show more/);
  });
});

describe('speed of insight', () => {
  it('analyses 512 × 512 kernels of 3 × 3 in about a second of one processor', function () {
    this.timeout(60_000);
    const random = new Random(1);
    const values = Float32Array.from({ length: 9 * 512 * 512 }, () => random.uniform(-0.02, 0.02));
    layerInsight(values.subarray(0, 9 * 64 * 64), [3, 3, 64, 64]);
    const before = process.cpuUsage();
    const { kernels } = layerInsight(values, [3, 3, 512, 512]);
    const { user } = process.cpuUsage(before);
    assert.equal(kernels.length, 512);
    // Half a second on a quiet machine; shared cores count about twice the time.
    assert.ok(user / 1000 < 2000, `${user / 1000} ms`);
  });
});
