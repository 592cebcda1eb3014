import * as tfc from '@tensorflow/tfjs-core';
import { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';

type Info = tfc.TensorInfo;
type Inputs = Record<string, Info | Info[] | undefined>;

/** Keeps the CPU backend from printing its advice to install the native one. */
export function hushCpuBackend(cpu: tfc.KernelBackend): void {
  (cpu as unknown as { firstUse: boolean }).firstUse = false;
}

/**
 * Gives the WASM backend every kernel that only TF.js's CPU backend has, run on copies of the tensors: slow, but no model
 * is refused for a rare operation. Returns the names of the kernels added.
 */
export function registerCpuFallbacks(backend: BackendWasm): string[] {
  const cpu = new MathBackendCPU();
  hushCpuBackend(cpu);
  const present = new Set(tfc.getKernelsForBackend('wasm').map((k) => k.kernelName));
  const missing = tfc.getKernelsForBackend('cpu').filter((k) => !present.has(k.kernelName));
  const toCpu = (t: Info): Info => cpu.makeTensorInfo(t.shape, t.dtype, backend.readSync(t.dataId));
  const toWasm = (t: Info): Info => {
    const out = backend.makeOutput(t.shape, t.dtype, undefined, cpu.readSync(t.dataId));
    cpu.disposeData(t.dataId, true);
    return out;
  };
  for (const kernel of missing) {
    tfc.registerKernel({
      kernelName: kernel.kernelName,
      backendName: 'wasm',
      kernelFunc: ({ inputs, attrs }) => {
        const copies: Inputs = {};
        const made: Info[] = [];
        const copy = (t: Info): Info => {
          const c = toCpu(t);
          made.push(c);
          return c;
        };
        for (const [name, t] of Object.entries(inputs as Inputs)) copies[name] = Array.isArray(t) ? t.map(copy) : t && copy(t);
        const out = kernel.kernelFunc({ inputs: copies as tfc.NamedTensorInfoMap, attrs, backend: cpu });
        const result = Array.isArray(out) ? out.map(toWasm) : toWasm(out);
        for (const t of made) cpu.disposeData(t.dataId, true);
        return result;
      },
    });
  }
  return missing.map((k) => k.kernelName);
}
