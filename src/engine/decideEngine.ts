import type { ModelSpec } from '../common/modelSpec';
import type { GpuRecord, RunManifest, TrainOptions } from '../common/run';
import { haveSameArithmetic, type StartedBackend } from './backend';
import { largestTensorBytes } from './memoryEstimate';
import { TrainStep } from './trainStep';
import { chooseEngine, repeatsItself, useGpu, type Trial } from './webgpu/chooseEngine';
import { GpuUnavailable, openGpu, type Gpu } from './webgpu/gpu';
import { GpuTrainStep } from './webgpu/gpuTrainStep';

/** What computes a run's steps, and what a person should know about it. */
export interface DecidedEngine {
  /** `webgpu`, or what was started before. */
  backend: string;
  step: TrainStep;
  gpu: GpuRecord | undefined;
  notes: string[];
  notRepeatable: string[];
}

export interface EngineQuestion extends Trial {
  wanted: TrainOptions['backend'];
  /** What runs where there is no GPU. */
  started: StartedBackend;
  /** Where the package that gives access to a GPU may be installed. */
  gpuFolders: readonly string[];
  /** Of the run that is continued; null for a new one. */
  earlier: RunManifest | null;
  spec: ModelSpec;
  batchSize: number;
}

/**
 * Decides what computes a run: what was asked for, for a continued run what computed it before (unless the GPU broke), and for `auto` the
 * faster one where GPU support is installed.
 * @throws GpuUnavailable when a GPU was asked for and there is none.
 */
export async function decideEngine(question: EngineQuestion): Promise<DecidedEngine> {
  const { earlier, wanted, started, gpuFolders } = question;
  const notes: string[] = [];
  const notRepeatable = [...(earlier?.notRepeatable ?? [])];
  let record = earlier?.gpu;
  let gpu: Gpu | null = null;
  if (record?.failure && (wanted === 'auto' || wanted === 'webgpu'))
    notes.push(`The run goes on on WebAssembly, because ${record.failure}.`);
  else if (earlier ? earlier.backend === 'webgpu' && wanted !== 'wasm' && wanted !== 'cpu' : wanted === 'webgpu') {
    try {
      gpu = await asked(question);
      record ??= { name: gpu.name, choice: 'GPU: it was asked for', failure: null };
    } catch (error) {
      if (!(earlier && wanted === 'auto' && error instanceof GpuUnavailable)) throw error;
      notes.push(error.message);
    }
  } else if (wanted === 'auto' && !earlier && started.name !== 'cpu') {
    const choice = await chooseEngine(gpuFolders, question);
    gpu = choice?.gpu ?? null;
    if (choice) record = { name: choice.name, choice: choice.why, failure: null };
    if (choice) notes.push(`Chosen at the start – ${choice.why}.`);
  }
  const backend = gpu ? 'webgpu' : started.name;
  const device = gpu?.name ?? null;
  if (earlier && (!haveSameArithmetic(earlier.backend, backend) || (device !== null && earlier.gpu?.name !== device)))
    notRepeatable.push(
      `begun on ${nameOf(earlier.backend, earlier.gpu?.name)}, continued on ${nameOf(backend, device)}, which rounds differently`,
    );
  if (!gpu) return { backend, step: new TrainStep(question.network, question.optimizer), gpu: record, notes, notRepeatable };
  const step = new GpuTrainStep(question.network, question.optimizer, question.optimizerSpec, gpu.backend);
  if (gpu.isSoftware) notes.push(`${gpu.name} is a program that plays a graphics processor: right, but slow.`);
  say(notRepeatable, `computed in float32 on ${gpu.name}; other devices and engines agree with it to rounding`);
  if (!(await repeatsItself(step, question))) say(notRepeatable, `${gpu.name} gives other bits when a step is repeated`);
  return { backend, step, gpu: record && { ...record, name: gpu.name }, notes, notRepeatable };
}

async function asked({ gpuFolders, network, spec, batchSize }: EngineQuestion): Promise<Gpu> {
  const gpu = await openGpu(gpuFolders);
  const bytes = largestTensorBytes(spec, batchSize);
  const limit = gpu.backend.device.limits.maxStorageBufferBindingSize;
  if (bytes > limit)
    throw new GpuUnavailable(
      `${gpu.name} takes tensors of up to ${megabytes(limit)}, training ${spec.name} on batches of ${batchSize} needs ${megabytes(bytes)}; use a smaller batch size, or train with the engine wasm.`,
    );
  await useGpu(network, gpu);
  return gpu;
}

const megabytes = (bytes: number): string => `${Math.ceil(bytes / 2 ** 20).toLocaleString('en')} MB`;
const nameOf = (backend: string, device: string | null | undefined): string => device ?? `the backend ${backend}`;

function say(list: string[], text: string): void {
  if (!list.includes(text)) list.push(text);
}
