import assert from 'node:assert/strict';
import { kernelStory, type KernelFilm } from '../../../src/insight/kernelStory';

const RANDOM = [0.1, -0.3, 0.2, 0.25, -0.1, 0.05, -0.2, 0.3, 0.15];
const SOBEL = [-1, 0, 1, -2, 0, 2, -1, 0, 1];

/** A kernel of 3 × 3 on a straight way from RANDOM to SOBEL, `shares` of it at the steps. */
function film(shares: number[], gradients: number[] | null = null): KernelFilm {
  const frames = shares.map((s) => RANDOM.map((w, i) => w + s * (SOBEL[i] - w)));
  const updates = frames.flatMap((w, s) => w.map((x, i) => (s === 0 ? NaN : x - frames[s - 1][i])));
  return {
    steps: shares.map((_, i) => i * 10),
    length: 9,
    values: Float32Array.from(frames.flat()),
    gradients: gradients && Float32Array.from(gradients.flatMap((g) => Array<number>(9).fill(g))),
    updates: Float32Array.from(updates),
  };
}
const close = (a: number | null, b: number): void => assert.ok(a !== null && Math.abs(a - b) < 1e-5, `${a}, not ${b}`);

describe('story of a kernel', () => {
  const shares = [0, 0.05, 0.1, 0.6, 0.9, 0.99, 1, 1];

  it('has its curves', () => {
    const story = kernelStory(film(shares, [NaN, 1, 2, 3, 0, 0, 0, 0]), [3, 3, 1]);
    const length = (w: number[]) => Math.hypot(...w);
    close(story.norms[0], length(RANDOM));
    close(story.norms[6], length(SOBEL));
    close(story.distances[3], 0.6 * length(SOBEL.map((s, i) => s - RANDOM[i])));
    close(story.cosines[0], 1);
    close(story.cosines[6], SOBEL.reduce((s, x, i) => s + x * RANDOM[i], 0) / length(SOBEL) / length(RANDOM));
    assert.equal(story.gradientNorms[0], null);
    close(story.gradientNorms[2], 6);
    assert.equal(story.updateRatios[0], null);
    const moved = 0.1 * SOBEL.reduce((s, x, i) => s + Math.abs(x - RANDOM[i]), 0);
    close(story.updateRatios[5]!, (0.9 * moved) / SOBEL.reduce((s, x, i) => s + Math.abs(0.99 * x + 0.01 * RANDOM[i]), 0));
  });

  it('marks the moments that stand out, each at its step', () => {
    const { moments } = kernelStory(film(shares, [NaN, 1, 2, 3, 1, 0, 0, 0]), [3, 3, 1]);
    const at = (kind: string) => moments.find((m) => m.kind === kind)?.step;
    assert.equal(at('largest-step'), 30);
    assert.equal(at('half-way'), 30);
    assert.equal(at('turned'), 30);
    // A tilted plane explains 45 % of it at a tenth of the way and 91 % at six tenths; 78.5 % make an edge.
    assert.equal(at('edge-found'), 30);
    assert.equal(at('settled'), 50);
    assert.equal(at('no-gradient'), 50);
    assert.deepEqual(
      moments.map((m) => m.step),
      moments.map((m) => m.step).sort((a, b) => a - b),
    );
  });

  it('marks nothing in a kernel that stays as it was drawn, and nothing of too few frames', () => {
    assert.deepEqual(kernelStory({ ...film([0, 0, 0, 0, 0]), updates: null }, [3, 3, 1]).moments, []);
    assert.deepEqual(kernelStory(film([0, 1]), [3, 3, 1]).moments, []);
  });

  it('tells of units that are no pictures', () => {
    const { moments, cosines } = kernelStory(film(shares), null);
    assert.equal(
      moments.some((m) => m.kind === 'edge-found'),
      false,
    );
    assert.equal(cosines.length, shares.length);
  });
});
