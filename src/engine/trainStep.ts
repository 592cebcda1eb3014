import * as tfc from '@tensorflow/tfjs-core';
import type { Batch } from './batches';
import { kernelContext } from './kernels/kernels';
import type { MetricBatch } from './metrics';
import type { Network } from './network';
import type { StepProfile } from '../common/stepProfile';
import { clearLayer } from './ops/mark';
import type { Optimizer } from './optimizers/optimizer';
import type { Parameter } from './parameter';
import { StepPlan, type StepTensors } from './plan/stepPlan';
import { timeByLayer } from './profileStep';
import { changeValues, copyValues, peekValues, setValues } from './tensorMemory';
import { UpdateKernels } from './updateKernels';

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

/** Gradients by parameter, where they lie; good until the next operation. */
interface Gradients {
  values(parameter: number): Float32Array | null;
  /** Address in the engine's memory; 0 where there is none. */
  address(parameter: number): number;
}

/** Forward, backward and update; also keeps what the views want of exactly this step, without computing anything twice. */
export class TrainStep {
  /** The optimiser's slots per parameter, in the order of the model's parameters; empty for those that are not trained. */
  readonly slots: readonly tfc.Tensor[][];
  private readonly updates: UpdateKernels | null;
  private plan: { count: number; steps: StepPlan } | null = null;

  constructor(
    protected readonly network: Network,
    protected readonly optimizer: Optimizer,
  ) {
    this.slots = this.parameters.map((p) =>
      p.isTrained ? optimizer.createSlots(p.size).map((values) => tfc.keep(tfc.tensor(values, p.spec.shape))) : [],
    );
    const context = tfc.getBackend() === 'wasm' ? kernelContext() : undefined;
    this.updates =
      context && optimizer.kernel ? new UpdateKernels(context, optimizer, optimizer.kernel, this.parameters, this.slots) : null;
  }

  protected get parameters(): Parameter[] {
    return this.network.built.parameters;
  }

  /** Slots as before the first step. */
  resetSlots(): void {
    this.parameters.forEach((p, i) => {
      const fresh = this.optimizer.createSlots(p.size);
      this.slots[i].forEach((slot, j) => setValues(slot, fresh[j]));
    });
  }

  /**
   * Plans steps on batches of `count` examples, which then run faster; the results stay the same. Other batches are computed call by
   * call.
   * @returns null, or in one sentence why there is no plan
   */
  prepare(count: number, exampleSize: number): string | null {
    const context = tfc.getBackend() === 'wasm' ? kernelContext() : undefined;
    if (!context) return 'plans need WebAssembly';
    this.plan?.steps.dispose();
    this.plan = null;
    const empty: Batch = { count, inputs: new Float32Array(count * exampleSize), labels: new Int32Array(count) };
    const steps = StepPlan.capture(context, (use) => this.differentiate(empty, use));
    if (typeof steps === 'string') return steps;
    this.plan = { count, steps };
    return null;
  }

  /** Gives all memory back but the model's. */
  dispose(): void {
    this.plan?.steps.dispose();
    this.plan = null;
    this.updates?.dispose();
    tfc.dispose(this.slots.flat());
  }

  /** Bytes of the plan's tensors; 0 when there is none. */
  get planBytes(): number {
    return this.plan?.steps.bytes ?? 0;
  }

  /** {@link run}, wherever the step is computed. */
  async take(batch: Batch, learningRate: number, iteration: number, wish: CaptureWish): Promise<StepResult> {
    return this.run(batch, learningRate, iteration, wish);
  }

  /** Values of all weights as they are when this is called. */
  async weights(): Promise<Float32Array[]> {
    return this.parameters.map((p) => copyValues(p.variable));
  }

  /** Lets weights and slots be read at once until the next step. */
  async refresh(): Promise<void> {}

  /** Whether weights and slots can be read at any time. */
  get isAtHand(): boolean {
    return true;
  }

  /** @param iteration one-based number of the step, which also decides the noise of dropout */
  run(batch: Batch, learningRate: number, iteration: number, wish: CaptureWish): StepResult {
    const { network } = this;
    network.built.clock.step = iteration;
    const wishes = this.parameters.map(wish);
    // Moving statistics change in the forward pass.
    const before = this.parameters.map((p, i) => (p.isTrained || wishes[i] === 'nothing' ? null : copyValues(p.variable)));
    const finish = (loss: number, outputs: Float32Array, isFinite: boolean, gradients: Gradients): StepResult => {
      const result: StepResult = {
        loss,
        measured: network.measure(batch, outputs),
        isFinite: isFinite && Number.isFinite(loss),
        steps: [],
      };
      if (result.isFinite) result.steps = this.update(gradients, learningRate, iteration, wishes, before);
      return result;
    };
    if (this.plan?.count === batch.count) {
      const { steps } = this.plan;
      steps.run(batch.inputs, network.objective.targets(batch), network.built.clock);
      return finish(steps.lossValue, steps.outputValues(), steps.isFinite, {
        values: (i) => steps.gradientValues(i),
        address: (i) => steps.gradientAt(i),
      });
    }
    let result!: StepResult;
    this.differentiate(batch, ({ loss, output, gradients }) => {
      const isFinite = gradients.every((g) => !g || peekValues(g, allFinite));
      const context = kernelContext();
      result = finish(
        peekValues(loss, ([value]) => value),
        copyValues(output),
        isFinite,
        {
          values: (i) => gradients[i] && peekValues(gradients[i], (values) => values),
          address: (i) => (gradients[i] && context ? context.at(gradients[i]) : 0),
        },
      );
    });
    return result;
  }

