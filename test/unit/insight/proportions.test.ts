import assert from 'node:assert/strict';
import { signTest, wilsonInterval } from '../../../src/insight/proportions';

describe('proportions', () => {
  it('have Wilson’s interval as published', () => {
    const near = (actual: number, expected: number) => assert.ok(Math.abs(actual - expected) < 5e-5, `${actual}, expected ${expected}`);
    // Newcombe 1998, Statistics in Medicine 17:857, table I, method 3.
    for (const [r, n, low, high] of [
      [81, 263, 0.2553, 0.3662],
      [15, 148, 0.0624, 0.1605],
      [0, 20, 0, 0.1611],
      [1, 29, 0.0061, 0.1718],
    ]) {
      const [a, b] = wilsonInterval(r, n);
      near(a, low);
      near(b, high);
    }
    assert.deepEqual(wilsonInterval(0, 0), [0, 1]);
  });

  it('tell an uneven split from an even one by the exact sign test', () => {
    assert.equal(signTest(0, 0), 1);
    assert.equal(signTest(5, 5), 1);
    // 2 × (1 + 10) / 1024
    assert.ok(Math.abs(signTest(9, 1) - 22 / 1024) < 1e-12);
    assert.equal(signTest(9, 1), signTest(1, 9));
  });
});
