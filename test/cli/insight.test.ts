import assert from 'node:assert/strict';
import * as path from 'node:path';
import { temporaryFolder } from '../temporaryFolder';
import { kernelscope, SAMPLE } from './cli';

interface Insight {
  step: number | null;
  layers: {
    name: string;
    shape: number[];
    initialiser: string | null;
    kernels: {
      index: number;
      class: string;
      score: number;
      chance: number;
      norm: number;
      nearest: { index: number; cosine: number } | null;
    }[];
    summary: { edges: number; expectedByChance: number; pValue: number; chanceMeanAbsCosine: number; meanAbsCosine: number };
  }[];
}

describe('kernelscope insight', function () {
  this.timeout(300_000);
  let folder: string;
  before(async () => {
    folder = temporaryFolder();
    const args = ['train', SAMPLE, '--data', 'embedded', '--limit', '1280', '--steps', '4', '--run', path.join(folder, 'run')];
    assert.equal((await kernelscope(args)).code, 0);
    assert.equal((await kernelscope(['save', path.join(folder, 'run'), '--format', 'npz', '--out', path.join(folder, 'net.npz')])).code, 0);
  });

  const insight = async (...args: string[]): Promise<Insight> => {
    const { code, stdout, stderr } = await kernelscope(['insight', ...args, '--json']);
    assert.equal(code, 0, stderr);
    return JSON.parse(stdout) as Insight;
  };

  it('classifies every kernel of a run, beside chance', async () => {
    const { step, layers } = await insight(path.join(folder, 'run'));
    assert.equal(step, 4);
    assert.deepEqual(
      layers.map((l) => [l.shape, l.kernels.length, l.initialiser]),
      [
        [[3, 3, 1, 32], 32, 'GlorotUniform'],
        [[3, 3, 32, 64], 64, 'GlorotUniform'],
      ],
    );
    for (const { kernels, summary } of layers) {
      assert.equal(summary.edges, kernels.filter((k) => k.class === 'edge').length);
      // Four steps in, the first draw is nearly all there is: no more edges than chance explains.
      assert.ok(summary.pValue > 0.001, `p ${summary.pValue}`);
      assert.ok(Math.abs(summary.meanAbsCosine - summary.chanceMeanAbsCosine) < 0.05);
    }
  });

  it('says in words what the kernels are, every count beside chance', async () => {
    const { code, stdout } = await kernelscope(['insight', path.join(folder, 'run'), '--layer', 'conv2d_1']);
    assert.equal(code, 0);
    assert.match(stdout, /^conv2d_1 \[3, 3, 1, 32\], after step 4, first drawn by GlorotUniform$/m);
    assert.match(stdout, /looks like +kernels +by chance +which/);
    // 32 × 1.2 % and 32 × 2.3 %.
    assert.match(stdout, /^ +edge +\d+ +0\.4\b/m);
    assert.match(stdout, /^ +line or centre-surround +\d+ +0\.7\b/m);
    assert.match(
      stdout,
      /different ones of at most 9; 32 random ones would count as 7\.9\. Mean \|cosine\| of pairs 0\.\d+, by chance 0\.273/,
    );
  });

  it('says the same of the weight file saved from the run', async () => {
    const run = await insight(path.join(folder, 'run'));
    const file = await insight(path.join(folder, 'net.npz'));
    assert.equal(file.step, null);
    run.layers.forEach((layer, i) => assert.deepEqual(file.layers[i].kernels, layer.kernels));
  });

  it('names the layers there are when the wanted one is not', async () => {
    const { code, stderr } = await kernelscope(['insight', path.join(folder, 'run'), '--layer', 'conv9']);
    assert.equal(code, 2);
    assert.match(stderr, /has no conv layer conv9; its conv layers: .*conv2d_1.*conv2d_2/);
  });
});
