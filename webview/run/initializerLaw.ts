import type { WeightSpec } from '../../src/common/modelSpec';
import { formatNumber } from '../ui/format';

/** The distribution that an initialiser draws from. */
export type InitializerLaw =
  | { kind: 'uniform'; low: number; high: number }
  | { kind: 'normal'; mean: number; std: number; isTruncated: boolean }
  | { kind: 'constant'; value: number };

/** Variance-scaling families of Keras: gain, fan, shape. Sources: Glorot & Bengio 2010, He et al. 2015, LeCun 1998. */
const FAMILIES: Record<string, [scale: number, mode: 'fan_in' | 'fan_out' | 'fan_avg', isUniform: boolean]> = {
  GlorotUniform: [1, 'fan_avg', true],
  GlorotNormal: [1, 'fan_avg', false],
  HeUniform: [2, 'fan_in', true],
  HeNormal: [2, 'fan_in', false],
  LecunUniform: [1, 'fan_in', true],
  LecunNormal: [1, 'fan_in', false],
  LeCunUniform: [1, 'fan_in', true],
  LeCunNormal: [1, 'fan_in', false],
};

/** Null for initialisers that draw no independent values (Orthogonal, Identity) and for those this page does not know. */
export function initializerLaw(weight: WeightSpec): InitializerLaw | null {
  const { className, config } = weight.initializer;
  const number = (name: string, otherwise: number) => (typeof config[name] === 'number' ? config[name] : otherwise);
  const family = FAMILIES[className];
  if (family) return scaled(weight, ...family);
  switch (className) {
    case 'Zeros':
      return { kind: 'constant', value: 0 };
    case 'Ones':
      return { kind: 'constant', value: 1 };
    case 'Constant':
      return { kind: 'constant', value: number('value', 0) };
    case 'RandomUniform':
      return { kind: 'uniform', low: number('minval', -0.05), high: number('maxval', 0.05) };
    case 'RandomNormal':
    case 'TruncatedNormal':
      return { kind: 'normal', mean: number('mean', 0), std: number('stddev', 0.05), isTruncated: className === 'TruncatedNormal' };
    case 'VarianceScaling': {
      const mode = config.mode === 'fan_out' || config.mode === 'fan_avg' ? config.mode : 'fan_in';
      return scaled(weight, number('scale', 1), mode, config.distribution === 'uniform');
    }
    case 'TorchKaimingUniform': {
      const bound = Math.sqrt(6 / ((1 + number('a', Math.sqrt(5)) ** 2) * weight.fanIn));
      return { kind: 'uniform', low: -bound, high: bound };
    }
    case 'TorchBiasUniform': {
      const bound = 1 / Math.sqrt(weight.fanIn);
      return { kind: 'uniform', low: -bound, high: bound };
    }
    default:
      return null;
  }
}

function scaled(weight: WeightSpec, scale: number, mode: string, isUniform: boolean): InitializerLaw {
  const { fanIn, fanOut } = weight;
  const fan = mode === 'fan_in' ? fanIn : mode === 'fan_out' ? fanOut : (fanIn + fanOut) / 2;
  const variance = scale / Math.max(1, fan);
  const bound = Math.sqrt(3 * variance);
  if (isUniform) return { kind: 'uniform', low: -bound, high: bound };
  return { kind: 'normal', mean: 0, std: Math.sqrt(variance), isTruncated: true };
}

/** `GlorotUniform in ±0.1421`, `Zeros`, … */
export function initializerText(weight: WeightSpec): string {
  const law = initializerLaw(weight);
  const name = weight.initializer.className;
  if (!law || law.kind === 'constant') return law && name === 'Constant' ? `Constant ${formatNumber(law.value)}` : name;
  if (law.kind === 'uniform') {
    return law.low === -law.high
      ? `${name} in ±${formatNumber(law.high)}`
      : `${name} from ${formatNumber(law.low)} to ${formatNumber(law.high)}`;
  }
  return `${name} with standard deviation ${formatNumber(law.std)}${law.mean ? ` around ${formatNumber(law.mean)}` : ''}`;
}

/** Keras's truncated normal is cut at 2 standard deviations of the uncut one, which is this much wider than what remains. */
const TRUNCATED_STD = 0.87962566103423978;

/** Probability density at x; constants have none. */
export function density(law: InitializerLaw, x: number): number {
  if (law.kind === 'constant') return NaN;
  if (law.kind === 'uniform') return x >= law.low && x <= law.high ? 1 / (law.high - law.low) : 0;
  const sigma = law.isTruncated ? law.std / TRUNCATED_STD : law.std;
  const z = (x - law.mean) / sigma;
  if (law.isTruncated && Math.abs(z) > 2) return 0;
  const mass = law.isTruncated ? 0.954499736103642 : 1;
  return Math.exp(-0.5 * z * z) / (sigma * Math.sqrt(2 * Math.PI) * mass);
}
