import * as tfc from '@tensorflow/tfjs-core';
import type { Batch } from './batches';
import type { MetricBatch } from './metrics';
import type { Network } from './network';
import type { Optimizer } from './optimizers/optimizer';
import type { Parameter } from './parameter';
import { changeValues, copyValues, setValues } from './tensorMemory';

/** What is kept of one parameter's step. */
export interface ParameterStep {
  parameter: Parameter;
  /** Of the batch's mean loss, before clipping; null for weights that gradients do not change. */
  gradient: Float32Array | null;
  before: Float32Array;
  after: Float32Array;
  /** The optimiser's slots before and after, in its order; only when they were asked for. */
  slotsBefore: Float32Array[];
  slotsAfter: Float32Array[];
}

/** Which parameters of a step to keep; `slots`: with the optimiser's state. */
export type CaptureWish = (parameter: Parameter) => 'nothing' | 'values' | 'slots';

export interface StepResult {
  loss: number;
  measured: MetricBatch;
  /** False: loss or gradients were not finite, and the weights were left alone. */
  isFinite: boolean;
  steps: ParameterStep[];
}

/** Forward, backward and update; also keeps what the views want of exactly this step, without computing anything twice. */
export class TrainStep {
  /** The optimiser's slots per parameter, in the order of the model's parameters; empty for those that are not trained. */
  readonly slots: Float32Array[][];

  constructor(
    private readonly network: Network,
    private readonly optimizer: Optimizer,
  ) {
    this.slots = this.parameters.map((p) => (p.isTrained ? optimizer.createSlots(p.size) : []));
  }

  private get parameters(): Parameter[] {
    return this.network.built.parameters;
  }

  /** Slots as before the first step. */
  resetSlots(): void {
    this.parameters.forEach((p, i) => (this.slots[i] = p.isTrained ? this.optimizer.createSlots(p.size) : []));
  }

  /** @param iteration one-based number of the step, which also decides the noise of dropout */
  run(batch: Batch, learningRate: number, iteration: number, wish: CaptureWish): StepResult {
    const { parameters } = this;
    this.network.built.clock.step = iteration;
    const wishes = parameters.map(wish);
    // Moving statistics change in the forward pass.
    const before = parameters.map((p, i) => (p.isTrained || wishes[i] === 'nothing' ? null : copyValues(p.variable)));
    const { loss, measured, gradients } = this.differentiate(batch);
    const raw = gradients.map((g, i) => (g && wishes[i] !== 'nothing' ? new Float32Array(g) : null));
    const result: StepResult = { loss, measured, isFinite: Number.isFinite(loss) && gradients.every(allFinite), steps: [] };
    if (!result.isFinite) return result;
    this.optimizer.clip(gradients.filter((g) => g !== null));
    parameters.forEach((parameter, i) => {
      const wanted = wishes[i];
      const gradient = gradients[i];
      const slotsBefore = wanted === 'slots' ? this.slots[i].map((s) => new Float32Array(s)) : [];
      let old = before[i];
      if (gradient) {
        if (wanted !== 'nothing') old = copyValues(parameter.variable);
        changeValues(parameter.variable, (w) => this.optimizer.apply(w, gradient, this.slots[i], learningRate, iteration));
        constrain(parameter);
      }
      if (wanted === 'nothing') return;
      const after = copyValues(parameter.variable);
      const slotsAfter = wanted === 'slots' ? this.slots[i].map((s) => new Float32Array(s)) : [];
      result.steps.push({ parameter, gradient: raw[i], before: old ?? after, after, slotsBefore, slotsAfter });
    });
    return result;
  }

  private differentiate(batch: Batch): { loss: number; measured: MetricBatch; gradients: (Float32Array | null)[] } {
    const { parameters } = this;
    const variables = parameters.filter((p) => p.isTrained).map((p) => p.variable);
    let loss = NaN;
    let measured!: MetricBatch;
    let gradients: (Float32Array | null)[] = [];
    // Nothing is returned from the tidy: it would look for tensors in every element of an array.
    tfc.tidy(() => {
      const { value, grads } = tfc.variableGrads(() => {
        const forward = this.network.forward(batch, true);
        measured = forward.measured;
        return forward.loss;
      }, variables);
      loss = value.dataSync()[0];
      gradients = parameters.map((p) => {
        const gradient = p.isTrained ? grads[p.variable.name] : undefined;
        return gradient ? copyValues(gradient) : null;
      });
    });
    return { loss, measured, gradients };
  }
}

function allFinite(values: Float32Array | null): boolean {
  if (!values) return true;
  // In double precision float32 values cannot overflow a sum, so it is finite if and only if they all are.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return Number.isFinite(sum);
}

function constrain({ constraint, variable }: Parameter): void {
  if (!constraint) return;
  tfc.tidy(() => setValues(variable, copyValues(constraint.apply(variable))));
}
