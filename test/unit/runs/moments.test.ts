import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { encodeFrame } from '../../../src/common/frame';
import { encodeTensors } from '../../../src/common/safetensors';
import { parseMoment, storedMoment } from '../../../src/runs/moments';

describe('moments of a run', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-moments-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));
  const tensors = [{ name: 'weight:conv/kernel', shape: [1], values: Float32Array.of(1) }];

  before(() => {
    fs.mkdirSync(path.join(folder, 'frames'));
    fs.writeFileSync(path.join(folder, 'run.json'), '{}');
    for (const step of [0, 1, 10, 30]) {
      const frame = encodeFrame({ step, epoch: 0, loss: 1, learningRate: 1, tensors });
      fs.writeFileSync(path.join(folder, 'frames', `${step}.safetensors`), Buffer.from(frame));
    }
  });

  it('are named by a step or an end', () => {
    assert.deepEqual(parseMoment('runs/a@b@12'), { folder: 'runs/a@b', moment: 12 });
    assert.deepEqual(parseMoment('run@end'), { folder: 'run', moment: 'end' });
    for (const text of ['run', 'run@', '@3', 'model@v2.h5', 'run@-1', 'run@1.5']) assert.equal(parseMoment(text), null, text);
  });

  it('are stored frames', async () => {
    assert.deepEqual(await storedMoment(folder, 10), { step: 10, path: path.join(folder, 'frames', '10.safetensors') });
    assert.equal((await storedMoment(folder, 'start')).step, 0);
    assert.equal((await storedMoment(folder, 'end')).step, 30);
  });

  it('say which are nearest to one that is not stored', async () => {
    await assert.rejects(storedMoment(folder, 7), /keeps no frame of step 7; the nearest it keeps: step 1 and step 10/);
    await assert.rejects(storedMoment(path.join(folder, 'frames'), 7), /is not a run; give a folder that holds run.json/);
  });

  it('end at the checkpoint of a run that was stopped between frames', async () => {
    const file = path.join(folder, 'checkpoint.safetensors');
    fs.writeFileSync(file, Buffer.from(encodeTensors(tensors, { format: 'kernelscope-checkpoint-1', progress: '{"step":37}' })));
    assert.deepEqual(await storedMoment(folder, 'end'), { step: 37, path: file });
    assert.equal((await storedMoment(folder, 37)).path, file);
    fs.writeFileSync(file, 'torn');
    assert.equal((await storedMoment(folder, 'end')).step, 30);
  });
});
