import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { encodeTensors } from '../../../src/common/safetensors';
import { compareWeights } from '../../../src/weights/compareWeights';
import { openWeights } from '../../../src/weights/openWeights';

describe('comparing weight files', () => {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-diff-'));
  after(() => fs.rmSync(folder, { recursive: true, force: true }));

  async function compare(a: Record<string, [number[], number[]]>, b: Record<string, [number[], number[]]>) {
    const open = (name: string, tensors: Record<string, [number[], number[]]>) => {
      const list = Object.entries(tensors).map(([n, [shape, values]]) => ({ name: n, shape, values: Float32Array.from(values) }));
      const file = path.join(folder, name);
      fs.writeFileSync(file, Buffer.from(encodeTensors(list)));
      return openWeights(file);
    };
    const [readerA, readerB] = [await open('a', a), await open('b', b)];
    const diff = await compareWeights(readerA, readerB);
    readerA.close();
    readerB.close();
    return diff;
  }

  it('says when everything is exactly equal', async () => {
    const tensors: Record<string, [number[], number[]]> = {
      'a/kernel': [
        [2, 2],
        [1, 2, NaN, 4],
      ],
      'a/bias': [[1], [0]],
    };
    const diff = await compare(tensors, tensors);
    assert.equal(diff.isEqual, true);
    assert.ok(diff.tensors.every((t) => t.isEqual && t.maxAbs === 0));
  });

  it('measures what changed, per tensor and per kernel, the most changed first', async () => {
    // Two 2 × 2 kernels of one channel, HWIO: values alternate between the kernels.
    const shape = [2, 2, 1, 2];
    const a = [1, 3, 1, 3, 1, 3, 1, 3];
    const b = [1, 3, 1, 3, 1, 3, 1, 5];
    const diff = await compare(
      {
        'conv/kernel': [shape, a],
        'conv/bias': [[2], [1, 1]],
        'dense/kernel': [
          [1, 2],
          [3, 4],
        ],
      },
      {
        'conv/kernel': [shape, b],
        'conv/bias': [[2], [1, 2]],
        'dense/kernel': [
          [1, 2],
          [3, 4],
        ],
      },
    );
    assert.equal(diff.isEqual, false);
    assert.deepEqual(
      diff.tensors.map((t) => t.nameA),
      ['conv/bias', 'conv/kernel', 'dense/kernel'],
    );
    const [bias, conv, dense] = diff.tensors;
    assert.equal(bias.maxAbs, 1);
    assert.ok(Math.abs(bias.rms - Math.SQRT1_2) < 1e-12);
    assert.ok(Math.abs(bias.relative - Math.SQRT1_2) < 1e-12);
    assert.equal(conv.maxAbs, 2);
    assert.ok(Math.abs(conv.rms - Math.sqrt(4 / 8)) < 1e-12);
    assert.deepEqual(
      conv.kernels.map((k) => [k.kernel, k.maxAbs, k.rms, k.isEqual]),
      [
        [1, 2, 1, false],
        [0, 0, 0, true],
      ],
    );
    assert.equal(dense.isEqual, true);
  });

  it('tells apart what is on one side only and what has another shape', async () => {
    const diff = await compare(
      { same: [[1], [1]], shape: [[2], [1, 2]], gone: [[5], [1, 2, 3, 4, 5]] },
      {
        same: [[1], [1]],
        shape: [
          [1, 2],
          [1, 2],
        ],
        come: [[3], [1, 2, 3]],
      },
    );
    assert.deepEqual(diff.reshaped, [{ name: 'shape', shapeA: [2], shapeB: [1, 2] }]);
    assert.deepEqual([diff.onlyA, diff.onlyB, diff.isEqual], [['gone'], ['come'], false]);
  });

  it('compares tensors of other names where only one has the shape, and says so', async () => {
    const diff = await compare({ x: [[3], [1, 2, 3]] }, { y: [[3], [1, 2, 4]] });
    assert.equal(diff.tensors[0].nameB, 'y');
    assert.equal(diff.notes.length, 1);
  });

  it('counts values that are not finite on one side', async () => {
    const diff = await compare({ x: [[3], [1, NaN, Infinity]] }, { x: [[3], [1, 2, Infinity]] });
    assert.deepEqual([diff.tensors[0].notFinite, diff.tensors[0].isEqual, diff.tensors[0].maxAbs], [1, false, 0]);
  });
});
