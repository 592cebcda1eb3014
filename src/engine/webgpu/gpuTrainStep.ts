import * as tfc from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { OptimizerSpec } from '../../common/modelSpec';
import type { Batch } from '../batches';
import type { Network } from '../network';
import type { Optimizer } from '../optimizers/optimizer';
import { TrainStep, type CaptureWish, type ParameterStep, type StepResult } from '../trainStep';
import { GradientCheck, type GradientSize } from './gradientCheck';
import { forgetCopies, readTensors, refreshCopies } from './gpuMemory';
import { applyOnGpu, gpuOptimizer, type GpuOptimizer } from './gpuOptimizer';
import { runGpuKernel, type GpuKernel } from './wgsl';

/** A step's gradients on the GPU, and what came out of its forward pass. */
interface Passed {
  gradients: (tfc.Tensor | null)[];
  loss: number;
  output: Float32Array;
  sizes: GradientSize[];
  /** Values asked for with them. */
  extra: Float32Array[];
}

/**
 * A step on the GPU: the same passes, the optimiser in float32. Two transfers at most: loss, outputs and what views want of the state
 * before the update; and what they want of the state after it.
 */
export class GpuTrainStep extends TrainStep {
  private readonly rule: GpuOptimizer;
  private readonly check: GradientCheck;

  constructor(
    network: Network,
    optimizer: Optimizer,
    spec: OptimizerSpec,
    private readonly backend: WebGPUBackend,
  ) {
    super(network, optimizer);
    this.rule = gpuOptimizer(spec);
    this.check = new GradientCheck(this.parameters.map((p) => (p.isTrained ? p.size : 0)));
  }

  override dispose(): void {
    super.dispose();
    this.check.dispose();
  }

  override refresh(): Promise<void> {
    return refreshCopies([...this.parameters.map((p) => p.variable), ...this.slots.flat()]);
  }

  override get isAtHand(): boolean {
    return false;
  }

  override weights(): Promise<Float32Array[]> {
    return readTensors(this.parameters.map((p) => p.variable));
  }

  override run(): never {
    throw new Error('a step on the GPU takes its time: see take()');
  }

  override async take(batch: Batch, learningRate: number, iteration: number, wish: CaptureWish): Promise<StepResult> {
    const { network, parameters } = this;
    network.built.clock.step = iteration;
    const wishes = parameters.map(wish);
    const of = <T>(use: (i: number) => T[]): T[] => parameters.flatMap((_, i) => (wishes[i] === 'nothing' ? [] : use(i)));
    const slotsOf = (i: number): tfc.Tensor[] => (wishes[i] === 'slots' ? this.slots[i] : []);
    const state = of((i) => [parameters[i].variable as tfc.Tensor, ...slotsOf(i)]);
    // The forward pass already moves moving statistics.
    const before = readTensors(state);
    before.catch(() => {});
    forgetCopies([...parameters.map((p) => p.variable), ...this.slots.flat()]);
    const passed = await this.pass(batch, wishes);
    try {
      const measured = network.measure(batch, passed.output);
      const isFinite = Number.isFinite(passed.loss) && passed.sizes.every((s) => s.isFinite);
      const result: StepResult = { loss: passed.loss, measured, isFinite, steps: [] };
      const old = await before;
      if (!isFinite) return result;
      this.clip(passed);
      this.addDecay(passed.gradients);
      this.updateOnGpu(passed.gradients, learningRate, iteration);
      const after = await readTensors(state);
      result.steps = this.stepsOf(wishes, passed, old, after);
      return result;
    } finally {
      tfc.dispose(passed.gradients.filter((g) => g !== null));
    }
  }

