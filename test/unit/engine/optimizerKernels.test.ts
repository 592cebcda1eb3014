import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import type { OptimizerSpec } from '../../../src/common/modelSpec';
import { kernelContext } from '../../../src/engine/kernels/kernels';
import { Optimizer } from '../../../src/engine/optimizers/optimizer';
import type { Parameter } from '../../../src/engine/parameter';
import { copyValues } from '../../../src/engine/tensorMemory';
import { UpdateKernels } from '../../../src/engine/updateKernels';
import { randomValues, startEngine } from './reference';

const torchSpecs: OptimizerSpec[] = [
  { className: 'SGD', config: { momentum: 0.9 } },
  { className: 'SGD', config: { momentum: 0.9, nesterov: true, coupled_weight_decay: 0.01 } },
  { className: 'SGD', config: { momentum: 0.8, dampening: 0.3, coupled_weight_decay: 0.1 } },
  { className: 'SGD', config: { coupled_weight_decay: 0.1 } },
  { className: 'RMSprop', config: {} },
  { className: 'RMSprop', config: { rho: 0.9, momentum: 0.5, epsilon: 1e-3, coupled_weight_decay: 0.02 } },
  { className: 'RMSprop', config: { centered: true, momentum: 0.3 } },
  { className: 'Adam', config: { epsilon: 1e-8, coupled_weight_decay: 0.05 } },
  { className: 'Adam', config: { amsgrad: true, epsilon: 1e-8, coupled_weight_decay: 0.05 } },
];

const specs: OptimizerSpec[] = [
  { className: 'Adam', config: {} },
  { className: 'Adam', config: { amsgrad: true, beta_1: 0.8, epsilon: 1e-3 } },
  { className: 'AdamW', config: { weight_decay: 0.01 } },
  { className: 'SGD', config: {} },
  { className: 'SGD', config: { momentum: 0.9, weight_decay: 0.001 } },
  { className: 'SGD', config: { momentum: 0.9, nesterov: true } },
  { className: 'RMSprop', config: {} },
  { className: 'RMSprop', config: { momentum: 0.5, rho: 0.8 } },
  { className: 'RMSprop', config: { centered: true } },
  { className: 'RMSprop', config: { centered: true, momentum: 0.3, weight_decay: 0.1 } },
  ...torchSpecs.map(({ className, config }) => ({ className, config: { variant: 'pytorch', ...config } })),
];

describe('engine: optimiser kernels', () => {
  before(startEngine);
  for (const spec of specs)
    it(`give the bits of the rule: ${spec.className} ${JSON.stringify(spec.config)}`, () => {
      const optimizer = new Optimizer(spec);
      const context = kernelContext()!;
      assert.ok(optimizer.kernel);
      // One value, an odd number, and more than one block.
      const sizes = [1, 13, 20_001];
      const start = sizes.map((n) => randomValues(`w ${n}`, [n]).values);
      const variables = start.map((w) => tfc.variable(tfc.tensor1d(w)));
      const slots = sizes.map((n) => optimizer.createSlots(n));
      const tensors = slots.map((s) => s.map((values) => tfc.keep(tfc.tensor1d(values))));
      const parameters = variables.map((variable, i) => ({ variable, size: sizes[i] })) as unknown as Parameter[];
      const kernels = new UpdateKernels(context, optimizer, optimizer.kernel, parameters, tensors);
      const expected = start.map((w) => new Float32Array(w));
      for (let t = 1; t <= 3; t++) {
        const gradients = sizes.map((n) => randomValues(`g ${t} ${n}`, [n]).values);
        const held = gradients.map((g) => tfc.tensor1d(g));
        kernels.run((i) => context.at(held[i]), 0.01 / t, t);
        expected.forEach((w, i) => {
          optimizer.addDecay(w, gradients[i]);
          optimizer.apply(w, gradients[i], slots[i], 0.01 / t, t);
        });
      }
      variables.forEach((v, i) => assert.deepEqual(copyValues(v), expected[i], `weights ${sizes[i]}`));
      tensors.forEach((s, i) => s.forEach((slot, j) => assert.deepEqual(copyValues(slot), slots[i][j], `slot ${j}`)));
    });
});
