import * as tfc from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/engine/activeBackend';
import { startBackend } from '../../src/engine/backend';
import { startGpuBackend } from '../../src/engine/webgpu/chooseEngine';
import { GpuUnavailable, openGpu, type Gpu } from '../../src/engine/webgpu/gpu';
import { gpuFolders } from '../../src/training/gpuFolders';

let isReasonPrinted = false;

/**
 * Opens a GPU, or a program that plays one, and makes it the active backend. Where there is none, the suite is skipped and says why.
 * @param context of the hook that asks
 */
export async function startGpu(context: Mocha.Context): Promise<Gpu> {
  context.timeout(120_000);
  await startBackend('wasm');
  try {
    const gpu = await openGpu(gpuFolders([process.cwd()]));
    await startGpuBackend();
    if (!isReasonPrinted) console.log(`    on ${gpu.name}`);
    isReasonPrinted = true;
    return gpu;
  } catch (error) {
    if (!(error instanceof GpuUnavailable)) throw error;
    if (!isReasonPrinted) console.log(`    skipped: ${error.message}`);
    isReasonPrinted = true;
    return context.skip();
  }
}

/** Runs `use` with another backend active. */
export async function withBackend<T>(name: string, use: () => Promise<T>): Promise<T> {
  const before = tfc.getBackend();
  useBackend(name);
  try {
    return await use();
  } finally {
    useBackend(before);
  }
}
