import type { JsonObject, JsonValue } from '../../common/json';
import type { Dialect } from '../../common/modelSpec';
import { completeInitializer, initializerJson, isObject } from './initializers';
import type { LayerDefinition } from './layerDefinition';

/** Old names of settings, in any layer. */
const RENAMED: Record<string, string> = {
  border_mode: 'padding',
  subsample: 'strides',
  subsample_length: 'strides',
  nb_filter: 'filters',
  filter_length: 'kernel_size',
  init: 'kernel_initializer',
  W_regularizer: 'kernel_regularizer',
  b_regularizer: 'bias_regularizer',
  W_constraint: 'kernel_constraint',
  b_constraint: 'bias_constraint',
  U_regularizer: 'recurrent_regularizer',
  inner_init: 'recurrent_initializer',
  inner_activation: 'recurrent_activation',
  dropout_W: 'dropout',
  dropout_U: 'recurrent_dropout',
  forget_bias_init: 'unit_forget_bias',
  bias: 'use_bias',
  dim_ordering: 'data_format',
  atrous_rate: 'dilation_rate',
  pool_length: 'pool_size',
  stride: 'strides',
  concat_axis: 'axis',
  beta_init: 'beta_initializer',
  gamma_init: 'gamma_initializer',
  keep_dims: 'keepdims',
};

/** Old or newer names that mean something only in one layer class. */
const RENAMED_IN: Record<string, Record<string, string>> = {
  Dense: { output_dim: 'units', input_features: 'input_dim' },
  LSTM: { output_dim: 'units' },
  GRU: { output_dim: 'units' },
  SimpleRNN: { output_dim: 'units' },
  Dropout: { p: 'rate' },
  SpatialDropout1D: { p: 'rate' },
  SpatialDropout2D: { p: 'rate' },
  GaussianDropout: { p: 'rate' },
  GaussianNoise: { sigma: 'stddev' },
  UpSampling1D: { length: 'size' },
  LeakyReLU: { negative_slope: 'alpha' },
  Embedding: { init: 'embeddings_initializer', W_regularizer: 'embeddings_regularizer', dropout: 'ignored_dropout' },
  Bidirectional: { backend: 'ignored_backend' },
};

/** Settings that every layer takes. */
export const COMMON = new Set([
  'name',
  'trainable',
  'dtype',
  'input_shape',
  'batch_input_shape',
  'batch_shape',
  'input_dim',
  'batch_size',
  'weights',
  'input_length',
  'autocast',
  'dynamic',
  'implementation',
]);

/** The rank of a layer's window, from its name: `Conv2D` -> 2. */
function rankOf(className: string): number {
  return Number(/(\d)D/.exec(className)?.[1] ?? 0);
}

const WINDOWS = ['kernel_size', 'strides', 'pool_size', 'dilation_rate'];

/** The name of a setting today, for a layer class. */
export function settingName(className: string, name: string): string {
  const special = RENAMED_IN[className];
  if (special && Object.hasOwn(special, name)) return special[name];
  return Object.hasOwn(RENAMED, name) ? RENAMED[name] : name;
}

/**
 * A layer's configuration as Keras 2 writes it: today's names, the dialect's defaults filled in, windows as arrays.
 * @returns the configuration and the settings nobody knows
 */
export function completeConfig(
  definition: LayerDefinition,
  given: JsonObject,
  dialect: Dialect,
  dataFormat: string,
): { config: JsonObject; ignored: string[] } {
  const { className } = definition;
  const named: JsonObject = {};
  for (const [key, value] of Object.entries(given)) named[settingName(className, key)] = value;
  joinKernelSizes(named);
  const config: JsonObject = {};
  const names = new Set(definition.parameters.map(([name]) => name));
  for (const [name, fallback] of definition.parameters) {
    if (name in named) config[name] = named[name];
    else if (fallback !== undefined) config[name] = name === 'data_format' ? dataFormat : defaultIn(dialect, className, name, fallback);
  }
  for (const [name, value] of Object.entries(config)) config[name] = normalised(className, name, value, dataFormat);
  if (config.strides === null && config.pool_size !== undefined) config.strides = config.pool_size;
  const ignored = Object.keys(named).filter((k) => !names.has(k) && !COMMON.has(k) && !k.startsWith('ignored_'));
  return { config, ignored };
}

/** Defaults that changed between the eras. */
function defaultIn(dialect: Dialect, className: string, name: string, fallback: JsonValue): JsonValue {
  const isKeras1 = dialect === 'keras1';
  if (isKeras1 && className === 'Embedding' && name === 'embeddings_initializer') return 'uniform';
  if (isKeras1 && className === 'Conv1D' && name === 'kernel_initializer') return 'uniform';
  if (isKeras1 && /^(LSTM|GRU|SimpleRNN)$/.test(className) && name === 'recurrent_activation') return 'hard_sigmoid';
  if (dialect === 'keras2' && /^(LSTM|GRU)$/.test(className) && name === 'recurrent_activation') return 'hard_sigmoid';
  if ((isKeras1 || dialect === 'keras2') && className === 'GRU' && name === 'reset_after') return false;
  return fallback;
}

/** Keras 1 gave `nb_row` and `nb_col` (and Keras 2 understood them). */
function joinKernelSizes(named: JsonObject): void {
  const parts = ['nb_row', 'nb_col', 'nb_depth', 'kernel_dim1', 'kernel_dim2', 'kernel_dim3'].filter((k) => k in named);
  if (parts.length === 0) return;
  named.kernel_size = parts.map((k) => named[k]);
  for (const k of parts) delete named[k];
}

function normalised(className: string, name: string, value: JsonValue, dataFormat: string): JsonValue {
  const rank = rankOf(className);
  if (WINDOWS.includes(name) && rank > 0 && typeof value === 'number') return Array<number>(rank).fill(value);
  if (WINDOWS.includes(name) && Array.isArray(value) && value.length === 1 && rank > 1) return Array<JsonValue>(rank).fill(value[0]);
  if (name.endsWith('_initializer') && value !== null) {
    const spec = completeInitializer(value);
    return spec ? initializerJson(spec) : value;
  }
  if (name === 'data_format') {
    if (value === 'th' || value === 'channels_first') return 'channels_first';
    if (value === 'tf' || value === 'channels_last') return 'channels_last';
    return dataFormat;
  }
  if (name === 'padding' && typeof value === 'string') return value.toLowerCase();
  if (name.endsWith('activation')) return activationName(value);
  if (className === 'Softmax' || !name.endsWith('axis') || !isObject(value)) return value;
  return value;
}

/** Activations by the name they have in a configuration. */
function activationName(value: JsonValue): JsonValue {
  if (value === null) return 'linear';
  if (typeof value === 'string') return value === 'hard_swish' ? 'hard_silu' : value === 'silu' ? 'swish' : value.replace(/^_+/, '');
  return value;
}
