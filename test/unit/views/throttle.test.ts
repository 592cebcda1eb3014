import assert from 'node:assert/strict';
import { mock } from 'node:test';
import { Throttle } from '../../../src/base/throttle';

describe('Throttle', () => {
  let clock = 0;
  /** Lets time pass, in milliseconds, without waiting for it. */
  const pass = (ms: number): void => {
    for (let i = 0; i < ms; i++) {
      clock++;
      mock.timers.tick(1);
    }
  };

  beforeEach(() => {
    mock.timers.enable({ apis: ['setTimeout'] });
    mock.method(performance, 'now', () => clock);
  });
  afterEach(() => {
    mock.timers.reset();
    mock.restoreAll();
  });

  it('acts at once, then once per interval, and never loses the last request', () => {
    const at: number[] = [];
    const throttle = new Throttle(() => at.push(clock), 100);
    const start = clock;
    for (let i = 0; i < 5; i++) throttle.request();
    assert.deepEqual(at, [start]);
    pass(30);
    throttle.request();
    pass(300);
    assert.deepEqual(at, [start, start + 100]);
  });

  it('forgets what is pending when disposed of', () => {
    let count = 0;
    const throttle = new Throttle(() => count++, 50);
    throttle.request();
    throttle.request();
    throttle.dispose();
    pass(150);
    assert.equal(count, 1);
  });
});
