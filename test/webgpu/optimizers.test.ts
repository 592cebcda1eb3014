import * as tfc from '@tensorflow/tfjs-core';
import type { OptimizerSpec } from '../../src/common/modelSpec';
import { readValues } from '../../src/engine/tensorMemory';
import type { Gpu } from '../../src/engine/webgpu/gpu';
import { applyOnGpu, gpuOptimizer } from '../../src/engine/webgpu/gpuOptimizer';
import { optimizerRule } from '../../src/insight/optimizerRules';
import { assertClose, randomValues } from '../unit/engine/reference';
import { startGpu } from './startGpu';

const specs: OptimizerSpec[] = [
  { className: 'SGD', config: {} },
  { className: 'SGD', config: { momentum: 0.9 } },
  { className: 'SGD', config: { momentum: 0.8, nesterov: true } },
  { className: 'Adam', config: {} },
  { className: 'Adam', config: { amsgrad: true, beta_1: 0.8 } },
  { className: 'AdamW', config: { weight_decay: 0.1 } },
  { className: 'Nadam', config: {} },
  { className: 'Adamax', config: {} },
  { className: 'RMSprop', config: {} },
  { className: 'RMSprop', config: { momentum: 0.7, centered: true } },
  { className: 'Adagrad', config: {} },
  { className: 'Adadelta', config: {} },
  { className: 'Nadam', config: { schedule_decay: 0.004 } },
  { className: 'Lion', config: {} },
  { className: 'Adam', config: { variant: 'pytorch', epsilon: 1e-3 } },
  { className: 'SGD', config: { variant: 'pytorch', momentum: 0.9, dampening: 0.1 } },
  { className: 'SGD', config: { variant: 'pytorch', momentum: 0.9, nesterov: true } },
  { className: 'RMSprop', config: { variant: 'pytorch' } },
  { className: 'RMSprop', config: { variant: 'pytorch', momentum: 0.5, centered: true } },
  { className: 'Adagrad', config: { variant: 'pytorch', lr_decay: 0.1 } },
  { className: 'Adamax', config: { variant: 'pytorch' } },
  { className: 'Ftrl', config: { l2_shrinkage_regularization_strength: 0.03 } },
  { className: 'Ftrl', config: { l1_regularization_strength: 0.01, l2_regularization_strength: 0.02, beta: 0.1 } },
];

describe('webgpu: optimisers', () => {
  let gpu: Gpu;
  before(async function () {
    gpu = await startGpu(this);
  });

  for (const spec of specs)
    it(`steps as the rule says, to float32: ${spec.className} ${JSON.stringify(spec.config)}`, async () => {
      const rule = optimizerRule(spec);
      const onGpu = gpuOptimizer(spec);
      const [lr, n] = [0.05, 67];
      const decay = lr * (typeof spec.config.weight_decay === 'number' ? spec.config.weight_decay : 0);
      const w = randomValues('w', [n]);
      const slots = rule.slots.map((name) => new Float32Array(n).fill(rule.initial(name)));
      // Copies: the backend keeps the array itself until it uploads it.
      const tensors = [w.values, ...slots].map((v) => tfc.tensor1d(new Float32Array(v)));
      const expected = new Float32Array(w.values);
      for (let t = 1; t <= 3; t++) {
        const g = randomValues(`g ${t}`, [n]);
        for (let i = 0; i < n; i++) expected[i] -= expected[i] * decay;
        rule.apply(expected, g.values, slots, lr, t);
        const gradient = tfc.tensor1d(g.values);
        const [variable, ...state] = tensors;
        applyOnGpu(gpu.backend, onGpu, { ...onGpu.numbers(lr, t), decay }, variable, gradient, rule.slots, state);
        gradient.dispose();
      }
      const [weights, ...states] = await readValues(tensors);
      assertClose({ shape: [n], values: weights }, { shape: [n], values: expected }, 'weights', 1e-5);
      states.forEach((s, i) => assertClose({ shape: [n], values: s }, { shape: [n], values: slots[i] }, rule.slots[i], 1e-5));
      tfc.dispose(tensors);
    });
});
