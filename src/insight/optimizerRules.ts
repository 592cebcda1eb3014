import type { OptimizerSpec } from '../common/modelSpec';

/**
 * One optimiser's rule, applied in place to a weight's values. Both the engine and the explanation of a single step use it, so that
 * what is explained is what was computed. Formulas and places of epsilon are Keras 3's (keras/src/optimizers), or PyTorch's
 * (torch/optim) where the settings say `variant: "pytorch"`; arithmetic is in double precision, rounded to float32 where a value is
 * stored.
 */
export interface OptimizerRule {
  /** Names of the state arrays per weight, as in Keras. */
  readonly slots: readonly string[];
  /** What a slot holds before the first step. */
  initial(slot: string): number;
  /**
   * @param w weights, changed in place
   * @param g gradient of the same length
   * @param s one array per slot, changed in place
   * @param lr learning rate
   * @param t number of this step, from 1
   */
  apply(w: Float32Array, g: Float32Array, s: Float32Array[], lr: number, t: number): void;
}

/** What a model is trained with whose file names no optimiser. */
export const ASSUMED_OPTIMIZER: OptimizerSpec = { className: 'Adam', config: { learning_rate: 0.001 } };

/** Decoupled weight decay; Keras's AdamW decays even when nothing is said. */
export function weightDecayOf({ className, config }: OptimizerSpec): number {
  return typeof config.weight_decay === 'number' ? config.weight_decay : className === 'AdamW' ? 0.004 : 0;
}

/** w ← w − w · (decay · lr), in place. */
export function decayWeights(w: Float32Array, decay: number, learningRate: number): void {
  const share = decay * learningRate;
  if (share !== 0) for (let i = 0; i < w.length; i++) w[i] -= w[i] * share;
}

