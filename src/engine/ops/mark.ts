import * as tfc from '@tensorflow/tfjs-core';
import type { MathBackendCPU } from '@tensorflow/tfjs-backend-cpu';
import { OP } from './opNames';
import { runKernel } from './run';

let current: string | null = null;
let backward = false;

/** The layer whose forward or backward pass is being computed. */
export function currentLayer(): string | null {
  return current;
}

/** Whether the pass is the backward one. */
export function isBackward(): boolean {
  return backward;
}

/** Runs a layer's forward pass under its name. */
export function underName<T>(layer: string, run: () => T): T {
  const outer = current;
  current = layer;
  try {
    return run();
  } finally {
    current = outer;
  }
}

/** Another name for a layer's output: when the backward pass comes by, it is the layer's from here on. */
export function marked(x: tfc.Tensor, layer: string): tfc.Tensor {
  return runKernel(OP.mark, { x }, { layer });
}

/** Forgets the layer that a backward pass came by last: a forward pass begins. */
export function clearLayer(): void {
  current = null;
  backward = false;
}

export function registerMark(): void {
  tfc.registerKernel({
    kernelName: OP.mark,
    backendName: 'cpu',
    kernelFunc: ({ inputs: { x }, backend }) => {
      (backend as MathBackendCPU).incRef((x as tfc.TensorInfo).dataId);
      return { ...(x as tfc.TensorInfo) };
    },
  });
  tfc.registerGradient({
    kernelName: OP.mark,
    gradFunc: (dy, _saved, attrs) => {
      current = String(attrs.layer);
      backward = true;
      return { x: () => tfc.clone(dy as tfc.Tensor) };
    },
  });
}
