import type { Shape, SourceRange, WeightSpec } from '../../common/modelSpec';
import { bind, findMember } from '../python/attributes';
import { callValue, plainArguments } from '../python/calls';
import type { Machine } from '../python/machine';
import {
  FALSE,
  NONE,
  host,
  int,
  list,
  native,
  numberOf,
  stringOf,
  tuple,
  unknown,
  type Arguments,
  type InstanceValue,
  type Value,
} from '../python/value';
import { array } from '../python/arrayValue';
import { shapeArgument } from '../python/arrayMethods';
import { iterate } from '../python/iterate';
import { initializerJson, completeInitializer, weight } from './initializers';
import type { Layer } from './layer';
import type { Built } from './layerDefinition';
import { inputTensor } from './makeInput';
import { FunctionalModel, KerasModel } from './model';
import { layersIn } from './layersIn';
import type { KerasSession } from './session';
import { ShapeError } from './shapes';
import type { SymbolicTensor } from './tensor';
import { tensorsIn } from './tensorsIn';
import { UnknownSetting, toJson } from './toJson';

const NOWHERE: SourceRange = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/**
 * An object of a class of the file that derives from Keras's `Model` or `Layer`. Its `call()` is followed once, over symbolic inputs;
 * from then on it is a functional model. A layer that does more than use other layers stays one opaque layer.
 */
export class CompositeModel extends FunctionalModel {
  /** What `add_weight()` made. */
  readonly ownWeights: WeightSpec[] = [];
  /** It was used on tensors, inside another model. */
  isPart = false;
  private isTraced = false;
  private failure: string | null = null;
  /** Output shapes of a layer whose `call()` can't be followed. */
  private assumedOutputs: Shape[] | null = null;

  constructor(
    session: KerasSession,
    name: string,
    source: SourceRange | null,
    readonly instance: InstanceValue,
    readonly isLayer: boolean,
  ) {
    super(session, name, source, [], []);
  }

  override get className(): string {
    return this.isOpaque ? this.instance.class.name : super.className;
  }

  override get isOpaque(): boolean {
    if (!this.isLayer || !this.isTraced) return false;
    return (
      this.ownWeights.length > 0 || this.assumedOutputs !== null || this.network.some((n) => n.layer.definition.untrainable !== undefined)
    );
  }

  override get layers(): Layer[] {
    return this.isTraced && this.outputs.length > 0 ? super.layers : layersIn(this.instance.fields.values());
  }

  override get obstacle(): string | null {
    if (this.failure) return this.failure;
    return this.isTraced ? super.obstacle : 'its input shape is not known';
  }

  /** `super().__init__(…)`: a name, or the tensors of a functional model. */
  initialize(args: Arguments, machine: Machine): void {
    const name = stringOf(args.keywords.get('name'));
    if (name !== null) this.name = name;
    if (args.keywords.has('outputs') || args.positional.length >= 2) {
      const parts = FunctionalModel.read(args, machine);
      if (typeof parts === 'string') return;
      this.connect(parts.inputs, parts.outputs);
      this.isTraced = true;
    }
  }

  /** Follows `build()` and `call()` over inputs of these shapes, unless that was done. */
  trace(shapes: Shape[], isList: boolean, args: Arguments, machine: Machine): void {
    if (this.isTraced || shapes.length === 0) return;
    this.isTraced = true;
    const { journal } = machine;
    journal.record(() => {
      this.isTraced = false;
      this.failure = null;
      this.connect([], []);
    });
    this.buildInstance(shapes, machine);
    const inputs = shapes.map((shape) => inputTensor(this.session, this.session.names.next('InputLayer'), shape, null));
    // Early TensorFlow 2 programs define what a layer's base class calls.
    const method = findMember(this.instance.class, 'call') ?? findMember(this.instance.class, '__call__');
    const value = method
      ? callValue(bind(method.value, method.owner, this.instance), this.callArguments(inputs, isList, args, method.value), machine)
      : (this.inherited(inputs) ?? unknown(`the class ${this.instance.class.name} has no call()`));
    const outputs = tensorsIn(value, machine);
    if (outputs) this.connect(inputs, outputs);
    else if (this.isLayer) this.assume(shapes, inputs, machine, value);
    else {
      this.failure = `what its call() returns is not known${value.kind === 'unknown' ? `: ${value.reason}` : ''}`;
      this.connect(inputs, []);
      this.session.error('unknown-call', `The class ${this.instance.class.name} is not built: ${this.failure}.`, this.instance.class.range);
    }
  }

