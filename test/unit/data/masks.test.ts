import assert from 'node:assert/strict';
import { zipSync } from 'fflate';
import { PNG } from 'pngjs';
import { changeMask, applyChange, drawChange } from '../../../src/data/augment';
import { openDataset } from '../../../src/data/openDataset';
import type { DatasetWishes } from '../../../src/data/datasetWishes';
import type { DataRef } from '../../../src/common/dataSpec';
import { Random } from '../../../src/common/random';
import { temporaryFolder } from '../../temporaryFolder';
import { npy, wishes, write } from './files';

const wanted = (input: [number, number, number], shape: [number, number], classes: number): DatasetWishes => ({
  ...wishes(input),
  isLabelled: false,
  validationSplit: 0,
  masks: { shape, classes },
});

async function read(ref: DataRef, wish: DatasetWishes, count: number) {
  const dataset = await openDataset(ref, wish);
  const size = wish.inputShape.reduce((a, b) => a * b);
  const into = { inputs: new Float32Array(count * size), labels: new Int32Array(count), masks: new Float32Array(count * dataset.maskSize) };
  try {
    const indices = Uint32Array.from({ length: count }, (_, i) => i);
    await dataset.read('train', indices, into, null);
    // Masks are kept: the second time they are the same.
    const again = { ...into, masks: new Float32Array(into.masks.length) };
    await dataset.read('train', indices, again, null);
    assert.deepEqual(again.masks, into.masks);
    return { info: dataset.info, ...into };
  } finally {
    dataset.dispose();
  }
}

/** A grey picture, pixel by pixel. */
function grey(width: number, height: number, valueAt: (x: number, y: number) => number): Buffer {
  const image = new PNG({ width, height });
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const v = valueAt(x, y);
      image.data.set([v, v, v, 255], (y * width + x) * 4);
    }
  return PNG.sync.write(image);
}

