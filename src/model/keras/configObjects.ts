import type { JsonObject, JsonValue } from '../../common/json';
import { NONE, host, native, type Arguments, type Value } from '../python/value';
import { initializerClass, initializerParameters } from './initializers';
import { optimizerClass, optimizerParameters } from './optimizers';
import type { KerasSession } from './session';
import { ConfigObject, UnknownSetting, toJson } from './toJson';

/** An object of Keras that is just a class with settings: an initialiser, regulariser, constraint, optimizer, schedule, loss or metric. */
export class SettingsObject extends ConfigObject {
  constructor(
    readonly category: string,
    readonly className: string,
    readonly config: JsonObject,
    /** Settings that are not known: name and reason. */
    readonly unknown: { name: string; reason: string }[],
    readonly args: Arguments,
  ) {
    super();
  }

  get description(): string {
    return `a ${this.className}`;
  }

  override toJson(): JsonValue {
    return { class_name: this.className, config: this.config };
  }

  override call(): Value | undefined {
    return undefined;
  }

  override getAttribute(name: string): Value | undefined {
    if (name === 'apply_gradients' || name === 'minimize') {
      return native(name, (_args, machine) => {
        machine.trainingSteps++;
        return NONE;
      });
    }
    if (name === 'lr' || name === 'learning_rate') return { kind: 'unknown', reason: 'the learning rate' };
    return undefined;
  }
}

const REGULARIZERS: Record<string, { className: string; parameters: string[]; defaults: JsonObject }> = {
  l1: { className: 'L1', parameters: ['l1'], defaults: { l1: 0.01 } },
  l2: { className: 'L2', parameters: ['l2'], defaults: { l2: 0.01 } },
  l1_l2: { className: 'L1L2', parameters: ['l1', 'l2'], defaults: { l1: 0.01, l2: 0.01 } },
};

const CONSTRAINTS: Record<string, { className: string; parameters: string[]; defaults: JsonObject }> = {
  max_norm: { className: 'MaxNorm', parameters: ['max_value', 'axis'], defaults: { max_value: 2, axis: 0 } },
  min_max_norm: {
    className: 'MinMaxNorm',
    parameters: ['min_value', 'max_value', 'rate', 'axis'],
    defaults: { min_value: 0, max_value: 1, rate: 1, axis: 0 },
  },
  non_neg: { className: 'NonNeg', parameters: [], defaults: {} },
  unit_norm: { className: 'UnitNorm', parameters: ['axis'], defaults: { axis: 0 } },
};

const PLAIN_SPELLINGS: Record<string, string> = {
  L1: 'l1',
  L2: 'l2',
  L1L2: 'l1_l2',
  l1l2: 'l1_l2',
  maxnorm: 'max_norm',
  MaxNorm: 'max_norm',
  nonneg: 'non_neg',
  NonNeg: 'non_neg',
  unitnorm: 'unit_norm',
  UnitNorm: 'unit_norm',
  MinMaxNorm: 'min_max_norm',
};

/** Parameters of the learning-rate schedules, in positional order. */
const SCHEDULES: Record<string, string[]> = {
  ExponentialDecay: ['initial_learning_rate', 'decay_steps', 'decay_rate', 'staircase'],
  PiecewiseConstantDecay: ['boundaries', 'values'],
  PolynomialDecay: ['initial_learning_rate', 'decay_steps', 'end_learning_rate', 'power', 'cycle'],
  InverseTimeDecay: ['initial_learning_rate', 'decay_steps', 'decay_rate', 'staircase'],
  CosineDecay: ['initial_learning_rate', 'decay_steps', 'alpha', 'name', 'warmup_target', 'warmup_steps'],
  CosineDecayRestarts: ['initial_learning_rate', 'first_decay_steps', 't_mul', 'm_mul', 'alpha'],
};

function make(category: string, className: string, parameters: string[], defaults: JsonObject, args: Arguments): Value {
  const config: JsonObject = { ...defaults };
  const unknown: { name: string; reason: string }[] = [];
  const put = (name: string, value: Value) => {
    try {
      config[name === 'm' ? 'max_value' : name === 'l' ? parameters[0] : name] = toJson(value);
    } catch (error) {
      if (!(error instanceof UnknownSetting)) throw error;
      unknown.push({ name, reason: error.reason });
    }
  };
  args.positional.forEach((v, i) => put(parameters[i] ?? `argument ${i + 1}`, v));
  for (const [name, value] of args.keywords) put(name, value);
  return host(new SettingsObject(category, className, config, unknown, args));
}

/** Makes an object of `keras.initializers`, `keras.optimizers` and their like; undefined when the name is none of them. */
export function makeSettings(session: KerasSession, category: string, name: string, args: Arguments): Value | undefined {
  const plainName = PLAIN_SPELLINGS[name] ?? name;
  switch (category) {
    case 'initializers': {
      const className = initializerClass(name);
      return className ? make(category, className, initializerParameters(className), {}, args) : undefined;
    }
    case 'regularizers': {
      const found = Object.hasOwn(REGULARIZERS, plainName) ? REGULARIZERS[plainName] : undefined;
      return found ? make(category, found.className, found.parameters, found.defaults, args) : undefined;
    }
    case 'constraints': {
      const found = Object.hasOwn(CONSTRAINTS, plainName) ? CONSTRAINTS[plainName] : undefined;
      return found ? make(category, found.className, found.parameters, found.defaults, args) : undefined;
    }
    case 'optimizers': {
      if (Object.hasOwn(SCHEDULES, name)) return make('schedules', name, SCHEDULES[name], {}, args);
      const className = optimizerClass(name);
      return className ? make(category, className, optimizerParameters(className, session.dialect), {}, args) : undefined;
    }
    case 'losses':
    case 'metrics':
      return /^[A-Z]/.test(name) ? make(category, name, [], {}, args) : undefined;
    default:
      return undefined;
  }
}
