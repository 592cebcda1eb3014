import assert from 'node:assert/strict';
import type { WeightSpec } from '../../../src/common/modelSpec';
import { describeInitializer, drawWeight } from '../../../src/insight/initializers';

function conv(kh: number, cin: number, filters: number, className = 'GlorotUniform', config = {}): WeightSpec {
  return {
    name: 'kernel',
    shape: [kh, kh, cin, filters],
    fanIn: kh * kh * cin,
    fanOut: kh * kh * filters,
    initializer: { className, config },
    trainable: true,
  };
}

function std(values: Float32Array): number {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  return Math.sqrt(values.reduce((sum, x) => sum + (x - mean) ** 2, 0) / values.length);
}

describe('initialisers', () => {
  // Limits and deviations worked out by hand from Glorot & Bengio 2010, He et al. 2015 and LeCun et al. 1998.
  const table: [number, number, number, number, number, number, number][] = [
    // kernel, cin, filters, Glorot limit, Glorot std, He std, LeCun std
    [3, 3, 32, 0.138013, 0.079682, 0.272166, 0.19245],
    [3, 1, 32, 0.142134, 0.082061, 0.471405, 0.333333],
    [3, 1, 10, 0.246183, 0.142134, 0.471405, 0.333333],
    [5, 1, 8, 0.163299, 0.094281, 0.282843, 0.2],
    [3, 32, 64, 0.083333, 0.048113, 0.083333, 0.058926],
  ];
  for (const [k, cin, filters, limit, glorot, he, lecun] of table) {
    it(`${k}x${k}x${cin}->${filters} has the textbook's bounds`, () => {
      const d = describeInitializer(conv(k, cin, filters));
      assert.ok(Math.abs((d.bound ?? 0) - limit) < 1e-6, `bound ${d.bound}`);
      assert.ok(Math.abs(d.std - glorot) < 1e-6);
      assert.ok(Math.abs(describeInitializer(conv(k, cin, filters, 'HeNormal')).std - he) < 1e-6);
      assert.ok(Math.abs(describeInitializer(conv(k, cin, filters, 'LecunNormal')).std - lecun) < 1e-6);
    });
  }

  it('draws the same values for the same seed, others for another seed, layer or own seed', () => {
    const weight = conv(3, 3, 32);
    assert.deepEqual(drawWeight(weight, 7, 'conv2d'), drawWeight(weight, 7, 'conv2d'));
    assert.notDeepEqual(drawWeight(weight, 7, 'conv2d'), drawWeight(weight, 8, 'conv2d'));
    assert.notDeepEqual(drawWeight(weight, 7, 'conv2d'), drawWeight(weight, 7, 'conv2d_1'));
    assert.notDeepEqual(drawWeight(weight, 7, 'conv2d'), drawWeight(conv(3, 3, 32, 'GlorotUniform', { seed: 0 }), 7, 'conv2d'));
    assert.notDeepEqual(drawWeight(weight, 0, 'conv2d'), drawWeight(weight, 1, 'conv2d'));
  });

  for (const name of [
    'GlorotUniform',
    'GlorotNormal',
    'HeUniform',
    'HeNormal',
    'LecunNormal',
    'RandomNormal',
    'TruncatedNormal',
    'TorchKaimingUniform',
  ]) {
    it(`${name} realises the deviation it states, within its bound`, () => {
      const weight = conv(3, 64, 128, name);
      const values = drawWeight(weight, 3, 'layer');
      const { std: stated, bound } = describeInitializer(weight);
      // 73,728 values: the standard error of the deviation is below 0.3 %.
      assert.ok(Math.abs(std(values) / stated - 1) < 0.012, `${std(values)} against ${stated}`);
      if (bound !== null) assert.ok(values.every((x) => Math.abs(x) <= bound * (1 + 1e-6)));
    });
  }

  it('names PyTorch’s as its documentation does, with the slope that was given', () => {
    const usual = describeInitializer(conv(5, 1, 16, 'TorchKaimingUniform'));
    assert.match(usual.sentence, /^PyTorch’s Kaiming uniform: each value is drawn at random, evenly/);
    assert.equal(usual.substituted, 'limit = √(6 / (6 · 25)) = 0.200000');
    const other = describeInitializer(conv(5, 1, 16, 'TorchKaimingUniform', { a: 1 }));
    assert.equal(other.substituted, `limit = √(6 / (2 · 25)) = ${Math.sqrt(6 / 50).toPrecision(6)}`);
  });

  it('states a density that integrates to one', () => {
    for (const name of ['GlorotUniform', 'HeNormal', 'RandomNormal']) {
      const { density } = describeInitializer(conv(3, 3, 32, name));
      let mass = 0;
      for (let x = -3; x < 3; x += 1e-4) mass += density(x) * 1e-4;
      assert.ok(Math.abs(mass - 1) < 1e-3, `${name}: ${mass}`);
    }
  });

  it('draws orthonormal columns', () => {
    const weight = { ...conv(3, 2, 8, 'Orthogonal') };
    const values = drawWeight(weight, 5, 'layer');
    for (let a = 0; a < 8; a++)
      for (let b = 0; b <= a; b++) {
        let dot = 0;
        for (let r = 0; r < 18; r++) dot += values[r * 8 + a] * values[r * 8 + b];
        assert.ok(Math.abs(dot - (a === b ? 1 : 0)) < 1e-5, `${a},${b}: ${dot}`);
      }
  });

  it('names an initialiser it does not know', () => {
    assert.throws(() => drawWeight(conv(3, 1, 4, 'MyOwn'), 1, 'x'), /MyOwn/);
  });
});
