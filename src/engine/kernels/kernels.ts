import type { Arithmetic } from './arithmetic';
import { Context } from './context';
import { registerComposites } from './compositeKernels';
import { registerConvolutions } from './convolutionKernels';
import { registerDepthwise } from './depthwiseKernels';
import { registerElementwise } from './elementwiseKernels';
import { registerLayers } from './layerKernels';
import { Machine } from './machine';
import { registerMatmul } from './matmulKernels';
import { registerPooling } from './poolingKernels';
import { registerReductions } from './reductionKernels';
import { registerShapes } from './shapeKernels';
import type { WasmBackend } from './wasmBackend';

let active: Context | undefined;

/** What our kernels work with; undefined where TF.js's WASM backend was not started. */
export function kernelContext(): Context | undefined {
  return active;
}

/** Registers our kernels for TF.js's WASM backend: those that it lacks, and faster ones for those it has. */
export function registerKernels(wasm: WasmBackend, arithmetic: Arithmetic): Context {
  const context = new Context(new Machine(wasm, arithmetic), wasm.backend);
  registerConvolutions(context);
  registerDepthwise(context);
  registerPooling(context);
  registerMatmul(context);
  registerElementwise(context);
  registerReductions(context);
  registerComposites(context);
  registerLayers(context);
  registerShapes(context);
  active = context;
  return context;
}
