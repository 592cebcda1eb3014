import * as tfc from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { openedGpu, type Gpu } from './gpu';

/** What tensors on the GPU held when they were last read or set, for those who can't wait for the GPU. */
const copies = new WeakMap<tfc.Tensor, Float32Array>();

/** Values of a tensor that was read by {@link refreshCopies} or set since it last changed; null where nobody did. */
export function copyOnHost(tensor: tfc.Tensor): Float32Array | null {
  const copy = copies.get(tensor);
  if (copy) return copy;
  const data = theGpu().backend.tensorMap.get(tensor.dataId);
  return data.resource ? null : (data.values as Float32Array | null);
}

/** The tensors' values change now: what was read of them holds no longer. */
export function forgetCopies(tensors: Iterable<tfc.Tensor>): void {
  for (const t of tensors) copies.delete(t);
}

/** Reads those tensors whose values are not known here. */
export async function refreshCopies(tensors: readonly tfc.Tensor[]): Promise<void> {
  const unknown = tensors.filter((t) => !copies.has(t));
  const values = await readTensors(unknown);
  unknown.forEach((t, i) => copies.set(t, values[i]));
}

/** Gives a float32 tensor on the GPU new values; `values` are copied. */
export function writeTensor(tensor: tfc.Tensor, values: Float32Array): void {
  const { backend } = theGpu();
  const copy = new Float32Array(values);
  const data = backend.tensorMap.get(tensor.dataId);
  if (data.resource) {
    // In line behind what was asked of the old values.
    submit(backend);
    backend.queue.writeBuffer(data.resource as GPUBuffer, 0, copy);
  } else data.values = new Float32Array(copy);
  copies.set(tensor, copy);
}

/**
 * Values of float32 tensors as they are when this is called, in one transfer; what is computed afterwards may change the tensors.
 * @throws Error when the GPU broke.
 */
export async function readTensors(tensors: readonly tfc.Tensor[]): Promise<Float32Array[]> {
  if (tensors.length === 0) return [];
  const gpu = theGpu();
  const { backend } = gpu;
  for (const t of tensors) backend.uploadToGPU(t.dataId);
  const offsets: number[] = [];
  let bytes = 0;
  for (const t of tensors) {
    offsets.push(bytes);
    bytes += t.size * 4;
  }
  const staging = backend.bufferManager.acquireBuffer(bytes, GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ);
  submit(backend);
  const encoder = backend.device.createCommandEncoder();
  tensors.forEach((t, i) => {
    const buffer = backend.tensorMap.get(t.dataId).resource as GPUBuffer;
    encoder.copyBufferToBuffer(buffer, 0, staging, offsets[i], t.size * 4);
  });
  backend.queue.submit([encoder.finish()]);
  try {
    await staging.mapAsync(GPUMapMode.READ);
  } catch (error) {
    throw failureOf(gpu) ?? error;
  }
  const all = new Float32Array(staging.getMappedRange().slice(0));
  staging.unmap();
  backend.bufferManager.releaseBuffer(staging);
  const failure = failureOf(gpu);
  if (failure) throw failure;
  return tensors.map((t, i) => all.slice(offsets[i] / 4, offsets[i] / 4 + t.size));
}

/** The GPU broke; what it computed since then is worth nothing. */
export class GpuFailed extends Error {
  override name = 'GpuFailed';
}

/** Sends off what was recorded. */
function submit(backend: WebGPUBackend): void {
  backend.ensureCommandEncoderReady();
  backend.endComputePassEncoder();
  backend.submitQueue();
}

function failureOf({ failure }: Gpu): GpuFailed | null {
  return failure === null ? null : new GpuFailed(failure);
}

function theGpu(): Gpu {
  const gpu = openedGpu();
  if (!gpu) throw new Error('no GPU was opened');
  return gpu;
}
