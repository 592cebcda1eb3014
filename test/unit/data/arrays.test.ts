import assert from 'node:assert/strict';
import * as path from 'node:path';
import { zipSync } from 'fflate';
import { openDataset } from '../../../src/data/openDataset';
import { temporaryFolder } from '../../temporaryFolder';
import { npy, wishes, write } from './files';

/** Images whose every value says which image, row, column and channel it is. */
const ramp = (count: number, size: number, step = 1): number[] => Array.from({ length: count * size }, (_, i) => (i * step) % 251);

async function first(ref: string, shape: [number, number, number], count = 1) {
  const dataset = await openDataset({ kind: 'path', path: ref }, wishes(shape, { validationSplit: 0 }));
  const inputs = new Float32Array(count * shape[0] * shape[1] * shape[2]);
  const labels = new Int32Array(count);
  await dataset.read(
    'train',
    Uint32Array.from({ length: count }, (_, i) => i),
    { inputs, labels },
    null,
  );
  return { info: dataset.info, inputs, labels };
}

const close = (actual: Float32Array, expected: number[]): void => {
  assert.equal(actual.length, expected.length);
  actual.forEach((v, i) => assert.ok(Math.abs(v - expected[i]) < 1e-6, `value ${i}: ${v}, not ${expected[i]}`));
};

describe('data in arrays', () => {
  it('stays 0…255 for a model that scales it, and becomes 0…1 for one that says nothing', async () => {
    const file = write(
      temporaryFolder(),
      'set.npz',
      zipSync({ 'x_train.npy': npy('|u1', [2, 2, 2], [0, 51, 102, 255, 255, 0, 0, 0]), 'y_train.npy': npy('|u1', [2], [0, 1]) }),
    );
    const read = async (ownScaling: string | null) => {
      const wanted = { ...wishes([2, 2, 1], { kind: 'unknown', preprocessing: { rescale: null } }), validationSplit: 0, ownScaling };
      const dataset = await openDataset({ kind: 'path', path: file }, wanted);
      const inputs = new Float32Array(4);
      await dataset.read('train', [0], { inputs, labels: new Int32Array(1) }, null);
      return { inputs, notes: dataset.info.notes.join(' ') };
    };
    const plain = await read(null);
    close(plain.inputs, [0, 0.2, 0.4, 1]);
    assert.match(plain.notes, /pixel values are scaled to 0…1/);
    const own = await read('rescaling');
    close(own.inputs, [0, 51, 102, 255]);
    assert.match(own.notes, /The model scales pixel values itself \(rescaling\)/);
  });

  it('opens mnist.npz as Keras stores it', async () => {
    const folder = temporaryFolder();
    const pixels = ramp(4, 9);
    const file = write(
      folder,
      'mnist.npz',
      zipSync({
        'x_train.npy': npy('|u1', [4, 3, 3], pixels),
        'y_train.npy': npy('|u1', [4], [3, 1, 0, 2]),
        'x_test.npy': npy('|u1', [2, 3, 3], ramp(2, 9, 3)),
        'y_test.npy': npy('|u1', [2], [1, 1]),
      }),
    );
    const { info, inputs, labels } = await first(file, [3, 3, 1], 2);
    assert.deepEqual([info.name, info.trainCount, info.testCount, info.classNames.length], ['MNIST', 4, 2, 10]);
    assert.deepEqual([...labels], [3, 1]);
    close(
      inputs,
      pixels.slice(0, 18).map((v) => v / 255),
    );
  });

  it('opens a .npy of images with its labels beside it, and takes 0…1 as it is', async () => {
    const folder = temporaryFolder();
    const pixels = ramp(3, 16).map((v) => v / 256);
    const file = write(folder, 'images.npy', npy('<f4', [3, 4, 4], pixels));
    write(folder, 'labels.npy', npy('<i8', [3], [0, 1, 1]));
    const { info, inputs, labels } = await first(file, [4, 4, 1], 3);
    assert.deepEqual([info.trainCount, info.classNames], [3, ['0', '1']]);
    assert.deepEqual([...labels], [0, 1, 1]);
    close(inputs, pixels);
  });

  it('turns channels-first arrays round and reads one-hot labels', async () => {
    const folder = temporaryFolder();
    const [n, c, h, w] = [2, 3, 5, 6];
    const values = ramp(n, c * h * w);
    const file = write(
      folder,
      'set.npz',
      zipSync({ 'data.npy': npy('|u1', [n, c, h, w], values), 'label.npy': npy('<f4', [n, 3], [0, 0, 1, 1, 0, 0]) }),
    );
    const { inputs, labels } = await first(file, [h, w, c], 2);
    assert.deepEqual([...labels], [2, 0]);
    const at = (i: number, ch: number, y: number, x: number): number => values[((i * c + ch) * h + y) * w + x] / 255;
    close(
      inputs,
      Array.from({ length: n * h * w * c }, (_, k) =>
        at(Math.floor(k / (h * w * c)), k % c, Math.floor(k / (w * c)) % h, Math.floor(k / c) % w),
      ),
    );
  });

  it('says what an archive holds when there is no image in it', async () => {
    const file = write(temporaryFolder(), 'none.npz', zipSync({ 'loss.npy': npy('<f4', [7], [1, 2, 3, 4, 5, 6, 7]) }));
    await assert.rejects(first(file, [4, 4, 1]), /none\.npz: holds no images: loss \[7\]; choose/);
  });

  it('says so when labels are missing or damaged', async () => {
    const folder = temporaryFolder();
    const alone = write(folder, 'alone.npz', zipSync({ 'x.npy': npy('|u1', [2, 4, 4], ramp(2, 16)) }));
    await assert.rejects(first(alone, [4, 4, 1]), /alone\.npz: has no labels for its images/);
    const odd = write(folder, 'odd.npz', zipSync({ 'x.npy': npy('|u1', [2, 4, 4], ramp(2, 16)), 'y.npy': npy('<f4', [2], [0.5, 1]) }));
    await assert.rejects(first(odd, [4, 4, 1]), /odd\.npz: its y gives row 0 the value 0\.5, which is no class/);
    const cut = write(folder, 'cut.npy', npy('|u1', [5, 4, 4], ramp(2, 16)));
    await assert.rejects(first(cut, [4, 4, 1]), /cut\.npy: /);
  });
});

