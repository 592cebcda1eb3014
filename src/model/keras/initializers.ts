import type { JsonObject, JsonValue } from '../../common/json';
import type { InitializerSpec, WeightSpec } from '../../common/modelSpec';

/** Keras's initialisers with all their settings. */
const CLASSES: Record<string, JsonObject> = {
  Zeros: {},
  Ones: {},
  Constant: { value: 0 },
  RandomNormal: { mean: 0, stddev: 0.05, seed: null },
  RandomUniform: { minval: -0.05, maxval: 0.05, seed: null },
  TruncatedNormal: { mean: 0, stddev: 0.05, seed: null },
  VarianceScaling: { scale: 1, mode: 'fan_in', distribution: 'truncated_normal', seed: null },
  Orthogonal: { gain: 1, seed: null },
  Identity: { gain: 1 },
  GlorotNormal: { seed: null },
  GlorotUniform: { seed: null },
  HeNormal: { seed: null },
  HeUniform: { seed: null },
  LecunNormal: { seed: null },
  LecunUniform: { seed: null },
};

/** Positional parameters, where they differ from the order above. */
const PARAMETERS: Record<string, string[]> = Object.fromEntries(
  Object.entries(CLASSES).map(([name, config]) => [name, Object.keys(config)]),
);

const ALIASES: Record<string, string> = {
  zero: 'Zeros',
  zeros: 'Zeros',
  one: 'Ones',
  ones: 'Ones',
  uniform: 'RandomUniform',
  normal: 'RandomNormal',
  random_uniform_initializer: 'RandomUniform',
  random_normal_initializer: 'RandomNormal',
  truncated_normal_initializer: 'TruncatedNormal',
  zeros_initializer: 'Zeros',
  ones_initializer: 'Ones',
  constant_initializer: 'Constant',
  xavier: 'GlorotUniform',
  identity_initializer: 'Identity',
  IdentityInitializer: 'Identity',
  OrthogonalInitializer: 'Orthogonal',
};

/** Keras's class name for any spelling (`he_normal`, `HeNormal`, `uniform`); null when there is no such initialiser. */
export function initializerClass(name: string): string | null {
  if (Object.hasOwn(CLASSES, name)) return name;
  if (Object.hasOwn(ALIASES, name)) return ALIASES[name];
  const camel = name.replace(/(^|_)([a-z])/g, (_m, _u: string, letter: string) => letter.toUpperCase());
  return Object.hasOwn(CLASSES, camel) ? camel : null;
}

export function initializerParameters(className: string): string[] {
  return PARAMETERS[className] ?? [];
}

/**
 * An initialiser with every setting filled in, from a name or from `{class_name, config}`.
 * An unknown one keeps its name and config, so that it can be shown.
 */
export function completeInitializer(value: JsonValue | undefined): InitializerSpec | null {
  const name = typeof value === 'string' ? value : isObject(value) ? value.class_name : undefined;
  if (typeof name !== 'string') return null;
  const given = isObject(value) && isObject(value.config) ? value.config : {};
  const className = initializerClass(name);
  if (!className) return { className: name, config: given };
  const named: JsonObject = { ...CLASSES[className] };
  for (const [key, setting] of Object.entries(given)) if (key in named) named[key] = setting;
  return recognise({ className, config: named });
}

/** The older spelling of Glorot, He and LeCun: a `VarianceScaling` with the numbers that make it one. */
function recognise(spec: InitializerSpec): InitializerSpec {
  if (spec.className !== 'VarianceScaling') return spec;
  const { scale, mode, distribution, seed } = spec.config;
  const shape = distribution === 'uniform' ? 'Uniform' : 'Normal';
  if (distribution === 'untruncated_normal') return spec;
  const family =
    scale === 1 && mode === 'fan_avg'
      ? 'Glorot'
      : scale === 2 && mode === 'fan_in'
        ? 'He'
        : scale === 1 && mode === 'fan_in'
          ? 'Lecun'
          : null;
  return family ? { className: `${family}${shape}`, config: { seed } } : spec;
}

/** The form that stands in a topology. */
export function initializerJson(spec: InitializerSpec): JsonObject {
  return { class_name: spec.className, config: spec.config };
}

/** fan_in and fan_out of a shape, as Keras counts them. */
export function fans(shape: number[]): { fanIn: number; fanOut: number } {
  if (shape.length < 2) return { fanIn: shape[0] ?? 1, fanOut: shape[0] ?? 1 };
  const receptive = shape.slice(0, -2).reduce((p, n) => p * n, 1);
  return { fanIn: shape[shape.length - 2] * receptive, fanOut: shape[shape.length - 1] * receptive };
}

/** One variable of a layer, drawn by the initialiser that the layer's configuration names under `key`. */
export function weight(name: string, shape: number[], config: JsonObject, key: string, trainable = true): WeightSpec {
  const initializer = completeInitializer(config[key]) ?? { className: 'Zeros', config: {} };
  return { name, shape, ...fans(shape), initializer, trainable: trainable && config.trainable !== false };
}

export function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
