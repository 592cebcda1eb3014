import assert from 'node:assert/strict';
import { healthFindings, type LayerState } from '../../webview/run/healthFindings';

const layer = (change: Partial<LayerState>): LayerState => ({
  name: 'conv',
  isTrainable: true,
  updateRatio: 0.001,
  gradientNorm: 0.1,
  moved: 0.2,
  silent: 0,
  tiles: 32,
  notFinite: 0,
  ...change,
});
const about = (...layers: LayerState[]) => healthFindings(layers).map((f) => `${f.layer}: ${f.what}`);

describe('health findings', () => {
  it('has nothing to say about what is usual', () => {
    assert.deepEqual(about(layer({}), layer({ name: 'second', updateRatio: 0.004 }), layer({ name: 'dense', silent: 3 })), []);
  });

  it('names a layer that changes too fast, and one that hardly moves, with the numbers', () => {
    assert.match(about(layer({ updateRatio: 0.071 }))[0], /^conv: changes very fast: .* by 7\.1 % of their size/);
    assert.match(about(layer({ updateRatio: 3e-6 }))[0], /hardly moves: .* by 0\.0003 % of their size/);
  });

  it('names dead kernels once, not as a layer that hardly moves as well', () => {
    assert.deepEqual(about(layer({ silent: 32, updateRatio: 0 })).length, 1);
    assert.match(about(layer({ silent: 17 }))[0], /17 of 32 got no gradient/);
    assert.deepEqual(about(layer({ silent: 15 })), []);
  });

  it('says nothing of gradients about a frozen layer, or about what the frame does not tell', () => {
    assert.deepEqual(about(layer({ isTrainable: false, updateRatio: 0, silent: 32 })), []);
    assert.deepEqual(about(layer({ updateRatio: null, silent: null, gradientNorm: null })), []);
  });

  it('puts numbers that are none first', () => {
    assert.match(about(layer({ notFinite: 288, updateRatio: 9 }))[0], /288 of its weights are not numbers/);
  });

  it('sees a gradient fade on its way to the first layer', () => {
    const found = about(
      layer({ name: 'a', gradientNorm: 1e-7 }),
      layer({ name: 'b', gradientNorm: 1e-3 }),
      layer({ name: 'c', gradientNorm: 1 }),
    );
    assert.match(found[0], /^a: its gradient \(norm 1e−7\) has faded beside that of c \(1\)/);
    assert.deepEqual(about(layer({ name: 'a', gradientNorm: 1e-3 }), layer({ name: 'b', gradientNorm: 1 })), []);
  });
});
