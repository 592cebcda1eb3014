import assert from 'node:assert/strict';
import { filtersWithoutGradient, updateRatio } from '../../../src/editor/weightStatistics';

describe('weight statistics', () => {
  it('compare the update with the weight', () => {
    assert.ok(Math.abs(updateRatio(Float32Array.of(0.5, -0.25), Float32Array.of(-1, 2)) - 0.25) < 1e-12);
    assert.ok(Number.isNaN(updateRatio(Float32Array.of(1), Float32Array.of(0))));
  });

  it('count filters whose whole gradient is zero, filters being the last axis', () => {
    // [2, 1, 1, 3]: filter 1 is silent, filter 2 has a gradient in one place only.
    assert.equal(filtersWithoutGradient(Float32Array.of(1, 0, 0, 2, 0, -1), 3), 1);
    assert.equal(filtersWithoutGradient(new Float32Array(6), 3), 3);
  });
});
