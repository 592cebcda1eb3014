import assert from 'node:assert/strict';
import { Throttle } from '../../../src/base/throttle';

const wait = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

describe('Throttle', () => {
  it('acts at once, then once per interval, and never loses the last request', async () => {
    let count = 0;
    const throttle = new Throttle(() => count++, 40);
    for (let i = 0; i < 5; i++) throttle.request();
    assert.equal(count, 1);
    await wait(80);
    assert.equal(count, 2);
    await wait(80);
    assert.equal(count, 2);
  });

  it('forgets what is pending when disposed of', async () => {
    let count = 0;
    const throttle = new Throttle(() => count++, 20);
    throttle.request();
    throttle.request();
    throttle.dispose();
    await wait(50);
    assert.equal(count, 1);
  });
});
