import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import esbuild from 'esbuild';
import { Random } from '../../../src/common/random';
import { layerInsight } from '../../../src/insight/layerInsight';
import { InsightThread } from '../../../src/training/insightThread';

describe('InsightThread', function () {
  this.timeout(20_000);
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-insight-'));
  const script = path.join(folder, 'insight-worker.js');
  before(() =>
    esbuild.build({
      entryPoints: [path.resolve(__dirname, '../../../src/training/insightWorker.ts')],
      bundle: true,
      platform: 'node',
      outfile: script,
      logLevel: 'error',
    }),
  );
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  const kernels = (seed: number, size: number) => {
    const random = Random.stream(seed, 'test');
    return Float32Array.from({ length: size }, () => random.normal());
  };

  it('finds what the analysis finds, several at a time', async () => {
    const thread = new InsightThread(() => script);
    const shape = [3, 3, 2, 6];
    const all = await Promise.all([1, 2, 3].map((seed) => thread.analyse(kernels(seed, 108).buffer as ArrayBuffer, shape)));
    all.forEach((found, i) => assert.deepEqual(found, layerInsight(kernels(i + 1, 108), shape)));
    thread.dispose();
  });

  it('refuses values that are not the shape’s', async () => {
    const thread = new InsightThread(() => script);
    await assert.rejects(thread.analyse(new ArrayBuffer(8), [3, 3, 1, 4]), /8 bytes are no kernels of shape \[3, 3, 1, 4\]/);
    await assert.rejects(thread.analyse(new ArrayBuffer(0), [3, 3, 0, 4]), /no kernels/);
    thread.dispose();
  });

  it('says so when the thread cannot run, and can be asked again', async () => {
    let isBroken = true;
    const broken = path.join(folder, 'broken.js');
    fs.writeFileSync(broken, 'process.exit(3);');
    const thread = new InsightThread(() => (isBroken ? broken : script));
    await assert.rejects(thread.analyse(kernels(1, 9).buffer as ArrayBuffer, [3, 3, 1, 1]), /ended unexpectedly/);
    isBroken = false;
    assert.equal((await thread.analyse(kernels(1, 9).buffer as ArrayBuffer, [3, 3, 1, 1])).kernels.length, 1);
    thread.dispose();
  });

  it('rejects what is pending when it is disposed', async () => {
    const thread = new InsightThread(() => script);
    const asked = thread.analyse(kernels(1, 9 * 64 * 64).buffer as ArrayBuffer, [3, 3, 64, 64]);
    thread.dispose();
    await assert.rejects(asked);
  });
});
