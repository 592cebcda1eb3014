import assert from 'node:assert/strict';
import { PNG } from 'pngjs';
import { signedColor } from '../../../src/common/colorMap';
import type { WeightSpec } from '../../../src/common/modelSpec';
import { histogramPicture } from '../../../src/editor/histogramPicture';
import type { HoverPicture } from '../../../src/editor/hoverText';
import { layerPicture } from '../../../src/editor/layerPicture';
import { reportBeforeTraining } from '../../../src/editor/layerReport';
import { bias, kernel, layer, line } from './exampleSpec';

const ramp = (n: number) => Float32Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898) * 0.1);
const size = (w: WeightSpec) => w.shape.reduce((a, b) => a * b, 1);

function pictureOf(className: string, weights: WeightSpec[], draw = (w: WeightSpec) => ramp(size(w))): HoverPicture | null {
  return layerPicture(reportBeforeTraining(layer('l', className, [null, 1], weights, line(0)), 3, draw), 'dark');
}

function decode(picture: HoverPicture): { width: number; height: number; data: Buffer } {
  return PNG.sync.read(Buffer.from(picture.dataUri.split(',')[1], 'base64'));
}

describe('layerPicture', () => {
  it('draws every kernel of an ordinary layer, each weight in its colour', () => {
    const spec = kernel([3, 3, 1, 8]);
    const values = ramp(72);
    const picture = pictureOf('Conv2D', [spec, bias(8)], (w) => (w === spec ? values : new Float32Array(8)));
    assert.ok(picture);
    const png = decode(picture);
    assert.deepEqual([png.width, png.height], [picture.width, picture.height]);
    assert.match(picture.alt, /8 kernels of 3 × 3 × 1 weights of l, as drawn with seed 3/);
    const scale = Math.max(...values.map(Math.abs));
    // A tile is at most 120 pixels high; the middle weight of kernel 0 lies in the middle of the first one.
    const opaque = Array.from({ length: png.height }, (_, y) => png.data[y * png.width * 4 + 3]).filter((a) => a > 0);
    const tile = Math.round(opaque.length / Math.round(opaque.length / 66));
    const at = (Math.floor(tile / 2) * png.width + Math.floor(tile / 2)) * 4;
    assert.deepEqual([...png.data.subarray(at, at + 3)], signedColor(values[4 * 8], scale, 'dark'));
  });

  it('stays within a hover for any size', () => {
    for (const shape of [
      [3, 3, 3, 32],
      [3, 3, 32, 64],
      [11, 11, 3, 96],
      [3, 3, 256, 512],
      [1, 1, 512, 512],
      [5, 64, 128],
    ]) {
      const picture = pictureOf('Conv2D', [kernel(shape)]);
      assert.ok(picture, shape.join());
      assert.ok(
        picture.width <= 440 && picture.height <= 140 && picture.dataUri.length < 262_144,
        `${shape.join()}: ${picture.width} × ${picture.height}`,
      );
    }
  });

  it('draws a small matrix as a heat map and a large one as a histogram', () => {
    assert.match(pictureOf('Dense', [kernel([64, 10])])?.caption ?? '', /^64 × 10 weights/);
    const large = pictureOf('Dense', [kernel([3136, 128])]);
    assert.match(large?.caption ?? '', /^Histogram of 3136 × 128 weights/);
    assert.ok(large && large.height <= 140);
  });

  it('draws batch-norm vectors once they differ, and nothing before', () => {
    const vectors = ['gamma', 'beta'].map((name) => ({ ...bias(16), name }));
    assert.equal(
      pictureOf('BatchNormalization', vectors, () => new Float32Array(16).fill(1)),
      null,
    );
    assert.match(pictureOf('BatchNormalization', vectors)?.caption ?? '', /From the top: gamma ±0.\d+, beta/);
    assert.equal(pictureOf('Flatten', []), null);
  });
});

describe('histogramPicture', () => {
  it('has its highest bar where most values are', () => {
    const values = Float32Array.from({ length: 1000 }, (_, i) => (i < 900 ? 0.5 : -1));
    const { width, height, data, highest } = histogramPicture(values, 440, 50, 'light');
    assert.equal(highest, 900);
    const filled = (x: number) => Array.from({ length: height }, (_, y) => data[(y * width + x) * 4 + 3]).filter((a) => a > 0).length;
    assert.equal(filled(Math.round(width * 0.75)), height);
    assert.equal(filled(2), Math.round((height * 100) / 900));
    assert.equal(filled(Math.round(width * 0.4)), 0);
  });
});
