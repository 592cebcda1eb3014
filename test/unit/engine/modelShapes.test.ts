import * as assert from 'node:assert/strict';
import { inputGeometry } from '../../../src/engine/modelShapes';
import { readModelSource } from '../../../src/model/readModelSource';

async function geometryOf(inputs: number): Promise<number[]> {
  const text = `import * as tf from '@tensorflow/tfjs';
const model = tf.sequential({layers: [tf.layers.dense({units: 2, inputShape: [${inputs}]})]});`;
  const { models } = await readModelSource({ path: 'model.js', text });
  return inputGeometry(models[0]).imageShape;
}

describe('Images for models of flat vectors', () => {
  it('are square, grey or in colour', async () => {
    assert.deepEqual(await geometryOf(784), [28, 28, 1]);
    assert.deepEqual(await geometryOf(3 * 32 * 32), [32, 32, 3]);
  });

  it('are not made of a few measurements', async () => {
    for (const inputs of [1, 4, 9, 12, 16]) await assert.rejects(geometryOf(inputs), /which are not images; give it an input such as/);
  });
});
