import * as tfc from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import { assetPath } from '../../base/assets';
import { loadWebgpuModule } from './loadModule';
import { describeAdapter, type AdapterInfo } from './adapterName';

/** Why there is no GPU to train on, in words for a person, with the way out. */
export class GpuUnavailable extends Error {
  override name = 'GpuUnavailable';

  /** @param short the same in a few words, for people who did not ask for a GPU */
  constructor(
    message: string,
    readonly short = message.replace(/\.$/, ''),
  ) {
    super(message);
  }
}

/** A graphics processor that is ready to compute, as TensorFlow.js's backend `webgpu`. */
export interface Gpu {
  readonly backend: WebGPUBackend;
  /** As its driver calls it. */
  readonly name: string;
  /** A program that plays a graphics processor: right, but slower than our own kernels. */
  readonly isSoftware: boolean;
  /** What broke it (lost, out of memory); null while all is well. */
  readonly failure: string | null;
}

/** Limits that TensorFlow.js's kernels make use of: all that the adapter has. */
const LIMITS = [
  'maxComputeWorkgroupStorageSize',
  'maxComputeWorkgroupsPerDimension',
  'maxStorageBufferBindingSize',
  'maxBufferSize',
  'maxComputeWorkgroupSizeX',
  'maxComputeInvocationsPerWorkgroup',
] as const;
/** Its workgroups have this many invocations at most, whatever the adapter allows. */
const NEEDED_INVOCATIONS = 256;

let active: Gpu | null = null;
/** What devices need to live, although they don't keep it: collecting it as garbage ends the process. */
const owners: unknown[] = [];

/** The GPU that was opened in this thread; null while there is none. */
export function openedGpu(): Gpu | null {
  return active;
}

/**
 * Opens the GPU and registers it with TensorFlow.js, without making it the active backend. Later calls return the same one.
 * @param folders where the npm package `webgpu` may be installed, in order of preference
 * @throws GpuUnavailable that says what is missing and what to do.
 */
export async function openGpu(folders: readonly string[]): Promise<Gpu> {
  if (active) return active;
  const { gpu, where } = await loadWebgpuModule(folders);
  const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' });
  if (!adapter)
    throw new GpuUnavailable(
      `The package webgpu (${where}) finds no graphics adapter. Install or update the driver (on Linux also the Vulkan loader, libvulkan1), or train with the engine wasm.`,
      'no graphics adapter was found',
    );
  const { info } = adapter as unknown as { info: AdapterInfo };
  const name = describeAdapter(info);
  if (adapter.limits.maxComputeInvocationsPerWorkgroup < NEEDED_INVOCATIONS)
    throw new GpuUnavailable(
      `${name} runs ${adapter.limits.maxComputeInvocationsPerWorkgroup} invocations in a workgroup, ${NEEDED_INVOCATIONS} are needed. Train with the engine wasm.`,
    );
  const requiredLimits = Object.fromEntries(LIMITS.map((limit) => [limit, adapter.limits[limit]]));
  const device = await adapter.requestDevice({ requiredLimits }).catch((error: Error) => {
    throw new GpuUnavailable(`${name} could not be opened (${error.message}). Train with the engine wasm.`);
  });
  const opened = { backend: makeBackend(gpu, device, info), name, isSoftware: isSoftware(info), failure: null as string | null };
  owners.push(gpu, adapter);
  // The first thing that breaks is the cause of what breaks after it.
  const broke = (what: string): void => void (opened.failure ??= what);
  void device.lost.then(({ message }) => broke(`${name} was lost (${message.split('\n')[0] || 'no reason given'})`));
  device.addEventListener('uncapturederror', (event) => {
    const { error } = event as GPUUncapturedErrorEvent;
    event.preventDefault();
    const isMemory = error.constructor.name === 'GPUOutOfMemoryError' || /out of memory|allocation/i.test(error.message);
    broke(isMemory ? `${name} ran out of memory` : `${name} reported an error (${error.message.split('\n')[0]})`);
  });
  tfc.registerBackend('webgpu', () => opened.backend);
  return (active = opened);
}

/** TensorFlow.js asks the browser's `navigator` for a GPU; there is none in Node, and nobody else shall see one. */
function makeBackend(gpu: GPU, device: GPUDevice, info: AdapterInfo): WebGPUBackend {
  const scope = globalThis as { navigator?: unknown; kernelscopeTfjsCore?: typeof tfc };
  scope.kernelscopeTfjsCore = tfc;
  // eslint-disable-next-line @typescript-eslint/no-require-imports -- megabytes that only a GPU needs
  const { WebGPUBackend: Backend } = require(assetPath('webgpu.js')) as { WebGPUBackend: typeof WebGPUBackend };
  const before = Object.getOwnPropertyDescriptor(globalThis, 'navigator');
  Object.defineProperty(globalThis, 'navigator', { value: { gpu }, configurable: true, writable: true });
  try {
    const backend = new Backend(device, info as unknown as GPUAdapterInfo);
    // Its split matrix products add atomically, in an order that changes from run to run.
    backend.thresholdToIncreaseWorkgroups = 0;
    return backend;
  } finally {
    if (before) Object.defineProperty(globalThis, 'navigator', before);
    else delete scope.navigator;
  }
}

function isSoftware({ isFallbackAdapter, vendor, architecture, device, description }: AdapterInfo): boolean {
  const names = [vendor, architecture, device, description].join(' ');
  return isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|softpipe|basic render/i.test(names);
}