  /** Runs the class's own `build(input_shape)`, in which layers and weights may be made. */
  private buildInstance(shapes: Shape[], machine: Machine): void {
    const build = findMember(this.instance.class, 'build');
    if (!build) return;
    const values = shapes.map((shape): Value => tuple(shape.map((n) => (n === null ? NONE : int(n)))));
    const given = values.length === 1 ? values[0] : list(values);
    callValue(bind(build.value, build.owner, this.instance), plainArguments([given], this.source ?? NOWHERE), machine);
  }

  private callArguments(inputs: SymbolicTensor[], isList: boolean, args: Arguments, method: Value): Arguments {
    const keywords = new Map([...args.keywords].filter(([name]) => name !== 'inputs'));
    const wantsTraining = method.kind === 'function' && method.parameters.some((p) => p.name === 'training' && !p.defaultValue);
    if (wantsTraining && !keywords.has('training') && args.positional.length < 2) keywords.set('training', FALSE);
    const input = isList ? list(inputs.map(host)) : host(inputs[0]);
    const rest = isList || inputs.length === 1 ? args.positional.slice(1) : inputs.slice(1).map(host);
    return { positional: [input, ...rest], keywords, site: args.site, hasUnknownSpread: false };
  }

  /** A layer whose `call()` can't be followed: its output shape is what the class says, else the input's. */
  private assume(shapes: Shape[], inputs: SymbolicTensor[], machine: Machine, value: Value): void {
    const method = findMember(this.instance.class, 'compute_output_shape') ?? findMember(this.instance.class, 'get_output_shape_for');
    const given = tuple(shapes[0].map((n) => (n === null ? NONE : int(n))));
    const said = method
      ? callValue(bind(method.value, method.owner, this.instance), plainArguments([given], this.source ?? NOWHERE), machine)
      : null;
    const items = said ? iterate(said, machine) : null;
    const base = items ? null : this.inheritedShape(shapes);
    this.assumedOutputs = [items ? items.map(numberOf) : (base ?? shapes[0])];
    this.connect(inputs, []);
    const why = value.kind === 'unknown' ? ` (${value.reason})` : '';
    const what = items
      ? 'its compute_output_shape() was read instead'
      : base
        ? 'its output is taken to have the shape that the layer it derives from gives'
        : 'its output is taken to have the shape of its input';
    this.session.warn(
      'assumed-shape',
      `What ${this.instance.class.name}.call() gives can't be read${why}; ${what}.`,
      this.instance.class.range,
    );
  }

  override build(inputs: Shape[]): Built {
    if (this.assumedOutputs) return { outputs: this.assumedOutputs, weights: this.allWeights() };
    if (this.failure) throw new ShapeError(this.failure);
    const built = super.build(inputs);
    return this.isOpaque ? { outputs: built.outputs, weights: this.allWeights() } : built;
  }

  /** What it gives where the class has no `call()`: what the class that it derives from gives. */
  protected inherited(_inputs: SymbolicTensor[]): Value | null {
    return null;
  }

  /** The shape that the class which it derives from gives. */
  protected inheritedShape(_shapes: Shape[]): Shape | null {
    return null;
  }

  /** Its own weights and those of the layers it uses or keeps. */
  protected allWeights(): WeightSpec[] {
    const layers = this.outputs.length > 0 ? super.layers : layersIn(this.instance.fields.values());
    return [...new Set([...this.ownWeights, ...layers.flatMap((l) => l.weights ?? [])])];
  }

