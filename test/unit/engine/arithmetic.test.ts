import * as assert from 'node:assert/strict';
import * as tfc from '@tensorflow/tfjs-core';
import { haveSameArithmetic, startBackend } from '../../../src/engine/backend';
import { kernelContext } from '../../../src/engine/kernels/kernels';
import { startEngine } from './reference';

describe('engine: arithmetic', () => {
  before(startEngine);

  it('is the one that the backend names', async () => {
    const { name } = await startBackend('wasm');
    // −(1 + 2⁻¹¹) + (1 + 2⁻¹²)², exactly 2⁻²⁴, is 0 when the square is rounded first.
    const x = 1 + 2 ** -12;
    const [sum] = tfc.tidy(() => tfc.matMul(tfc.tensor2d([-(1 + 2 ** -11), x], [1, 2]), tfc.tensor2d([1, x], [2, 1])).dataSync());
    assert.equal(sum, name.startsWith('wasm-fma') ? 2 ** -24 : 0);
    assert.equal(kernelContext()!.machine.arithmetic === 'fused', name.startsWith('wasm-fma'));
  });

  it('is the same on any number of threads, and differs where products are rounded otherwise', () => {
    assert.ok(haveSameArithmetic('wasm-fma', 'wasm-fma-threads'));
    assert.ok(haveSameArithmetic('wasm-simd-threads', 'wasm-simd'));
    assert.ok(!haveSameArithmetic('wasm-simd', 'wasm-fma'));
    assert.ok(!haveSameArithmetic('wasm-fma', 'cpu'));
  });
});
