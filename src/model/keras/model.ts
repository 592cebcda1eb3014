import type { Shape, SourceRange, WeightSpec } from '../../common/modelSpec';
import type { Machine } from '../python/machine';
import { iterate } from '../python/iterate';
import { NONE, host, list, native, numberOf, stringOf, tuple, unknown, type Arguments, type Value } from '../python/value';
import { readCompile, readFit, type FitInfo, type CompileInfo } from './compileAndFit';
import { Layer } from './layer';
import type { Built, LayerDefinition } from './layerDefinition';
import { layerDefinition } from './layerTable';
import { impliedLayer } from './makeLayer';
import type { KerasSession } from './session';
import { ShapeError } from './shapes';
import { SymbolicTensor, type LayerNode } from './tensor';
import { tensorsIn } from './tensorsIn';

const SEQUENTIAL: LayerDefinition = { className: 'Sequential', parameters: [], build: () => ({ outputs: [], weights: [] }) };
const FUNCTIONAL: LayerDefinition = { className: 'Functional', parameters: [], build: () => ({ outputs: [], weights: [] }) };

/** What sequential and functional models share. */
export abstract class KerasModel extends Layer {
  compileInfo: CompileInfo | null = null;
  fitInfo: FitInfo | null = null;
  /** The variable it was first assigned to, and whether at the top of the file. */
  variable: { name: string; isTopLevel: boolean } | null = null;
  /** It came from keras.applications: the file's own models are made on top of it. */
  isLibrary = false;
  /** The program prints its summary. */
  isShown = false;
  /** The function it was made in, if any. */
  builder: string | null = null;
  /** Its place in the file that was asked for: where that leads to its making in another one. */
  readonly home: SourceRange | null;
  /** A file made it just by being imported. */
  readonly isImported: boolean;

  protected constructor(session: KerasSession, definition: LayerDefinition, name: string, source: SourceRange | null) {
    super(session, definition, name, {}, source);
    const { home } = session.machine;
    this.home = source && home.of(source);
    this.isImported = home.isImporting;
    session.machine.journal.recordItems(session.models);
  }

  override get description(): string {
    return `the model ${this.name}`;
  }

  /** Its layers in the order of a summary. */
  abstract get layers(): Layer[];
  abstract get inputs(): SymbolicTensor[];
  abstract get outputs(): SymbolicTensor[];
  /** It counts as one layer, whatever it is made of. */
  get isOpaque(): boolean {
    return false;
  }

  /** What keeps it from being built, as a clause; null when nothing does. */
  abstract get obstacle(): string | null;

  /** Runs its layers over inputs of other shapes without leaving a trace. @throws ShapeError */
  override build(inputs: Shape[]): Built {
    const shapes = new Map<SymbolicTensor, Shape>();
    this.inputs.forEach((t, i) => shapes.set(t, inputs[i] ?? inputs[0]));
    const shapeOf = (tensor: SymbolicTensor): Shape => {
      const known = shapes.get(tensor);
      if (known) return known;
      const built = tensor.node.layer.build(tensor.node.inputs.map(shapeOf));
      tensor.node.outputs.forEach((t, i) => shapes.set(t, built.outputs[i]));
      const shape = shapes.get(tensor);
      if (!shape) throw new ShapeError('one of its layers has no output');
      return shape;
    };
    if (this.outputs.length === 0) throw new ShapeError(this.obstacle ?? 'it has no outputs');
    return { outputs: this.outputs.map(shapeOf), weights: [] };
  }

