import assert from 'node:assert/strict';
import { Random } from '../../../src/common/random';
import { binomialTail } from '../../../src/insight/binomial';
import { classifySlice, FREI_CHEN, freiChenShares } from '../../../src/insight/kernelClass';
import { planeFit } from '../../../src/insight/planeFit';

const SOBEL_X = [-1, 0, 1, -2, 0, 2, -1, 0, 1];
const PREWITT_Y = [-1, -1, -1, 0, 0, 0, 1, 1, 1];
const LAPLACIAN = [0, -1, 0, -1, 4, -1, 0, -1, 0];
const LINE = [-1, 2, -1, -1, 2, -1, -1, 2, -1];
const BOX = Array(9).fill(1) as number[];
const GAUSS = [1, 2, 1, 2, 4, 2, 1, 2, 1];
const close = (a: number, b: number, tolerance = 1e-6): void => assert.ok(Math.abs(a - b) <= tolerance, `${a} against ${b}`);

describe('kernel classes', () => {
  it('has orthonormal Frei-Chen masks', () => {
    for (const [i, a] of FREI_CHEN.entries())
      for (const [j, b] of FREI_CHEN.entries())
        close(
          a.reduce((sum, x, k) => sum + x * b[k], 0),
          i === j ? 1 : 0,
          1e-12,
        );
  });

  it('splits the known kernels into the known energies', () => {
    close(freiChenShares(SOBEL_X).edge, 1);
    close(freiChenShares(PREWITT_Y).edge, 1);
    close(freiChenShares(LAPLACIAN).line, 1);
    close(freiChenShares(LINE).line, 1);
    close(freiChenShares(BOX).mean, 1);
    close(freiChenShares(GAUSS).mean, 0.79, 0.005);
    close(freiChenShares(GAUSS).line, 0.21, 0.005);
  });

  it('calls the known kernels by their names', () => {
    const name = (w: number[]): string => classifySlice(w, 3, 3, 4).kernelClass;
    assert.deepEqual([SOBEL_X, PREWITT_Y, LAPLACIAN, LINE, BOX, GAUSS].map(name), ['edge', 'edge', 'line', 'line', 'blob', 'blob']);
    assert.equal(classifySlice(Array(9).fill(0.001) as number[], 3, 3, 1).kernelClass, 'flat');
  });

  it('finds the direction of the rise', () => {
    close(planeFit(SOBEL_X, 3, 3).orientation, 0);
    close(planeFit(PREWITT_Y, 3, 3).orientation, Math.PI / 2);
    const ramp = Array.from({ length: 25 }, (_, i) => (i % 5) - Math.floor(i / 5));
    close(planeFit(ramp, 5, 5).orientation, -Math.PI / 4);
    close(planeFit(ramp, 5, 5).score, 1);
  });

  it('states the exact chance: 1 % levels and a simulation with normal weights agree', () => {
    for (const [size, level] of [
      [3, 0.785],
      [5, 0.342],
      [7, 0.181],
    ])
      close((1 - level) ** ((size * size - 3) / 2), 0.01, 0.0003);
    const random = new Random(5);
    const draws = 20_000;
    let [above5, above8, atLevel] = [0, 0, 0];
    for (let i = 0; i < draws; i++) {
      const { score, chance } = planeFit(
        Float64Array.from({ length: 9 }, () => random.normal()),
        3,
        3,
      );
      if (score > 0.5) above5++;
      if (score > 0.8) above8++;
      if (chance <= 0.01) atLevel++;
    }
    close(above5 / draws, 0.125, 0.01);
    close(above8 / draws, 0.008, 0.003);
    close(atLevel / draws, 0.01, 0.003);
  });

  it('an untrained layer has no more edges than the stated level', () => {
    const random = new Random(9);
    let edges = 0;
    const kernels = 300 * 32;
    for (let i = 0; i < kernels; i++) {
      const w = Float64Array.from({ length: 9 }, () => random.uniform(-0.142, 0.142));
      if (classifySlice(w, 3, 3, 0.142).kernelClass === 'edge') edges++;
    }
    // Uniform weights are not exactly isotropic; 1.05 % of these 9,600 come out as edges against the nominal 1 %.
    assert.ok(edges / kernels < 0.016 && edges / kernels > 0.006, String(edges / kernels));
  });

  it('sums binomial tails', () => {
    close(binomialTail(10, 0.125, 1), 1 - 0.875 ** 10, 1e-12);
    close(binomialTail(32, 0.5, 16), 0.5699749, 1e-6);
    assert.equal(binomialTail(5, 0.3, 0), 1);
    assert.equal(binomialTail(5, 0.3, 6), 0);
  });
});
