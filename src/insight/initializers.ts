import type { WeightSpec } from '../common/modelSpec';
import { Random } from '../common/random';
import { orthogonal } from './orthogonal';

/** Standard deviation of a standard normal cut off at ±2: Keras divides by it so that the values drawn have the stated deviation. */
const TRUNCATED_STD = 0.87962566103423978;

/** How one weight's starting values are distributed. */
export type Distribution =
  | { kind: 'constant'; value: number }
  | { kind: 'uniform'; low: number; high: number }
  | { kind: 'normal'; mean: number; std: number }
  /** `std` is of the values drawn, after the cut at two standard deviations of the parent distribution. */
  | { kind: 'truncated-normal'; mean: number; std: number }
  | { kind: 'orthogonal'; gain: number }
  | { kind: 'identity'; gain: number }
  /** LSTM's bias in Keras: zeros, with ones in the forget gate's quarter. */
  | { kind: 'forget-bias' };

interface Family {
  scale: number;
  mode: 'fan_in' | 'fan_out' | 'fan_avg';
  shape: 'uniform' | 'truncated-normal' | 'normal';
}

const FAMILIES: Record<string, Family> = {
  GlorotUniform: { scale: 1, mode: 'fan_avg', shape: 'uniform' },
  GlorotNormal: { scale: 1, mode: 'fan_avg', shape: 'truncated-normal' },
  HeUniform: { scale: 2, mode: 'fan_in', shape: 'uniform' },
  HeNormal: { scale: 2, mode: 'fan_in', shape: 'truncated-normal' },
  LecunUniform: { scale: 1, mode: 'fan_in', shape: 'uniform' },
  LecunNormal: { scale: 1, mode: 'fan_in', shape: 'truncated-normal' },
};

const ALIASES: Record<string, string> = {
  LeCunUniform: 'LecunUniform',
  LeCunNormal: 'LecunNormal',
  Zero: 'Zeros',
  One: 'Ones',
  Normal: 'RandomNormal',
  Uniform: 'RandomUniform',
};

/** Variance of the values that a family draws: scale / fan. */
function variance(family: Pick<Family, 'scale' | 'mode'>, weight: WeightSpec): number {
  const fan = family.mode === 'fan_in' ? weight.fanIn : family.mode === 'fan_out' ? weight.fanOut : (weight.fanIn + weight.fanOut) / 2;
  return family.scale / Math.max(1, fan);
}

function spread(family: Family, weight: WeightSpec): Distribution {
  const v = variance(family, weight);
  if (family.shape === 'uniform') return { kind: 'uniform', low: -Math.sqrt(3 * v), high: Math.sqrt(3 * v) };
  return { kind: family.shape, mean: 0, std: Math.sqrt(v) };
}

/**
 * The distribution of a weight's starting values, by Keras's definitions (keras/src/initializers) and PyTorch's
 * (torch.nn.init.kaiming_uniform_ with a = √5 and the layers' bias bound 1/√fan_in).
 * @throws Error when the initialiser is not known.
 */
