import type { JsonObject, JsonValue } from '../../common/json';
import type { Shape, SourceRange } from '../../common/modelSpec';
import { Layer } from '../keras/layer';
import { layerDefinition, assumedLayer } from '../keras/layerTable';
import { inputTensor } from '../keras/makeInput';
import { impliedLayer } from '../keras/makeLayer';
import { FunctionalModel, KerasModel, SequentialModel } from '../keras/model';
import type { KerasSession } from '../keras/session';
import type { SymbolicTensor } from '../keras/tensor';
import { isObject } from '../json';
import { host } from '../python/value';
import { inboundNodes, tensorReferences, type TensorReference } from './inboundNodes';
import type { LocatedJson } from './locatedJson';

const MODEL_CLASSES = new Set(['Sequential', 'Model', 'Functional', 'Graph', 'Container', 'Network']);
const MAX_NESTING = 20;

/** Keras 1's `Merge` layer, by its mode. */
const MERGE_MODES: Record<string, string> = {
  sum: 'Add',
  mul: 'Multiply',
  concat: 'Concatenate',
  ave: 'Average',
  max: 'Maximum',
  dot: 'Dot',
};

/** One layer of a functional model on its way to being used. */
interface Entry {
  json: LocatedJson;
  layer: Layer;
  nodes: TensorReference[][];
  /** Outputs by node; filled as the uses are made. */
  made: SymbolicTensor[][];
}

/** Makes models from their topology. What a model lacks is noted at its place in the JSON. */
export class ModelRestorer {
  private depth = 0;

  constructor(private readonly session: KerasSession) {}

  /** The model that an object with `class_name` and `config` describes; null, with a note, when it describes none. */
  model(json: LocatedJson): KerasModel | null {
    const className = json.at('class_name')?.text ?? '';
    if (this.depth >= MAX_NESTING) {
      this.session.error('unknown-model', 'Models are nested too deeply here to be read.', json.range);
      return null;
    }
    this.depth++;
    try {
      const config = json.at('config');
      const layers = config?.items ?? config?.at('layers')?.items;
      if (!config || !layers) {
        this.session.error(
          'unknown-model',
          `The configuration of this ${className || 'model'} has no list of layers; a model written as a class can't be restored from JSON.`,
          json.range,
        );
        return null;
      }
      const name = config.at('name')?.text ?? this.session.names.next(className === 'Sequential' ? 'Sequential' : 'Functional');
      return className === 'Sequential' ? this.sequential(name, json, layers) : this.functional(name, json, config, layers);
    } finally {
      this.depth--;
    }
  }

  private sequential(name: string, json: LocatedJson, layers: LocatedJson[]): SequentialModel {
    const model = new SequentialModel(this.session, name, headOf(json));
    for (const entry of layers) {
      const layer = this.layer(entry);
      if (layer) model.append(host(layer), entry.range);
    }
    const shape = shapeFrom(json.at('config', 'build_input_shape')?.value ?? json.at('build_config', 'input_shape')?.value);
    if (model.inputs.length === 0 && shape) model.setInputShape(shape);
    if (model.inputs.length === 0) {
      this.session.error('no-input-shape', 'No layer of this model has an input shape, so it can not be built.', headOf(json));
    }
    return model;
  }

  private functional(name: string, json: LocatedJson, config: LocatedJson, layers: LocatedJson[]): FunctionalModel | null {
    const entries = new Map<string, Entry>();
    for (const entry of layers) {
      const layer = this.layer(entry);
      if (!layer) continue;
      const given = entry.at('name')?.text ?? layer.name;
      const made = layer.className === 'InputLayer' ? layer.nodes.map((n) => n.outputs) : [];
      entries.set(given, { json: entry, layer, nodes: inboundNodes(entry.at('inbound_nodes')?.value), made });
    }
    const ends = ['input_layers', 'output_layers'].map((key) => tensorReferences(config.at(key)?.value));
    countFromZero(entries, ends.flat());
    this.connect(entries);
    const tensors = (references: TensorReference[]): SymbolicTensor[] =>
      references.flatMap((r) => entries.get(r.layer)?.made[r.node]?.[r.tensor] ?? []);
    const inputs = tensors(ends[0]);
    const outputs = tensors(ends[1]);
    if (inputs.length === 0 || outputs.length === 0) {
      this.session.error(
        'unknown-model',
        `The ${inputs.length === 0 ? 'inputs' : 'outputs'} of this model are not among its layers.`,
        headOf(json),
      );
      return null;
    }
    return new FunctionalModel(this.session, name, headOf(json), inputs, outputs);
  }

