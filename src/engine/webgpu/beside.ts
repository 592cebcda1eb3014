import * as tfc from '@tensorflow/tfjs-core';
import { onBackend } from '../activeBackend';
import type { Parameter } from '../parameter';

/**
 * Runs `use` on our own kernels beside a model that trains on the GPU, with other values in its variables: probes read many numbers at
 * once, which a GPU gives out only later. The variables on the GPU stay as they are. On other backends this just runs `use`.
 */
export function besideGpu<T>(parameters: readonly Parameter[], use: () => T): T {
  if (tfc.getBackend() !== 'webgpu') return use();
  return onBackend('wasm', () => {
    const theirs = parameters.map(({ variable }) => variable.dataId);
    const stand = parameters.map(({ variable }) => tfc.keep(tfc.zeros(variable.shape)));
    parameters.forEach(({ variable }, i) => (variable.dataId = stand[i].dataId));
    try {
      return use();
    } finally {
      parameters.forEach(({ variable }, i) => (variable.dataId = theirs[i]));
      tfc.dispose(stand);
    }
  });
}

/** Brings the variables of a model to the active backend. `values` are theirs, in order. */
export function moveParameters(parameters: readonly Parameter[], values: readonly Float32Array[]): void {
  parameters.forEach(({ variable }, i) => {
    const there = tfc.tensor(values[i], variable.shape);
    variable.assign(there);
    there.dispose();
  });
}