  /** All weights, named after their layers: what a wrapper around the model has. */
  innerWeights(): WeightSpec[] {
    return this.layers.flatMap((layer) => {
      const weights = layer instanceof KerasModel ? layer.innerWeights() : (layer.weights ?? []);
      return weights.map((w) => ({ ...w, name: `${layer.name}_${w.name}` }));
    });
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    switch (name) {
      case 'layers':
        return list(this.layers.map(host));
      case 'inputs':
        return list(this.inputs.map(host));
      case 'outputs':
        return list(this.outputs.map(host));
      case 'input':
        return this.inputs.length === 1 ? host(this.inputs[0]) : list(this.inputs.map(host));
      case 'output':
        return this.outputs.length === 1 ? host(this.outputs[0]) : list(this.outputs.map(host));
      case 'input_shape':
      case 'output_shape': {
        const shape = (name === 'input_shape' ? this.inputs : this.outputs)[0]?.shape;
        return shape
          ? tuple(shape.map((n) => (n === null ? NONE : { kind: 'int', value: n })))
          : unknown(`the ${name} of a model that is not built`);
      }
      case 'compile':
        return native(name, (args) => this.compile(args, machine));
      case 'fit':
      case 'fit_generator':
      case 'train_on_batch':
        return native(name, (args) => this.fit(name, args, machine));
      case 'get_layer':
        return native(name, (args) => this.findLayer(args));
      case 'summary':
        return native(name, () => {
          this.isShown = true;
          return NONE;
        });
      case 'load_weights':
      case 'save':
      case 'save_weights':
        return native(name, () => NONE);
      case 'evaluate':
      case 'predict':
      case 'predict_classes':
      case 'history':
        return name === 'history' ? unknown('the history of a training') : native(name, () => unknown(`the result of ${name}()`));
      default:
        return super.getAttribute(name, machine);
    }
  }

  override didAssign(name: string, isTopLevel: boolean): void {
    if (this.variable?.isTopLevel || (this.variable && !isTopLevel)) return;
    const old = this.variable;
    this.session.machine.journal.record(() => (this.variable = old));
    this.variable = { name, isTopLevel };
  }

  protected override setTrainable(trainable: boolean): void {
    super.setTrainable(trainable);
    for (const layer of this.layers) layer.setAttribute('trainable', { kind: 'bool', value: trainable }, this.session.machine);
  }

  private compile(args: Arguments, machine: Machine): Value {
    const old = this.compileInfo;
    machine.changes++;
    machine.journal.record(() => (this.compileInfo = old));
    // A second compile() is a later stage of the same training; the first one is what a run begins with.
    this.compileInfo ??= readCompile(this.session, args);
    return NONE;
  }

  private fit(method: string, args: Arguments, machine: Machine): Value {
    const old = this.fitInfo;
    machine.changes++;
    machine.journal.record(() => (this.fitInfo = old));
    this.fitInfo ??= readFit(method, args);
    if (this.fitInfo.isNoiseIgnored)
      this.session.warn(
        'ignored-noise',
        'The noise that the program adds to the images is left out: the model is trained on the images as they are. A GaussianNoise layer adds some in training.',
        args.site,
      );
    if (method === 'train_on_batch') machine.trainingSteps++;
    return unknown('the history of a training');
  }

  private findLayer(args: Arguments): Value {
    const name = stringOf(args.positional[0] ?? args.keywords.get('name'));
    const index = numberOf(args.keywords.get('index') ?? (name === null ? args.positional[0] : undefined));
    const layer = name !== null ? this.layers.find((l) => l.name === name) : index !== null ? this.layers.at(index) : undefined;
    return layer ? host(layer) : unknown(`a layer called ${name ?? index} of ${this.description}`);
  }
}

/** `Sequential`: layers one after the other; built as soon as the first one's input shape is known. */
export class SequentialModel extends KerasModel {
  private readonly chain: Layer[] = [];
  private input: SymbolicTensor | null = null;
  private last: SymbolicTensor | null = null;
  /** An `Input` or `InputLayer` that the program itself put at the start. */
  private explicitInput: Layer | null = null;
  private brokenBy: string | null = null;

  constructor(session: KerasSession, name: string, source: SourceRange | null) {
    super(session, SEQUENTIAL, name, source);
  }

  get layers(): Layer[] {
    return this.explicitInput ? [this.explicitInput, ...this.chain] : this.chain;
  }

  get inputs(): SymbolicTensor[] {
    return this.input ? [this.input] : [];
  }

  get outputs(): SymbolicTensor[] {
    return this.last ? [this.last] : [];
  }

  get obstacle(): string | null {
    if (this.brokenBy) return this.brokenBy;
    if (this.chain.length === 0) return 'it has no layers';
    return this.input ? null : 'its input shape is not known';
  }