/** @throws Error when the optimiser is not known. */
export function optimizerRule(spec: OptimizerSpec): OptimizerRule {
  const c = (key: string, fallback: number): number => (typeof spec.config[key] === 'number' ? (spec.config[key] as number) : fallback);
  const flag = (key: string): boolean => spec.config[key] === true;
  const zero = (): number => 0;
  if (isTorch(spec)) {
    const rule = torchRule(spec.className, c, flag);
    if (rule) return rule;
  }
  switch (spec.className) {
    case 'SGD': {
      const momentum = c('momentum', 0);
      if (momentum === 0)
        return {
          slots: [],
          initial: zero,
          apply(w, g, _s, lr) {
            for (let i = 0; i < w.length; i++) w[i] -= lr * g[i];
          },
        };
      const nesterov = flag('nesterov');
      return {
        slots: ['momentum'],
        initial: zero,
        apply(w, g, [m], lr) {
          for (let i = 0; i < w.length; i++) {
            m[i] = momentum * m[i] - lr * g[i];
            w[i] += nesterov ? momentum * m[i] - lr * g[i] : m[i];
          }
        },
      };
    }
    case 'Adam':
    case 'AdamW': {
      const [b1, b2] = [c('beta_1', 0.9), c('beta_2', 0.999)];
      const amsgrad = flag('amsgrad');
      return {
        slots: amsgrad ? ['m', 'v', 'vhat'] : ['m', 'v'],
        initial: zero,
        apply(w, g, [m, v, vhat], lr, t) {
          const alpha = (lr * Math.sqrt(1 - b2 ** t)) / (1 - b1 ** t);
          const eps = epsilonAt(spec, t);
          for (let i = 0; i < w.length; i++) {
            m[i] += (g[i] - m[i]) * (1 - b1);
            v[i] += (g[i] * g[i] - v[i]) * (1 - b2);
            if (amsgrad && v[i] > vhat[i]) vhat[i] = v[i];
            w[i] -= (m[i] * alpha) / (Math.sqrt(amsgrad ? vhat[i] : v[i]) + eps);
          }
        },
      };
    }
    case 'Nadam': {
      const [b1, b2, eps] = [c('beta_1', 0.9), c('beta_2', 0.999), c('epsilon', 1e-7)];
      // Keras 1 and 2, and PyTorch, let the momentum come up more slowly.
      const decay = c('schedule_decay', 1);
      const mu = (t: number): number => b1 * (1 - 0.5 * 0.96 ** (t * decay));
      return {
        slots: ['m', 'v'],
        initial: zero,
        apply(w, g, [m, v], lr, t) {
          let product = 1;
          for (let k = 1; k <= t && product > 1e-30; k++) product *= mu(k);
          const [now, next] = [mu(t), mu(t + 1)];
          for (let i = 0; i < w.length; i++) {
            m[i] += (g[i] - m[i]) * (1 - b1);
            v[i] += (g[i] * g[i] - v[i]) * (1 - b2);
            const mHat = (next * m[i]) / (1 - product * next) + ((1 - now) * g[i]) / (1 - product);
            w[i] -= (lr * mHat) / (Math.sqrt(v[i] / (1 - b2 ** t)) + eps);
          }
        },
      };
    }
    case 'Adamax': {
      const [b1, b2, eps] = [c('beta_1', 0.9), c('beta_2', 0.999), c('epsilon', 1e-7)];
      return {
        slots: ['m', 'u'],
        initial: zero,
        apply(w, g, [m, u], lr, t) {
          const rate = lr / (1 - b1 ** t);
          for (let i = 0; i < w.length; i++) {
            m[i] += (g[i] - m[i]) * (1 - b1);
            u[i] = Math.max(b2 * u[i], Math.abs(g[i]));
            w[i] -= (rate * m[i]) / (u[i] + eps);
          }
        },
      };
    }
    case 'RMSprop': {
      const [rho, momentum, eps] = [c('rho', 0.9), c('momentum', 0), c('epsilon', 1e-7)];
      const centered = flag('centered');
      const slots = ['velocity', ...(momentum > 0 ? ['momentum'] : []), ...(centered ? ['average_gradient'] : [])];
      return {
        slots,
        initial: zero,
        apply(w, g, s, lr) {
          const v = s[0];
          const mom = momentum > 0 ? s[1] : null;
          const average = centered ? s[s.length - 1] : null;
          for (let i = 0; i < w.length; i++) {
            v[i] = rho * v[i] + (1 - rho) * g[i] * g[i];
            let denominator = v[i] + eps;
            if (average) {
              average[i] = rho * average[i] + (1 - rho) * g[i];
              denominator -= average[i] * average[i];
            }
            const step = (lr * g[i]) / Math.sqrt(denominator);
            if (mom) w[i] -= mom[i] = Math.fround(momentum * mom[i] + step);
            else w[i] -= step;
          }
        },
      };
    }
    case 'Adagrad': {
      const [start, eps] = [c('initial_accumulator_value', 0.1), c('epsilon', 1e-7)];
      return {
        slots: ['accumulator'],
        initial: () => start,
        apply(w, g, [a], lr) {
          for (let i = 0; i < w.length; i++) {
            a[i] += g[i] * g[i];
            w[i] -= (lr * g[i]) / Math.sqrt(a[i] + eps);
          }
        },
      };
    }
    case 'Adadelta': {
      const [rho, eps] = [c('rho', 0.95), c('epsilon', 1e-7)];
      return {
        slots: ['accumulated_grad', 'accumulated_delta_var'],
        initial: zero,
        apply(w, g, [ag, ad], lr) {
          for (let i = 0; i < w.length; i++) {
            ag[i] = rho * ag[i] + (1 - rho) * g[i] * g[i];
            const delta = (-Math.sqrt(ad[i] + eps) / Math.sqrt(ag[i] + eps)) * g[i];
            ad[i] = rho * ad[i] + (1 - rho) * delta * delta;
            w[i] += lr * delta;
          }
        },
      };
    }
    case 'Ftrl': {
      const power = -c('learning_rate_power', -0.5);
      const [start, l1, l2, beta] = [
        c('initial_accumulator_value', 0.1),
        c('l1_regularization_strength', 0),
        c('l2_regularization_strength', 0),
        c('beta', 0),
      ];
      const shrinkage = 2 * c('l2_shrinkage_regularization_strength', 0);
      return {
        slots: ['accumulator', 'linear'],
        initial: (slot) => (slot === 'accumulator' ? start : 0),
        apply(w, g, [a, linear], lr) {
          const strength = l2 + beta / (2 * lr);
          for (let i = 0; i < w.length; i++) {
            const grown = a[i] + g[i] * g[i];
            linear[i] += g[i] + shrinkage * w[i] - ((grown ** power - a[i] ** power) / lr) * w[i];
            const clipped = Math.max(-l1, Math.min(l1, linear[i]));
            w[i] = (clipped - linear[i]) / (grown ** power / lr + 2 * strength);
            a[i] = grown;
          }
        },
      };
    }
    case 'Lion': {
      const [b1, b2] = [c('beta_1', 0.9), c('beta_2', 0.99)];
      return {
        slots: ['m'],
        initial: zero,
        apply(w, g, [m], lr) {
          for (let i = 0; i < w.length; i++) {
            w[i] -= lr * Math.sign(m[i] * b1 + g[i] * (1 - b1));
            m[i] = m[i] * b2 + g[i] * (1 - b2);
          }
        },
      };
    }
    default:
      throw new Error(
        `optimizer ${spec.className} is not known; use SGD, Adam, AdamW, RMSprop, Adagrad, Adadelta, Adamax, Nadam, Ftrl or Lion`,
      );
  }
}

