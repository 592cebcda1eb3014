import assert from 'node:assert/strict';
import { layerAt, modelAt } from '../../../src/training/modelAt';
import { exampleSpec, layer, line } from '../editor/exampleSpec';

describe('modelAt', () => {
  const first = exampleSpec({ name: 'first' });
  const second = exampleSpec({
    name: 'second',
    range: line(20),
    layers: exampleSpec().layers.map((l, i) => ({ ...l, source: line(21 + i, 10) })),
    training: { ...exampleSpec().training, fitRange: line(30) },
  });

  it('finds the model around a line, between its layers and its fit call too', () => {
    assert.equal(modelAt([first, second], 5)?.name, 'first');
    assert.equal(modelAt([first, second], 27)?.name, 'second');
  });

  it('takes the model above in between, and the first one before all', () => {
    assert.equal(modelAt([first, second], 12)?.name, 'first');
    assert.equal(modelAt([first, second], 0)?.name, 'first');
    assert.equal(modelAt([first, second], 99)?.name, 'second');
    assert.equal(modelAt([], 1), null);
  });
});

describe('layerAt', () => {
  const model = exampleSpec();

  it('takes any place on a layer’s line', () => {
    for (const column of [0, 15, 200]) assert.equal(layerAt(model, 6, column)?.name, 'dense');
    assert.equal(layerAt(model, 3, 5), null);
  });

  it('takes the innermost of several calls on one line', () => {
    const nested = exampleSpec({
      layers: [layer('outer', 'TimeDistributed', [null, 1], [], line(4, 0, 50)), layer('inner', 'Dense', [null, 1], [], line(4, 20, 40))],
    });
    assert.equal(layerAt(nested, 4, 30)?.name, 'inner');
    assert.equal(layerAt(nested, 4, 5)?.name, 'outer');
  });

  it('finds a layer whose call goes over several lines', () => {
    const tall = exampleSpec({ layers: [layer('tall', 'Conv2D', [null, 1], [], line(4, 10, 3, 8))] });
    for (const l of [4, 6, 8]) assert.equal(layerAt(tall, l, 2)?.name, 'tall');
    assert.equal(layerAt(tall, 9, 2), null);
  });
});
