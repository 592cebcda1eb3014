import assert from 'node:assert/strict';
import type { JsonObject } from '../../../src/common/json';
import { optimizerRule } from '../../../src/insight/optimizerRules';
import { explainStep, type StepNumbers } from '../../../src/insight/optimizerStep';
import { plugNumbersIn } from '../../../src/insight/plugNumbersIn';

/** Computes what a reader would: the printed expression, with its printed numbers. */
function compute(text: string): number {
  const digits = (s: string) => s.replace(/[⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (c) => String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c)));
  const code = text
    .replace(/−/g, '-')
    .replace(/·/g, '*')
    .replace(/\|([^|]+)\|/g, 'Math.abs($1)')
    .replace(/√\(/g, 'Math.sqrt(')
    .replace(/√([0-9.e-]+)/g, 'Math.sqrt($1)')
    .replace(/max\(/g, 'Math.max(')
    .replace(/(\([^()]*\)|[0-9.]+(?:e-?\d+)?)([⁰¹²³⁴⁵⁶⁷⁸⁹]+)/g, (_, base: string, power: string) => `((${base}) ** ${digits(power)})`)
    .replace(/^-\(\(/, '-1*((');
  assert.match(code, /^[-+*/(). \d,eMathsqrtbxm]+$/, `${text} became ${code}`);
  return Number(new Function(`return ${code}`)());
}

const cases: [string, JsonObject][] = [
  ['SGD', {}],
  ['SGD', { momentum: 0.9 }],
  ['SGD', { momentum: 0.9, nesterov: true }],
  ['Adam', { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }],
  ['AdamW', { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, weight_decay: 0.004 }],
  ['Adamax', { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }],
  ['Adam', { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: true }],
  ['Nadam', { beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 }],
  ['RMSprop', { rho: 0.9, epsilon: 1e-7 }],
  ['RMSprop', { rho: 0.9, epsilon: 1e-7, centered: true }],
  ['RMSprop', { rho: 0.9, epsilon: 1e-7, momentum: 0.5, centered: true }],
  ['RMSprop', { rho: 0.9, epsilon: 1e-7, momentum: 0.5 }],
  ['Adagrad', { epsilon: 1e-7 }],
  ['Adadelta', { rho: 0.95, epsilon: 1e-7 }],
];

describe('a step with its numbers plugged in', () => {
  for (const [className, config] of cases) {
    for (const gradient of [0.031, -0.0174]) {
      it(`${className} ${JSON.stringify(config)} adds up as printed, gradient ${gradient}`, () => {
        const rule = optimizerRule({ className, config });
        const w = new Float32Array([-0.127]);
        const slots = rule.slots.map((s) => new Float32Array([rule.initial(s)]));
        let numbers: StepNumbers | null = null;
        [0.02, -0.05, 0.011, gradient].forEach((g, i) => {
          const before = w[0];
          const stateBefore = Object.fromEntries(rule.slots.map((s, k) => [s, slots[k][0]]));
          rule.apply(w, new Float32Array([g]), slots, 0.01, i + 1);
          numbers = { before, gradient: Math.fround(g), after: w[0], stateBefore, step: i + 1 };
        });
        assert.ok(numbers);
        const { lines } = explainStep({ className, config }, 0.01, numbers);
        const texts = plugNumbersIn({ className, config }, 0.01, numbers, lines);
        let checked = 0;
        lines.forEach((line, i) => {
          if (texts[i] === null) return;
          const value = compute(texts[i]);
          // Four digits in, so three digits out, of the largest term.
          const tolerance = 2e-3 * Math.max(Math.abs(line.value), line.label === 'new weight' ? 0.1 : 0);
          assert.ok(Math.abs(value - line.value) <= tolerance, `${line.label}: ${texts[i]} is ${value}, not ${line.value}`);
          checked++;
        });
        const inWords = className === 'Nadam' ? ['gradient', 'μ', 'μ′', 'P'] : ['gradient'];
        assert.equal(checked, lines.length - inWords.length, `all but ${inWords.join(', ')}`);
      });
    }
  }

  it('takes the clipped gradient for g', () => {
    const optimizer = { className: 'SGD', config: { clipvalue: 0.05 } };
    const numbers: StepNumbers = { before: 1, gradient: 0.1, clipped: Math.fround(0.05), after: 0.9995, stateBefore: {}, step: 1 };
    const { lines, predicted } = explainStep(optimizer, 0.01, numbers);
    assert.equal(predicted, Math.fround(1 - 0.01 * Math.fround(0.05)));
    const at = lines.findIndex((l) => l.label === 'update');
    assert.equal(plugNumbersIn(optimizer, 0.01, numbers, lines)[at], '−0.01 · 0.05');
  });
});
