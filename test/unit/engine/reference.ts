import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { Random } from '../../../src/common/random';
import { startBackend } from '../../../src/engine/backend';
import { readValues } from '../../../src/engine/tensorMemory';
import { startGpu } from '../../webgpu/startGpu';

/** An array as a test passes it in. */
export interface Values {
  readonly shape: number[];
  readonly values: Float32Array;
}

/** Uniform random values, the same for the same name. */
export function randomValues(name: string, shape: number[], low = -1, high = 1): Values {
  const random = Random.stream(7, name);
  return { shape, values: Float32Array.from({ length: tfc.util.sizeFromShape(shape) }, () => random.uniform(low, high)) };
}

/** What is tested against the CPU backend: our kernels, or with KERNELSCOPE_TEST_BACKEND=webgpu the GPU. */
const TESTED = process.env.KERNELSCOPE_TEST_BACKEND ?? 'wasm';
export const isOnGpu = TESTED === 'webgpu';

/** Starts the tested backend, which TF.js then has beside its CPU backend, the reference. Skips the suite where there is no GPU to test. */
export async function startEngine(this: Mocha.Context | void): Promise<void> {
  await startBackend('wasm');
  (tfc.findBackend('cpu') as unknown as { firstUse: boolean }).firstUse = false;
  if (isOnGpu) await startGpu(this as Mocha.Context);
}

type Operation = (...inputs: tfc.Tensor[]) => tfc.Tensor;

/** What an operation and its gradients give on one backend; the gradients are those of its output's product with fixed numbers. */
export async function evaluateOn(
  backend: 'cpu' | 'wasm',
  operation: Operation,
  inputs: Values[],
  withGradients: boolean,
): Promise<Values[]> {
  await tfc.setBackend(backend === 'wasm' ? TESTED : backend);
  try {
    let shapes: number[][] = [];
    let reading!: Promise<Float32Array[]>;
    tfc.tidy(() => {
      const tensors = inputs.map((i) => tfc.tensor(i.values, i.shape, 'float32'));
      const y = operation(...tensors);
      const dy = tfc.tensor(randomValues('dy', y.shape).values, y.shape);
      const results = withGradients ? [y, ...tfc.grads(operation)(tensors, dy)] : [y];
      shapes = results.map((t) => t.shape);
      reading = readValues(results.map((t) => tfc.cast(t, 'float32')));
    });
    return (await reading).map((values, i) => ({ shape: shapes[i], values }));
  } finally {
    await tfc.setBackend(TESTED);
  }
}

/** Fails unless all values are within `tolerance` of the largest expected one. */
export function assertClose(actual: Values, expected: Values, what: string, tolerance = 2e-5): void {
  assert.deepEqual(actual.shape, expected.shape, `${what}: shape`);
  const scale = expected.values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-3);
  for (let i = 0; i < expected.values.length; i++) {
    const difference = Math.abs(actual.values[i] - expected.values[i]);
    // NaN must fail, hence not the other way round.
    if (!(difference <= tolerance * scale))
      assert.fail(`${what}: element ${i} is ${actual.values[i]}, expected ${expected.values[i]} (largest ${scale})`);
  }
}

/** Compares an operation, and its gradients, on our backend with TF.js's CPU backend. */
export async function assertMatchesCpu(what: string, operation: Operation, inputs: Values[], withGradients = true): Promise<void> {
  const expected = await evaluateOn('cpu', operation, inputs, withGradients);
  const actual = await evaluateOn('wasm', operation, inputs, withGradients);
  actual.forEach((a, i) => assertClose(a, expected[i], `${what}, ${i === 0 ? 'output' : `gradient of input ${i}`}`));
}

/** Compares gradients with centred finite differences of the forward pass in steps of `h`, on our backend. */
export async function assertMatchesDifferences(
  what: string,
  operation: Operation,
  inputs: Values[],
  h = 1e-2,
  tolerance = 5e-3,
): Promise<void> {
  const [y, ...gradients] = await evaluateOn('wasm', operation, inputs, true);
  const dy = randomValues('dy', y.shape).values;
  const project = async (at: Values[]): Promise<number> => {
    let reading!: Promise<Float32Array[]>;
    tfc.tidy(() => {
      reading = readValues([operation(...at.map((i) => tfc.tensor(i.values, i.shape)))]);
    });
    const [out] = await reading;
    return dy.reduce((sum, d, i) => sum + d * out[i], 0);
  };
  for (const [k, input] of inputs.entries()) {
    const numeric = new Float32Array(input.values.length);
    for (let i = 0; i < numeric.length; i++) {
      const moved = (by: number): Promise<number> => {
        const values = new Float32Array(input.values);
        values[i] += by;
        return project(inputs.map((other, j) => (j === k ? { shape: input.shape, values } : other)));
      };
      numeric[i] = ((await moved(h)) - (await moved(-h))) / (2 * h);
    }
    assertClose(gradients[k], { shape: input.shape, values: numeric }, `${what}, input ${k + 1} against differences`, tolerance);
  }
}