  /** Uses every layer on its inputs, in whatever order the file lists them. */
  private connect(entries: Map<string, Entry>): void {
    let waiting = [...entries.values()].filter((e) => e.layer.className !== 'InputLayer');
    for (let hasMoved = true; hasMoved && waiting.length > 0;) {
      hasMoved = false;
      for (const entry of waiting) {
        while (entry.made.length < entry.nodes.length) {
          const references = entry.nodes[entry.made.length];
          const inputs = references.map((r) => entries.get(r.layer)?.made[r.node]?.[r.tensor]);
          if (inputs.length === 0 || inputs.includes(undefined)) break;
          entry.made.push(entry.layer.apply(inputs as SymbolicTensor[], entry.json.range));
          hasMoved = true;
        }
      }
      waiting = waiting.filter((e) => e.made.length < e.nodes.length);
    }
    for (const entry of waiting) {
      const missing = entry.nodes[entry.made.length].find((r) => !entries.get(r.layer)?.made[r.node]?.[r.tensor]);
      this.session.error(
        'unconnected-layer',
        `The layer "${entry.layer.name}" reads from "${missing?.layer ?? 'nothing'}", which never comes out of a layer of this model.`,
        entry.json.range,
      );
    }
  }

  private layer(json: LocatedJson): Layer | null {
    const className = json.at('class_name')?.text;
    const config = json.at('config');
    if (className === undefined || !config) {
      this.session.error('unknown-layer', 'This layer has no class_name or no config.', json.range);
      return null;
    }
    if (MODEL_CLASSES.has(className)) return this.model(json);
    const settings = config.value;
    if (!isObject(settings)) return null;
    const name = typeof settings.name === 'string' ? settings.name : (json.at('name')?.text ?? this.session.names.next(className));
    if (className === 'InputLayer') return inputTensor(this.session, name, inputShape(settings), json.range).node.layer;
    return this.plainLayer(className, { ...settings, name }, json);
  }

  private plainLayer(className: string, settings: JsonObject, json: LocatedJson): Layer {
    const mode = className === 'Merge' && typeof settings.mode === 'string' ? MERGE_MODES[settings.mode] : undefined;
    const definition = layerDefinition(mode ?? className) ?? assumedLayer(className);
    if (definition.untrainable !== undefined) {
      this.session.error(
        'assumed-shape',
        `The layer class ${className} is Python code, which is never run; its output is taken to have the shape of its input, and it can't be trained here.`,
        json.range,
      );
    }
    // Keras 3 keeps further objects with a layer: a dtype policy, how it was built.
    const { dtype: _dtype, build_config: _build, ...given } = plainObjects(settings) as JsonObject;
    const innerJson = json.at('config', 'layer');
    const inner = innerJson ? this.layer(innerJson) : null;
    const layer = impliedLayer(this.session, definition, given, json.range, inner);
    if (settings.trainable === false) layer.trainable = false;
    return layer;
  }
}

/** The uses of a model inside a model are counted from 1 where it has a node of its own before them. */
function countFromZero(entries: Map<string, Entry>, ends: TensorReference[]): void {
  const references = [...ends, ...[...entries.values()].flatMap((e) => e.nodes.flat())];
  for (const [name, { layer }] of entries) {
    if (!(layer instanceof KerasModel)) continue;
    const mine = references.filter((r) => r.layer === name);
    const first = Math.min(...mine.map((r) => r.node));
    if (first > 0) for (const r of mine) r.node -= first;
  }
}

/** Keras 3 writes objects as {module, class_name, config, registered_name}: the class and its configuration are enough. */
function plainObjects(json: JsonValue): JsonValue {
  if (Array.isArray(json)) return json.map(plainObjects);
  if (!isObject(json)) return json;
  if (typeof json.class_name === 'string' && json.registered_name !== undefined) {
    if (json.class_name === 'function' && typeof json.config === 'string') return json.config;
    return { class_name: json.class_name, config: plainObjects(json.config ?? {}) };
  }
  return Object.fromEntries(Object.entries(json).map(([k, v]) => [k, plainObjects(v)]));
}

function inputShape(settings: JsonObject): Shape | null {
  return shapeFrom(settings.batch_input_shape ?? settings.batch_shape) ?? withBatch(shapeFrom(settings.shape ?? settings.input_shape));
}

function withBatch(shape: Shape | null): Shape | null {
  return shape && [null, ...shape];
}

function shapeFrom(json: JsonValue | undefined): Shape | null {
  return Array.isArray(json) && json.length > 0 ? json.map((n) => (typeof n === 'number' ? n : null)) : null;
}

/** The line on which a model begins: the whole object would be the whole file. */
function headOf(json: LocatedJson): SourceRange {
  return (json.at('class_name') ?? json).range;
}
