import type { JsonObject, JsonValue } from '../common/json';
import type { Dialect, KerasTopology, Shape } from '../common/modelSpec';
import { replacedLayer } from './layers/registerLayers';
import { TimeDistributed } from './layers/wrappers';

interface LayerEntry {
  class_name: string;
  config: JsonObject;
}

export interface AdaptedTopology {
  topology: KerasTopology;
  /** The last layer's activation, taken off because the loss is computed from logits; null: nothing was taken off. */
  removedActivation: 'softmax' | 'sigmoid' | null;
  /** Regularisers of outputs, which TF.js refuses, by the layer's path; in camel case. */
  activity: Map<string, { className: string; config: JsonObject }>;
}

/**
 * Prepares a Keras 2 topology for TF.js: our own layers instead of those that TF.js lacks or that draw unseeded noise, weights that
 * start at zero (the real values are set afterwards), Keras 3's regulariser names.
 * @param shapes output shapes by layer name: TF.js cannot work out a -1 in Reshape when it builds what follows
 * @param dialect whose meaning words have that changed it
 * @param split if the last layer applies this activation, leave it out, so that the model ends in logits.
 */
export function adaptTopology(
  topology: KerasTopology,
  split: 'softmax' | 'sigmoid' | null,
  shapes: ReadonlyMap<string, Shape> = new Map(),
  dialect: Dialect = 'tf.keras',
): AdaptedTopology {
  const copy = structuredClone(topology);
  const activity: AdaptedTopology['activity'] = new Map();
  for (const { layer, path } of layersOf(copy.config, '')) {
    const regularizer = activityRegularizer(layer);
    if (regularizer && path !== null) activity.set(path, regularizer);
    adaptLayer(layer, dialect);
    const shape = shapes.get(String(layer.config.name))?.slice(1);
    if (layer.class_name === 'Reshape' && shape?.every((size) => size !== null)) layer.config.target_shape = shape;
  }
  const last = split ? lastLayer(copy) : null;
  const removed = last !== null && split !== null && removeActivation(last, split);
  return { topology: copy, removedActivation: removed ? split : null, activity };
}

interface Located {
  layer: LayerEntry;
  /** `outer/inner` in nested models; null inside of wrappers. */
  path: string | null;
}

/** All layers, those of nested models and in wrappers too. */
function* layersOf(config: JsonObject, prefix: string | null): Generator<Located> {
  for (const entry of (config.layers ?? []) as unknown as LayerEntry[]) yield* withInner(entry, prefix);
}

function* withInner(layer: LayerEntry, prefix: string | null): Generator<Located> {
  const { config } = layer;
  const path = prefix === null ? null : `${prefix}${String(config.name)}`;
  const inside = ['layer', 'backward_layer', 'graph'].map((key) => config[key] as unknown as LayerEntry | null | undefined);
  yield { layer, path };
  if (Array.isArray(config.layers)) yield* layersOf(config, path === null ? null : `${path}/`);
  for (const inner of inside) if (inner?.class_name) yield* withInner(inner, null);
}

/** What a layer adds to the loss for its outputs; null for nothing. */
function activityRegularizer({ class_name, config }: LayerEntry): { className: string; config: JsonObject } | null {
  if (class_name === 'ActivityRegularization')
    return { className: 'L1L2', config: { l1: Number(config.l1 ?? 0), l2: Number(config.l2 ?? 0) } };
  const given = adaptRegularizer(config.activity_regularizer ?? null) as { class_name: string; config: JsonObject } | null;
  return given && { className: given.class_name, config: given.config };
}

function adaptLayer(layer: LayerEntry, dialect: Dialect): void {
  const { config } = layer;
  if (layer.class_name.startsWith('CuDNN')) Object.assign(config, { is_cudnn: true, reset_after: layer.class_name === 'CuDNNGRU' });
  const isBent = layer.class_name === 'ReLU' && Boolean(config.negative_slope || config.threshold || (config.max_value ?? null) !== null);
  layer.class_name = replacedLayer(isBent ? 'SlopedReLU' : layer.class_name) ?? layer.class_name;
  if (layer.class_name === 'LeakyReLU') config.alpha ??= config.negative_slope ?? 0.3;
  if (dialect === 'keras3') {
    if (layer.class_name === TimeDistributed.className) config.per_step = true;
    for (const key of ['activation', 'recurrent_activation']) if (config[key] === 'hard_sigmoid') config[key] = 'hard_sigmoid_3';
  }
  // Keras 3 writes a policy object; all training is in float32 here.
  if (typeof config.dtype === 'object') config.dtype = 'float32';
  for (const key of Object.keys(config)) {
    if (key.endsWith('_initializer')) config[key] = { class_name: 'Zeros', config: {} };
    if (key.endsWith('_regularizer')) config[key] = adaptRegularizer(config[key]);
  }
  delete config.activity_regularizer;
}

function adaptRegularizer(value: JsonValue): JsonValue {
  if (typeof value === 'string') return adaptRegularizer({ class_name: value, config: {} });
  if (!value || Array.isArray(value) || typeof value !== 'object') return value;
  const name = String(value.class_name).toLowerCase();
  const config = (value.config ?? {}) as JsonObject;
  const strength = (key: string, isMeant: boolean): number => (isMeant ? Number(config[key] ?? config.l ?? 0.01) : 0);
  if (name === 'l1') return { class_name: 'L1L2', config: { l1: strength('l1', true), l2: 0 } };
  if (name === 'l2') return { class_name: 'L1L2', config: { l1: 0, l2: strength('l2', true) } };
  if (name === 'l1_l2' || name === 'l1l2' || name === 'l1l2regularizer')
    return { class_name: 'L1L2', config: { l1: Number(config.l1 ?? 0.01), l2: Number(config.l2 ?? 0.01) } };
  return value;
}

function lastLayer(topology: KerasTopology): LayerEntry | null {
  const layers = (topology.config.layers ?? []) as unknown as (LayerEntry & { name?: string })[];
  if (topology.class_name === 'Sequential') return layers.at(-1) ?? null;
  const outputs = topology.config.output_layers as JsonValue[] | undefined;
  // One output is [name, node, tensor] or [[name, node, tensor]].
  const flat = (outputs ?? []).flat(1);
  const name = flat[0];
  if (typeof name !== 'string' || flat.filter((v) => typeof v === 'string').length !== 1) return null;
  return layers.find((l) => (l.config.name ?? l.name) === name) ?? null;
}

function removeActivation(layer: LayerEntry, activation: string): boolean {
  const { class_name, config } = layer;
  if (class_name === replacedLayer('Softmax') && activation === 'softmax' && (config.axis === undefined || config.axis === -1)) {
    layer.class_name = 'Activation';
    layer.config = { name: config.name, activation: 'linear' };
    return true;
  }
  if (config.activation !== activation) return false;
  config.activation = 'linear';
  return true;
}
