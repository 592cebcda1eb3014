import type { JsonObject, JsonValue } from '../../common/json';

import { Layer } from '../keras/layer';
import { completeConfig } from '../keras/layerConfig';
import { layerClass, layerDefinition } from '../keras/layerTable';
import { layersIn } from '../keras/layersIn';
import { inputShapeOf } from '../keras/makeLayer';
import { recurrentOfCells, stackCells } from '../keras/recurrentOfCells';
import type { KerasSession } from '../keras/session';
import { usualSetting } from '../keras/usualSetting';
import { NONE, numberOf, stringOf, type Arguments, type Value } from '../python/value';
import type { TfNames } from './tfNames';
import { settingsOf } from './tfSettings';

/** Spellings that are more than the class name with a small first letter. */
const CLASSES: Record<string, string> = {
  reLU: 'ReLU',
  leakyReLU: 'LeakyReLU',
  thresholdedReLU: 'ThresholdedReLU',
  prelu: 'PReLU',
  elu: 'ELU',
  lstm: 'LSTM',
  gru: 'GRU',
  simpleRNN: 'SimpleRNN',
  rnn: 'RNN',
  lstmCell: 'LSTMCell',
  gruCell: 'GRUCell',
  avgPooling1d: 'AveragePooling1D',
  avgPooling2d: 'AveragePooling2D',
  avgPooling3d: 'AveragePooling3D',
};

/** The Keras class that a function of `tf.layers` makes. */
export function layerClassOf(name: string): string {
  if (Object.hasOwn(CLASSES, name)) return CLASSES[name];
  return layerClass(name[0].toUpperCase() + name.slice(1).replace(/(\d)d/g, '$1D'));
}

/** What TF.js takes where Keras takes another initialiser. */
function defaultsIn(className: string): JsonObject {
  if (/^(Dense|Conv\dD|Conv\dDTranspose)$/.test(className)) return { kernel_initializer: 'glorot_normal' };
  if (/^Depthwise/.test(className)) return { depthwise_initializer: 'glorot_normal' };
  if (/^Separable/.test(className)) return { depthwise_initializer: 'glorot_normal', pointwise_initializer: 'glorot_normal' };
  if (/^SimpleRNN/.test(className)) return { kernel_initializer: 'glorot_normal' };
  if (/^LSTM/.test(className)) return { kernel_initializer: 'glorot_normal', recurrent_activation: 'hard_sigmoid' };
  if (/^GRU/.test(className)) return { kernel_initializer: 'glorot_normal', recurrent_activation: 'hard_sigmoid', reset_after: false };
  return {};
}

/** Settings on which no shape and no count depends. */
const HARMLESS = /(activation|initializer|regularizer|constraint|seed)$/;

/** Makes a layer from a call of `tf.layers`; null when there is no such layer here. */
export function makeTfLayer(session: KerasSession, names: TfNames, name: string, args: Arguments): Layer | null {
  const className = layerClassOf(name);
  const definition = layerDefinition(className);
  if (!definition) return null;
  const [options] = args.positional;
  const own = stringOf(fieldOf(options, 'name')) ?? names.ofLayer(className);
  const cells = layersIn([fieldOf(options, 'cell') ?? fieldOf(options, 'cells') ?? NONE]);
  if (className === 'StackedRNNCells') return stackCells(session, cells, own, args.site);
  const wrapped = fieldOf(options, 'layer');
  const inner = wrapped?.kind === 'host' && wrapped.object instanceof Layer ? wrapped.object : null;
  const { settings, defects } = settingsOf(options, ['layer', 'cell', 'cells']);
  if (inner) settings.layer = { class_name: inner.className, config: { name: inner.name, ...inner.config } };
  const bare = options?.kind === 'int' || options?.kind === 'float' || options?.kind === 'str' ? options.value : null;
  if (bare !== null) {
    const [first] = definition.parameters[0];
    settings[first] = bare;
    session.warn('bare-setting', `tf.layers.${name} takes an object; {${first}: ${JSON.stringify(bare)}} is read.`, args.site);
  }
  for (const { name: setting, reason } of defects) {
    const isInputDim = setting === 'input_dim' && className !== 'Embedding';
    const usual = setting === 'input_shape' ? usualShape(className, options) : isInputDim ? 10 : usualSetting(session, className, setting);
    if (usual === undefined && HARMLESS.test(setting)) {
      session.warn('unknown-setting', `The ${setting} of this ${className} is not known (${reason}); TF.js's default is read.`, args.site);
      continue;
    }
    if (usual === undefined) continue;
    settings[setting] = session.assume(
      `${own}.${setting}`,
      usual,
      `The ${setting} of this ${className} is not known (${reason})`,
      args.site,
    );
  }
  const lost = defects.find((d) => settings[d.name] === undefined && !HARMLESS.test(d.name));
  const { config, ignored } = completeConfig(definition, { ...defaultsIn(className), ...settings }, session.dialect, 'channels_last');
  for (const setting of ignored)
    session.warn('unknown-argument', `tf.layers.${name} has no setting "${setting}"; it is ignored.`, args.site);
  const missing = definition.parameters.find(([p, fallback]) => fallback === undefined && config[p] === undefined)?.[0];
  const reason = lost ? `its "${lost.name}" is not known (${lost.reason})` : missing ? `its "${missing}" is missing` : null;
  const shape = inputShapeOf(settings, definition) ?? inner?.givenInputShape ?? null;
  if (className === 'RNN' && cells.length > 0) {
    const { cell: _cell, ...sequence } = config;
    const made = recurrentOfCells(session, cells, sequence, own, args.site, shape);
    if (made) return made;
  }
  const layer = new Layer(session, definition, own, config, args.site, shape, reason, inner);
  if (settings.trainable === false) layer.trainable = false;
  return layer;
}

/** A usual input shape where it comes from outside of the file: a page, data, an argument. */
function usualShape(className: string, options: Value | undefined): JsonValue {
  const given = fieldOf(options, 'inputShape');
  // A flattening first layer sits on a network that is loaded: its last maps are small and deep.
  if (given?.kind !== 'list' && className === 'Flatten') return [7, 7, 256];
  const rank = /2D/.test(className) ? 3 : /^(LSTM|GRU|SimpleRNN|Bidirectional|TimeDistributed)$|1D/.test(className) ? 2 : 1;
  const sizes = given?.kind === 'list' ? given.items.map(numberOf) : Array<number | null>(rank).fill(null);
  const channels = sizes.length === 3 ? (sizes[2] ?? 3) : null;
  return sizes.map((n, i) => n ?? (channels === null ? 10 : i === 2 ? channels : channels === 1 ? 28 : 64));
}

function fieldOf(value: Value | undefined, name: string): Value | undefined {
  return value?.kind === 'dict' ? value.entries.get(`s:${name}`)?.value : undefined;
}
