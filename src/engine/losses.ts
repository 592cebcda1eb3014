import { ModelError } from '../common/modelError';
import * as tfc from '@tensorflow/tfjs-core';

/** Keras's backend epsilon. */
const EPSILON = 1e-7;

/** One loss per example, from targets and outputs of shape [examples, units]. */
export type LossFunction = (target: tfc.Tensor2D, output: tfc.Tensor2D) => tfc.Tensor1D;

/** What a loss takes besides targets and outputs, in Keras's words. */
export interface LossConfig {
  labelSmoothing: number;
  delta: number;
  /** What the result is multiplied with; 1 for none. */
  scale: number;
  alpha: number;
  gamma: number;
  /** Whether focal losses weigh the two classes with alpha and 1 - alpha. */
  isBalanced: boolean;
}

const last = -1;
const mean = (x: tfc.Tensor): tfc.Tensor1D => tfc.mean(x, last);
const sum = (x: tfc.Tensor): tfc.Tensor1D => tfc.sum(x, last);
const clip = (x: tfc.Tensor): tfc.Tensor => tfc.clipByValue(x, EPSILON, 1 - EPSILON);
const square = (target: tfc.Tensor, output: tfc.Tensor): tfc.Tensor => tfc.square(tfc.sub(output, target));

/** Softmax and cross-entropy in one, from logits; the gradient is softmax - target. */
export const softmaxCrossEntropy: LossFunction = (target, logits) => {
  const operation = tfc.customGrad((...args: (tfc.Tensor | tfc.GradSaveFunc)[]) => {
    const z = args[0] as tfc.Tensor2D;
    const shifted = tfc.sub(z, tfc.max(z, last, true));
    const exponential = tfc.exp(shifted);
    const total = tfc.sum(exponential, last, true);
    (args[1] as tfc.GradSaveFunc)([tfc.sub(tfc.div(exponential, total), target)]);
    const value = sum(tfc.mul(target, tfc.sub(tfc.log(total), shifted)));
    return { value, gradFunc: (dy: tfc.Tensor, saved: tfc.Tensor[]) => [tfc.mul(tfc.expandDims(dy, last), saved[0])] };
  });
  return operation(logits) as tfc.Tensor1D;
};

/** Sigmoid and binary cross-entropy in one, from logits, averaged over units; the gradient is sigmoid - target. */
export const sigmoidCrossEntropy: LossFunction = (target, logits) => {
  const operation = tfc.customGrad((...args: (tfc.Tensor | tfc.GradSaveFunc)[]) => {
    const z = args[0] as tfc.Tensor2D;
    (args[1] as tfc.GradSaveFunc)([tfc.div(tfc.sub(tfc.sigmoid(z), target), z.shape[1])]);
    // max(z, 0) - z t + log(1 + exp(-|z|))
    const tail = tfc.log1p(tfc.exp(tfc.neg(tfc.abs(z))));
    const value = mean(tfc.add(tfc.sub(tfc.relu(z), tfc.mul(z, target)), tail));
    return { value, gradFunc: (dy: tfc.Tensor, saved: tfc.Tensor[]) => [tfc.mul(tfc.expandDims(dy, last), saved[0])] };
  });
  return operation(logits) as tfc.Tensor1D;
};

const categoricalCrossEntropy: LossFunction = (target, output) => {
  const normal = clip(tfc.div(output, tfc.sum(output, last, true)));
  return tfc.neg(sum(tfc.mul(target, tfc.log(normal))));
};

const binaryCrossEntropy: LossFunction = (target, output) => {
  const p = clip(output);
  const hit = tfc.mul(target, tfc.log(p));
  const miss = tfc.mul(tfc.sub(1, target), tfc.log(tfc.sub(1, p)));
  return tfc.neg(mean(tfc.add(hit, miss)));
};

const unit = (x: tfc.Tensor): tfc.Tensor => tfc.div(x, tfc.sqrt(tfc.maximum(tfc.sum(tfc.square(x), last, true), 1e-12)));

/** x ** exponent of positive numbers; whole small powers as products. */
const power = (x: tfc.Tensor, exponent: number): tfc.Tensor => (exponent === 2 ? tfc.square(x) : tfc.pow(x, exponent));

