import * as assert from 'node:assert/strict';
import { VIRTUAL } from '../../../src/engine/kernels/arena';
import { JOB, type Job } from '../../../src/engine/kernels/jobs';
import { type Launch, whole } from '../../../src/engine/kernels/launch';
import { fuse } from '../../../src/engine/plan/fuse';

const BYTES = 64;
const own = (i: number): number => VIRTUAL + i * BYTES;
const launch = (job: Job, reads: number[], write: number): Launch => ({
  job,
  items: 1,
  chunks: 1,
  words: [...reads, 5, write],
  reads: reads.map((at) => whole(at, BYTES)),
  writes: [whole(write, BYTES)],
});
const none = (): number => assert.fail('nothing is needed');

describe('engine: what is fused in a captured step', () => {
  const matrix = 1024;
  const [left, packed, again, kept] = [2048, own(1), own(2), [whole(own(3), BYTES), whole(own(4), BYTES)]];

  it('packs a matrix once', () => {
    const [pack, first] = [launch(JOB.pack, [matrix], packed), launch(JOB.matmul, [left, packed], own(3))];
    const launches = [pack, first, launch(JOB.pack, [matrix], again), launch(JOB.matmul, [left, again], own(4))];
    assert.deepEqual(fuse(launches, kept, none), [pack, first, launch(JOB.matmul, [left, packed], own(4))]);
  });

  it('packs it again when it has changed, or in another way', () => {
    const changed = [
      launch(JOB.pack, [matrix], packed),
      launch(JOB.matmul, [left, packed], own(3)),
      launch(JOB.unary, [left], matrix),
      launch(JOB.pack, [matrix], again),
      launch(JOB.matmul, [left, again], own(4)),
    ];
    assert.deepEqual(fuse(changed, kept, none), changed);
    const other = [changed[0], changed[1], launch(JOB.packTurned, [matrix], again), changed[4]];
    assert.deepEqual(fuse(other, kept, none), other);
  });

  it('leaves out what nobody reads', () => {
    const [useless, useful] = [launch(JOB.unary, [left], own(5)), launch(JOB.unary, [left], own(3))];
    const outside = launch(JOB.unary, [left], matrix);
    assert.deepEqual(fuse([useless, launch(JOB.unary, [own(5)], own(6)), useful, outside], kept, none), [useful, outside]);
  });
});
