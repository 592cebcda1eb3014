import type { JsonObject } from '../../common/json';
import type { Dialect, OptimizerSpec } from '../../common/modelSpec';

/** Constructor parameters in positional order, with the defaults of tf.keras and Keras 3. */
const OPTIMIZERS: Record<string, JsonObject> = {
  SGD: { learning_rate: 0.01, momentum: 0, nesterov: false },
  RMSprop: { learning_rate: 0.001, rho: 0.9, momentum: 0, epsilon: 1e-7, centered: false },
  Adam: { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false },
  AdamW: { learning_rate: 0.001, weight_decay: 0.004, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, amsgrad: false },
  Adagrad: { learning_rate: 0.001, initial_accumulator_value: 0.1, epsilon: 1e-7 },
  Adadelta: { learning_rate: 0.001, rho: 0.95, epsilon: 1e-7 },
  Adamax: { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
  Nadam: { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7 },
  Ftrl: {
    learning_rate: 0.001,
    learning_rate_power: -0.5,
    initial_accumulator_value: 0.1,
    l1_regularization_strength: 0,
    l2_regularization_strength: 0,
    l2_shrinkage_regularization_strength: 0,
    beta: 0,
  },
  Lion: { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.99 },
};

/** What plain Keras 1 and 2 had otherwise; their positional order too. */
const OLD: Record<string, JsonObject> = {
  SGD: { learning_rate: 0.01, momentum: 0, decay: 0, nesterov: false },
  RMSprop: { learning_rate: 0.001, rho: 0.9, epsilon: 1e-7, decay: 0 },
  Adam: { learning_rate: 0.001, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, decay: 0, amsgrad: false },
  Adagrad: { learning_rate: 0.01, epsilon: 1e-7, decay: 0, initial_accumulator_value: 0 },
  Adadelta: { learning_rate: 1, rho: 0.95, epsilon: 1e-7, decay: 0 },
  Adamax: { learning_rate: 0.002, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, decay: 0 },
  Nadam: { learning_rate: 0.002, beta_1: 0.9, beta_2: 0.999, epsilon: 1e-7, schedule_decay: 0.004 },
};

const NAMES = new Map(Object.keys(OPTIMIZERS).map((n) => [n.toLowerCase(), n]));

/** Settings that every optimizer takes beside its own. */
const COMMON = new Set(['clipnorm', 'clipvalue', 'global_clipnorm', 'decay', 'weight_decay', 'use_ema', 'ema_momentum', 'name']);

/** Keras's class name for `adam`, `Adam`, `ADAM`; null when there is no such optimizer. */
export function optimizerClass(name: string): string | null {
  return NAMES.get(name.toLowerCase()) ?? null;
}

function defaultsOf(className: string, dialect: Dialect): JsonObject {
  const isOld = dialect === 'keras1' || dialect === 'keras2';
  const config = (isOld && OLD[className]) || OPTIMIZERS[className];
  // Keras 1 wrote its epsilon out.
  return dialect === 'keras1' && 'epsilon' in config ? { ...config, epsilon: 1e-8 } : config;
}

/** The positional parameters of an optimizer in a dialect. */
export function optimizerParameters(className: string, dialect: Dialect): string[] {
  return Object.keys(defaultsOf(className, dialect));
}

/** An optimizer with the dialect's defaults filled in. Settings it does not have are returned apart. */
export function completeOptimizer(className: string, given: JsonObject, dialect: Dialect): { spec: OptimizerSpec; ignored: string[] } {
  const defaults = defaultsOf(className, dialect);
  const config: JsonObject = { ...defaults };
  const ignored: string[] = [];
  for (const [key, value] of Object.entries(given)) {
    const name = key === 'lr' ? 'learning_rate' : key;
    if (name === 'epsilon' && value === null) continue;
    if (name in defaults || name in OPTIMIZERS[className] || COMMON.has(name)) config[name] = value;
    else ignored.push(key);
  }
  delete config.name;
  return { spec: { className, config }, ignored };
}