  /** Appends what `add()` was given. */
  append(value: Value, site: SourceRange): void {
    this.session.machine.changes++;
    const object = value.kind === 'host' ? value.object : value.kind === 'instance' ? value.host : null;
    if (object instanceof SymbolicTensor && object.node.layer.className === 'InputLayer') this.begin(object);
    else if (object instanceof Layer) this.appendLayer(object, site);
    else {
      const why = value.kind === 'unknown' ? value.reason : `it is ${value.kind === 'host' ? value.object.description : `a ${value.kind}`}`;
      const old = this.brokenBy;
      this.session.machine.journal.record(() => (this.brokenBy = old));
      this.brokenBy ??= `a layer could not be read: ${why}`;
      this.session.error('unknown-layer', `This layer can't be read: ${why}.`, site);
    }
  }

  private begin(tensor: SymbolicTensor): void {
    const { journal } = this.session.machine;
    const old = { input: this.input, last: this.last, explicit: this.explicitInput };
    journal.record(() => {
      this.input = old.input;
      this.last = old.last;
      this.explicitInput = old.explicit;
    });
    this.input = tensor;
    this.last = tensor;
    this.explicitInput = tensor.node.layer;
  }

  private appendLayer(layer: Layer, site: SourceRange): void {
    const { journal } = this.session.machine;
    if (layer.className === 'InputLayer') {
      const tensor = layer.nodes[0]?.outputs[0];
      if (tensor) this.begin(tensor);
      return;
    }
    journal.recordItems(this.chain);
    this.chain.push(layer);
    if (!this.last) {
      const shape = layer.givenInputShape ?? (layer instanceof KerasModel ? (layer.inputs[0]?.shape ?? null) : null);
      if (shape) this.setInputShape(shape);
      return;
    }
    const before = this.last;
    journal.record(() => (this.last = before));
    this.last = layer.apply([before], site)[0];
  }

  /** Gives the model its input shape (batch axis first) and builds what it has so far. */
  setInputShape(shape: Shape): void {
    const { journal } = this.session.machine;
    const definition = layerDefinition('InputLayer');
    if (this.input || !definition) return;
    journal.record(() => {
      this.input = null;
      this.last = null;
    });
    const first = this.chain[0]?.name ?? this.name;
    const inputLayer = impliedLayer(this.session, definition, { batch_input_shape: shape, name: `${first}_input` }, null);
    const node: LayerNode = { layer: inputLayer, inputs: [], outputs: [] };
    const tensor = new SymbolicTensor(shape, node, 0);
    node.outputs.push(tensor);
    inputLayer.nodes.push(node);
    this.input = tensor;
    this.last = tensor;
    for (const layer of this.chain) this.last = layer.apply([this.last], layer.source ?? this.source ?? NOWHERE)[0];
  }

  override apply(inputs: SymbolicTensor[], site: SourceRange): SymbolicTensor[] {
    const shape = inputs[0]?.shape;
    if (!this.input && shape) this.setInputShape(shape);
    return super.apply(inputs, site);
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    if (name === 'add') {
      return native(name, (args) => {
        this.append(args.positional[0] ?? args.keywords.get('layer') ?? NONE, args.site);
        return NONE;
      });
    }
    if (name === 'pop') return native(name, () => this.pop());
    if (name === 'build') {
      return native(name, (args) => {
        const shape = iterate(args.positional[0] ?? args.keywords.get('input_shape') ?? NONE, machine)?.map(numberOf);
        if (shape && shape.length > 1) this.setInputShape([null, ...shape.slice(1)]);
        return NONE;
      });
    }
    return super.getAttribute(name, machine);
  }

  private pop(): Value {
    const { journal } = this.session.machine;
    const layer = this.chain.at(-1);
    if (!layer) return NONE;
    journal.recordItems(this.chain);
    this.chain.pop();
    const before = this.last;
    journal.record(() => (this.last = before));
    const node = layer.nodes.find((n) => n.outputs[0] === before);
    if (node) this.last = node.inputs[0];
    return NONE;
  }
}

