import assert from 'node:assert/strict';
import { ownScaling } from '../../../src/engine/ownScaling';
import { readModelSource } from '../../../src/model/readModelSource';

const read = async (text: string) => {
  const { models } = await readModelSource({
    path: 'model.py',
    text: `import keras\nfrom keras import Input, Model, Sequential\nfrom keras.layers import *\n${text}`,
  });
  return ownScaling(models[0]);
};
const rest = "Conv2D(4, 3), Flatten(), Dense(10, activation='softmax')";

describe('engine: models that scale pixel values themselves', () => {
  it('do so in a layer ahead of the weights', async () => {
    assert.equal(
      await read(`m = Sequential([Input((8, 8, 3)), RandomFlip('horizontal'), Rescaling(1. / 255, name='scale'), ${rest}])`),
      'scale',
    );
    assert.equal(await read(`m = Sequential([Input((8, 8, 3)), Rescaling(1. / 127.5, offset=-1, name='scale'), ${rest}])`), 'scale');
    assert.equal(
      await read(`m = Sequential([Sequential([Rescaling(1. / 255, name='inner')], name='outer'), ${rest}])\nm.build((None, 8, 8, 3))`),
      'outer/inner',
    );
  });

  it('do so in arithmetic and in lambdas', async () => {
    const model = (scaled: string) => `i = Input((8, 8, 3))\nm = Model(i, Dense(10)(Flatten()(Conv2D(4, 3)(${scaled}))))`;
    assert.ok(await read(model('i / 255')));
    assert.ok(await read(model('Lambda(lambda x: x / 255)(i)')));
    assert.equal(await read(model('Lambda(lambda x: x * 2)(i)')), null);
  });

  it('do not where only values behind weights are scaled, or brought up', async () => {
    assert.equal(await read(`m = Sequential([Input((8, 8, 3)), Conv2D(3, 3), Rescaling(1. / 255), ${rest}])`), null);
    assert.equal(await read(`m = Sequential([Input((8, 8, 3)), Rescaling(2.0), ${rest}])`), null);
  });
});
