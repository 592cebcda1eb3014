import type { OptimizerSpec } from '../../common/modelSpec';
import { coupledDecay, epsilonAt, isTorch } from '../../insight/optimizerRules';
import type { Context } from '../kernels/context';
import { JOB, type Job } from '../kernels/jobs';
import { blocks, chunksOf, type Launch, perItem, whole } from '../kernels/launch';

/** Doubles of hyper-parameters that a job reads at most. */
export const HYPER_BYTES = 64;
/** Weights of an item. */
const BLOCK = 8192;

/** An optimiser's rule as a job of the kernel module, which gives the same bits as the rule itself. */
export interface OptimizerKernel {
  /** The job's hyper-parameters for a step, `iteration` counting from 1. */
  hyper(learningRate: number, iteration: number, weightDecay: number): number[];
  /** Addresses of weights, gradients, the rule's slots and hyper-parameters to a launch over `n` weights. */
  launch(w: number, g: number, slots: readonly number[], n: number, hyper: number): Launch;
}

/** Null when the kernel module has no job for this optimiser; its rule then runs in JavaScript. */
export function optimizerKernel(spec: OptimizerSpec): OptimizerKernel | null {
  const c = (key: string, fallback: number): number => (typeof spec.config[key] === 'number' ? spec.config[key] : fallback);
  const flag = (key: string): boolean => spec.config[key] === true;
  const coupled = coupledDecay(spec);
  const torch = isTorch(spec) ? 1 : 0;
  switch (spec.className) {
    case 'Adam':
    case 'AdamW': {
      const [b1, b2] = [c('beta_1', 0.9), c('beta_2', 0.999)];
      return {
        hyper: (lr, t, decay) => [(lr * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t), 1 - b1, 1 - b2, epsilonAt(spec, t), decay * lr, coupled],
        launch: (w, g, [m, v, vhat = 0], n, hyper) => launchOf(JOB.adam, w, g, [m, v, vhat], n, hyper),
      };
    }
    case 'SGD': {
      const [momentum, nesterov, dampening] = [c('momentum', 0), flag('nesterov') ? 1 : 0, c('dampening', 0)];
      return {
        // PyTorch's first gradient fills the buffer whole.
        hyper: (lr, t, decay) => [lr, momentum, nesterov, decay * lr, coupled, torch, t === 1 ? 1 : 1 - dampening],
        launch: (w, g, [m = 0], n, hyper) => launchOf(JOB.sgd, w, g, [m, 0, 0], n, hyper),
      };
    }
    case 'RMSprop': {
      const [rho, momentum, epsilon] = [c('rho', torch ? 0.99 : 0.9), c('momentum', 0), c('epsilon', torch ? 1e-8 : 1e-7)];
      const isCentered = flag('centered');
      return {
        hyper: (lr, _t, decay) => [lr, rho, 1 - rho, momentum, epsilon, decay * lr, coupled, torch],
        launch: (w, g, slots, n, hyper) =>
          launchOf(JOB.rmsprop, w, g, [slots[0], momentum > 0 ? slots[1] : 0, isCentered ? slots[slots.length - 1] : 0], n, hyper),
      };
    }
    default:
      return null;
  }
}

function launchOf(job: Job, w: number, g: number, [a, b, c]: number[], n: number, hyper: number): Launch {
  const items = Math.ceil(n / BLOCK);
  const used = [a, b, c].filter((at) => at !== 0).map((at) => blocks(at, n, BLOCK));
  return {
    job,
    items,
    chunks: Math.min(items, 16),
    words: [w, g, a, b, n, BLOCK, hyper, c],
    reads: [blocks(g, n, BLOCK), whole(hyper, HYPER_BYTES)],
    writes: [blocks(w, n, BLOCK), ...used],
    work: n * 8,
  };
}

/** Whether values are all finite: a launch that sets flags, one word per item. */
export function finiteLaunch(values: number, n: number, flags: number): Launch {
  const items = finiteFlags(n);
  return {
    job: JOB.finite,
    items,
    chunks: chunksOf(items),
    words: [values, n, BLOCK, flags],
    reads: [blocks(values, n, BLOCK)],
    writes: [perItem(flags, items, 4)],
    work: n,
  };
}

/** Flags that {@link finiteLaunch} sets. */
export const finiteFlags = (n: number): number => Math.ceil(n / BLOCK);

/** Writes hyper-parameters where a launch reads them. */
export function writeHyper(c: Context, at: number, values: readonly number[]): void {
  const block = new Int32Array(new Float64Array(values).buffer);
  c.machine.int32().set(block, at >>> 2);
}