/** A model of tensors: `Model(inputs=…, outputs=…)`. */
export class FunctionalModel extends KerasModel {
  private order: LayerNode[] = [];
  private ends: { inputs: SymbolicTensor[]; outputs: SymbolicTensor[] } = { inputs: [], outputs: [] };

  constructor(session: KerasSession, name: string, source: SourceRange | null, inputs: SymbolicTensor[], outputs: SymbolicTensor[]) {
    super(session, FUNCTIONAL, name, source);
    this.connect(inputs, outputs);
  }

  protected connect(inputs: SymbolicTensor[], outputs: SymbolicTensor[]): void {
    this.ends = { inputs, outputs };
    this.order = sortNodes(inputs, outputs);
  }

  get inputs(): SymbolicTensor[] {
    return this.ends.inputs;
  }

  get outputs(): SymbolicTensor[] {
    return this.ends.outputs;
  }

  /** Its own uses of layers, in topological order. */
  get network(): LayerNode[] {
    return this.order;
  }

  get layers(): Layer[] {
    return [...new Set(this.order.map((n) => n.layer))];
  }

  get obstacle(): string | null {
    const roots = this.order.filter((n) => n.inputs.length === 0 && !this.inputs.some((t) => t.node === n));
    if (roots.length > 0) return `the input "${roots[0].layer.name}" is not among its inputs`;
    return null;
  }

  /** The inputs' and outputs' values when the arguments of `Model(...)` say them. */
  static read(args: Arguments, machine: Machine): { inputs: SymbolicTensor[]; outputs: SymbolicTensor[] } | string {
    const given = (names: string[], at: number) => names.map((n) => args.keywords.get(n)).find((v) => v) ?? args.positional[at] ?? NONE;
    const input = given(['inputs', 'input'], 0);
    const output = given(['outputs', 'output'], 1);
    const inputs = tensorsIn(input, machine);
    const outputs = tensorsIn(output, machine);
    if (!inputs)
      return input.kind === 'unknown' ? `its input is not known: ${input.reason}` : 'its input is not a tensor that this file makes';
    if (!outputs)
      return output.kind === 'unknown' ? `its output is not known: ${output.reason}` : 'its output is not a tensor that this file makes';
    return { inputs, outputs };
  }
}

const NOWHERE: SourceRange = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/** Keras's own order of a functional model: by depth from the outputs, ties in the order of a walk from the outputs. */
function sortNodes(inputs: SymbolicTensor[], outputs: SymbolicTensor[]): LayerNode[] {
  const visited = new Set<LayerNode>();
  const postOrder: LayerNode[] = [];
  const layerIndex = new Map<Layer, number>();
  const visit = (node: LayerNode): void => {
    if (visited.has(node)) return;
    visited.add(node);
    if (!layerIndex.has(node.layer)) layerIndex.set(node.layer, layerIndex.size);
    if (!inputs.some((t) => t.node === node)) for (const t of node.inputs) visit(t.node);
    postOrder.push(node);
  };
  for (const t of outputs) visit(t.node);
  for (const t of inputs) if (!visited.has(t.node)) visit(t.node);
  const depths = new Map<LayerNode, number>();
  const layerDepths = new Map<Layer, number>();
  for (const node of [...postOrder].reverse()) {
    const depth = Math.max(depths.get(node) ?? 0, layerDepths.get(node.layer) ?? 0);
    depths.set(node, depth);
    layerDepths.set(node.layer, depth);
    if (inputs.some((t) => t.node === node)) continue;
    for (const t of node.inputs) depths.set(t.node, Math.max(depths.get(t.node) ?? 0, depth + 1));
  }
  for (const t of inputs) {
    const deepest = Math.max(0, ...depths.values());
    if (!postOrder.some((n) => n.inputs.includes(t)))
      layerDepths.set(t.node.layer, Math.max(layerDepths.get(t.node.layer) ?? 0, 0, deepest));
  }
  const key = (n: LayerNode) => layerDepths.get(n.layer) ?? 0;
  return postOrder.sort((a, b) => key(b) - key(a) || (layerIndex.get(a.layer) ?? 0) - (layerIndex.get(b.layer) ?? 0));
}
