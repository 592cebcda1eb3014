import assert from 'node:assert/strict';
import { decodeFrame } from '../../../src/common/frame';
import { drawWeight } from '../../../src/insight/initializers';
import { InitialWeights, MAX_DRAWN_VALUES } from '../../../src/training/initialWeights';
import { initializers } from '../../../src/training/initializers';
import { exampleSpec, kernel, layer } from '../editor/exampleSpec';

const weights = () => new InitialWeights(async () => initializers);

describe('InitialWeights', () => {
  it('are the values that training starts from', async () => {
    const spec = exampleSpec();
    const frame = decodeFrame((await weights().frame(spec, 7)) ?? new ArrayBuffer(0));
    assert.equal(frame.step, 0);
    assert.equal(frame.learningRate, 0.001);
    for (const l of spec.layers)
      for (const w of l.weights) assert.deepEqual(frame.tensors.get(`weight:${l.name}/${w.name}`)?.values, drawWeight(w, 7, l.name));
  });

  it('differ with the seed only', async () => {
    const [conv] = exampleSpec().layers;
    const w = weights();
    const [a, b, c] = [await w.drawLayer(conv, 7), await w.drawLayer(conv, 7), await w.drawLayer(conv, 8)];
    assert.deepEqual(a.get('kernel'), b.get('kernel'));
    assert.notDeepEqual(a.get('kernel'), c.get('kernel'));
  });

  it('leave out what is too large or not known', async () => {
    const large = layer('large', 'Dense', [null, 1], [kernel([MAX_DRAWN_VALUES, 2])], null);
    assert.equal((await weights().drawLayer(large, 1)).size, 0);
    const odd = { ...kernel([3, 3, 1, 1]), initializer: { className: 'MyOwn', config: {} } };
    assert.equal((await weights().drawLayer(layer('odd', 'Conv2D', [null, 1], [odd], null), 1)).size, 0);
    assert.match((await weights().describer())(odd), /MyOwn, which is not known/);
  });

  it('explain themselves with the layer’s own numbers', async () => {
    const text = (await weights().describer())(kernel([3, 3, 3, 32]));
    assert.match(
      text,
      /GlorotUniform: each value is drawn at random, evenly from ±0\.138 \(limit = √\(6 \/ \(27 \+ 288\)\) = 0\.138013\)\./,
    );
  });
});
