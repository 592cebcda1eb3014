import workerThreads from 'node:worker_threads';
import * as tfc from '@tensorflow/tfjs-core';
import { type BackendWasm, setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import { assetPath } from '../../base/assets';

/** TF.js's WASM backend and the linear memory in which its tensors live. */
export interface WasmBackend {
  readonly backend: BackendWasm;
  readonly memory: WebAssembly.Memory;
  /** True when the memory is shared, so that other threads can work on the same tensors. */
  readonly shared: boolean;
  /** Reserves bytes of the memory. */
  malloc(bytes: number): number;
  free(at: number): void;
}

/**
 * Stands in for the eight pthread workers that TF.js's threaded build starts. It asks for them from `blob:` addresses, which
 * Node refuses, and needs none of them: XNNPACK runs in one thread here, our own pool does the rest.
 */
class InertWorker {
  onmessage: ((event: { data: unknown }) => void) | undefined;
  on(): this {
    return this;
  }
  unref(): void {}
  terminate(): void {}
  postMessage(message: { cmd?: string }): void {
    if (message.cmd === 'load') queueMicrotask(() => this.onmessage?.({ data: { cmd: 'loaded' } }));
  }
}

/** Emscripten's allocator, which the package's types leave out. */
export function allocatorOf(backend: BackendWasm): { _malloc(bytes: number): number; _free(at: number): void } {
  return backend.wasm as unknown as { _malloc(bytes: number): number; _free(at: number): void };
}

/** Process-wide listeners that Emscripten's glue adds and never removes; they rethrow, which kills a host. */
const GLUE_EVENTS = ['uncaughtException', 'unhandledRejection'] as const;

/**
 * Makes `wasm` the active TF.js backend: the threaded build where memory can be shared (for our own threads), the plain SIMD
 * build otherwise. Works in worker threads and in the main thread.
 * @throws Error when no WebAssembly build can be started.
 */
export async function startWasmBackend(): Promise<WasmBackend> {
  const shared = typeof SharedArrayBuffer !== 'undefined';
  tfc.env().set('WASM_HAS_MULTITHREAD_SUPPORT', shared);
  setThreadsCount(1);
  setWasmPaths({
    'tfjs-backend-wasm.wasm': assetPath('tfjs-backend-wasm.wasm'),
    'tfjs-backend-wasm-simd.wasm': assetPath('tfjs-backend-wasm-simd.wasm'),
    'tfjs-backend-wasm-threaded-simd.wasm': assetPath('tfjs-backend-wasm-threaded-simd.wasm'),
  });
  const listeners = GLUE_EVENTS.map((event) => process.listeners(event as 'uncaughtException'));
  const threads = workerThreads as { Worker: unknown };
  const scope = globalThis as { Worker?: unknown };
  const workers = { module: threads.Worker, global: scope.Worker };
  threads.Worker = InertWorker;
  let started: boolean;
  try {
    started = await tfc.setBackend('wasm');
  } finally {
    threads.Worker = workers.module;
    scope.Worker = workers.global;
    GLUE_EVENTS.forEach((event, i) => {
      for (const l of process.listeners(event as 'uncaughtException')) if (!listeners[i].includes(l)) process.removeListener(event, l);
    });
  }
  if (!started) throw new Error('the WebAssembly backend of TensorFlow.js did not start');
  const backend = tfc.engine().findBackend('wasm') as BackendWasm;
  const module = backend.wasm as unknown as { wasmMemory?: WebAssembly.Memory; asm?: { memory?: WebAssembly.Memory } };
  const memory = module.wasmMemory ?? module.asm?.memory;
  if (!memory) throw new Error('the WebAssembly backend of TensorFlow.js does not show its memory');
  const allocator = allocatorOf(backend);
  // Emscripten's stubs put the real functions in their place whenever they are called: call them once, and never again.
  allocator._free(allocator._malloc(16));
  const { _malloc, _free } = allocator;
  return {
    backend,
    memory,
    shared: shared && memory.buffer instanceof SharedArrayBuffer,
    malloc: (bytes) => {
      // The module returns signed addresses, and 0 when the memory is exhausted.
      const at = _malloc(bytes) >>> 0;
      if (at === 0) throw new Error(`${bytes} bytes of memory are not to be had; use a smaller batch or smaller layers`);
      return at;
    },
    free: (at) => _free(at),
  };
}
