import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { temporaryFolder } from '../temporaryFolder';
import { kernelscope, SAMPLE, SMALL } from './cli';

interface TrainResult {
  run: string;
  backend: string;
  seed: number;
  steps: number;
  epochs: { loss: number; accuracy: number; valLoss: number; valAccuracy: number; seconds: number }[];
  test: { loss: number; accuracy: number } | null;
  imagesPerSecond: number;
  weightsSha256: string;
}

const small = ['--data', 'embedded', '--limit', '1920', '--seed', '5'];

async function train(args: string[], file = SAMPLE): Promise<TrainResult> {
  const { code, stdout, stderr } = await kernelscope(['train', file, '--json', ...args]);
  assert.equal(code, 0, stderr);
  return JSON.parse(stdout) as TrainResult;
}

describe('kernelscope train', function () {
  this.timeout(300_000);

  it('prints one JSON object and leaves a run folder', async () => {
    const run = path.join(temporaryFolder(), 'run');
    const result = await train([...small, '--epochs', '1', '--run', run]);
    assert.deepEqual(Object.keys(result), ['run', 'backend', 'seed', 'steps', 'epochs', 'test', 'imagesPerSecond', 'weightsSha256']);
    assert.equal(result.steps, 15);
    assert.equal(result.seed, 5);
    assert.match(result.backend, /^wasm/);
    assert.match(result.weightsSha256, /^[0-9a-f]{64}$/);
    assert.equal(result.epochs.length, 1);
    assert.ok(result.test && result.imagesPerSecond > 0);
    for (const file of ['run.json', 'metrics.jsonl', 'checkpoint.safetensors', 'frames'])
      assert.ok(fs.existsSync(path.join(run, file)), file);
  });

  it('gives the same weights for the same seed, others for another, and stops after --steps', async () => {
    const folder = temporaryFolder();
    const of = (name: string, ...more: string[]) => train([...small, '--steps', '6', '--run', path.join(folder, name), ...more]);
    const first = await of('a');
    assert.equal(first.steps, 6);
    assert.equal((await of('b')).weightsSha256, first.weightsSha256);
    assert.notEqual((await of('c', '--seed', '6')).weightsSha256, first.weightsSha256);
  });

  it('goes on after a kill, to the bits of an undisturbed run', async () => {
    const folder = temporaryFolder();
    // Many short steps: however late the kill comes, it is not over by then.
    const args = [...small, '--epochs', '30'];
    const undisturbed = await train([...args, '--run', path.join(folder, 'whole')], SMALL);
    const cut = path.join(folder, 'cut');
    const metrics = path.join(cut, 'metrics.jsonl');
    const lines = () => (fs.existsSync(metrics) ? fs.readFileSync(metrics, 'utf8').split('\n').length : 0);
    for (const atLeast of [8, 120]) {
      const killed = await kernelscope(['train', SMALL, ...args, '--run', cut], { killWhen: () => lines() > atLeast });
      assert.equal(killed.code, null, 'it was killed before its end');
    }
    const resumed = await train([...args, '--run', cut], SMALL);
    assert.equal(resumed.weightsSha256, undisturbed.weightsSha256);
    assert.deepEqual(resumed.test, undisturbed.test);
    const steps = fs
      .readFileSync(metrics, 'utf8')
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { step: number; learningRate?: number })
      .filter((row) => row.learningRate !== undefined)
      .map((row) => row.step);
    assert.deepEqual(
      steps,
      Array.from({ length: undisturbed.steps }, (_, i) => i + 1),
    );
  });

  it('will not put another run into a folder that holds one', async () => {
    const run = path.join(temporaryFolder(), 'run');
    await train([...small, '--steps', '2', '--run', run]);
    const { code, stderr } = await kernelscope(['train', SAMPLE, ...small, '--steps', '3', '--run', run]);
    assert.equal(code, 2);
    assert.match(stderr, /run:1: holds a run with maxSteps 2, not 3; choose another folder/);
  });
});

