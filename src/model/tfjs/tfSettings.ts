import type { JsonObject, JsonValue } from '../../common/json';
import type { OptimizerSpec } from '../../common/modelSpec';
import { UnknownSetting, toJson } from '../keras/toJson';
import { lossName, metricName } from '../keras/losses';
import { HostObject } from '../python/hostObject';
import { numberOf, stringOf, type Arguments, type Value } from '../python/value';
import { field } from './scriptValues';

/** `kernelSize` -> `kernel_size`; `varianceScaling` -> `variance_scaling`. */
export function snakeCase(name: string): string {
  return name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .replace(/([A-Z])([A-Z][a-z])/g, '$1_$2')
    .toLowerCase();
}

/** Settings whose values are names of TF.js in camel case. */
const NAMES = /(initializer|activation|regularizer|constraint|format|interpolation|mode|padding)$/;

/** A setting whose value is not known. */
export interface Defect {
  /** In Keras's spelling. */
  name: string;
  reason: string;
}

/** A configuration object as Keras writes it, and the settings whose values are not known. */
export function settingsOf(value: Value | undefined, ignored: readonly string[] = []): { settings: JsonObject; defects: Defect[] } {
  const settings: JsonObject = {};
  const defects: Defect[] = [];
  if (value?.kind === 'unknown') defects.push({ name: 'configuration', reason: value.reason });
  if (value?.kind !== 'dict') return { settings, defects };
  for (const entry of value.entries.values()) {
    const name = stringOf(entry.key);
    if (name === null || entry.value.kind === 'none' || ignored.includes(name)) continue;
    const key = snakeCase(name);
    try {
      const json = toJson(entry.value);
      settings[key] = NAMES.test(key) && typeof json === 'string' ? snakeCase(json) : json;
    } catch (error) {
      if (!(error instanceof UnknownSetting)) throw error;
      if (key !== 'weights') defects.push({ name: key, reason: error.reason });
    }
  }
  return { settings, defects };
}

/** An optimizer of `tf.train`. */
export class TfOptimizer extends HostObject {
  readonly description = 'an optimizer';

  constructor(readonly spec: OptimizerSpec) {
    super();
  }
}

/** Positional parameters of `tf.train.*` with TF.js's defaults, and the Keras class that does the same. */
const OPTIMIZERS: Record<string, { className: string; parameters: [string, JsonValue][] }> = {
  sgd: { className: 'SGD', parameters: [['learning_rate', 0.01]] },
  momentum: {
    className: 'SGD',
    parameters: [
      ['learning_rate', 0.01],
      ['momentum', 0.9],
      ['nesterov', false],
    ],
  },
  adam: {
    className: 'Adam',
    parameters: [
      ['learning_rate', 0.001],
      ['beta_1', 0.9],
      ['beta_2', 0.999],
      ['epsilon', 1e-7],
    ],
  },
  adamax: {
    className: 'Adamax',
    parameters: [
      ['learning_rate', 0.002],
      ['beta_1', 0.9],
      ['beta_2', 0.999],
      ['epsilon', 1e-7],
    ],
  },
  rmsprop: {
    className: 'RMSprop',
    parameters: [
      ['learning_rate', 0.001],
      ['rho', 0.9],
      ['momentum', 0],
      ['epsilon', 1e-7],
      ['centered', false],
    ],
  },
  adagrad: {
    className: 'Adagrad',
    parameters: [
      ['learning_rate', 0.01],
      ['initial_accumulator_value', 0.1],
    ],
  },
  adadelta: {
    className: 'Adadelta',
    parameters: [
      ['learning_rate', 0.001],
      ['rho', 0.95],
      ['epsilon', 1e-7],
    ],
  },
};

/** An optimizer from its constructor's name; null when there is none. `lost` names an argument that is not known. */
export function optimizerOf(name: string, args: Arguments | null): { spec: OptimizerSpec; lost: string | null } | null {
  const key = name.toLowerCase();
  if (!Object.hasOwn(OPTIMIZERS, key)) return null;
  const { className, parameters } = OPTIMIZERS[key];
  const config: JsonObject = {};
  let lost: string | null = null;
  parameters.forEach(([parameter, fallback], i) => {
    const given = args?.positional[i];
    const value = numberOf(given);
    config[parameter] = given?.kind === 'bool' ? given.value : (value ?? fallback);
    if (given && given.kind !== 'none' && value === null) lost ??= parameter;
  });
  // The name alone means a learning rate of 1 in TF.js, unlike the function.
  if (key === 'adadelta' && args === null) config.learning_rate = 1;
  return { spec: { className, config }, lost };
}

/** Keras's name of a loss; `tf.losses.*` too. */
export function tfLossName(value: Value | undefined): string | null {
  const name = nameIn(value);
  if (name === null) return null;
  const known: Record<string, string> = {
    softmaxCrossEntropy: 'categorical_crossentropy',
    sigmoidCrossEntropy: 'binary_crossentropy',
    absoluteDifference: 'mean_absolute_error',
  };
  return (
    known[name] ??
    lossName(
      snakeCase(name)
        .replace(/_cross_entropy$/, '_crossentropy')
        .replace(/^cosine_distance$/, 'cosine_similarity'),
    )
  );
}

/** The losses of `tf.losses` take logits. */
export function takesLogits(value: Value | undefined): boolean {
  return value?.kind === 'external' && /CrossEntropy$/.test(value.path);
}

export function metricNames(value: Value | undefined): string[] {
  const items = value?.kind === 'list' ? value.items : value ? [value] : [];
  return items.flatMap((v) => {
    const name = nameIn(v);
    return name === null ? [] : [metricName(snakeCase(name))];
  });
}

function nameIn(value: Value | undefined): string | null {
  if (value?.kind === 'list') return nameIn(value.items[0]);
  return stringOf(value) ?? (value?.kind === 'external' ? (value.path.split('.').at(-1) ?? null) : null);
}

/** A number of an options object. */
export function numberField(options: Value | undefined, name: string): number | null {
  return options?.kind === 'dict' ? numberOf(field(options, name)) : null;
}
