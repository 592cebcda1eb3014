import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { findData } from '../../../src/data/findData';
import { openDataset } from '../../../src/data/openDataset';
import { temporaryFolder } from '../../temporaryFolder';
import { idx, wishes, write } from './files';
import * as path from 'node:path';

const pixels = (count: number): number[] => Array.from({ length: count * 16 }, (_, i) => (i * 5) % 256);

function writeSet(folder: string, { gz = false, train = 6, labels = [0, 1, 2, 0, 1, 2] } = {}): void {
  const pack = (bytes: Uint8Array): Uint8Array => (gz ? gzipSync(bytes) : bytes);
  const end = gz ? '.gz' : '';
  write(folder, `train-images-idx3-ubyte${end}`, pack(idx([train, 4, 4], pixels(train))));
  write(folder, `train-labels-idx1-ubyte${end}`, pack(idx([labels.length], labels)));
  write(folder, `t10k-images-idx3-ubyte${end}`, pack(idx([2, 4, 4], pixels(2))));
  write(folder, `t10k-labels-idx1-ubyte${end}`, pack(idx([2], [1, 0])));
}

const open = (folder: string, validationSplit: number | null = 0) =>
  openDataset({ kind: 'path', path: folder }, { ...wishes([4, 4, 1]), validationSplit });

describe('IDX files', () => {
  for (const gz of [false, true])
    it(`reads images and labels, ${gz ? 'compressed' : 'plain'}`, async () => {
      const folder = temporaryFolder();
      writeSet(folder, { gz });
      const dataset = await open(folder);
      assert.deepEqual([dataset.info.trainCount, dataset.info.testCount, dataset.info.validationCount], [6, 2, 0]);
      const inputs = new Float32Array(32);
      const labels = new Int32Array(2);
      await dataset.read('train', Uint32Array.of(5, 0), { inputs, labels }, null);
      assert.deepEqual([...labels], [2, 0]);
      const expected = [...pixels(6).slice(80, 96), ...pixels(6).slice(0, 16)].map((v) => v / 255);
      inputs.forEach((v, i) => assert.ok(Math.abs(v - expected[i]) < 1e-7));
    });

  it('holds out the last rows, as Keras does', async () => {
    const folder = temporaryFolder();
    writeSet(folder, { train: 10, labels: [0, 1, 2, 0, 1, 2, 0, 1, 2, 1] });
    const dataset = await open(folder, 0.25);
    // Keras: int(10 × 0.75) = 7 train, 3 validate.
    assert.deepEqual([dataset.info.trainCount, dataset.info.validationCount], [7, 3]);
    const labels = new Int32Array(3);
    await dataset.read('validation', Uint32Array.of(0, 1, 2), { inputs: new Float32Array(48), labels }, null);
    assert.deepEqual([...labels], [1, 2, 1]);
  });

  it('is found where a file asks for MNIST', async () => {
    const folder = temporaryFolder();
    writeSet(path.join(folder, 'data/MNIST/raw'));
    const found = await findData(
      { kind: 'named', name: 'mnist', preprocessing: { rescale: null }, range: null },
      path.join(folder, 'model.py'),
      [],
    );
    assert.deepEqual(found, { kind: 'path', path: path.join(folder, 'data/MNIST/raw') });
  });

  it('tells what is wrong with broken files', async () => {
    const cut = temporaryFolder();
    writeSet(cut);
    write(cut, 'train-images-idx3-ubyte', idx([6, 4, 4], pixels(5)));
    await assert.rejects(open(cut), /train-images-idx3-ubyte: is cut off: its header announces 6 × 4 × 4 = 96 bytes, 80 are there/);
    const uneven = temporaryFolder();
    writeSet(uneven, { labels: [0, 1, 2] });
    await assert.rejects(open(uneven), /has 3 labels for the 6 images/);
    const alone = temporaryFolder();
    write(alone, 'train-images-idx3-ubyte', idx([6, 4, 4], pixels(6)));
    await assert.rejects(open(alone), /has no labels file beside it; put train-labels-idx1-ubyte/);
    const one = temporaryFolder();
    writeSet(one, { labels: [1, 1, 1, 1, 1, 1] });
    await assert.rejects(open(one), /has one class only \(1\)/);
    const damaged = temporaryFolder();
    writeSet(damaged, { gz: true });
    write(damaged, 'train-images-idx3-ubyte.gz', gzipSync(idx([6, 4, 4], pixels(6))).subarray(0, 40));
    await assert.rejects(open(damaged), /gz: is (cut off|damaged): its gzip data does not decompress/);
  });
});
