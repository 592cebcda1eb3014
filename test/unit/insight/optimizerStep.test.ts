import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/common/json';
import { Random } from '../../../src/common/random';
import { Optimizer } from '../../../src/engine/optimizers/optimizer';
import { optimizerRule } from '../../../src/insight/optimizerRules';
import { explainStep } from '../../../src/insight/optimizerStep';

/** Three steps on one weight, w = 1, gradients 0.5, -0.25, 0.1, learning rate 0.1, worked out in double precision from Keras's formulas. */
function run(className: string, config: JsonObject): number {
  const rule = optimizerRule({ className, config });
  const w = new Float32Array([1]);
  const slots = rule.slots.map((s) => new Float32Array([rule.initial(s)]));
  [0.5, -0.25, 0.1].forEach((g, i) => rule.apply(w, new Float32Array([g]), slots, 0.1, i + 1));
  return w[0];
}

describe('optimiser rules', () => {
  it('SGD subtracts the gradients', () => {
    assert.ok(Math.abs(run('SGD', {}) - (1 - 0.1 * (0.5 - 0.25 + 0.1))) < 1e-6);
  });

  it('momentum carries earlier steps on', () => {
    let m = 0;
    let w = 1;
    for (const g of [0.5, -0.25, 0.1]) w += m = 0.9 * m - 0.1 * g;
    assert.ok(Math.abs(run('SGD', { momentum: 0.9 }) - w) < 1e-6);
  });

  it('Adam equals the textbook form with bias-corrected moments up to epsilon', () => {
    let [m, v, w] = [0, 0, 1];
    [0.5, -0.25, 0.1].forEach((g, i) => {
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      w -= (0.1 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
    });
    assert.ok(Math.abs(run('Adam', {}) - w) < 1e-5, `${run('Adam', {})} against ${w}`);
  });

  it('the first Adam step is the learning rate, whatever the gradient', () => {
    const rule = optimizerRule({ className: 'Adam', config: {} });
    for (const g of [3, 0.01, -20]) {
      const w = new Float32Array([0]);
      rule.apply(w, new Float32Array([g]), [new Float32Array(1), new Float32Array(1)], 0.001, 1);
      assert.ok(Math.abs(Math.abs(w[0]) - 0.001) < 1e-6);
      assert.equal(Math.sign(w[0]), -Math.sign(g));
    }
  });

  const all: [string, JsonObject][] = [
    ['SGD', {}],
    ['SGD', { momentum: 0.9 }],
    ['SGD', { momentum: 0.9, nesterov: true }],
    ['Adam', {}],
    ['Adam', { amsgrad: true }],
    ['AdamW', { weight_decay: 0.004 }],
    ['AdamW', {}],
    ['SGD', { momentum: 0.9, weight_decay: 0.03 }],
    ['Adamax', {}],
    ['Lion', {}],
    ['Adam', { variant: 'pytorch', epsilon: 1e-3, coupled_weight_decay: 0.1 }],
    ['SGD', { variant: 'pytorch', momentum: 0.9, dampening: 0.1, coupled_weight_decay: 0.01 }],
    ['RMSprop', { variant: 'pytorch', momentum: 0.5, centered: true }],
    ['Adagrad', { variant: 'pytorch', lr_decay: 0.1 }],
    ['Adamax', { variant: 'pytorch' }],
    ['Nadam', {}],
    ['RMSprop', {}],
    ['RMSprop', { momentum: 0.9, centered: true }],
    ['Adagrad', {}],
    ['Adadelta', {}],
    ['Ftrl', {}],
  ];
  for (const [className, config] of all) {
    it(`${className} ${JSON.stringify(config)}: one weight explained is the whole array's float, bit for bit`, () => {
      const spec = { className, config };
      const rule = optimizerRule(spec);
      const random = new Random(11);
      const n = 64;
      const w = Float32Array.from({ length: n }, () => random.normal());
      const slots = rule.slots.map((s) => new Float32Array(n).fill(rule.initial(s)));
      for (let step = 1; step <= 5; step++) {
        const g = Float32Array.from({ length: n }, () => random.normal() * 0.1);
        const before = w.slice();
        const stateBefore = slots.map((s) => s.slice());
        const optimizer = new Optimizer(spec);
        const decayed = g.slice();
        optimizer.addDecay(w, decayed);
        optimizer.apply(w, decayed, slots, 0.01, step);
        for (let i = 0; i < n; i += 7) {
          const at = (arrays: Float32Array[]) => Object.fromEntries(rule.slots.map((s, k) => [s, arrays[k][i]]));
          const numbers = { before: before[i], gradient: g[i], after: w[i], stateBefore: at(stateBefore), step };
          const explained = explainStep(spec, 0.01, numbers);
          assert.equal(explained.predicted, w[i]);
          assert.notEqual(w[i], before[i]);
        }
      }
    });
  }

  it('names an optimiser it does not know', () => {
    assert.throws(() => optimizerRule({ className: 'Sophia', config: {} }), /Sophia/);
  });
});
