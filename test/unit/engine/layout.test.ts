import * as assert from 'node:assert/strict';
import { JOB } from '../../../src/engine/kernels/jobs';
import { type Launch, whole } from '../../../src/engine/kernels/launch';
import { layOut, relocate } from '../../../src/engine/plan/layout';
import type { Phase } from '../../../src/engine/plan/schedule';
import { Random } from '../../../src/common/random';

const launch = (reads: number[], writes: number[]): Launch => ({
  job: JOB.unary,
  items: 1,
  chunks: 1,
  words: [...reads, ...writes, 7],
  reads: reads.map((at) => whole(at, 8)),
  writes: writes.map((at) => whole(at, 8)),
});
const phase = (...launches: Launch[]): Phase => [{ items: 1, chunks: 1, launches }];

describe('engine: the layout of a captured step', () => {
  it('lets blocks share memory that are not needed together', () => {
    const blocks = [1000, 2000, 3000].map((at) => ({ at, bytes: 640 }));
    const { bytes, offsets } = layOut(
      [phase(launch([], [1000])), phase(launch([1000], [2000])), phase(launch([2000], [3000]))],
      blocks,
      new Set(),
    );
    assert.equal(bytes, 2 * 640);
    assert.equal(offsets.get(1000), offsets.get(3000));
  });

  it('writes over what a launch reads last, where the launch allows it', () => {
    const blocks = [1000, 2000, 3000].map((at) => ({ at, bytes: 8 }));
    const over = { ...launch([1000], [2000]), inPlace: [1000] };
    const one = layOut([phase(launch([], [1000]), over, launch([2000], [3000]))], blocks, new Set());
    assert.equal(one.offsets.get(2000), one.offsets.get(1000));
    // Not when it is still needed, or the outside reads it.
    const late = layOut([phase(launch([], [1000]), over, launch([1000], [3000]))], blocks, new Set());
    assert.notEqual(late.offsets.get(2000), late.offsets.get(1000));
    const kept = layOut([phase(launch([], [1000]), over)], blocks, new Set([1000]));
    assert.notEqual(kept.offsets.get(2000), kept.offsets.get(1000));
    // Not when another lane of the phase reads it.
    const lane = { items: 1, chunks: 1, launches: [launch([1000], [3000])] };
    const beside = layOut([phase(launch([], [1000])), [...phase(over), lane]], blocks, new Set());
    assert.notEqual(beside.offsets.get(2000), beside.offsets.get(1000));
  });

  it('keeps what the outside reads, and gives nothing to what nobody touches', () => {
    const blocks = [1000, 2000, 3000].map((at) => ({ at, bytes: 640 }));
    const { offsets } = layOut([phase(launch([], [1000])), phase(launch([], [2000]))], blocks, new Set([1000]));
    assert.notEqual(offsets.get(1000), offsets.get(2000));
    assert.equal(offsets.has(3000), false);
  });

  it('never lets blocks overlap that live in the same phase', () => {
    const random = Random.stream(1, 'layout');
    const blocks = Array.from({ length: 60 }, (_, i) => ({ at: 10_000 * (i + 1), bytes: 1 + random.integer(3000) }));
    const lives = blocks.map(() => [random.integer(12), random.integer(12)].sort((a, b) => a - b));
    const phases = Array.from({ length: 12 }, (_, p) =>
      phase(...blocks.flatMap((b, i) => (lives[i].includes(p) ? [launch([b.at], [])] : []))),
    );
    const { bytes, offsets } = layOut(phases, blocks, new Set());
    blocks.forEach((a, i) =>
      blocks.slice(0, i).forEach((b, j) => {
        if (lives[i][0] > lives[j][1] || lives[j][0] > lives[i][1]) return;
        const [p, q] = [offsets.get(a.at)!, offsets.get(b.at)!];
        assert.ok(p + a.bytes <= q || q + b.bytes <= p, `blocks ${i} and ${j}`);
      }),
    );
    const atOnce = Array.from({ length: 12 }, (_, p) =>
      blocks.reduce((sum, b, i) => sum + (lives[i][0] <= p && p <= lives[i][1] ? b.bytes : 0), 0),
    );
    assert.ok(bytes < 1.5 * Math.max(...atOnce), `${bytes} for ${Math.max(...atOnce)}`);
  });

  it('moves launches to real addresses', () => {
    const [[lane]] = relocate([phase(launch([1000], [2000]))], (at) => (at >= 1000 ? at + 5 : at));
    assert.deepEqual(lane.launches[0].words, [1005, 2005, 7]);
    assert.equal(lane.launches[0].writes[0].at, 2005);
  });
});
