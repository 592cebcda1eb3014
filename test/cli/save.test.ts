import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { decodeFrame, frameKey } from '../../src/common/frame';
import { readFrame } from '../../src/runs/runReader';
import { savedRun } from '../../src/runs/savedRun';
import { temporaryFolder } from '../temporaryFolder';
import { kernelscope, SAMPLE } from './cli';

describe('kernelscope save', function () {
  this.timeout(300_000);
  const base = ['--data', 'embedded', '--limit', '1280', '--json'];

  for (const [format, name] of [
    ['keras', 'net.weights.h5'],
    ['safetensors', 'net.safetensors'],
    ['tfjs', 'net'],
    ['npz', 'net.npz'],
  ])
    it(`writes a run as ${format}, and another run starts from it`, async () => {
      const folder = temporaryFolder();
      const first = path.join(folder, 'first');
      assert.equal((await kernelscope(['train', SAMPLE, ...base, '--steps', '3', '--run', first])).code, 0);
      const saved = path.join(folder, name);
      const { code, stderr } = await kernelscope(['save', first, '--format', format, '--out', saved]);
      assert.equal(code, 0, stderr);
      const file = format === 'tfjs' ? path.join(saved, 'model.json') : saved;
      assert.ok(fs.statSync(file).size > 0);
      const second = path.join(folder, 'second');
      const started = await kernelscope(['train', SAMPLE, ...base, '--steps', '1', '--seed', '9', '--weights', file, '--run', second]);
      assert.equal(started.code, 0, started.stderr);
      assert.match(started.stderr, /6 of 6 weights start from/);
      const frame = decodeFrame(await readFrame(second, 0));
      for (const { layer, weight, values } of (await savedRun(first)).tensors)
        assert.deepEqual(frame.tensors.get(frameKey('weight', layer, weight))?.values, values, `${layer}/${weight}`);
    });

  it('refuses weights of another model', async () => {
    const folder = temporaryFolder();
    const other = path.join(folder, 'other.py');
    fs.writeFileSync(
      other,
      fs
        .readFileSync(SAMPLE, 'utf8')
        .replace('Conv2D(32', 'Conv2D(5')
        .replace('Conv2D(64', 'Conv2D(7')
        .replace('num_classes = 10', 'num_classes = 9'),
    );
    const run = path.join(folder, 'run');
    assert.equal((await kernelscope(['train', other, ...base, '--steps', '1', '--run', run])).code, 0);
    await kernelscope(['save', run, '--format', 'npz', '--out', path.join(folder, 'other.npz')]);
    const { code, stderr } = await kernelscope(['train', SAMPLE, ...base, '--steps', '1', '--weights', path.join(folder, 'other.npz')], {
      cwd: folder,
    });
    assert.equal(code, 2);
    assert.match(stderr, /no tensor of .*other\.npz fits a weight of this model; give/);
  });

  it('says when there is nothing to save', async () => {
    const { code, stderr } = await kernelscope(['save', temporaryFolder()]);
    assert.equal(code, 2);
    assert.match(stderr, /:1: cannot be saved: /);
  });
});
