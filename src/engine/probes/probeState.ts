import * as tfc from '@tensorflow/tfjs-core';
import type { BuiltModel } from '../buildModel';
import type { Parameter } from '../parameter';
import { copyValues, readValues, setValues } from '../tensorMemory';
import { besideGpu } from '../webgpu/beside';
import type { ProbedStep } from '../../common/probeProtocol';

/** What a probe computes with: copies, so that training may go on meanwhile. */
export interface ProbeState {
  /** One-based number of the step that is looked into; decides batch and dropout masks. */
  step: number;
  kind: ProbedStep['kind'];
  /** All weights before that step, moving statistics too, in the order of the model's parameters. */
  weights: readonly Float32Array[];
  /** Gradients and weights after the step, in the same order; null before it has been taken. */
  taken: { gradients: readonly (Float32Array | null)[]; after: readonly Float32Array[] } | null;
  /** Parameters whose weights of that step are not known any more: in their place stand those of now. */
  missing?: readonly Parameter[];
}

/** Copies of all weights as they are now, wherever they are. */
export function currentWeights({ parameters }: BuiltModel): Promise<Float32Array[]> {
  return readValues(parameters.map((p) => p.variable));
}

/** Copies of all weights. */
export function copyWeights(parameters: readonly Parameter[]): Float32Array[] {
  return parameters.map((p) => copyValues(p.variable));
}

/**
 * Runs `use` with other weights and at another step's noise, and puts everything back bit for bit, whatever happens; of a run on a GPU it
 * is run on our own kernels. It must be over
 * when it returns: between two turns of the thread the weights are always the run's own.
 */
export function withWeights<T>({ parameters, clock }: BuiltModel, weights: readonly Float32Array[], step: number, use: () => T): T {
  return besideGpu(parameters, () => {
    const kept = copyWeights(parameters);
    const keptStep = clock.step;
    try {
      clock.step = step;
      parameters.forEach((p, i) => setValues(p.variable, weights[i]));
      return use();
    } finally {
      clock.step = keptStep;
      parameters.forEach((p, i) => setValues(p.variable, kept[i]));
    }
  });
}

/** Frees the tensors that `use` makes. What it returns is not searched for tensors, which tidy does element by element. */
export function tidied<T>(use: () => T): T {
  let result: { value: T } | undefined;
  tfc.tidy(() => {
    result = { value: use() };
  });
  return result!.value;
}

/** Lets training and messages have their turn. @throws when the probe was called off. */
export async function breathe(signal: AbortSignal): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  signal.throwIfAborted();
}
