import * as tfc from '@tensorflow/tfjs-core';
import { useBackend } from '../activeBackend';
import type { Batch } from '../batches';
import type { Network } from '../network';
import type { Optimizer } from '../optimizers/optimizer';
import { TrainStep } from '../trainStep';
import type { OptimizerSpec } from '../../common/modelSpec';
import { currentWeights } from '../probes/probeState';
import { moveParameters } from './beside';
import { openGpu, type Gpu, type GpuUnavailable } from './gpu';
import { GpuTrainStep } from './gpuTrainStep';
import { findWebgpuModule } from './loadModule';
import { registerGpuOps } from './gpuOps';

/** Runs that are over sooner are not worth the time that a GPU takes to get ready. */
const WORTH_SECONDS = 15;
/** The GPU must be clearly faster: its results depend on the device. */
const CLEARLY_FASTER = 0.9;
const MEASURED_MS = 400;
const MEASURED_STEPS = 5;

/** What a run computes with, and why. */
export interface EngineChoice {
  /** Null: our own kernels. */
  gpu: Gpu | null;
  /** Of the GPU that was looked at. */
  name: string | null;
  why: string;
}

/** What is needed to try steps. */
export interface Trial {
  network: Network;
  optimizer: Optimizer;
  optimizerSpec: OptimizerSpec;
  /** A batch of the run's size. */
  batch: () => Promise<Batch>;
  totalSteps: number;
  /** Puts everything that steps change back to the start. */
  reset: () => void;
}

/**
 * Chooses between our kernels and the GPU by taking a few steps on both. Null, at no cost, where GPU support is not installed.
 * The model's variables are on the chosen backend afterwards, which is the active one.
 */
export async function chooseEngine(folders: readonly string[], trial: Trial): Promise<EngineChoice | null> {
  if (!findWebgpuModule(folders)) return null;
  const batch = await trial.batch();
  const ours = new TrainStep(trial.network, trial.optimizer);
  ours.prepare(batch.count, batch.inputs.length / batch.count);
  const own = await timeSteps(ours, trial, batch);
  ours.dispose();
  trial.reset();
  const seconds = (own * trial.totalSteps) / 1000;
  if (seconds < WORTH_SECONDS)
    return { gpu: null, name: null, why: `the GPU was not tried: on WebAssembly the run takes about ${Math.ceil(seconds)} s` };
  let gpu: Gpu;
  try {
    gpu = await openGpu(folders);
  } catch (error) {
    const { message, short = message } = error as GpuUnavailable;
    return { gpu: null, name: null, why: `WebAssembly: ${short}` };
  }
  const { name } = gpu;
  if (gpu.isSoftware) return { gpu: null, name, why: `WebAssembly: ${name} is a program that plays a graphics processor, which is slower` };
  try {
    await useGpu(trial.network, gpu);
    const step = new GpuTrainStep(trial.network, trial.optimizer, trial.optimizerSpec, gpu.backend);
    const theirs = await timeSteps(step, trial, batch);
    step.dispose();
    const figures = `a step takes ${theirs.toFixed(1)} ms on the GPU and ${own.toFixed(1)} ms on WebAssembly`;
    if (theirs < CLEARLY_FASTER * own) {
      trial.reset();
      return { gpu, name, why: `GPU: ${figures}` };
    }
    leaveGpu(trial);
    return { gpu: null, name, why: `WebAssembly: ${figures}` };
  } catch (error) {
    leaveGpu(trial);
    return { gpu: null, name, why: `WebAssembly: the model does not train on ${name} (${(error as Error).message})` };
  }
}

/** Makes the GPU the active backend and brings a model's variables there. */
export async function useGpu(network: Network, gpu: Gpu): Promise<void> {
  const weights = await currentWeights(network.built);
  await startGpuBackend();
  moveParameters(network.built.parameters, weights);
  if (gpu.failure) throw new Error(gpu.failure);
}

let isStarted = false;
/** Registers our operations for the GPU, and makes it the active backend. */
export async function startGpuBackend(): Promise<void> {
  if (isStarted) return useBackend('webgpu');
  registerGpuOps();
  await tfc.setBackend('webgpu');
  isStarted = true;
}

/** Brings the variables back, with the values that a run starts from. */
function leaveGpu({ network, reset }: Trial): void {
  useBackend('wasm');
  const { parameters } = network.built;
  moveParameters(
    parameters,
    parameters.map((p) => new Float32Array(p.size)),
  );
  reset();
}

/** Median milliseconds of a step, after some that compile what there is to compile. */
async function timeSteps(step: TrainStep, { network, optimizer }: Trial, batch: Batch): Promise<number> {
  const times: number[] = [];
  const started = performance.now();
  for (let i = 1; i <= 2 + MEASURED_STEPS; i++) {
    const from = performance.now();
    const { loss } = await step.take(batch, optimizer.learningRateAt(0), i, () => 'nothing');
    if (!Number.isFinite(loss)) break;
    if (i > 2) times.push(performance.now() - from);
    if (times.length > 0 && performance.now() - started > MEASURED_MS) break;
  }
  network.built.clock.step = 0;
  times.sort((a, b) => a - b);
  return times[times.length >> 1] ?? Infinity;
}

/** Whether a step gives the same bits when it is taken again. */
export async function repeatsItself(step: GpuTrainStep, { network, optimizer, batch, reset }: Trial): Promise<boolean> {
  const images = await batch();
  const bits: string[] = [];
  for (let i = 0; i < 2; i++) {
    reset();
    step.resetSlots();
    const { steps } = await step.take(images, optimizer.learningRateAt(0), 1, () => 'values');
    bits.push(steps.map((s) => Buffer.from(s.after.buffer, s.after.byteOffset, s.after.byteLength).toString('latin1')).join());
  }
  reset();
  step.resetSlots();
  network.built.clock.step = 0;
  return bits[0] === bits[1];
}
