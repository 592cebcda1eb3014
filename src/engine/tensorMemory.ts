import * as tfc from '@tensorflow/tfjs-core';
import type { BackendWasm } from '@tensorflow/tfjs-backend-wasm';
import { copyOnHost, readTensors, writeTensor } from './webgpu/gpuMemory';

/**
 * A float32 tensor's values where the backend keeps them, to read or to change in place; of one on a GPU a copy that was read before.
 * The view is good until the next operation, which may move the backend's memory.
 */
function liveValues(tensor: tfc.Tensor): Float32Array {
  const backend = tfc.backend();
  const name = tfc.getBackend();
  if (name === 'wasm') return (backend as BackendWasm).typedArrayFromHeap(tensor) as Float32Array;
  if (name === 'cpu') return backend.readSync(tensor.dataId) as Float32Array;
  const copy = copyOnHost(tensor);
  if (!copy) throw new Error('these values are on the GPU, which is still computing');
  return copy;
}

/** Runs `use` on the values of a tensor without copying them where the backend allows; they must not be kept or changed. */
export function peekValues<T>(tensor: tfc.Tensor, use: (values: Float32Array) => T): T {
  return use(liveValues(tensor));
}

/** A copy of a tensor's values, in an ArrayBuffer of its own and no larger. */
export function copyValues(tensor: tfc.Tensor): Float32Array<ArrayBuffer> {
  return peekValues(tensor, (values) => new Float32Array(values));
}

/**
 * Lets `change` alter a tensor's values where they are: a captured step knows them by their address. Nothing else may share them (no
 * alias made by reshape or identity alive).
 */
export function changeValues(tensor: tfc.Tensor, change: (values: Float32Array) => void): void {
  const live = liveValues(tensor);
  change(live);
  if (tfc.getBackend() === 'webgpu') writeTensor(tensor, live);
}

/** Gives a tensor new values; `values` are copied. */
export function setValues(tensor: tfc.Tensor, values: Float32Array): void {
  if (tfc.getBackend() === 'webgpu') writeTensor(tensor, values);
  else changeValues(tensor, (live) => live.set(values));
}

/** Copies of tensors' values as they are when this is called, from wherever they are; on a GPU other work may come in between. */
export function readValues(tensors: readonly tfc.Tensor[]): Promise<Float32Array[]> {
  return tfc.getBackend() === 'webgpu' ? readTensors(tensors) : Promise.resolve(tensors.map((t) => copyValues(t)));
}
