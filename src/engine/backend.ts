import * as os from 'node:os';
import * as tfc from '@tensorflow/tfjs-core';
// Without these, merge and recurrent layers break: they call `a.add(b)`, which tfjs-core alone does not define.
import '@tensorflow/tfjs-core/dist/public/chained_ops/register_all_chained_ops';
import '@tensorflow/tfjs-layers';
import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import type { Arithmetic } from './kernels/arithmetic';
import { registerKernels } from './kernels/kernels';
import { startWasmBackend } from './kernels/wasmBackend';
import { registerOps } from './ops/registerOps';
import { hushCpuBackend, registerCpuFallbacks } from './kernels/cpuFallback';

/**
 * Which arithmetic on the processor a person asked for: `auto` is the fastest that starts; `wasm-portable` is WebAssembly without fused
 * operations, which computes the same bits on every processor.
 */
export type WantedBackend = 'auto' | 'wasm' | 'wasm-portable' | 'cpu';

/** What was started, and what a person should know about it. */
export interface StartedBackend {
  /**
   * `cpu`, `wasm-simd`, or `wasm-fma` where products and sums are rounded together; with `-threads` where several work together, which
   * does not change a bit of the results.
   */
  readonly name: string;
  readonly notes: string[];
}

/** More threads than a launch has chunks find nothing to do. */
const MAX_THREADS = 8;

let started: Promise<StartedBackend> | undefined;

/**
 * Registers TensorFlow.js with its backends and our kernels, and makes the wanted one active. Later calls return the first
 * call's result: a thread has one backend.
 * @param earlier name of the backend that a run began on: its arithmetic is kept where that can be had
 * @throws Error when `wasm` is wanted and cannot be started; `auto` falls back to `cpu` and says so in `notes`.
 */
export function startBackend(wanted: WantedBackend, earlier?: string): Promise<StartedBackend> {
  return (started ??= start(wanted, earlier));
}

async function start(wanted: WantedBackend, earlier?: string): Promise<StartedBackend> {
  registerOps();
  if (wanted === 'cpu') {
    await useCpu();
    return { name: 'cpu', notes: ['Training on the plain JavaScript backend, which is many times slower than WebAssembly.'] };
  }
  try {
    const wasm = await startWasmBackend();
    const context = registerKernels(wasm, arithmeticFor(wanted, earlier));
    registerCpuFallbacks(wasm.backend);
    context.watchForeignKernels();
    const { machine } = context;
    const notes: string[] = [];
    const threads = await machine.startThreads(threadsWanted()).catch((e: unknown) => {
      notes.push(`Only one thread trains: the others could not be started (${e instanceof Error ? e.message : String(e)}).`);
      return machine.threads;
    });
    return { name: `wasm-${machine.arithmetic === 'fused' ? 'fma' : 'simd'}${threads > 1 ? '-threads' : ''}`, notes };
  } catch (e) {
    if (wanted !== 'auto') throw e;
    await useCpu();
    const reason = e instanceof Error ? e.message : String(e);
    return {
      name: 'cpu',
      notes: [`WebAssembly could not be started (${reason}); training on the plain JavaScript backend, which is many times slower.`],
    };
  }
}

/** Whether two backends compute the same bits, on one device. */
export function haveSameArithmetic(a: string, b: string): boolean {
  return arithmeticOf(a) === arithmeticOf(b);
}

function arithmeticOf(backend: string): Arithmetic | 'cpu' | 'webgpu' {
  if (backend === 'cpu') return 'cpu';
  if (backend.startsWith('webgpu')) return 'webgpu';
  return backend.startsWith('wasm-fma') ? 'fused' : 'portable';
}

/** KERNELSCOPE_ARITHMETIC decides where nobody else does, for comparisons. */
function arithmeticFor(wanted: WantedBackend, earlier: string | undefined): Arithmetic {
  if (wanted === 'wasm-portable') return 'portable';
  const before = earlier === undefined ? 'cpu' : arithmeticOf(earlier);
  if (before === 'portable' || before === 'fused') return before;
  return process.env.KERNELSCOPE_ARITHMETIC === 'portable' ? 'portable' : 'fused';
}

/** All cores; KERNELSCOPE_THREADS limits them, for comparisons. */
function threadsWanted(): number {
  const limit = Number(process.env.KERNELSCOPE_THREADS);
  return Math.min(limit >= 1 ? limit : os.availableParallelism(), MAX_THREADS);
}

async function useCpu(): Promise<void> {
  await tfc.setBackend('cpu');
  hushCpuBackend(tfc.backend());
}
