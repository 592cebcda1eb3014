import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { decodeFrame, encodeFrame, frameKey } from '../../../src/common/frame';
import type { EpochRow, MetricsRow } from '../../../src/common/run';
import { encodeTensors } from '../../../src/common/safetensors';
import { readCheckpoint, readFrame, readMetrics } from '../../../src/runs/runReader';
import { listFrames, RunWriter } from '../../../src/runs/runWriter';
import { framesToDrop, MAX_STORED_FRAMES } from '../../../src/runs/thinFrames';

const row = (step: number): MetricsRow => ({ step, epoch: 0, seconds: step / 10, learningRate: 0.001, values: { loss: 1 / step } });
const frame = (step: number): ArrayBuffer =>
  encodeFrame({
    step,
    epoch: 0,
    loss: 0.5,
    learningRate: 0.001,
    tensors: [{ name: frameKey('weight', 'conv2d', 'kernel'), shape: [1, 1, 1, 2], values: Float32Array.of(step, -step) }],
  });

describe('run folder', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-run-'));
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('gives back the metrics, and passes over a torn last line', async () => {
    const writer = new RunWriter(folder);
    const epoch: EpochRow = { epoch: 0, step: 2, seconds: 0.2, values: { loss: 0.75, val_loss: 0.8 } };
    writer.appendMetrics([row(1), row(2), epoch]);
    fs.appendFileSync(path.join(folder, 'metrics.jsonl'), '{"step":3,"epoch":0,"seco');
    assert.deepEqual(await readMetrics(folder), { steps: [row(1), row(2)], epochs: [epoch] });
  });

  it('gives back a frame byte for byte', async () => {
    const writer = new RunWriter(folder);
    writer.writeFrame(7, frame(7));
    assert.deepEqual(Buffer.from(await readFrame(folder, 7)), Buffer.from(frame(7)));
    assert.deepEqual([...(decodeFrame(await readFrame(folder, 7)).tensors.get('weight:conv2d/kernel')?.values ?? [])], [7, -7]);
    await assert.rejects(readFrame(folder, 8));
  });

  it('does not take the leftovers of a kill for frames', () => {
    const writer = new RunWriter(folder);
    writer.writeFrame(1, frame(1));
    fs.writeFileSync(path.join(folder, 'frames', '2.safetensors.tmp'), 'half a frame');
    assert.deepEqual(listFrames(folder), [1]);
    assert.deepEqual(new RunWriter(folder).storedSteps, [1]);
  });

  it('keeps a bounded number of frames, dense at the start, with the first and the last', () => {
    const writer = new RunWriter(folder);
    for (let step = 0; step <= 400; step++) writer.writeFrame(step, frame(step));
    const steps = writer.storedSteps;
    assert.ok(steps.length <= MAX_STORED_FRAMES);
    assert.deepEqual(steps, listFrames(folder));
    assert.deepEqual(steps.slice(0, 20), [...Array(20).keys()]);
    assert.equal(steps.at(-1), 400);
  });

  it('forgets what came after a checkpoint', async () => {
    const writer = new RunWriter(folder);
    writer.appendMetrics([row(1), row(2), row(3)]);
    for (const step of [0, 2, 3]) writer.writeFrame(step, frame(step));
    writer.truncateAfter(2);
    assert.deepEqual((await readMetrics(folder)).steps, [row(1), row(2)]);
    assert.deepEqual(writer.storedSteps, [0, 2]);
    assert.deepEqual(listFrames(folder), [0, 2]);
  });

  it('replaces the checkpoint whole', async () => {
    const writer = new RunWriter(folder);
    assert.equal(await readCheckpoint(folder), null);
    for (const value of [1, 2])
      writer.writeCheckpoint(encodeTensors([{ name: 'w', shape: [1], values: Float32Array.of(value) }], { step: String(value) }));
    const checkpoint = await readCheckpoint(folder);
    assert.equal(checkpoint?.metadata.step, '2');
    assert.deepEqual([...(checkpoint?.tensors.get('w')?.values ?? [])], [2]);
  });

  it('thins only when there are too many', () => {
    assert.deepEqual(framesToDrop([1, 2, 3]), []);
    const dropped = framesToDrop([...Array(12).keys()], 8);
    assert.ok(!dropped.includes(0) && !dropped.includes(11) && dropped.length > 0);
  });
});
