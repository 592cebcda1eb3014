import type * as tfc from '@tensorflow/tfjs-core';
import type { Context } from './kernels/context';
import type { Optimizer } from './optimizers/optimizer';
import { HYPER_BYTES, type OptimizerKernel, writeHyper } from './optimizers/optimizerKernel';
import type { Parameter } from './parameter';
import { Program } from './plan/program';
import { schedule } from './plan/schedule';

/** Runs the optimiser on all parameters at once, in the engine's memory. */
export class UpdateKernels {
  private readonly hyper: number;
  private program: { key: string; program: Program } | null = null;

  constructor(
    private readonly context: Context,
    private readonly optimizer: Optimizer,
    private readonly kernel: OptimizerKernel,
    private readonly parameters: readonly Parameter[],
    private readonly slots: readonly tfc.Tensor[][],
  ) {
    this.hyper = context.machine.reserve(HYPER_BYTES);
  }

  /** @param gradientOf address of a parameter's gradient, 0 for those without */
  run(gradientOf: (parameter: number) => number, learningRate: number, iteration: number): void {
    const { context } = this;
    writeHyper(context, this.hyper, this.kernel.hyper(learningRate, iteration, this.optimizer.weightDecay));
    const addresses = this.parameters.map((p, i) => [context.at(p.variable), gradientOf(i), ...this.slots[i].map((s) => context.at(s))]);
    this.programFor(addresses).run();
  }

  dispose(): void {
    this.program?.program.dispose();
    this.program = null;
  }

  /** The program for these addresses, which stay the same from step to step when there is a plan. */
  private programFor(addresses: number[][]): Program {
    const key = addresses.join();
    if (this.program?.key === key) return this.program.program;
    this.program?.program.dispose();
    const launches = addresses.flatMap(([w, g, ...slots], i) =>
      g === 0 ? [] : [this.kernel.launch(w, g, slots, this.parameters[i].size, this.hyper)],
    );
    this.program = { key, program: new Program(this.context.machine, schedule(launches)) };
    return this.program.program;
  }
}
