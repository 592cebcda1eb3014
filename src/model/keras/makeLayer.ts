import type { JsonObject, JsonValue } from '../../common/json';
import type { Shape, SourceRange } from '../../common/modelSpec';
import { numberOf, type Arguments, type Value } from '../python/value';
import { Layer } from './layer';
import { layerOf } from './layersIn';
import { completeSizes } from './completeSizes';
import { COMMON, completeConfig, settingName } from './layerConfig';
import type { LayerDefinition } from './layerDefinition';
import type { KerasSession } from './session';
import { UnknownSetting, toJson } from './toJson';
import { usualSetting } from './usualSetting';

/** Settings without which neither shapes nor numbers of parameters can be told. */
const SHAPING = new Set(
  (
    'filters kernel_size nb_row nb_col strides padding pool_size dilation_rate units size target_shape dims n axis axes data_format use_bias groups ' +
    'depth_multiplier input_dim output_dim height width cropping center scale shared_axes output_padding return_sequences return_state keepdims ' +
    'input_shape batch_input_shape batch_shape layer merge_mode num_heads key_dim value_dim'
  ).split(' '),
);

/** Of these, the ones that are numbers: a name from elsewhere is none. */
const NUMERIC =
  /^(filters|kernel_size|nb_row|nb_col|strides|pool_size|dilation_rate|units|size|n|depth_multiplier|input_dim|output_dim|num_heads|key_dim|rate)$/;

/** Settings without a default. */
const NEEDED = new Set(['rate', 'factor', 'height_factor', 'stddev']);

/** What the constructor call of a layer says. */
export interface GivenSettings {
  settings: JsonObject;
  /** The first setting whose value is not known, and why. */
  unknown: { name: string; reason: string } | null;
  /** The layer that a wrapper was given. */
  inner: Layer | null;
}

/** Makes a layer from the arguments of its constructor, in the session's dialect. */
export function makeLayer(session: KerasSession, definition: LayerDefinition, args: Arguments): Layer {
  const { settings, unknown, inner } = readSettings(session, definition, args);
  const name = typeof settings.name === 'string' ? settings.name : session.names.next(definition.className);
  const given = inputShapeOf(settings, definition);
  if (given) session.noteInputShape(given, args.site);
  const { config, ignored } = completeConfig(definition, settings, session.dialect, session.dataFormat);
  const { className } = definition;
  for (const setting of ignored) {
    session.warn('unknown-argument', `${className} has no argument "${setting}"; it is ignored.`, args.site);
  }
  let defect: string | null = null;
  const usual = unknown ? usualSetting(session, definition.className, unknown.name) : undefined;
  if (unknown && usual !== undefined) {
    const what = `The ${unknown.name} of this ${className} is not known (${unknown.reason})`;
    config[unknown.name] = session.assume(`${name}.${unknown.name}`, usual, what, args.site);
  }
  const missing = definition.parameters.find(([p, fallback]) => fallback === undefined && config[p] === undefined)?.[0];
  if (unknown && usual === undefined) defect = `its "${unknown.name}" is not known (${unknown.reason})`;
  else if (missing) defect = `its "${missing}" is missing`;
  const shape = given ?? inner?.givenInputShape ?? null;
  const layer = new Layer(session, definition, name, config, args.site, shape, defect, inner);
  if (settings.trainable === false) layer.trainable = false;
  return layer;
}

function readSettings(session: KerasSession, definition: LayerDefinition, args: Arguments): GivenSettings {
  const settings: JsonObject = {};
  let unknown: GivenSettings['unknown'] = null;
  let inner: Layer | null = null;
  const put = (name: string, value: Value) => {
    const layer = layerOf(value);
    if (layer) {
      inner ??= layer;
      settings[name] = { class_name: layer.className, config: { name: layer.name, ...layer.config } };
      return;
    }
    if (name === 'input_shape' && isOpenShape(value)) {
      settings[name] = completeSizes(session, `${definition.className}.input_shape`, value.items, args.site);
      return;
    }
    if (name === 'input_dim' && definition.className !== 'Embedding' && (value.kind === 'unknown' || value.kind === 'external')) {
      const why = value.kind === 'unknown' ? value.reason : `${value.path} has no value in this file`;
      settings[name] = session.assume(`${definition.className}.input_dim`, 16, `The number of inputs is not known (${why})`, args.site);
      return;
    }
    try {
      if (value.kind === 'external' && NUMERIC.test(settingName(definition.className, name)))
        throw new UnknownSetting(`${value.path} has no value in this file`);
      settings[name] = toJson(value);
    } catch (error) {
      if (!(error instanceof UnknownSetting)) throw error;
      const setting = settingName(definition.className, name);
      if (setting === 'weights' || setting === 'name') return;
      if (SHAPING.has(setting) || NEEDED.has(setting)) unknown ??= { name: setting, reason: error.reason };
      else {
        session.warn(
          'unknown-setting',
          `${definition.className}'s ${setting} is not known (${error.reason}); Keras's default is assumed.`,
          args.site,
        );
      }
    }
  };
  const positional = positionalNames(session, definition, args);
  args.positional.forEach((value, i) => {
    const name = positional[i];
    if (name) put(name, value);
    else
      session.warn(
        'too-many-arguments',
        `${definition.className} takes ${positional.length} positional arguments; the rest is ignored.`,
        args.site,
      );
  });
  for (const [name, value] of args.keywords) put(name, value);
  if (args.hasUnknownSpread) unknown ??= { name: '*arguments', reason: 'they come from values that are not known' };
  return { settings, unknown, inner };
}

