import assert from 'node:assert/strict';
import * as path from 'node:path';
import { PNG } from 'pngjs';
import { openDataset } from '../../../src/data/openDataset';
import { temporaryFolder } from '../../temporaryFolder';
import { wishes, write } from './files';

function png(width: number, height: number, colour: [number, number, number]): Buffer {
  const image = new PNG({ width, height });
  for (let i = 0; i < width * height; i++) image.data.set([...colour, 255], i * 4);
  return PNG.sync.write(image);
}

function writePhotos(folder: string, part: string, count: number): void {
  for (let i = 0; i < count; i++) {
    write(folder, path.join(part, 'cats', `cat.${i}.png`), png(20 + i, 12, [200, 10, 30]));
    write(folder, path.join(part, 'dogs', `dog.${i}.png`), png(12, 20 + i, [10, 90, 250]));
  }
}

describe('folders of images', function () {
  this.timeout(30_000);

  it('labels images by their folders and brings them to the input’s size', async () => {
    const folder = temporaryFolder();
    writePhotos(folder, 'training_set', 4);
    writePhotos(folder, 'test_set', 2);
    const dataset = await openDataset({ kind: 'path', path: folder }, { ...wishes([8, 8, 3], { kind: 'folder' }), validationSplit: 0.25 });
    const { info } = dataset;
    assert.deepEqual(info.classNames, ['cats', 'dogs']);
    assert.deepEqual([info.trainCount, info.validationCount, info.testCount], [6, 2, 4]);
    const inputs = new Float32Array(6 * 192);
    const labels = new Int32Array(6);
    await dataset.read('train', Uint32Array.of(0, 1, 2, 3, 4, 5), { inputs, labels }, null);
    assert.deepEqual([...labels], [0, 0, 0, 1, 1, 1]);
    for (let i = 0; i < 6; i++) {
      const expected = labels[i] === 0 ? [200, 10, 30] : [10, 90, 250];
      for (let p = 0; p < 192; p++) assert.ok(Math.abs(inputs[i * 192 + p] * 255 - expected[p % 3]) < 0.51, `image ${i} value ${p}`);
    }
    dataset.dispose();
  });

  it('need no classes where the model learns no labels', async () => {
    const folder = temporaryFolder();
    for (let i = 0; i < 4; i++) write(folder, `${i}.png`, png(8, 8, [200, 10, 30]));
    const wanted = { ...wishes([8, 8, 3], { kind: 'folder' }), validationSplit: 0.25 };
    await assert.rejects(openDataset({ kind: 'path', path: folder }, wanted), /no subfolders that say their classes/);
    const dataset = await openDataset({ kind: 'path', path: folder }, { ...wanted, isLabelled: false });
    assert.deepEqual([dataset.info.trainCount, dataset.info.validationCount], [3, 1]);
    dataset.dispose();
  });

  it('leaves a broken image out and says which one', async () => {
    const folder = temporaryFolder();
    writePhotos(folder, '.', 6);
    write(folder, 'cats/cat.9.png', png(10, 10, [1, 2, 3]).subarray(0, 30));
    const dataset = await openDataset({ kind: 'path', path: folder }, { ...wishes([8, 8, 3], { kind: 'folder' }), validationSplit: 0 });
    const count = dataset.info.trainCount;
    await dataset.read(
      'train',
      Uint32Array.from({ length: count }, (_, i) => i),
      { inputs: new Float32Array(count * 192), labels: new Int32Array(count) },
      null,
    );
    assert.match(dataset.info.notes.join('\n'), /cat\.9\.png/);
    dataset.dispose();
  });

  it('says what is missing when there are no classes, or images without folders', async () => {
    const flat = temporaryFolder();
    write(flat, 'a-b.png', png(4, 4, [0, 0, 0]));
    await assert.rejects(
      openDataset({ kind: 'path', path: flat }, wishes([8, 8, 3])),
      /has images, but no subfolders that say their classes; put/,
    );
    const one = temporaryFolder();
    write(one, 'cats/a.png', png(4, 4, [0, 0, 0]));
    write(one, 'cats/b.png', png(4, 4, [0, 0, 0]));
    await assert.rejects(openDataset({ kind: 'path', path: one }, wishes([8, 8, 3])), /has one class only \(cats\)/);
    await assert.rejects(
      openDataset({ kind: 'path', path: path.join(one, 'nowhere') }, wishes([8, 8, 3])),
      /nowhere: is not there; check the path/,
    );
  });
});