describe('data in tables', () => {
  const row = (label: number, pixels: number[]): string => [label, ...pixels].join(',');

  it('opens the layout of digit-recognizer: a header, the label, the pixels', async () => {
    const folder = temporaryFolder();
    const header = ['label', ...Array.from({ length: 16 }, (_, i) => `pixel${i}`)].join(',');
    const pixels = ramp(3, 16);
    const lines = [0, 1, 2].map((i) => row([7, 0, 2][i], pixels.slice(i * 16, i * 16 + 16)));
    write(folder, 'train.csv', `${[header, ...lines].join('\r\n')}\r\n`);
    write(folder, 'test.csv', 'pixel0,pixel1\n1,2\n');
    const { info, inputs, labels } = await first(folder, [4, 4, 1], 3);
    assert.deepEqual([info.trainCount, info.testCount, info.classNames.length], [3, 0, 8]);
    assert.deepEqual([...labels], [7, 0, 2]);
    close(
      inputs,
      pixels.map((v) => v / 255),
    );
  });

  it('opens tables without a header, the label first, and the test table beside', async () => {
    const folder = temporaryFolder();
    const table = (labels: number[]): string => labels.map((l, i) => row(l, ramp(1, 16, i + 1))).join('\n');
    const file = write(folder, 'mnist_train.csv', table([5, 0, 4]));
    write(folder, 'mnist_test.csv', table([1, 9]));
    const { info, labels } = await first(file, [4, 4, 1], 3);
    assert.deepEqual([...labels], [5, 0, 4]);
    assert.deepEqual([info.name, info.testCount], ['MNIST', 2]);
  });

  it('names the line that is wrong', async () => {
    const folder = temporaryFolder();
    const good = row(1, ramp(1, 16));
    await assert.rejects(
      first(write(folder, 'short.csv', `${good}\n1,2,3\n`), [4, 4, 1]),
      /short\.csv: line 2 has 3 values, the first line has 17/,
    );
    await assert.rejects(
      first(write(folder, 'text.csv', `${good}\n${good.replace(/,\d+$/, ',cat')}\n`), [4, 4, 1]),
      /text\.csv: line 2 holds something that is no number/,
    );
  });
});

