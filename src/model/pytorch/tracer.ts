import type { JsonObject } from '../../common/json';
import type { InitializerSpec, Shape, SourceRange, WeightSpec } from '../../common/modelSpec';
import type { Layer } from '../keras/layer';
import type { LayerDefinition } from '../keras/layerDefinition';
import { layerDefinition } from '../keras/layerTable';
import { impliedLayer } from '../keras/makeLayer';
import { inputTensor } from '../keras/makeInput';
import type { KerasSession } from '../keras/session';
import { ShapeError, shapeText } from '../keras/shapes';
import { SymbolicTensor, type LayerNode } from '../keras/tensor';
import { swapped } from './sequences';
import { TorchTensor, type Layout } from './torchTensor';

/** The forward pass can't be followed beyond `range`; the message is a whole sentence. */
export class TraceError extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly range: SourceRange,
  ) {
    super(message);
    this.name = 'TraceError';
  }
}

/** A layer was given another number of values than it was made for: what tells the size of the input. */
export class SizeMismatch extends TraceError {
  constructor(
    readonly wanted: number,
    readonly actual: number,
    message: string,
    range: SourceRange,
  ) {
    super('size-mismatch', message, range);
    this.name = 'SizeMismatch';
  }
}

/** Where a layer of the traced network comes from. */
export interface Place {
  /** The attribute path of the module, or where the function is called: `layer1.0.conv1`, `layer1.0.relu`. */
  name: string;
  /** The constructor call, or the call of the function. */
  source: SourceRange;
  /** The module with weights: all its uses are one layer. */
  owner?: WeightOwner;
}

/** A module with weights, and what the program said of them. */
export interface WeightOwner {
  /** PyTorch's name of a weight of the layer here, where it is not just `weight` or `bias`. */
  nameOf?(weight: string): string;
  readonly initializers: ReadonlyMap<string, InitializerSpec>;
  readonly frozen: ReadonlySet<string>;
}

const TIME_FIRST = 'time comes before the batch in its input, which this is not read for; move the axes with transpose(0, 1) before';

/** Larger than any network that is trained here. */
const MAX_LAYERS = 2500;

/**
 * One run of a module's `forward` over symbolic tensors. Every operation becomes layers of a Keras network in channels_last, and every
 * tensor knows both its PyTorch shape and how the Keras tensor lies under it.
 */
export class Tracer {
  /** In the order of execution. */
  readonly nodes: LayerNode[] = [];
  readonly inputs: SymbolicTensor[] = [];
  /** Attribute paths of the modules being run, innermost last. */
  readonly scope: string[] = [];
  private readonly names = new Set<string>();
  private readonly shared = new Map<WeightOwner, Layer>();

  constructor(
    readonly session: KerasSession,
    /** Attribute path of every module of the network. */
    readonly paths: ReadonlyMap<object, string>,
  ) {}

  /** An input of PyTorch shape `[batch, channels, …]`; images become channels_last. */
  input(name: string, shape: Shape): TorchTensor {
    const isTimeFirst = shape[0] !== null && shape[1] === null;
    const layout: Layout = isTimeFirst ? 'sequence-first' : shape.length >= 4 ? 'channels-last' : 'plain';
    const own = isTimeFirst ? swapped(shape) : layout === 'plain' ? shape : toChannelsLast(shape);
    const tensor = inputTensor(this.session, this.unique(name), own, null);
    this.inputs.push(tensor);
    this.nodes.push(tensor.node);
    return new TorchTensor(this, shape, tensor, layout);
  }

  /** The place of a function called in the forward pass. */
  placeOf(name: string, source: SourceRange): Place {
    const prefix = this.scope.at(-1);
    return { name: prefix ? `${prefix}.${name}` : name, source };
  }

  /**
   * Uses a layer and returns what comes out.
   * @throws TraceError when it can't be built on these inputs
   */
  add(place: Place, className: string | LayerDefinition, settings: JsonObject, inputs: SymbolicTensor[]): SymbolicTensor {
    const definition = typeof className === 'string' ? layerDefinition(className) : className;
    if (!definition) throw new TraceError('unknown-layer', `The layer ${String(className)} is not known here.`, place.source);
    if (this.nodes.length >= MAX_LAYERS)
      throw new TraceError('too-large', `The network has more than ${MAX_LAYERS} layers; the rest is left out.`, place.source);
    const existing = place.owner ? this.shared.get(place.owner) : undefined;
    const layer = existing ?? impliedLayer(this.session, definition, { ...settings, name: this.unique(place.name) }, place.source);
    const shapes = inputs.map((t) => t.shape as Shape);
    let outputs: Shape[];
    try {
      const built = layer.build(shapes);
      outputs = built.outputs;
      layer.weights ??= asSaid(layer, withTorchFans(definition.className, built.weights), place.owner);
    } catch (error) {
      if (!(error instanceof ShapeError)) throw error;
      const onto = shapes.map(shapeText).join(', ');
      throw new TraceError('cannot-build', `"${place.name}" can't be built on ${onto} (channels last): ${error.message}.`, place.source);
    }
    if (place.owner && !existing) this.shared.set(place.owner, layer);
    const node: LayerNode = { layer, inputs, outputs: [] };
    node.outputs = outputs.map((shape, i) => new SymbolicTensor(shape, node, i));
    layer.nodes.push(node);
    this.nodes.push(node);
    return node.outputs[0];
  }

