import * as assert from 'node:assert/strict';
import { JOB } from '../../../src/engine/kernels/jobs';
import { type Launch, perItem, type Span, whole } from '../../../src/engine/kernels/launch';
import { schedule } from '../../../src/engine/plan/schedule';

const launch = (reads: Span[], writes: Span[], items = 4, chunks = 4): Launch => ({
  job: JOB.unary,
  items,
  chunks,
  words: [],
  reads,
  writes,
});

describe('engine: the schedule of a captured step', () => {
  const [a, b, c] = [1000, 2000, 3000].map((at) => perItem(at, 4, 16));

  it('keeps launches that pass items on in one lane', () => {
    const launches = [launch([a], [b]), launch([b], [c])];
    assert.deepEqual(schedule(launches), [[{ items: 4, chunks: 4, launches }]]);
  });

  it('waits where a launch needs everything', () => {
    const [first, second] = [launch([a], [b]), launch([whole(2000, 64)], [c])];
    assert.deepEqual(
      schedule([first, second]).map((lanes) => lanes.map((l) => l.launches)),
      [[[first]], [[second]]],
    );
  });

  it('waits where items are cut differently', () => {
    const phases = schedule([launch([a], [b]), launch([perItem(2000, 2, 32)], [c], 2, 2)]);
    assert.equal(phases.length, 2);
  });

  it('runs what does not depend on each other in one phase', () => {
    const phases = schedule([launch([a], [b]), launch([a], [c], 1, 1)]);
    assert.deepEqual(
      phases.map((lanes) => lanes.length),
      [2],
    );
  });

  it('lets nobody write what another still reads', () => {
    const phases = schedule([launch([whole(2000, 64)], [c]), launch([a], [b])]);
    assert.equal(phases.length, 2);
  });

  it('joins lanes that a later launch brings together, in order', () => {
    const d = perItem(4000, 4, 16);
    const launches = [launch([a], [b]), launch([a], [c]), launch([b, c], [d])];
    const [[lane], ...rest] = schedule(launches);
    assert.deepEqual(rest, []);
    assert.deepEqual(lane.launches, launches);
  });
});
