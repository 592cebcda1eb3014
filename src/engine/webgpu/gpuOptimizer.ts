import type * as tfc from '@tensorflow/tfjs-core';
import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import type { OptimizerSpec } from '../../common/modelSpec';
import { epsilonAt, isTorch } from '../../insight/optimizerRules';
import { runGpuKernel } from './wgsl';

/** One array that an optimiser changes: `result[i]` is its old value, `w`, `g` and the slots by name are the others'. */
interface Pass {
  changes: string;
  code: string;
}

/** An optimiser's rule on the GPU, in float32: `insight/optimizerRules.ts` in the order in which its arrays may be overwritten. */
export interface GpuOptimizer {
  passes: readonly Pass[];
  /** Numbers of a step, computed in double precision; `t` counts from 1. */
  numbers(learningRate: number, t: number): Record<string, number>;
}

/** The new value of w from `step`, what is added to it after decay. */
const weights = (step: string): Pass => ({ changes: 'w', code: `let d = result[i] - result[i] * u.decay; result[i] = d + (${step});` });
const change = (slot: string, value: string): Pass => ({ changes: slot, code: `let r = result[i]; result[i] = ${value};` });

/** @throws Error when the optimiser is not known. */
export function gpuOptimizer(spec: OptimizerSpec): GpuOptimizer {
  const { className, config } = spec;
  const c = (key: string, fallback: number): number => (typeof config[key] === 'number' ? config[key] : fallback);
  const flag = (key: string): boolean => config[key] === true;
  const [b1, b2, eps] = [c('beta_1', 0.9), c('beta_2', 0.999), c('epsilon', 1e-7)];
  const first = change('m', 'r + (g[i] - r) * u.rest1');
  const second = change('v', 'r + (g[i] * g[i] - r) * u.rest2');
  const betas = { rest1: 1 - b1, rest2: 1 - b2, eps };
  const torch = isTorch(spec) ? torchOptimizer(className, c, flag, first) : undefined;
  if (torch) return torch;
  switch (className) {
    case 'SGD': {
      const momentum = c('momentum', 0);
      if (momentum === 0) return { passes: [weights('-u.lr * g[i]')], numbers: (lr) => ({ lr }) };
      const step = flag('nesterov') ? 'u.momentum * momentum[i] - u.lr * g[i]' : 'momentum[i]';
      return { passes: [change('momentum', 'u.momentum * r - u.lr * g[i]'), weights(step)], numbers: (lr) => ({ lr, momentum }) };
    }
    case 'Adam':
    case 'AdamW': {
      const isAms = flag('amsgrad');
      const size = isAms ? 'vhat' : 'v';
      const passes = [first, second, ...(isAms ? [change('vhat', 'max(r, v[i])')] : [])];
      return {
        passes: [...passes, weights(`-(m[i] * u.alpha) / (sqrt(${size}[i]) + u.eps)`)],
        numbers: (lr, t) => ({ ...betas, eps: epsilonAt(spec, t), alpha: (lr * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t) }),
      };
    }
    case 'Nadam': {
      const slower = c('schedule_decay', 1);
      const mu = (t: number): number => b1 * (1 - 0.5 * 0.96 ** (t * slower));
      return {
        passes: [first, second, weights('-u.lr * (u.ofM * m[i] + u.ofG * g[i]) / (sqrt(v[i] / u.bias) + u.eps)')],
        numbers(lr, t) {
          let product = 1;
          for (let k = 1; k <= t && product > 1e-30; k++) product *= mu(k);
          const next = mu(t + 1);
          return { ...betas, lr, ofM: next / (1 - product * next), ofG: (1 - mu(t)) / (1 - product), bias: 1 - b2 ** t };
        },
      };
    }
    case 'Adamax':
      return {
        passes: [first, change('u_', 'max(u.b2 * r, abs(g[i]))'), weights('-(u.rate * m[i]) / (u_[i] + u.eps)')],
        numbers: (lr, t) => ({ ...betas, b2, rate: lr / (1 - b1 ** t) }),
      };
    case 'RMSprop': {
      const [rho, momentum] = [c('rho', 0.9), c('momentum', 0)];
      const isCentered = flag('centered');
      const size = `velocity[i] + u.eps${isCentered ? ' - average_gradient[i] * average_gradient[i]' : ''}`;
      const step = `(u.lr * g[i]) / sqrt(${size})`;
      return {
        passes: [
          change('velocity', 'u.rho * r + u.rest * g[i] * g[i]'),
          ...(isCentered ? [change('average_gradient', 'u.rho * r + u.rest * g[i]')] : []),
          ...(momentum > 0 ? [change('momentum', `u.momentum * r + ${step}`)] : []),
          weights(momentum > 0 ? '-momentum[i]' : `-${step}`),
        ],
        numbers: (lr) => ({ lr, rho, rest: 1 - rho, momentum, eps }),
      };
    }
    case 'Adagrad':
      return {
        passes: [change('accumulator', 'r + g[i] * g[i]'), weights('-(u.lr * g[i]) / sqrt(accumulator[i] + u.eps)')],
        numbers: (lr) => ({ lr, eps }),
      };
    case 'Adadelta': {
      const rho = c('rho', 0.95);
      const delta = (old: string): string => `(-sqrt(${old} + u.eps) / sqrt(accumulated_grad[i] + u.eps) * g[i])`;
      return {
        passes: [
          change('accumulated_grad', 'u.rho * r + u.rest * g[i] * g[i]'),
          weights(`u.lr * ${delta('accumulated_delta_var[i]')}`),
          change('accumulated_delta_var', `u.rho * r + u.rest * ${delta('r')} * ${delta('r')}`),
        ],
        numbers: (lr) => ({ lr, rho, rest: 1 - rho, eps }),
      };
    }
    case 'Ftrl': {
      const power = -c('learning_rate_power', -0.5);
      const [l1, l2, beta] = [c('l1_regularization_strength', 0), c('l2_regularization_strength', 0), c('beta', 0)];
      const shrinkage = 2 * c('l2_shrinkage_regularization_strength', 0);
      const grown = 'pow(accumulator[i] + g[i] * g[i], u.power)';
      return {
        passes: [
          change(
            'linear',
            `r + g[i] + u.shrinkage * (w[i] - w[i] * u.decay) - (${grown} - pow(accumulator[i], u.power)) / u.lr * (w[i] - w[i] * u.decay)`,
          ),
          {
            changes: 'w',
            code: `result[i] = (clamp(linear[i], -u.l1, u.l1) - linear[i]) / (${grown} / u.lr + 2.0 * u.strength);`,
          },
          change('accumulator', 'r + g[i] * g[i]'),
        ],
        numbers: (lr) => ({ lr, power, l1, strength: l2 + beta / (2 * lr), shrinkage }),
      };
    }
    case 'Lion': {
      const [kept, moved] = [c('beta_1', 0.9), c('beta_2', 0.99)];
      return {
        passes: [weights('-u.lr * sign(u.kept * m[i] + u.rest1 * g[i])'), change('m', 'u.moved * r + u.rest2 * g[i]')],
        numbers: (lr) => ({ lr, kept, rest1: 1 - kept, moved, rest2: 1 - moved }),
      };
    }
    default:
      throw new Error(`the optimizer ${className} has no rule for the GPU; train with the engine wasm`);
  }
}

