import assert from 'node:assert/strict';
import { FramePump } from '../../../src/views/framePump';

function pumpAt() {
  const clock = { now: 0 };
  const sent: ArrayBuffer[] = [];
  const pump = new FramePump(
    (f) => sent.push(f),
    1000,
    () => clock.now,
  );
  const frames = Array.from({ length: 5 }, (_, i) => new ArrayBuffer(i));
  return { clock, sent, pump, frames };
}

describe('FramePump', () => {
  it('sends the newest frame only, after the last was drawn', () => {
    const { sent, pump, frames } = pumpAt();
    for (const f of frames) pump.push(f);
    assert.deepEqual(sent, [frames[0]]);
    pump.acknowledge();
    assert.deepEqual(sent, [frames[0], frames[4]]);
    pump.acknowledge();
    assert.equal(sent.length, 2);
    pump.push(frames[1]);
    assert.equal(sent.length, 3);
  });

  it('goes on when an acknowledgement was lost', () => {
    const { clock, sent, pump, frames } = pumpAt();
    pump.push(frames[0]);
    clock.now = 999;
    pump.push(frames[1]);
    assert.equal(sent.length, 1);
    clock.now = 1000;
    pump.push(frames[2]);
    assert.deepEqual(sent, [frames[0], frames[2]]);
  });

  it('forgets what is on its way when the view is gone', () => {
    const { sent, pump, frames } = pumpAt();
    pump.push(frames[0]);
    pump.push(frames[1]);
    pump.reset();
    pump.acknowledge();
    assert.deepEqual(sent, [frames[0]]);
  });
});