  /** A layer that only brings a tensor into the order that the next one needs; it has no place in the source. */
  addHelper(place: Place, suffix: string, className: string, settings: JsonObject, input: SymbolicTensor): SymbolicTensor {
    const tensor = this.add({ name: `${place.name}.${suffix}`, source: place.source }, className, settings, [input]);
    this.helpers.add(tensor.node.layer);
    return tensor;
  }

  /** Layers without a place of their own. */
  readonly helpers = new Set<Layer>();

  /** The Keras tensor in channels_last order. */
  channelsLast(x: TorchTensor, place: Place): SymbolicTensor {
    const rank = x.shape.length;
    if (x.layout === 'sequence-first') throw new ShapeError(TIME_FIRST);
    if (x.layout === 'channels-last' || rank < 3) return x.keras;
    if (x.layout === 'pooled') {
      return this.addHelper(place, 'reshape', 'Reshape', { target_shape: [...x.shape.slice(2), x.shape[1]] }, x.keras);
    }
    return this.addHelper(place, 'to_channels_last', 'Permute', { dims: [...axes(rank).slice(1), 1] }, x.keras);
  }

  /** The Keras tensor in PyTorch's own order of axes. */
  plain(x: TorchTensor, place: Place): SymbolicTensor {
    const rank = x.shape.length;
    if (x.layout === 'plain') return x.keras;
    if (x.layout === 'sequence-first') throw new ShapeError(TIME_FIRST);
    if (x.layout === 'pooled') return this.addHelper(place, 'reshape', 'Reshape', { target_shape: x.shape.slice(1) }, x.keras);
    return this.addHelper(place, 'to_channels_first', 'Permute', { dims: [rank - 1, ...axes(rank).slice(0, -1)] }, x.keras);
  }

  private unique(name: string): string {
    let result = name;
    for (let i = 1; this.names.has(result); i++) result = `${name}_${i}`;
    this.names.add(result);
    return result;
  }
}

/** 1 … rank - 1. */
function axes(rank: number): number[] {
  return Array.from({ length: rank - 1 }, (_, i) => i + 1);
}

export function toChannelsLast(shape: Shape): Shape {
  return [shape[0], ...shape.slice(2), shape[1]];
}

export function toChannelsFirst(shape: Shape): Shape {
  return [shape[0], shape[shape.length - 1], ...shape.slice(1, -1)];
}

/** fan_in and fan_out as PyTorch counts them; a bias is drawn with the fan_in of its layer's weight. */
function withTorchFans(className: string, weights: WeightSpec[]): WeightSpec[] {
  const [kernel] = weights;
  if (!kernel || !/kernel$/.test(kernel.name)) return weights;
  if (/^Depthwise/.test(className)) {
    const area = kernel.shape.slice(0, -2).reduce((p, n) => p * n, 1);
    kernel.fanIn = area;
    kernel.fanOut = area * kernel.shape[kernel.shape.length - 2] * kernel.shape[kernel.shape.length - 1];
  }
  for (const w of weights.slice(1)) {
    w.fanIn = kernel.fanIn;
    w.fanOut = kernel.fanOut;
  }
  return weights;
}

/** What the program itself says of the weights: other initialisers, and which ones it froze. */
function asSaid(layer: Layer, weights: WeightSpec[], owner: WeightOwner | undefined): WeightSpec[] {
  for (const w of owner ? weights : []) {
    const name = owner?.nameOf?.(w.name) ?? (w.name === 'bias' || w.name === 'beta' ? 'bias' : 'weight');
    const initializer = /^moving_/.test(w.name) ? undefined : owner?.initializers.get(name);
    if (initializer) {
      w.initializer = initializer;
      layer.config[`${w.name}_initializer`] = { class_name: initializer.className, config: initializer.config };
    }
    if (owner?.frozen.has(name)) w.trainable = false;
  }
  if (weights.length > 0 && weights.every((w) => !w.trainable)) layer.trainable = false;
  return weights;
}
