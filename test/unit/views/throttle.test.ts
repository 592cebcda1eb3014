import assert from 'node:assert/strict';
import { Throttle } from '../../../src/base/throttle';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('Throttle', () => {
  it('acts at once, then once per interval, and never loses the last request', async () => {
    const at: number[] = [];
    const throttle = new Throttle(() => at.push(performance.now()), 100);
    for (let i = 0; i < 5; i++) throttle.request();
    assert.equal(at.length, 1);
    while (at.length < 2) await wait(5);
    // A timer's clock may be a millisecond ahead.
    assert.ok(at[1] - at[0] >= 99, `${at[1] - at[0]} ms`);
    await wait(250);
    assert.equal(at.length, 2);
  });

  it('forgets what is pending when disposed of', async () => {
    let count = 0;
    const throttle = new Throttle(() => count++, 50);
    throttle.request();
    throttle.request();
    throttle.dispose();
    await wait(150);
    assert.equal(count, 1);
  });
});