  /** Forward and backward; the gradients are the caller's to give back. */
  private async pass(batch: Batch, wishes: ReturnType<CaptureWish>[]): Promise<Passed> {
    let reading!: Promise<Float32Array[]>;
    let gradients!: (tfc.Tensor | null)[];
    this.differentiate(batch, (tensors) => {
      gradients = tensors.gradients.map((g) => g && tfc.keep(tfc.clone(g)));
      this.check.run(this.backend, gradients);
      const wanted = gradients.filter((g, i): g is tfc.Tensor => g !== null && wishes[i] !== 'nothing');
      reading = readTensors([tensors.loss, tensors.output, this.check.results, ...wanted]);
    });
    try {
      const [[loss], output, results, ...extra] = await reading;
      return { gradients, loss, output, sizes: this.check.sizesOf(results), extra };
    } catch (error) {
      tfc.dispose(gradients.filter((g) => g !== null));
      throw error;
    }
  }

  private stepsOf(wishes: ReturnType<CaptureWish>[], passed: Passed, old: Float32Array[], after: Float32Array[]): ParameterStep[] {
    let [at, gradient] = [0, 0];
    return this.parameters.flatMap((parameter, i) => {
      if (wishes[i] === 'nothing') return [];
      const slots = wishes[i] === 'slots' ? this.slots[i].length : 0;
      const from = at;
      at += 1 + slots;
      return [
        {
          parameter,
          gradient: passed.gradients[i] ? passed.extra[gradient++] : null,
          before: old[from],
          after: after[from],
          slotsBefore: old.slice(from + 1, at),
          slotsAfter: after.slice(from + 1, at),
        },
      ];
    });
  }

  private updateOnGpu(gradients: (tfc.Tensor | null)[], learningRate: number, iteration: number): void {
    const { backend, optimizer, parameters, rule } = this;
    const numbers = { ...rule.numbers(learningRate, iteration), decay: optimizer.weightDecay * learningRate };
    parameters.forEach(({ variable, constraint }, i) => {
      const g = gradients[i];
      if (!g) return;
      applyOnGpu(backend, rule, numbers, variable, g, optimizer.rule.slots, this.slots[i]);
      if (constraint)
        tfc.tidy(() => {
          const x = constraint.apply(variable);
          runGpuKernel(backend, { inputs: { x }, code: 'result[i] = x[i];' }, variable);
        });
    });
  }

  /** `Optimizer.clip` on the GPU. */
  private clip({ gradients, sizes }: Passed): void {
    const { clips } = this.optimizer;
    if (!clips) return;
    const { kind, limit } = clips;
    const total = sizes.reduce((sum, s) => sum + s.squares, 0);
    gradients.forEach((g, i) => {
      if (!g) return;
      const factor = limit / Math.max(Math.sqrt(kind === 'clipnorm' ? sizes[i].squares : total), limit);
      const kernel: GpuKernel =
        kind === 'clipvalue'
          ? { inputs: { g }, floats: { limit }, code: 'result[i] = clamp(g[i], -u.limit, u.limit);' }
          : { inputs: { g }, floats: { factor }, code: 'result[i] = g[i] * u.factor;' };
      this.replace(gradients, i, kernel);
    });
  }

  /** `Optimizer.addDecay` on the GPU. */
  private addDecay(gradients: (tfc.Tensor | null)[]): void {
    const decay = this.optimizer.coupledDecay;
    if (decay === 0) return;
    gradients.forEach((g, i) => {
      if (!g) return;
      const w = this.parameters[i].variable as tfc.Tensor;
      this.replace(gradients, i, { inputs: { g, w }, floats: { decay }, code: 'result[i] = g[i] + u.decay * w[i];' });
    });
  }

  /** Puts what a kernel makes of a gradient in its place, in memory of its own: two variables may share one gradient. */
  private replace(gradients: (tfc.Tensor | null)[], i: number, kernel: GpuKernel): void {
    const g = gradients[i];
    if (!g) return;
    gradients[i] = tfc.engine().makeTensorFromTensorInfo(runGpuKernel(this.backend, kernel, g.shape));
    g.dispose();
  }
}