  /** Follows the class over inputs of this shape, batch axis first. */
  setInputShape(shape: Shape): void {
    this.trace([shape], false, plainArguments([], this.source ?? NOWHERE), this.session.machine);
  }

  override apply(inputs: SymbolicTensor[], site: SourceRange): SymbolicTensor[] {
    this.isPart = true;
    const shapes = inputs.map((t) => t.shape);
    const isKnown = !shapes.includes(null);
    if (isKnown) this.trace(shapes as Shape[], inputs.length > 1, plainArguments([], site), this.session.machine);
    return super.apply(inputs, site);
  }

  override call(args: Arguments, machine: Machine): Value | undefined {
    const input = args.positional[0] ?? args.keywords.get('inputs') ?? NONE;
    const arrays = input.kind === 'list' || input.kind === 'tuple' ? input.items : [input];
    const shapes = arrays.map((v) => (v.kind === 'array' && v.shape ? ([null, ...v.shape.slice(1)] as Shape) : null));
    if (shapes.length > 0 && !shapes.includes(null)) {
      this.trace(shapes as Shape[], arrays.length > 1, args, machine);
      return array(this.outputs[0]?.shape ?? null);
    }
    return super.call(args, machine);
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    switch (name) {
      case 'add_weight':
      case 'add_variable':
        return native(name, (args) => this.addWeight(args));
      case 'build':
        return native(name, (args) => {
          const shape = iterate(args.positional[0] ?? args.keywords.get('input_shape') ?? NONE, machine)?.map(numberOf);
          if (shape && shape.length > 1 && !this.isLayer)
            this.trace([[null, ...shape.slice(1)]], false, plainArguments([], args.site), machine);
          return NONE;
        });
      case 'fit':
      case 'evaluate':
      case 'predict': {
        const method = super.getAttribute(name, machine);
        return native(name, (args) => {
          const result = method ? callValue(method, args, machine) : NONE;
          const shape = this.fitInfo?.inputShape;
          if (shape) this.trace([shape], false, plainArguments([], args.site), machine);
          return result;
        });
      }
      case 'get_config':
        return native(name, () => ({ kind: 'dict', entries: new Map() }));
      case 'built':
        return FALSE;
      default:
        return super.getAttribute(name, machine);
    }
  }

  /** A weight the class makes itself; among Python values it is an array of its shape. */
  private addWeight(args: Arguments): Value {
    const { keywords, positional } = args;
    const isNameFirst = positional[0]?.kind === 'str' || positional[0]?.kind === 'none';
    const shapeValue = keywords.get('shape') ?? positional[isNameFirst ? 1 : 0];
    const shape = shapeValue ? shapeArgument([shapeValue]) : [];
    const name = stringOf(keywords.get('name') ?? (isNameFirst ? positional[0] : undefined)) ?? `weight_${this.ownWeights.length}`;
    if (!shape || shape.includes(null)) {
      this.session.error('unknown-weight', `The shape of the weight "${name}" is not known.`, args.site);
      return array(null);
    }
    let initializer = initializerJson({ className: 'GlorotUniform', config: {} });
    try {
      const spec = completeInitializer(toJson(keywords.get('initializer') ?? { kind: 'str', value: 'glorot_uniform' }));
      if (spec) initializer = initializerJson(spec);
    } catch (error) {
      if (!(error instanceof UnknownSetting)) throw error;
    }
    const trainable = keywords.get('trainable');
    const isTrainable = !(trainable?.kind === 'bool' && !trainable.value);
    this.session.machine.journal.recordItems(this.ownWeights);
    this.ownWeights.push(weight(name, shape as number[], { initializer }, 'initializer', isTrainable));
    return array(shape);
  }
}

/** Whether a model only serves as a part of others, and need not be offered by itself. */
export function isOnlyPart(model: KerasModel): boolean {
  return model instanceof CompositeModel && (model.isLayer || (model.isPart && model.variable === null));
}
