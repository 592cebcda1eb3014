import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { encodeFrame } from '../../../src/common/frame';
import type { RunManifest, RunPhase } from '../../../src/common/run';
import { RunWriter } from '../../../src/runs/runWriter';
import { readHistory } from '../../../src/training/runFolders';
import { exampleSpec } from '../editor/exampleSpec';

function manifest(phase: RunPhase): RunManifest {
  return {
    format: 'kernelscope-run-1',
    createdAt: '2026-01-01T00:00:00.000Z',
    kernelscopeVersion: '0',
    modelName: 'classifier',
    sourceFile: 'a.py',
    sourceSha256: '',
    spec: exampleSpec(),
    data: { kind: 'embedded', name: 'digits' },
    dataset: {
      name: 'd',
      description: '',
      isSynthetic: true,
      inputShape: [6, 6, 1],
      classNames: ['a', 'b'],
      trainCount: 1,
      validationCount: 0,
      testCount: 0,
      notes: [],
    },
    options: { seed: 7, epochs: 3, batchSize: 16, learningRate: null, maxSteps: null, limit: null, backend: 'auto' },
    backend: 'wasm',
    stepsPerEpoch: 10,
    totalSteps: 30,
    notRepeatable: [],
    versions: {},
    phase,
    test: null,
  };
}

describe('readHistory', () => {
  let folder: string;
  beforeEach(() => {
    folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-run-'));
    const writer = new RunWriter(folder);
    writer.writeManifest(manifest('running'));
    const frame = (step: number) => encodeFrame({ step, epoch: 0, loss: 1, learningRate: 0.1, tensors: [] });
    for (const step of [0, 8, 16]) writer.writeFrame(step, frame(step));
    writer.appendMetrics([1, 2, 3].map((i) => ({ step: i * 8, epoch: 0, seconds: i, learningRate: 0.01, values: { loss: i } })));
    fs.appendFileSync(path.join(folder, 'metrics.jsonl'), '{"step":32,"ep');
  });
  afterEach(() => fs.rmSync(folder, { recursive: true, force: true }));

  it('shows a run that was cut off as paused where it was, and that it can go on', async () => {
    assert.equal((await readHistory(folder)).canContinue, false, 'no checkpoint, nothing to go on from');
    new RunWriter(folder).writeCheckpoint(new ArrayBuffer(8));
    const history = await readHistory(folder);
    assert.deepEqual([history.status.phase, history.status.step, history.status.epoch], ['paused', 24, 2]);
    assert.match(history.status.message ?? '', /cut off at step 24/);
    assert.equal(history.status.learningRate, 0.01);
    assert.equal(history.canContinue, true);
    assert.deepEqual(history.storedSteps, [0, 8, 16]);
    assert.ok(history.firstFrame && history.lastFrame);
  });

  it('shows a finished run as finished', async () => {
    const writer = new RunWriter(folder);
    writer.writeManifest(manifest('finished'));
    writer.writeCheckpoint(new ArrayBuffer(8));
    const { status, canContinue } = await readHistory(folder);
    assert.deepEqual([status.phase, status.message, canContinue], ['finished', null, false]);
  });

  it('says that a folder is no run', async () => {
    fs.rmSync(path.join(folder, 'run.json'));
    await assert.rejects(readHistory(folder), /run\.json/);
  });
});
