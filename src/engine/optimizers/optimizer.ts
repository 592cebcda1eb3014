import type { OptimizerSpec } from '../../common/modelSpec';
import { optimizerRule, type OptimizerRule } from '../../insight/optimizerRules';
import { optimizerKernel, type OptimizerKernel } from './optimizerKernel';
import { learningRateSchedule, type Schedule } from './schedule';

/** A Keras optimiser: clipping, weight decay, the update rule and its learning rate. It keeps no state: that is in the slots. */
export class Optimizer {
  readonly rule: OptimizerRule;
  /** The same rule as a kernel, where there is one. */
  readonly kernel: OptimizerKernel | null;
  private readonly schedule: Schedule;
  private readonly clipNorm: number;
  private readonly clipValue: number;
  private readonly globalClipNorm: number;
  readonly weightDecay: number;

  /** @throws Error when the optimiser or its learning rate schedule is not known. */
  constructor(spec: OptimizerSpec) {
    const number = (name: string, fallback: number): number => (typeof spec.config[name] === 'number' ? spec.config[name] : fallback);
    this.rule = optimizerRule(spec);
    this.kernel = optimizerKernel(spec);
    this.schedule = learningRateSchedule(spec.config, spec.className === 'SGD' ? 0.01 : 0.001);
    this.clipNorm = number('clipnorm', 0);
    this.clipValue = number('clipvalue', 0);
    this.globalClipNorm = number('global_clipnorm', 0);
    this.weightDecay = number('weight_decay', spec.className === 'AdamW' ? 0.004 : 0);
  }

  /** As the file says it, for the step counted from 0. */
  learningRateAt(step: number): number {
    return this.schedule(step);
  }

  /** How gradients are clipped; null: they are not. */
  get clips(): { by: 'norm' | 'globalNorm' | 'value'; limit: number } | null {
    if (this.clipNorm > 0) return { by: 'norm', limit: this.clipNorm };
    if (this.globalClipNorm > 0) return { by: 'globalNorm', limit: this.globalClipNorm };
    return this.clipValue > 0 ? { by: 'value', limit: this.clipValue } : null;
  }

  /** Keras's clipnorm (per variable), global_clipnorm or clipvalue; changes the gradients in place. */
  clip(gradients: Float32Array[]): void {
    if (!this.clips) return;
    const { by, limit } = this.clips;
    if (by === 'norm') {
      for (const g of gradients) scale(g, limit / Math.max(norm([g]), limit));
    } else if (by === 'globalNorm') {
      const factor = limit / Math.max(norm(gradients), limit);
      for (const g of gradients) scale(g, factor);
    } else {
      for (const g of gradients) for (let i = 0; i < g.length; i++) g[i] = Math.min(limit, Math.max(-limit, g[i]));
    }
  }

  /**
   * Changes one variable's values and slots in place.
   * @param iteration one-based number of the step
   */
  apply(w: Float32Array, g: Float32Array, slots: Float32Array[], learningRate: number, iteration: number): void {
    // Keras decays before the update, with the learning rate of the step.
    const decay = this.weightDecay * learningRate;
    if (decay !== 0) for (let i = 0; i < w.length; i++) w[i] -= w[i] * decay;
    this.rule.apply(w, g, slots, learningRate, iteration);
  }

  /** Fresh slots for a variable of `size` values. */
  createSlots(size: number): Float32Array[] {
    return this.rule.slots.map((name) => new Float32Array(size).fill(this.rule.initial(name)));
  }
}

function norm(arrays: Float32Array[]): number {
  let sum = 0;
  for (const a of arrays) for (let i = 0; i < a.length; i++) sum += a[i] * a[i];
  return Math.sqrt(sum);
}

function scale(values: Float32Array, factor: number): void {
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i] *= factor;
}