/** Losses on outputs (not logits) as Keras defines them. */
const losses: Record<string, (config: LossConfig) => LossFunction> = {
  categorical_crossentropy: () => categoricalCrossEntropy,
  sparse_categorical_crossentropy: () => categoricalCrossEntropy,
  binary_crossentropy: () => binaryCrossEntropy,
  mean_squared_error: () => (t, y) => mean(square(t, y)),
  mean_absolute_error: () => (t, y) => mean(tfc.abs(tfc.sub(y, t))),
  mean_absolute_percentage_error: () => (t, y) => tfc.mul(mean(tfc.abs(tfc.div(tfc.sub(t, y), tfc.maximum(tfc.abs(t), EPSILON)))), 100),
  mean_squared_logarithmic_error: () => (t, y) => {
    const log = (x: tfc.Tensor): tfc.Tensor => tfc.log(tfc.add(tfc.maximum(x, EPSILON), 1));
    return mean(square(log(t), log(y)));
  },
  huber:
    ({ delta, scale }) =>
    (t, y) => {
      const error = tfc.abs(tfc.sub(y, t));
      const near = tfc.minimum(error, delta);
      const value = mean(tfc.add(tfc.mul(tfc.square(near), 0.5), tfc.mul(tfc.sub(error, near), delta)));
      return scale === 1 ? value : tfc.mul(value, scale);
    },
  // Lin et al. 2018.
  binary_focal_crossentropy:
    ({ alpha, gamma, isBalanced }) =>
    (t, y) => {
      const p = clip(y);
      const hit = tfc.add(tfc.mul(t, p), tfc.mul(tfc.sub(1, t), tfc.sub(1, p)));
      const weight = isBalanced ? tfc.add(tfc.mul(t, alpha), tfc.mul(tfc.sub(1, t), 1 - alpha)) : tfc.scalar(1);
      const entropy = tfc.neg(tfc.add(tfc.mul(t, tfc.log(p)), tfc.mul(tfc.sub(1, t), tfc.log(tfc.sub(1, p)))));
      return mean(tfc.mul(tfc.mul(weight, power(tfc.sub(1, hit), gamma)), entropy));
    },
  categorical_focal_crossentropy:
    ({ alpha, gamma }) =>
    (t, y) => {
      const p = clip(tfc.div(y, tfc.sum(y, last, true)));
      return sum(tfc.mul(tfc.mul(power(tfc.sub(1, p), gamma), alpha), tfc.mul(t, tfc.neg(tfc.log(p)))));
    },
  log_cosh: () => (t, y) => {
    const error = tfc.sub(y, t);
    return mean(tfc.sub(tfc.add(error, tfc.softplus(tfc.mul(error, -2))), Math.LN2));
  },
  hinge: () => (t, y) => mean(tfc.relu(tfc.sub(1, tfc.mul(t, y)))),
  squared_hinge: () => (t, y) => mean(tfc.square(tfc.relu(tfc.sub(1, tfc.mul(t, y))))),
  categorical_hinge: () => (t, y) => {
    const right = sum(tfc.mul(t, y));
    const wrong = tfc.max(tfc.mul(tfc.sub(1, t), y), last);
    return tfc.relu(tfc.add(tfc.sub(wrong, right), 1)) as tfc.Tensor1D;
  },
  kl_divergence: () => (t, y) => {
    const target = tfc.clipByValue(t, EPSILON, 1);
    return sum(tfc.mul(target, tfc.log(tfc.div(target, tfc.clipByValue(y, EPSILON, 1)))));
  },
  poisson: () => (t, y) => mean(tfc.sub(y, tfc.mul(t, tfc.log(tfc.add(y, EPSILON))))),
  cosine_similarity: () => (t, y) => tfc.neg(sum(tfc.mul(unit(t), unit(y)))),
};

const aliases: Record<string, string> = {
  mse: 'mean_squared_error',
  mae: 'mean_absolute_error',
  mape: 'mean_absolute_percentage_error',
  msle: 'mean_squared_logarithmic_error',
  bce: 'binary_crossentropy',
  kld: 'kl_divergence',
  kullback_leibler_divergence: 'kl_divergence',
  cosine_proximity: 'cosine_similarity',
  logcosh: 'log_cosh',
  huber_loss: 'huber',
};

/** Keras's full name of a loss. */
export function lossName(name: string): string {
  return Object.hasOwn(aliases, name) ? aliases[name] : name;
}

/**
 * The loss of that name on outputs that went through their activation.
 * @throws Error when there is none.
 */
export function lossNamed(name: string, config: LossConfig): LossFunction {
  if (!Object.hasOwn(losses, name)) throw new ModelError(`the loss ${name} is not supported; use one of ${Object.keys(losses).join(', ')}`);
  return losses[name](config);
}