describe('CIFAR', () => {
  const count = 3;
  const planes = ramp(count, 3072, 7);

  /** A batch as Python 2 pickled it: protocol 2, byte strings. https://docs.python.org/3/library/pickletools.html */
  function pythonBatch(labels: number[], keys: 'U' | 'C' = 'U'): Uint8Array {
    const latin = (s: string): Buffer => Buffer.from(s, 'latin1');
    const short = (s: string): Buffer => latin(`U${String.fromCharCode(s.length)}${s}`);
    const key = (s: string): Buffer => latin(`${keys}${String.fromCharCode(s.length)}${s}`);
    const long = Buffer.alloc(5);
    long.write('T', 0, 'latin1');
    long.writeUInt32LE(planes.length, 1);
    return Buffer.concat([
      latin('\x80\x02}('),
      key('data'),
      latin('cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\nK\x00\x85'),
      short('b'),
      latin(`tR(K\x01K${String.fromCharCode(count)}M\x00\x0c\x86cnumpy\ndtype\n(`),
      short('u1'),
      latin('K\x00K\x01tR(K\x03'),
      short('|'),
      latin('NNNJ\xff\xff\xff\xffJ\xff\xff\xff\xffK\x00tb\x89'),
      long,
      Buffer.from(planes),
      latin('tb'),
      key('labels'),
      latin(`](${labels.map((l) => `K${String.fromCharCode(l)}`).join('')}eu.`),
    ]);
  }

  const expected = (): number[] =>
    Array.from({ length: count * 3072 }, (_, k) => planes[Math.floor(k / 3072) * 3072 + (k % 3) * 1024 + Math.floor((k % 3072) / 3)] / 255);

  it('opens the Python batches without executing them', async () => {
    const folder = path.join(temporaryFolder(), 'cifar-10-batches-py');
    write(folder, 'data_batch_1', pythonBatch([6, 9, 4]));
    write(folder, 'test_batch', pythonBatch([1, 2, 3]));
    write(folder, 'batches.meta', 'ignored');
    const { info, inputs, labels } = await first(folder, [32, 32, 3], count);
    assert.deepEqual([info.name, info.trainCount, info.testCount, info.classNames[6]], ['CIFAR-10', 3, 3, 'frog']);
    assert.deepEqual([...labels], [6, 9, 4]);
    close(inputs, expected());
  });

  it('opens Python batches whose keys are bytes, as Python 3 writes them again', async () => {
    const folder = path.join(temporaryFolder(), 'cifar-10-batches-py');
    write(folder, 'data_batch_1', pythonBatch([6, 9, 4], 'C'));
    const { labels } = await first(folder, [32, 32, 3], count);
    assert.deepEqual([...labels], [6, 9, 4]);
  });

  it('opens the binary batches', async () => {
    const folder = temporaryFolder();
    const bytes = [6, 9, 4].flatMap((label, i) => [label, ...planes.slice(i * 3072, (i + 1) * 3072)]);
    write(folder, 'data_batch_1.bin', Uint8Array.from(bytes));
    const { inputs, labels } = await first(folder, [32, 32, 3], count);
    assert.deepEqual([...labels], [6, 9, 4]);
    close(inputs, expected());
    write(folder, 'data_batch_2.bin', Uint8Array.from(bytes.slice(0, 100)));
    await assert.rejects(first(folder, [32, 32, 3]), /data_batch_2\.bin: has 100 bytes, not a multiple of the 3073/);
  });
});