export function distributionOf(weight: WeightSpec): Distribution {
  const { className: given, config } = weight.initializer;
  const className = ALIASES[given] ?? given;
  const number = (key: string, fallback: number): number => (typeof config[key] === 'number' ? (config[key] as number) : fallback);
  const family = FAMILIES[className];
  if (family) return spread(family, weight);
  switch (className) {
    case 'Zeros':
      return config.unit_forget_bias === true ? { kind: 'forget-bias' } : { kind: 'constant', value: 0 };
    case 'Ones':
      return { kind: 'constant', value: 1 };
    case 'Constant':
      return { kind: 'constant', value: number('value', 0) };
    case 'RandomUniform':
      return { kind: 'uniform', low: number('minval', -0.05), high: number('maxval', 0.05) };
    case 'RandomNormal':
      return { kind: 'normal', mean: number('mean', 0), std: number('stddev', 0.05) };
    case 'TruncatedNormal':
      return { kind: 'truncated-normal', mean: number('mean', 0), std: number('stddev', 0.05) * TRUNCATED_STD };
    case 'VarianceScaling': {
      const mode = String(config.mode ?? 'fan_in').toLowerCase() as Family['mode'];
      const name = String(config.distribution ?? 'truncated_normal').toLowerCase();
      const shape = name === 'uniform' ? 'uniform' : name === 'untruncated_normal' ? 'normal' : 'truncated-normal';
      return spread({ scale: number('scale', 1), mode, shape }, weight);
    }
    case 'Orthogonal':
      return { kind: 'orthogonal', gain: number('gain', 1) };
    case 'Identity':
      return { kind: 'identity', gain: number('gain', 1) };
    case 'TorchKaimingUniform': {
      const a = number('a', Math.sqrt(5));
      const bound = Math.sqrt(6 / ((1 + a * a) * Math.max(1, weight.fanIn)));
      return { kind: 'uniform', low: -bound, high: bound };
    }
    case 'TorchBiasUniform': {
      const bound = 1 / Math.sqrt(Math.max(1, weight.fanIn));
      return { kind: 'uniform', low: -bound, high: bound };
    }
    default:
      throw new Error(`initialiser ${given} of weight ${weight.name} is not known; use one of Keras's own, such as glorot_uniform`);
  }
}

/**
 * The values that training starts from, row-major in `weight.shape`. The same for the same seed, layer and weight, whoever asks: the
 * hover before training and the engine draw the very same numbers.
 * @throws Error when the initialiser is not known.
 */
export function drawWeight(weight: WeightSpec, seed: number, layerName: string): Float32Array {
  const size = weight.shape.reduce((a, b) => a * b, 1);
  const values = new Float32Array(size);
  const own = weight.initializer.config.seed;
  const label = `init/${layerName}/${weight.name}${typeof own === 'number' ? `/${own}` : ''}`;
  const random = Random.stream(seed, label);
  const d = distributionOf(weight);
  switch (d.kind) {
    case 'constant':
      return values.fill(d.value);
    case 'uniform':
      for (let i = 0; i < size; i++) values[i] = random.uniform(d.low, d.high);
      return values;
    case 'normal':
      for (let i = 0; i < size; i++) values[i] = d.mean + d.std * random.normal();
      return values;
    case 'truncated-normal': {
      const parent = d.std / TRUNCATED_STD;
      for (let i = 0; i < size; i++) {
        let x: number;
        do x = random.normal();
        while (Math.abs(x) > 2);
        values[i] = d.mean + parent * x;
      }
      return values;
    }
    case 'orthogonal':
      return orthogonal(weight.shape, d.gain, random);
    case 'identity': {
      const columns = weight.shape.at(-1) ?? 1;
      for (let i = 0; i < Math.min(columns, size / columns); i++) values[i * columns + i] = d.gain;
      return values;
    }
    case 'forget-bias':
      return values.fill(1, size / 4, size / 2);
  }
}

/** What an initialiser is called: Keras's name, and PyTorch's defaults as its documentation has them. */
export function initializerName({ initializer: { className } }: Pick<WeightSpec, 'initializer'>): string {
  if (className === 'TorchKaimingUniform') return 'PyTorch’s Kaiming uniform';
  return className === 'TorchBiasUniform' ? 'PyTorch’s uniform for biases' : className;
}

/** An initialiser explained with this layer's own numbers. */
export interface InitializerDescription {
  name: string;
  /** In symbols, such as `limit = √(6 / (fan_in + fan_out))`. */
  formula: string;
  /** The same with this layer's numbers. */
  substituted: string;
  /** The values lie in ±bound; null when the distribution has no bound. */
  bound: number | null;
  std: number;
  /** Probability density at x; for a constant it is 0 everywhere (all mass is at one value). */
  density(x: number): number;
  sentence: string;
}