  /** Where a step on this batch spends its time. Nothing changes: neither weights nor statistics. */
  profile(batch: Batch, repeats: number): StepProfile {
    const context = kernelContext();
    if (!context || tfc.getBackend() !== 'wasm') throw new Error('steps are measured layer by layer on WebAssembly only');
    const all = this.parameters.flatMap((p, i) => [p.variable as tfc.Tensor, ...this.slots[i]]);
    const before = all.map((t) => copyValues(t));
    const timed = (run: () => void): number => {
      const started = performance.now();
      run();
      return performance.now() - started;
    };
    const iteration = Math.max(1, this.network.built.clock.step);
    let update = 0;
    const step = (): void => void this.run(batch, 0, iteration, () => 'nothing');
    const pass = (): void =>
      this.differentiate(batch, ({ gradients }) => {
        const address = (i: number): number => (gradients[i] ? context.at(gradients[i]) : 0);
        if (this.updates) update += timed(() => this.updates!.run(address, 0, iteration));
      });
    try {
      pass();
      step();
      update = 0;
      const layers = timeByLayer(context.machine, () => {
        for (let i = 0; i < repeats; i++) pass();
      });
      const total = timed(() => {
        for (let i = 0; i < repeats; i++) step();
      });
      return {
        layers: layers.map(({ layer, forward, backward }) => ({ layer, forward: forward / repeats, backward: backward / repeats })),
        update: update / repeats,
        step: total / repeats,
        isPlanned: this.plan?.count === batch.count,
      };
    } finally {
      all.forEach((t, i) => setValues(t, before[i]));
    }
  }

  /** Forward and backward pass; `use` sees the tensors while they are there. */
  protected differentiate(batch: Batch, use: (tensors: StepTensors) => void): void {
    const { parameters } = this;
    const variables = parameters.filter((p) => p.isTrained).map((p) => p.variable);
    // Nothing is returned from the tidy: it would look for tensors in every element of an array.
    tfc.tidy(() => {
      let forward!: ReturnType<Network['forward']>;
      const { value, grads } = tfc.variableGrads(() => {
        clearLayer();
        forward = this.network.forward(batch, true);
        // The pass is over before the outputs are read.
        tfc.keep(forward.output);
        tfc.keep(forward.input);
        tfc.keep(forward.target);
        return forward.loss;
      }, variables);
      try {
        const gradients = parameters.map((p) => (p.isTrained ? (grads[p.variable.name] ?? null) : null));
        use({ ...forward, loss: value, gradients });
      } finally {
        tfc.dispose([forward.output, forward.input, forward.target]);
      }
    });
  }

  private update(
    gradients: Gradients,
    learningRate: number,
    iteration: number,
    wishes: ReturnType<CaptureWish>[],
    before: (Float32Array | null)[],
  ): ParameterStep[] {
    const { parameters, optimizer } = this;
    const isWanted = wishes.some((w) => w !== 'nothing');
    const copySlots = (i: number): Float32Array[] => (wishes[i] === 'slots' ? this.slots[i].map((s) => copyValues(s)) : []);
    const kept = !isWanted
      ? []
      : parameters.map((p, i) => {
          const gradient = wishes[i] === 'nothing' ? null : gradients.values(i);
          const old = before[i] ?? (gradient ? copyValues(p.variable) : null);
          return { gradient: gradient && new Float32Array(gradient), old, slotsBefore: copySlots(i) };
        });
    if (optimizer.clips) optimizer.clip(parameters.flatMap((_, i) => gradients.values(i) ?? []));
    if (this.updates) this.updates.run((i) => gradients.address(i), learningRate, iteration);
    else
      parameters.forEach((p, i) => {
        const gradient = gradients.values(i);
        const slots = this.slots[i].map((s) => peekValues(s, (values) => values));
        if (!gradient) return;
        changeValues(p.variable, (w) => {
          optimizer.addDecay(w, gradient);
          optimizer.apply(w, gradient, slots, learningRate, iteration);
        });
      });
    parameters.forEach((p, i) => {
      if (gradients.values(i)) constrain(p);
    });
    return kept.flatMap(({ gradient, old, slotsBefore }, i) => {
      if (wishes[i] === 'nothing') return [];
      const after = copyValues(parameters[i].variable);
      return [{ parameter: parameters[i], gradient, before: old ?? after, after, slotsBefore, slotsAfter: copySlots(i) }];
    });
  }
}

function allFinite(values: Float32Array): boolean {
  // In double precision float32 values cannot overflow a sum, so it is finite if and only if they all are.
  let sum = 0;
  for (let i = 0; i < values.length; i++) sum += values[i];
  return Number.isFinite(sum);
}

function constrain({ constraint, variable }: Parameter): void {
  if (!constraint) return;
  tfc.tidy(() => setValues(variable, copyValues(constraint.apply(variable))));
}
