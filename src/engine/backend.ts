import * as tfc from '@tensorflow/tfjs-core';
// Without these, merge and recurrent layers break: they call `a.add(b)`, which tfjs-core alone does not define.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import { registerKernels } from './kernels/kernels';
import { startWasmBackend } from './kernels/wasmBackend';
import { hushCpuBackend, registerCpuFallbacks } from './kernels/cpuFallback';

/** Which arithmetic a person asked for: `auto` is the fastest that starts. */
export type WantedBackend = 'auto' | 'wasm' | 'cpu';

/** What was started, and what a person should know about it. */
export interface StartedBackend {
  readonly name: string;
  readonly notes: string[];
}

let started: Promise<StartedBackend> | undefined;

/**
 * Registers TensorFlow.js with its backends and our kernels, and makes the wanted one active. Later calls return the first
 * call's result: a thread has one backend.
 * @throws Error when `wasm` is wanted and cannot be started; `auto` falls back to `cpu` and says so in `notes`.
 */
export function startBackend(wanted: WantedBackend): Promise<StartedBackend> {
  return (started ??= start(wanted));
}

async function start(wanted: WantedBackend): Promise<StartedBackend> {
  if (wanted === 'cpu') {
    await useCpu();
    return { name: 'cpu', notes: ['Training on the plain JavaScript backend, which is many times slower than WebAssembly.'] };
  }
  try {
    const wasm = await startWasmBackend();
    registerKernels(wasm);
    registerCpuFallbacks(wasm.backend);
    return { name: 'wasm', notes: [] };
  } catch (e) {
    if (wanted === 'wasm') throw e;
    await useCpu();
    const reason = e instanceof Error ? e.message : String(e);
    return {
      name: 'cpu',
      notes: [`WebAssembly could not be started (${reason}); training on the plain JavaScript backend, which is many times slower.`],
    };
  }
}

async function useCpu(): Promise<void> {
  await tfc.setBackend('cpu');
  hushCpuBackend(tfc.backend());
}