describe('images with masks', function () {
  this.timeout(30_000);

  it('are drawn: the mask is where the shape is', async () => {
    const { masks, inputs, labels } = await read({ kind: 'embedded', name: 'shapes' }, wanted([24, 24, 3], [24, 24], 4), 60);
    for (let i = 0; i < 60; i++) {
      const mask = masks.subarray(i * 576, (i + 1) * 576);
      assert.deepEqual(new Set(mask), new Set([0, 1 + labels[i]]), `image ${i}`);
    }
    // Whatever the colours are, those of shape and surroundings differ: by more on average than two random halves of an image would.
    const contrast = (isInside: (i: number, p: number) => boolean): number => {
      let total = 0;
      for (let i = 0; i < 60; i++) {
        const sums = [0, 0, 0, 0];
        for (let p = 0; p < 576; p++) {
          const at = isInside(i, p) ? 0 : 2;
          sums[at] += inputs[(i * 576 + p) * 3] + inputs[(i * 576 + p) * 3 + 1] + inputs[(i * 576 + p) * 3 + 2];
          sums[at + 1]++;
        }
        total += Math.abs(sums[0] / sums[1] - sums[2] / sums[3]);
      }
      return total / 60;
    };
    const random = new Random(1);
    assert.ok(contrast((i, p) => masks[i * 576 + p] > 0) > 5 * contrast(() => random.next() < 0.3));
  });

  it('are two classes of anything drawn where the model has one value per pixel', async () => {
    const { masks, info } = await read({ kind: 'embedded', name: 'digits' }, wanted([20, 20, 1], [10, 10], 2), 30);
    assert.deepEqual(new Set(masks), new Set([0, 1]));
    assert.equal(masks.length, 3000);
    assert.match(info.notes.join(' '), /0 background, 1 any of the digits/);
  });

  it('come from arrays: classes, channels per class, brightness', async () => {
    const folder = temporaryFolder();
    const images = npy(
      '|u1',
      [2, 2, 2, 3],
      Array.from({ length: 24 }, (_, i) => i),
    );
    const file = (name: string, y: Uint8Array): DataRef => ({
      kind: 'path',
      path: write(folder, name, zipSync({ 'x_train.npy': images, 'y_train.npy': y })),
    });
    const classes = [0, 1, 2, 0, 1, 1, 0, 2];
    const indices = file('indices.npz', npy('|u1', [2, 2, 2], classes));
    assert.deepEqual([...(await read(indices, wanted([2, 2, 3], [2, 2], 3), 2)).masks], classes);
    const oneHot = file(
      'hot.npz',
      npy(
        '<f4',
        [2, 2, 2, 3],
        classes.flatMap((c) => [0, 1, 2].map((k) => Number(k === c))),
      ),
    );
    assert.deepEqual([...(await read(oneHot, wanted([2, 2, 3], [2, 2], 3), 2)).masks], classes);
    const bright = file('bright.npz', npy('|u1', [2, 2, 2, 1], [0, 255, 200, 90, 0, 0, 255, 128]));
    assert.deepEqual([...(await read(bright, wanted([2, 2, 3], [2, 2], 2), 2)).masks], [0, 1, 1, 0, 0, 0, 1, 1]);
    const unknown = file('unknown.npz', npy('|u1', [2, 2, 2], [0, 1, 2, 5, 0, 0, 0, 0]));
    await assert.rejects(
      read(unknown, wanted([2, 2, 3], [2, 2], 4), 2),
      /y_train.* gives a pixel of row 0 the class 5, and the model tells 0 to 3 apart; use masks of those classes, or give the last layer 6 channels/,
    );
    const labelled = file('labels.npz', npy('|u1', [2], [0, 1]));
    await assert.rejects(
      read(labelled, wanted([2, 2, 3], [2, 2], 2), 2),
      /has no masks for its images: .*; choose a folder with the images in images\//,
    );
  });

  it('come from folders of pictures with the same names', async () => {
    const folder = temporaryFolder();
    for (const part of ['train', 'val'])
      for (let i = 0; i < 3; i++) {
        write(
          folder,
          `${part}/images/${i}.png`,
          grey(8, 4, (x) => 10 * i + x),
        );
        write(
          folder,
          `${part}/masks/${i}_mask.png`,
          grey(8, 4, (x, y) => (x > 3 && y > i ? 255 : 0)),
        );
      }
    write(
      folder,
      'train/images/alone.png',
      grey(8, 4, () => 0),
    );
    const { info, masks, inputs } = await read({ kind: 'path', path: folder }, wanted([4, 8, 1], [4, 8], 2), 3);
    assert.deepEqual([info.trainCount, info.validationCount], [3, 3]);
    for (let i = 0; i < 3; i++)
      for (let p = 0; p < 32; p++) {
        assert.equal(masks[i * 32 + p], Number(p % 8 > 3 && p >> 3 > i), `mask ${i}, pixel ${p}`);
        assert.ok(Math.abs(inputs[i * 32 + p] * 255 - (10 * i + (p % 8))) < 1.01, `image ${i}, pixel ${p}`);
      }
  });

  it('hold class numbers where the model tells more than two apart, and no others', async () => {
    const folder = temporaryFolder();
    write(
      folder,
      'images/a.png',
      grey(4, 4, () => 9),
    );
    write(
      folder,
      'masks/a.png',
      grey(4, 4, (x) => x),
    );
    const { masks } = await read({ kind: 'path', path: folder }, wanted([4, 4, 3], [4, 4], 4), 1);
    assert.deepEqual([...masks.subarray(0, 4)], [0, 1, 2, 3]);
    await assert.rejects(
      read({ kind: 'path', path: folder }, wanted([4, 4, 3], [4, 4], 3), 1),
      /a\.png.* has pixels of the class 3, and the model tells 0 to 2 apart; give the last layer 4 channels/,
    );
    const empty = temporaryFolder();
    write(
      empty,
      'images/a.png',
      grey(4, 4, () => 9),
    );
    write(
      empty,
      'masks/b.png',
      grey(4, 4, () => 9),
    );
    await assert.rejects(read({ kind: 'path', path: empty }, wanted([4, 4, 3], [4, 4], 2), 1), /has no image with a mask of the same name/);
    const photos = temporaryFolder();
    for (const name of ['cats/1.png', 'dogs/1.png'])
      write(
        photos,
        name,
        grey(4, 4, () => 9),
      );
    await assert.rejects(
      read({ kind: 'path', path: photos }, wanted([4, 4, 3], [4, 4], 2), 1),
      /has no masks, which tell the class of every pixel/,
    );
  });

  it('are left out with their image where one of the two is broken, and named', async () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b', 'c']) {
      write(
        folder,
        `images/${name}.png`,
        grey(4, 4, () => 9),
      );
      write(
        folder,
        `masks/${name}.png`,
        grey(4, 4, () => 255),
      );
    }
    write(folder, 'masks/b.png', grey(4, 4, () => 255).subarray(0, 30));
    const { info, masks } = await read({ kind: 'path', path: folder }, wanted([4, 4, 1], [4, 4], 2), 2);
    assert.equal(info.trainCount, 2);
    assert.ok(masks.every((v) => v === 1));
    assert.match(info.notes.join(' '), /1 of 3 images skipped: masks.b\.png /);
  });

  it('say which picture cannot be decoded: nothing stands in for it', async () => {
    const folder = temporaryFolder();
    for (const name of ['a', 'b']) {
      write(
        folder,
        `images/${name}.png`,
        grey(64, 64, (x, y) => (x * y) % 251),
      );
      write(
        folder,
        `masks/${name}.png`,
        grey(64, 64, () => 255),
      );
    }
    // Whole at both ends, and wrong in between.
    const broken = grey(64, 64, (x, y) => (x * y) % 251);
    broken.fill(0xff, 60, 120);
    write(folder, 'images/b.png', broken);
    await assert.rejects(
      read({ kind: 'path', path: folder }, wanted([8, 8, 1], [8, 8], 2), 2),
      /b\.png.* cannot be decoded .*; save it again as JPEG or PNG, or take it and its mask away/,
    );
  });

  it('are turned and shifted as their images are, at the size of the outputs', () => {
    const spec = { rotationRange: 40, widthShiftRange: 0.2, heightShiftRange: 3, zoomRange: 0.2, horizontalFlip: true, verticalFlip: true };
    for (let seed = 0; seed < 20; seed++) {
      const change = drawChange(spec, 32, 32, new Random(seed));
      const isInside = (x: number, y: number): boolean => x > 0.2 && x < 0.6 && y > 0.3 && y < 0.8;
      const draw = (size: number): Float32Array =>
        Float32Array.from({ length: size * size }, (_, p) =>
          Number(isInside(((p % size) + 0.5) / size, (Math.floor(p / size) + 0.5) / size)),
        );
      const image = draw(32);
      applyChange(image, [32, 32, 1], change, 'nearest', 1);
      const [whole, half] = [draw(32), draw(16)];
      changeMask(whole, [32, 32], change, [32, 32, 1], 'nearest');
      changeMask(half, [16, 16], change, [32, 32, 1], 'nearest');
      const agree = (mask: Float32Array, size: number): number =>
        mask.filter((v, p) => {
          const [x, y] = [Math.floor((((p % size) + 0.5) * 32) / size), Math.floor(((Math.floor(p / size) + 0.5) * 32) / size)];
          return v === Number(image[y * 32 + x] > 0.5);
        }).length / mask.length;
      assert.deepEqual(new Set([...whole, ...half, 0, 1]), new Set([0, 1]));
      assert.ok(agree(whole, 32) > 0.97, `${agree(whole, 32)} at seed ${seed}`);
      assert.ok(agree(half, 16) > 0.9, `${agree(half, 16)} at half the size, seed ${seed}`);
    }
  });
});