/** @throws Error when the initialiser is not known. */
export function describeInitializer(weight: WeightSpec): InitializerDescription {
  const d = distributionOf(weight);
  const name = initializerName(weight);
  const f = (x: number): string => (x === 0 ? '0' : Math.abs(x) < 1e-3 ? x.toExponential(2) : x.toPrecision(3));
  const formula = formulaOf(weight);
  switch (d.kind) {
    case 'constant':
      return {
        name,
        ...formula,
        bound: Math.abs(d.value),
        std: 0,
        density: () => 0,
        sentence: `${name}: every value starts at ${d.value}.`,
      };
    case 'forget-bias':
      return {
        name,
        ...formula,
        bound: 1,
        std: Math.sqrt(3) / 4,
        density: () => 0,
        sentence: `${name}: zeros, with ones for the forget gate.`,
      };
    case 'identity':
      return {
        name,
        ...formula,
        bound: d.gain,
        std: NaN,
        density: () => 0,
        sentence: `${name}: ${d.gain} on the diagonal, zero elsewhere.`,
      };
    case 'uniform': {
      const width = d.high - d.low;
      const range = d.low === -d.high ? `±${f(d.high)}` : `[${f(d.low)}, ${f(d.high)})`;
      return {
        name,
        ...formula,
        bound: Math.max(Math.abs(d.low), Math.abs(d.high)),
        std: width / Math.sqrt(12),
        density: (x) => (x >= d.low && x < d.high ? 1 / width : 0),
        sentence: `${name}: each value is drawn at random, evenly from ${range}.`,
      };
    }
    case 'normal':
      return {
        name,
        ...formula,
        bound: null,
        std: d.std,
        density: (x) => gauss((x - d.mean) / d.std) / d.std,
        sentence: `${name}: each value is drawn at random from a normal distribution with mean ${f(d.mean)} and standard deviation ${f(d.std)}.`,
      };
    case 'truncated-normal': {
      const parent = d.std / TRUNCATED_STD;
      return {
        name,
        ...formula,
        bound: 2 * parent + Math.abs(d.mean),
        std: d.std,
        // 0.9545 is the mass of a standard normal within ±2.
        density: (x) => (Math.abs(x - d.mean) <= 2 * parent ? gauss((x - d.mean) / parent) / parent / 0.9544997361036416 : 0),
        sentence: `${name}: each value is drawn at random from a normal distribution cut at ±${f(2 * parent)}; standard deviation ${f(d.std)}.`,
      };
    }
    case 'orthogonal':
      return {
        name,
        ...formula,
        bound: d.gain,
        std: NaN,
        density: () => NaN,
        sentence: `${name}: a random orthogonal matrix times ${d.gain}.`,
      };
  }
}

function gauss(z: number): number {
  return Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
}

function formulaOf(weight: WeightSpec): { formula: string; substituted: string } {
  const given = weight.initializer.className;
  const name = ALIASES[given] ?? given;
  const family = FAMILIES[name];
  const { fanIn, fanOut } = weight;
  const show = (x: number): string => x.toPrecision(6);
  if (name === 'TorchKaimingUniform') {
    const d = distributionOf(weight) as { high: number };
    // 1 + a², as the limit has it.
    const factor = Number((6 / (fanIn * d.high ** 2)).toPrecision(6));
    return { formula: 'limit = √(6 / ((1 + a²) · fan_in))', substituted: `limit = √(6 / (${factor} · ${fanIn})) = ${show(d.high)}` };
  }
  if (name === 'TorchBiasUniform')
    return { formula: 'limit = 1 / √fan_in', substituted: `limit = 1 / √${fanIn} = ${show(1 / Math.sqrt(fanIn))}` };
  if (!family) return { formula: name, substituted: name };
  const numerator = (family.shape === 'uniform' ? 3 : 1) * family.scale * (family.mode === 'fan_avg' ? 2 : 1);
  const symbol = family.shape === 'uniform' ? 'limit' : 'std';
  const fan = family.mode === 'fan_avg' ? '(fan_in + fan_out)' : family.mode;
  const numbers = family.mode === 'fan_avg' ? `(${fanIn} + ${fanOut})` : String(family.mode === 'fan_in' ? fanIn : fanOut);
  const value = Math.sqrt((family.shape === 'uniform' ? 3 : 1) * variance(family, weight));
  return { formula: `${symbol} = √(${numerator} / ${fan})`, substituted: `${symbol} = √(${numerator} / ${numbers}) = ${show(value)}` };
}
