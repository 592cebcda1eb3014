import type { JsonObject } from '../../common/json';

import { Layer } from '../keras/layer';
import { completeConfig } from '../keras/layerConfig';
import { layerClass, layerDefinition } from '../keras/layerTable';
import { inputShapeOf } from '../keras/makeLayer';
import type { KerasSession } from '../keras/session';
import { stringOf, type Arguments, type Value } from '../python/value';
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
  if (/^(LSTM|GRU|SimpleRNN)$/.test(className)) return { kernel_initializer: 'glorot_normal', recurrent_activation: 'hard_sigmoid' };
  return {};
}

/** Makes a layer from a call of `tf.layers`; null when there is no such layer here. */
export function makeTfLayer(session: KerasSession, names: TfNames, name: string, args: Arguments): Layer | null {
  const className = layerClassOf(name);
  const definition = layerDefinition(className);
  if (!definition) return null;
  const { settings, defect } = settingsOf(configuration(className, args.positional[0]));
  const { recurrent_activation: _recurrent, ...defaults } = defaultsIn(className);
  const filled = { ...(className === 'SimpleRNN' ? defaults : defaultsIn(className)), ...settings };
  const { config, ignored } = completeConfig(definition, filled, session.dialect, 'channels_last');
  for (const setting of ignored)
    session.warn('unknown-argument', `tf.layers.${name} has no setting "${setting}"; it is ignored.`, args.site);
  const missing = definition.parameters.find(([p, fallback]) => fallback === undefined && config[p] === undefined)?.[0];
  const reason = defect ? `its "${defect.name}" is not known (${defect.reason})` : missing ? `its "${missing}" is missing` : null;
  const own = stringOf(fieldValue(args.positional[0], 'name')) ?? names.ofLayer(className);
  const layer = new Layer(session, definition, own, config, args.site, inputShapeOf(settings, definition), reason);
  if (settings.trainable === false) layer.trainable = false;
  return layer;
}

/** TF.js wants an object; a bare number or text where a layer has one setting is often written, and fails there. */
function configuration(className: string, value: Value | undefined): Value | undefined {
  void className;
  return value;
}

function fieldValue(value: Value | undefined, name: string): Value | undefined {
  return value?.kind === 'dict' ? value.entries.get(`s:${name}`)?.value : undefined;
}
