import * as tfc from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { ArenaSwitch } from './arena';
import type { Machine } from './machine';
import { PooledGradients } from './pooledGradient';
import { allocatorOf } from './wasmBackend';

/** A tensor as kernels see it. */
export type Info = tfc.TensorInfo;

/** What a kernel is called with. */
export interface KernelCall<Attributes> {
  readonly inputs: Record<string, Info>;
  readonly attrs: Attributes;
}

/** Memory of a tensor. */
export interface Place {
  at: number;
  /** Floats. */
  size: number;
}

/** What JavaScript does within a step. */
export interface HostCall {
  from: Place | null;
  to: Place;
  run(x: Float32Array | null, out: Float32Array): void;
}

/** Kernels of TF.js that touch no values. */
const VIEWS = new Set<string>([tfc.Reshape, tfc.ExpandDims]);

/** What kernels work with: the machine, and TF.js's backend, which owns the tensors. */
export class Context {
  readonly arenas: ArenaSwitch;
  readonly pooledGradients: PooledGradients;
  /** Sees calls of kernels that are not ours, which no captured step can repeat. */
  onForeignKernel: ((kernelName: string) => void) | undefined;
  /** Sees the noise that a step draws. */
  onNoise: ((layer: string, at: number) => void) | undefined;
  /** Takes calls to JavaScript instead of making them, while a step is being captured. */
  onHostCall: ((call: HostCall) => void) | undefined;
  private readonly own = new Set<string>();

  constructor(
    readonly machine: Machine,
    readonly backend: BackendWasm,
  ) {
    this.arenas = new ArenaSwitch(backend);
    this.pooledGradients = new PooledGradients((dataId) => backend.dataIdMap.has(dataId));
  }

  /** Address of a tensor's first element. */
  at(t: Info): number {
    return this.backend.dataIdMap.get(t.dataId).memoryOffset;
  }

  /** Where the two words of a layer's noise key lie; they are set anew in every step. */
  noise(layer: string, low: number, high: number): number {
    const at = this.machine.table(`noise ${layer}`, () => new Uint32Array(2));
    this.setNoise(at, low, high);
    this.onNoise?.(layer, at);
    return at;
  }

  setNoise(at: number, low: number, high: number): void {
    this.machine.int32().set([low, high], at >>> 2);
  }

  runOnHost(call: HostCall): void {
    if (this.onHostCall) return this.onHostCall(call);
    call.run(call.from && this.values(call.from), this.values(call.to));
  }

  /** Values where they lie, until the memory grows. */
  values({ at, size }: Place): Float32Array {
    const from = at >>> 2;
    return this.machine.float32().subarray(from, from + size);
  }

  /** A new tensor, not initialised. */
  output(shape: number[]): Info {
    return this.backend.makeOutput(shape, 'float32', this.arenas.current?.take(sizeOf(shape) * 4));
  }

  /** Another name for a tensor's values. */
  alias(x: Info): Info {
    this.backend.incRef(x.dataId);
    return { dataId: x.dataId, shape: x.shape, dtype: x.dtype };
  }

  /** What `f` gives, after which tensors that were made on the way go. */
  consume<T>(made: Info[], f: () => T): T {
    const result = f();
    for (const { dataId } of made) this.backend.disposeData(dataId);
    return result;
  }

  /** Calls `f` with a function that reserves bytes, freed when `f` returns. */
  temporarily<T>(f: (reserve: (bytes: number) => number) => T): T {
    const arena = this.arenas.current;
    if (arena) return f((bytes) => arena.take(bytes));
    const made: number[] = [];
    const module = allocatorOf(this.backend);
    try {
      return f((bytes) => {
        const at = module._malloc(bytes + 16) >>> 0;
        made.push(at);
        return at;
      });
    } finally {
      for (const at of made) module._free(at);
    }
  }

  /**
   * Registers a kernel for the WASM backend, in place of one of the same name. `run` returns undefined for a case that it
   * doesn't cover, which then goes to the kernel that was there before.
   */
  register<Attributes>(kernelName: string, run: (call: KernelCall<Attributes>) => Info | Info[] | undefined): void {
    this.own.add(kernelName);
    this.replace(kernelName, (before) => (args) => {
      const result = run(args as unknown as KernelCall<Attributes>);
      if (result) return result;
      this.onForeignKernel?.(kernelName);
      if (before) return before(args);
      throw new Error(`${kernelName} has no kernel for these shapes`);
    });
  }

  /** Watches all kernels that are registered by now and are not ours. */
  watchForeignKernels(): void {
    for (const { kernelName } of tfc.getKernelsForBackend('wasm'))
      if (!this.own.has(kernelName) && !VIEWS.has(kernelName))
        this.replace(kernelName, (before) => (args) => {
          this.onForeignKernel?.(kernelName);
          return before!(args);
        });
  }

  private replace(kernelName: string, make: (before: tfc.KernelFunc | undefined) => tfc.KernelFunc): void {
    const before = tfc.getKernel(kernelName, 'wasm');
    if (before) tfc.unregisterKernel(kernelName, 'wasm');
    tfc.registerKernel({
      kernelName,
      backendName: 'wasm',
      setupFunc: before?.setupFunc,
      disposeFunc: before?.disposeFunc,
      kernelFunc: make(before?.kernelFunc),
    });
  }
}

/** Elements of a shape. */
export const sizeOf = tfc.util.sizeFromShape;

/** Whether all tensors are floats. */
export function areFloats(...tensors: (Info | undefined)[]): boolean {
  return tensors.every((t) => !t || t.dtype === 'float32');
}
