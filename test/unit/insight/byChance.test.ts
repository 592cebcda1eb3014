import assert from 'node:assert/strict';
import { Random } from '../../../src/common/random';
import { betaTail } from '../../../src/insight/betaTail';
import { classByChance } from '../../../src/insight/classByChance';
import { cosineTail, nearestByChance, twinsByChance } from '../../../src/insight/cosineByChance';
import { cosines, nearestTwin } from '../../../src/insight/distinctiveness';
import { BLOB_SHARE, classifySlice } from '../../../src/insight/kernelClass';

const KINDS = ['edge', 'gabor', 'colour', 'line', 'blob', 'flat', 'none'] as const;

describe('what chance alone would give', () => {
  it('is stated for every class, and sums to one', () => {
    for (const shape of [
      [3, 3, 1],
      [3, 3, 3],
      [5, 5, 1],
      [7, 7, 3],
      [1, 5, 2],
    ])
      assert.ok(Math.abs(KINDS.reduce((sum, kind) => sum + classByChance(kind, shape), 0) - 1) < 1e-12, shape.join());
  });

  it('is what uniform draws of 3 × 3 kernels come out as', () => {
    const random = new Random(11);
    const draws = 60_000;
    const counts = new Map<string, number>();
    for (let i = 0; i < draws; i++) {
      const w = Float64Array.from({ length: 9 }, () => random.uniform(-1, 1));
      const { kernelClass } = classifySlice(w, 3, 3, 0);
      counts.set(kernelClass, (counts.get(kernelClass) ?? 0) + 1);
    }
    for (const kind of ['edge', 'line', 'blob', 'none'] as const) {
      const share = classByChance(kind, [3, 3, 1]);
      const found = (counts.get(kind) ?? 0) / draws;
      // Five standard deviations, and the rounding of the stated share.
      assert.ok(Math.abs(found - share) < 5 * Math.sqrt((share * (1 - share)) / draws) + 0.0005, `${kind} ${found} against ${share}`);
    }
  });

  it('is the exact share of normal draws where one is stated', () => {
    const random = new Random(12);
    const draws = 40_000;
    let [blobs, lines] = [0, 0];
    for (let i = 0; i < draws; i++) {
      const w = Float64Array.from({ length: 9 }, () => random.normal());
      const { kernelClass } = classifySlice(w, 3, 3, 0);
      if (kernelClass === 'blob') blobs++;
      if (kernelClass === 'line') lines++;
    }
    const near = (count: number, share: number): void =>
      assert.ok(Math.abs(count / draws - share) < 5 * Math.sqrt(share / draws), `${count / draws} against ${share}`);
    near(blobs, betaTail(0.5, 4, BLOB_SHARE));
    near(lines, betaTail(2, 2.5, 0.875));
  });

  it('gives the nearest of random kernels, as drawing them does', () => {
    const random = new Random(13);
    for (const [n, d] of [
      [10, 9],
      [32, 27],
      [2, 5],
    ]) {
      const nearest: number[] = [];
      let twins = 0;
      const rounds = Math.ceil(3000 / n);
      for (let round = 0; round < rounds; round++) {
        const values = Float64Array.from({ length: n * d }, () => random.normal());
        const cosine = cosines({ values, n, d });
        for (let f = 0; f < n; f++) {
          const size = Math.abs(nearestTwin(cosine, n, f)?.cosine ?? 0);
          nearest.push(size);
          if (size >= 0.5) twins++;
        }
      }
      nearest.sort((a, b) => a - b);
      const median = nearestByChance(n, d) as number;
      assert.ok(Math.abs(nearest[nearest.length >> 1] - median) < 0.02, `${n} × ${d}: ${nearest[nearest.length >> 1]} against ${median}`);
      assert.ok(Math.abs(twins / rounds - twinsByChance(0.5, n, d)) < 0.06 * n, `${twins / rounds} twins`);
    }
    assert.equal(nearestByChance(1, 9), null);
    assert.equal(cosineTail(0.3, 1), 1);
  });
});