describe('kernelscope train, given bad input', function () {
  this.timeout(300_000);
  let folder: string;
  before(() => (folder = temporaryFolder()));

  const write = (name: string, text: string | Uint8Array): string => {
    const file = path.join(folder, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return file;
  };

  /** Bad input: exit code 2, nothing on stdout, and one line that says where, what and what to do. */
  async function refuses(args: string[], message: RegExp): Promise<void> {
    const { code, stdout, stderr } = await kernelscope(['train', ...args, '--json'], { cwd: folder });
    const line = stderr.trim().split('\n').at(-1) ?? '';
    assert.equal(code, 2, stderr);
    assert.equal(stdout, '');
    assert.match(line, message);
    assert.match(line, /^[^\n]+:\d+: .+[;.:].+/);
  }

  it('names a file that is not there', () => refuses(['nowhere.py'], /nowhere\.py:1: is not there/));
  it('says that a file defines no model', () => refuses([write('none.py', 'import numpy\n')], /none\.py:1: defines no model/));
  it('asks for data that the file names but that is not there', () => refuses([SAMPLE], /mnist_cnn\.py:16: .*not found; give --data/));
  it('refuses a count that is none', () => refuses([SAMPLE, '--epochs', 'many'], /--epochs is many/));
  it('refuses a folder without images', () => {
    fs.mkdirSync(path.join(folder, 'empty/cats'), { recursive: true });
    return refuses([SAMPLE, '--data', path.join(folder, 'empty')], /empty:1: .*(no JPEG|no images|only empty)/);
  });
  it('refuses truncated IDX files', () => {
    write('idx/train-images-idx3-ubyte', Uint8Array.of(0, 0, 8, 3, 0, 0, 0, 10, 0, 0, 0, 28, 0, 0, 0, 28, 1, 2, 3));
    write('idx/train-labels-idx1-ubyte', Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 10, 1, 2, 3, 4, 5, 6, 7, 8, 9, 0));
    return refuses([SAMPLE, '--data', path.join(folder, 'idx')], /train-images-idx3-ubyte:1: is cut off/);
  });
  it('stops at a loss that is not finite and says at which step', () =>
    refuses(
      [SAMPLE, ...small, '--epochs', '1', '--learning-rate', '1e12', '--run', path.join(folder, 'nan')],
      /mnist_cnn\.py:\d+: The .* at step \d+\. The learning rate .* lower it/,
    ));
  it('names labels that the last layer has no unit for', () => {
    const header = (magic: number, ...sizes: number[]) => [0, 0, 8, magic, ...sizes.flatMap((n) => [0, 0, 0, n])];
    write('ten/train-images-idx3-ubyte', Uint8Array.from([...header(3, 10, 28, 28), ...new Array<number>(7840).fill(9)]));
    write('ten/train-labels-idx1-ubyte', Uint8Array.from([...header(1, 10), 0, 1, 2, 3, 4, 5, 6, 7, 8, 9]));
    const text = fs.readFileSync(SAMPLE, 'utf8').replace('num_classes = 10', 'num_classes = 3');
    return refuses([write('three.py', text), '--data', path.join(folder, 'ten')], /:\d+: .*(class|unit|label)/i);
  });
  it('refuses a model that cannot fit into memory before it starts', () => {
    const text = fs.readFileSync(SAMPLE, 'utf8').replace('layers.Dense(num_classes', 'layers.Dense(2000000), layers.Dense(num_classes');
    return refuses(
      [write('huge.py', text), ...small],
      /huge\.py:\d+: .*needs at least [\d.]+ GB of memory, [\d.]+ GB are available; use a smaller batch size/,
    );
  });
});

describe('kernelscope seeds', function () {
  this.timeout(300_000);

  it('compares runs that differ in their seed only, beside chance', async () => {
    const { code, stdout, stderr } = await kernelscope(['seeds', SAMPLE, '--seeds', '2', '--data', 'embedded', '--steps', '8', '--json'], {
      cwd: temporaryFolder(),
    });
    assert.equal(code, 0, stderr);
    const { accuracy, layers } = JSON.parse(stdout) as {
      accuracy: number[];
      layers: { name: string; matchedCosine: { mean: number; chanceMean: number; chance95: number }; cka: number; inEverySeed: number }[];
    };
    assert.equal(accuracy.length, 2);
    assert.equal(layers.length, 2);
    for (const { matchedCosine, cka } of layers) {
      assert.ok(matchedCosine.chanceMean < matchedCosine.chance95);
      // After eight steps two runs have little more in common than random kernels have.
      assert.ok(Math.abs(matchedCosine.mean - matchedCosine.chanceMean) < 0.1);
      assert.ok(cka <= 1 && cka > 0);
    }
  });
});
