import * as tfc from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import type { Machine } from './machine';
import { allocatorOf } from './wasmBackend';

/** A tensor as kernels see it. */
export type Info = tfc.TensorInfo;

/** What a kernel is called with. */
export interface KernelCall<Attributes> {
  readonly inputs: Record<string, Info>;
  readonly attrs: Attributes;
}

/** What kernels work with: the machine, and TF.js's backend, which owns the tensors. */
export class Context {
  constructor(
    readonly machine: Machine,
    readonly backend: BackendWasm,
  ) {}

  /** Address of a tensor's first element. */
  at(t: Info): number {
    return this.backend.dataIdMap.get(t.dataId).memoryOffset;
  }

  /** Where the two words of a layer's noise key lie; they are set anew in every step. */
  noise(layer: string, low: number, high: number): number {
    const at = this.machine.table(`noise ${layer}`, () => new Uint32Array(2));
    this.machine.int32().set([low, high], at >>> 2);
    return at;
  }

  /** A new tensor, not initialised. */
  output(shape: number[]): Info {
    return this.backend.makeOutput(shape, 'float32');
  }

  /** Calls `f` with a function that reserves bytes, freed when `f` returns. */
  temporarily<T>(f: (reserve: (bytes: number) => number) => T): T {
    const made: number[] = [];
    const { _malloc, _free } = allocatorOf(this.backend);
    try {
      return f((bytes) => {
        const at = _malloc(bytes + 16) >>> 0;
        if (at === 0) throw new Error(`${bytes} bytes of memory are not to be had; use a smaller batch or smaller layers`);
        made.push(at);
        return at;
      });
    } finally {
      for (const at of made) _free(at);
    }
  }

  /**
   * Registers a kernel for the WASM backend, in place of one of the same name. `run` returns undefined for a case that it
   * doesn't cover, which then goes to the kernel that was there before.
   */
  register<Attributes>(kernelName: string, run: (call: KernelCall<Attributes>) => Info | Info[] | undefined): void {
    const before = tfc.getKernel(kernelName, 'wasm');
    if (before) tfc.unregisterKernel(kernelName, 'wasm');
    tfc.registerKernel({
      kernelName,
      backendName: 'wasm',
      setupFunc: before?.setupFunc,
      disposeFunc: before?.disposeFunc,
      kernelFunc: (args) => {
        const result = run(args as unknown as KernelCall<Attributes>);
        if (result) return result;
        if (before) return before.kernelFunc(args);
        throw new Error(`${kernelName} has no kernel for these shapes`);
      },
    });
  }
}

/** Elements of a shape. */
export const sizeOf = tfc.util.sizeFromShape;

/** Whether all tensors are floats. */
export function areFloats(...tensors: (Info | undefined)[]): boolean {
  return tensors.every((t) => !t || t.dtype === 'float32');
}