/** PyTorch's rules that differ from Keras's, as in `insight/optimizerRules.ts`; undefined where they are the same. */
function torchOptimizer(
  className: string,
  c: (key: string, fallback: number) => number,
  flag: (key: string) => boolean,
  first: Pass,
): GpuOptimizer | undefined {
  switch (className) {
    case 'SGD': {
      const [momentum, dampening] = [c('momentum', 0), c('dampening', 0)];
      if (momentum === 0) return undefined;
      return {
        passes: [
          change('momentum', 'u.momentum * r + u.share * g[i]'),
          weights(flag('nesterov') ? '-u.lr * (g[i] + u.momentum * momentum[i])' : '-u.lr * momentum[i]'),
        ],
        numbers: (lr, t) => ({ lr, momentum, share: t === 1 ? 1 : 1 - dampening }),
      };
    }
    case 'Adamax': {
      const [b1, b2, eps] = [c('beta_1', 0.9), c('beta_2', 0.999), c('epsilon', 1e-8)];
      return {
        passes: [first, change('u_', 'max(u.b2 * r, abs(g[i]) + u.eps)'), weights('-(u.rate * m[i]) / u_[i]')],
        numbers: (lr, t) => ({ rest1: 1 - b1, b2, eps, rate: lr / (1 - b1 ** t) }),
      };
    }
    case 'RMSprop': {
      const [rho, momentum, eps] = [c('rho', 0.99), c('momentum', 0), c('epsilon', 1e-8)];
      const isCentered = flag('centered');
      const square = `velocity[i]${isCentered ? ' - average_gradient[i] * average_gradient[i]' : ''}`;
      const step = `g[i] / (sqrt(${square}) + u.eps)`;
      return {
        passes: [
          change('velocity', 'u.rho * r + u.rest * g[i] * g[i]'),
          ...(isCentered ? [change('average_gradient', 'u.rho * r + u.rest * g[i]')] : []),
          ...(momentum > 0 ? [change('momentum', `u.momentum * r + ${step}`)] : []),
          weights(momentum > 0 ? '-u.lr * momentum[i]' : `-u.lr * ${step}`),
        ],
        numbers: (lr) => ({ lr, rho, rest: 1 - rho, momentum, eps }),
      };
    }
    case 'Adagrad': {
      const [eps, decay] = [c('epsilon', 1e-10), c('lr_decay', 0)];
      return {
        passes: [change('accumulator', 'r + g[i] * g[i]'), weights('-(u.rate * g[i]) / (sqrt(accumulator[i]) + u.eps)')],
        numbers: (lr, t) => ({ rate: lr / (1 + (t - 1) * decay), eps }),
      };
    }
    default:
      return undefined;
  }
}

/** Names that WGSL code would take for something else. */
const gpuName = (slot: string): string => (slot === 'u' ? 'u_' : slot);

/** Takes one variable's step, in place. `slots` by their rule's names. */
export function applyOnGpu(
  backend: WebGPUBackend,
  { passes }: GpuOptimizer,
  numbers: Record<string, number>,
  w: tfc.Tensor,
  g: tfc.Tensor,
  slotNames: readonly string[],
  slots: readonly tfc.Tensor[],
): void {
  const arrays = new Map<string, tfc.Tensor>([['w', w], ['g', g], ...slotNames.map((n, i) => [gpuName(n), slots[i]] as const)]);
  for (const { changes, code } of passes) {
    const used = (name: string): boolean =>
      name !== changes && code.includes(`${name}[i]`) && new RegExp(`(?<![.\\w])${name}\\[i\\]`).test(code);
    const inputs = Object.fromEntries([...arrays].filter(([name]) => used(name)));
    const floats = Object.fromEntries(Object.entries(numbers).filter(([name]) => new RegExp(`\\bu\\.${name}\\b`).test(code)));
    runGpuKernel(backend, { inputs, floats, code }, arrays.get(changes)!);
  }
}
