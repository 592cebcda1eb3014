import type { OptimizerSpec } from '../../common/modelSpec';
import { clipGradients, clippingOf, type Clipping } from '../../insight/gradientClipping';
import { coupledDecay, decayWeights, optimizerRule, weightDecayOf, type OptimizerRule } from '../../insight/optimizerRules';
import { optimizerKernel, type OptimizerKernel } from './optimizerKernel';
import { learningRateSchedule, type Schedule } from './schedule';

/** A Keras optimiser: clipping, weight decay, the update rule and its learning rate. It keeps no state: that is in the slots. */
export class Optimizer {
  readonly rule: OptimizerRule;
  /** The same rule as a kernel, where there is one. */
  readonly kernel: OptimizerKernel | null;
  /** Of the run; schedules may count epochs. */
  stepsPerEpoch = 1;
  private readonly schedule: Schedule;
  private readonly clipping: Clipping | null;
  readonly weightDecay: number;
  /** Share of the weights that is added to their gradients, as PyTorch's optimisers do. */
  readonly coupledDecay: number;

  /** @throws Error when the optimiser or its learning rate schedule is not known. */
  constructor(spec: OptimizerSpec) {
    this.rule = optimizerRule(spec);
    this.kernel = optimizerKernel(spec);
    this.schedule = learningRateSchedule(spec.config, spec.className === 'SGD' ? 0.01 : 0.001);
    this.clipping = clippingOf(spec);
    this.weightDecay = weightDecayOf(spec);
    this.coupledDecay = coupledDecay(spec);
  }

  /** As the file says it, for the step counted from 0. */
  learningRateAt(step: number): number {
    return this.schedule(step, this.stepsPerEpoch);
  }

  /** How gradients are clipped; null: they are not. */
  get clips(): Clipping | null {
    return this.clipping;
  }

  /** Keras's clipnorm (per variable), global_clipnorm or clipvalue; changes the gradients in place. */
  clip(gradients: Float32Array[]): void {
    if (this.clipping) clipGradients(this.clipping, gradients);
  }

  /** What PyTorch's weight decay adds to a gradient, in place. */
  addDecay(w: Float32Array, g: Float32Array): void {
    const decay = this.coupledDecay;
    if (decay !== 0) for (let i = 0; i < w.length; i++) g[i] += decay * w[i];
  }

  /**
   * Changes one variable's values and slots in place.
   * @param iteration one-based number of the step
   */
  apply(w: Float32Array, g: Float32Array, slots: Float32Array[], learningRate: number, iteration: number): void {
    // Keras decays before the update, with the learning rate of the step.
    decayWeights(w, this.weightDecay, learningRate);
    this.rule.apply(w, g, slots, learningRate, iteration);
  }

  /** Fresh slots for a variable of `size` values. */
  createSlots(size: number): Float32Array[] {
    return this.rule.slots.map((name) => new Float32Array(size).fill(this.rule.initial(name)));
  }
}
