import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { lossNamed } from '../../../src/engine/losses';
import { metricNamed } from '../../../src/engine/metrics';
import { learningRateSchedule } from '../../../src/engine/optimizers/schedule';
import { startEngine } from './reference';

const config = { labelSmoothing: 0, delta: 0.5, alpha: 0.25, gamma: 2, scale: 1, isBalanced: false };
// Rows of targets and outputs; what Keras's definition gives, written out.
const [t, y] = [
  [0, 1, 0],
  [0.2, 0.7, 0.1],
];
const expected: Record<string, number> = {
  mean_squared_error: (0.04 + 0.09 + 0.01) / 3,
  mean_absolute_error: (0.2 + 0.3 + 0.1) / 3,
  categorical_crossentropy: -Math.log(0.7),
  binary_crossentropy: -(Math.log(0.8) + Math.log(0.7) + Math.log(0.9)) / 3,
  mean_squared_logarithmic_error: (Math.log(1.2) ** 2 + (Math.log(2) - Math.log(1.7)) ** 2 + Math.log(1.1) ** 2) / 3,
  huber: (0.02 + 0.045 + 0.005) / 3,
  log_cosh: (Math.log(Math.cosh(0.2)) + Math.log(Math.cosh(0.3)) + Math.log(Math.cosh(0.1))) / 3,
  hinge: (1 + 0.3 + 1) / 3,
  squared_hinge: (1 + 0.09 + 1) / 3,
  categorical_hinge: Math.max(0, 0.2 - 0.7 + 1),
  // Keras clips targets and outputs at 1e-7.
  kl_divergence: Math.log(1 / 0.7) + 1e-7 * (Math.log(1e-7 / 0.2) + Math.log(1e-7 / 0.1)),
  poisson: (0.2 + (0.7 - Math.log(0.7)) + 0.1) / 3,
  cosine_similarity: -0.7 / Math.sqrt(0.04 + 0.49 + 0.01),
};

describe('engine: losses, metrics, schedules', () => {
  before(startEngine);
  for (const [name, value] of Object.entries(expected))
    it(`${name} of a hand-computed row`, () => {
      const loss = lossNamed(name, config)(tfc.tensor2d([t]), tfc.tensor2d([y])).dataSync()[0];
      assert.ok(Math.abs(loss - value) < 2e-6, `${loss}, expected ${value}`);
    });

  it('metrics of hand-computed batches', () => {
    const value = (name: string, units: number, targets: number[], predictions: number[]): number => {
      const metric = metricNamed(name, units)!;
      const sums = new Array<number>(metric.size).fill(0);
      const batch = { units, threshold: 0.5, targets: Float32Array.from(targets), predictions: Float32Array.from(predictions) };
      metric.add({ count: targets.length / units, ...batch }, sums);
      return metric.value(sums);
    };
    assert.equal(value('accuracy', 1, [0, 1, 1, 0], [0.4, 0.6, 0.3, 0.9]), 0.5);
    assert.equal(value('accuracy', 3, [1, 0, 0, 0, 0, 1], [0.5, 0.3, 0.2, 0.1, 0.6, 0.3]), 0.5);
    assert.equal(value('precision', 1, [1, 0, 1, 0], [0.9, 0.8, 0.7, 0.1]), 2 / 3);
    assert.equal(value('recall', 1, [1, 1, 1, 0], [0.9, 0.2, 0.7, 0.1]), 2 / 3);
    assert.equal(value('mae', 2, [0, 1], [0.5, 0.5]), 0.5);
    assert.equal(metricNamed('nothing_of_the_kind', 1), null);
  });

  it('learning rates follow their schedules', () => {
    const rate = (class_name: string, settings: Record<string, string | number | boolean | number[]>, step: number): number =>
      learningRateSchedule({ learning_rate: { class_name, config: { initial_learning_rate: 0.1, ...settings } } }, 0)(step, 7);
    const close = (a: number, b: number): void => assert.ok(Math.abs(a - b) < 1e-12, `${a}, expected ${b}`);
    close(rate('ExponentialDecay', { decay_steps: 10, decay_rate: 0.5 }, 5), 0.1 * Math.SQRT1_2);
    close(rate('ExponentialDecay', { decay_steps: 10, decay_rate: 0.5, staircase: true }, 19), 0.05);
    close(rate('InverseTimeDecay', { decay_steps: 10, decay_rate: 0.5 }, 20), 0.05);
    close(rate('PiecewiseConstantDecay', { boundaries: [10, 20], values: [1, 0.5, 0.1] }, 10), 1);
    close(rate('PiecewiseConstantDecay', { boundaries: [10, 20], values: [1, 0.5, 0.1] }, 11), 0.5);
    close(rate('PolynomialDecay', { decay_steps: 10, end_learning_rate: 0, power: 2 }, 5), 0.025);
    close(rate('CosineDecay', { decay_steps: 10 }, 5), 0.05);
    close(rate('TorchStepLR', { step_size: 2, gamma: 0.5, unit: 'epoch' }, 27), 0.05);
    close(rate('TorchStepLR', { step_size: 2, gamma: 0.5, unit: 'epoch' }, 28), 0.025);
    close(rate('TorchExponentialLR', { gamma: 0.5, unit: 'step' }, 3), 0.0125);
    close(rate('CosineDecayRestarts', { first_decay_steps: 10 }, 10), 0.1);
    close(learningRateSchedule({ learning_rate: 0.1, decay: 0.1 }, 0)(10, 7), 0.05);
  });
});