/** A shape of which some sizes are not known. */
function isOpenShape(value: Value): value is Value & { kind: 'tuple' | 'list' } {
  return (value.kind === 'tuple' || value.kind === 'list') && value.items.some((v) => v.kind === 'unknown' || v.kind === 'external');
}

/** Which settings the positional arguments are: this changed between Keras 1 and 2. */
function positionalNames(session: KerasSession, definition: LayerDefinition, args: Arguments): string[] {
  const names = definition.parameters.map(([name]) => name);
  const { keras1, className } = definition;
  if (!keras1) return names;
  if (session.dialect === 'keras1' && !isModernCall(args, names)) return keras1;
  const isConv = /^(Separable)?Conv[23]D(Transpose)?$/.test(className);
  if (!isConv || args.positional.length < 3 || !args.positional.slice(1, 3).every((v) => v.kind === 'int')) return names;
  const [, height, width] = args.positional.map(numberOf);
  if (session.dialect === 'keras2') {
    session.inform(
      'kernel-from-two-numbers',
      `${height}, ${width} is read as a ${height}×${width} kernel, as Keras 1 and 2 do; tf.keras and Keras 3 would take the second number as the stride.`,
      args.site,
    );
    return ['filters', 'nb_row', 'nb_col'];
  }
  session.inform(
    'second-number-is-stride',
    `The kernel is ${height}×${height} and the stride ${width} here: tf.keras and Keras 3 take the third argument as strides. Write kernel_size=(${height}, ${width}) if a ${height}×${width} kernel is meant.`,
    args.site,
  );
  return names;
}

/** Keras 2 arguments in a file that otherwise looks like Keras 1. */
function isModernCall(args: Arguments, names: string[]): boolean {
  const second = args.positional[1];
  if (second?.kind === 'tuple' || second?.kind === 'list') return true;
  return [...args.keywords.keys()].some((k) => !COMMON.has(k) && k !== 'activation' && names.includes(k) && settingName('', k) === k);
}

/** The input shape given with a layer, batch axis first; null when none is given. */
export function inputShapeOf(settings: JsonObject, definition: Pick<LayerDefinition, 'className'>): Shape | null {
  const batch = typeof settings.batch_size === 'number' ? settings.batch_size : null;
  const whole = settings.batch_input_shape ?? settings.batch_shape;
  if (Array.isArray(whole)) return whole.map(size);
  const given = settings.input_shape;
  if (Array.isArray(given)) return [batch, ...given.map(size)];
  if (typeof given === 'number') return [batch, given];
  if (definition.className === 'Embedding') return [batch, typeof settings.input_length === 'number' ? settings.input_length : null];
  if (typeof settings.input_dim !== 'number') return null;
  const isSequence = /^(LSTM|GRU|SimpleRNN|Conv1D|TimeDistributed|Bidirectional)/.test(definition.className);
  if (!isSequence) return [batch, settings.input_dim];
  return [batch, typeof settings.input_length === 'number' ? settings.input_length : null, settings.input_dim];
}

function size(value: JsonValue): number | null {
  return typeof value === 'number' ? value : null;
}

/** Makes a layer that the program did not write as a call of its class. */
export function impliedLayer(
  session: KerasSession,
  definition: LayerDefinition,
  settings: JsonObject,
  source: SourceRange | null,
  inner: Layer | null = null,
): Layer {
  const name = typeof settings.name === 'string' ? settings.name : session.names.next(definition.className);
  const { config } = completeConfig(definition, settings, session.dialect, session.dataFormat);
  return new Layer(session, definition, name, config, source, inputShapeOf(settings, definition), null, inner);
}

/** An integer argument that may have been computed as a float. */
export function wholeNumber(value: Value | undefined): number | null {
  const n = numberOf(value);
  return n === null ? null : Math.trunc(n);
}
