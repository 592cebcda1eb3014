import type { InitializerSpec } from '../../common/modelSpec';
import { numberOf, stringOf, type Arguments } from '../python/value';
import { argument } from './arguments';

/** What PyTorch's convolutions and linear layers begin with: kaiming_uniform_(a=√5), the bias within 1/√fan_in. */
export const TORCH_KERNEL = { class_name: 'TorchKaimingUniform', config: { a: Math.sqrt(5) } };
export const TORCH_BIAS = { class_name: 'TorchBiasUniform', config: {} };

/** `torch.nn.init.calculate_gain`. */
export function gainOf(nonlinearity: string, slope: number | null): number {
  switch (nonlinearity) {
    case 'tanh':
      return 5 / 3;
    case 'relu':
      return Math.SQRT2;
    case 'leaky_relu':
      return Math.sqrt(2 / (1 + (slope ?? 0.01) ** 2));
    case 'selu':
      return 3 / 4;
    default:
      return 1;
  }
}

/**
 * The initialiser of a call of `torch.nn.init` (the weight itself left out) or of a tensor's own method; null when it is none.
 * Normal distributions are not cut off in PyTorch.
 */
export function initializerCall(name: string, args: Arguments): InitializerSpec | null {
  const number = (at: number, key: string, fallback: number) => numberOf(argument(args, at, key)) ?? fallback;
  const scaling = (scale: number, mode: string, distribution: string): InitializerSpec => ({
    className: 'VarianceScaling',
    config: { scale, mode, distribution, seed: null },
  });
  const kaiming = (distribution: string) => {
    const slope = number(0, 'a', 0);
    const nonlinearity = stringOf(argument(args, 2, 'nonlinearity')) ?? 'leaky_relu';
    return scaling(gainOf(nonlinearity, slope) ** 2, stringOf(argument(args, 1, 'mode')) ?? 'fan_in', distribution);
  };
  switch (name.replace(/_$/, '')) {
    case 'normal':
      return { className: 'RandomNormal', config: { mean: number(0, 'mean', 0), stddev: number(1, 'std', 1), seed: null } };
    case 'trunc_normal':
      // Cut at ±2 as a value, not at two deviations: with the usual small deviations nothing is cut.
      return { className: 'RandomNormal', config: { mean: number(0, 'mean', 0), stddev: number(1, 'std', 1), seed: null } };
    case 'uniform': {
      const isMethod = args.keywords.has('from');
      return {
        className: 'RandomUniform',
        config: { minval: number(0, isMethod ? 'from' : 'a', 0), maxval: number(1, isMethod ? 'to' : 'b', 1), seed: null },
      };
    }
    case 'constant':
    case 'fill':
      return { className: 'Constant', config: { value: number(0, name.startsWith('c') ? 'val' : 'value', 0) } };
    case 'zeros':
    case 'zero':
      return { className: 'Zeros', config: {} };
    case 'ones':
      return { className: 'Ones', config: {} };
    case 'xavier_uniform':
      return scaling(number(0, 'gain', 1) ** 2, 'fan_avg', 'uniform');
    case 'xavier_normal':
      return scaling(number(0, 'gain', 1) ** 2, 'fan_avg', 'untruncated_normal');
    case 'kaiming_uniform':
      return kaiming('uniform');
    case 'kaiming_normal':
      return kaiming('untruncated_normal');
    case 'orthogonal':
      return { className: 'Orthogonal', config: { gain: number(0, 'gain', 1), seed: null } };
    default:
      return null;
  }
}