/** Whether the settings are PyTorch's, which has some places of epsilon and of the learning rate otherwise. */
export const isTorch = ({ config }: OptimizerSpec): boolean => config.variant === 'pytorch';

/** Adam's epsilon at a step: PyTorch adds it to the root of the corrected mean, Keras to that of the running one. */
export function epsilonAt(spec: OptimizerSpec, t: number): number {
  const { epsilon, beta_2 } = spec.config;
  const eps = typeof epsilon === 'number' ? epsilon : 1e-7;
  return isTorch(spec) ? eps * Math.sqrt(1 - (typeof beta_2 === 'number' ? beta_2 : 0.999) ** t) : eps;
}

/** L2 regularisation that PyTorch's optimisers add to the gradient: g + weight_decay · w. 0 for none. */
export function coupledDecay({ config }: OptimizerSpec): number {
  return typeof config.coupled_weight_decay === 'number' ? config.coupled_weight_decay : 0;
}

/** The rules that differ from Keras's; undefined where they are the same. */
function torchRule(
  className: string,
  c: (key: string, fallback: number) => number,
  flag: (key: string) => boolean,
): OptimizerRule | undefined {
  const zero = (): number => 0;
  switch (className) {
    case 'SGD': {
      const [momentum, dampening] = [c('momentum', 0), c('dampening', 0)];
      if (momentum === 0) return undefined;
      const nesterov = flag('nesterov');
      return {
        slots: ['momentum'],
        initial: zero,
        apply(w, g, [m], lr, t) {
          // The first gradient fills the buffer whole.
          const share = t === 1 ? 1 : 1 - dampening;
          for (let i = 0; i < w.length; i++) {
            m[i] = momentum * m[i] + share * g[i];
            w[i] -= lr * (nesterov ? g[i] + momentum * m[i] : m[i]);
          }
        },
      };
    }
    case 'Adamax': {
      const [b1, b2, eps] = [c('beta_1', 0.9), c('beta_2', 0.999), c('epsilon', 1e-8)];
      return {
        slots: ['m', 'u'],
        initial: zero,
        apply(w, g, [m, u], lr, t) {
          const rate = lr / (1 - b1 ** t);
          for (let i = 0; i < w.length; i++) {
            m[i] += (g[i] - m[i]) * (1 - b1);
            u[i] = Math.max(b2 * u[i], Math.abs(g[i]) + eps);
            w[i] -= (rate * m[i]) / u[i];
          }
        },
      };
    }
    case 'RMSprop': {
      const [rho, momentum, eps] = [c('rho', 0.99), c('momentum', 0), c('epsilon', 1e-8)];
      const centered = flag('centered');
      return {
        slots: ['velocity', ...(momentum > 0 ? ['momentum'] : []), ...(centered ? ['average_gradient'] : [])],
        initial: zero,
        apply(w, g, s, lr) {
          const v = s[0];
          const mom = momentum > 0 ? s[1] : null;
          const average = centered ? s[s.length - 1] : null;
          for (let i = 0; i < w.length; i++) {
            v[i] = rho * v[i] + (1 - rho) * g[i] * g[i];
            let square = v[i];
            if (average) {
              average[i] = rho * average[i] + (1 - rho) * g[i];
              square -= average[i] * average[i];
            }
            const step = g[i] / (Math.sqrt(square) + eps);
            if (mom) w[i] -= lr * (mom[i] = Math.fround(momentum * mom[i] + step));
            else w[i] -= lr * step;
          }
        },
      };
    }
    case 'Adagrad': {
      const [start, eps, decay] = [c('initial_accumulator_value', 0), c('epsilon', 1e-10), c('lr_decay', 0)];
      return {
        slots: ['accumulator'],
        initial: () => start,
        apply(w, g, [a], lr, t) {
          const rate = lr / (1 + (t - 1) * decay);
          for (let i = 0; i < w.length; i++) {
            a[i] += g[i] * g[i];
            w[i] -= (rate * g[i]) / (Math.sqrt(a[i]) + eps);
          }
        },
      };
    }
    default:
      return undefined;
  }
}
