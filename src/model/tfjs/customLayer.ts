import type { Shape, SourceRange, WeightSpec } from '../../common/modelSpec';
import { completeInitializer, initializerJson, weight } from '../keras/initializers';
import type { Built } from '../keras/layerDefinition';
import { inputTensor } from '../keras/makeInput';
import { FunctionalModel } from '../keras/model';
import type { KerasSession } from '../keras/session';
import { shapeText } from '../keras/shapes';
import type { SymbolicTensor } from '../keras/tensor';
import { tensorsIn } from '../keras/tensorsIn';
import { UnknownSetting, toJson } from '../keras/toJson';
import { NONE, host, int, list, native, numberOf, stringOf, unknown, type Arguments, type DictValue, type Value } from '../python/value';
import type { Layer } from '../keras/layer';
import type { Machine } from '../python/machine';
import type { Call } from './builtinMembers';
import { isFunction, type ScriptClass } from './scriptFunction';
import { emptyObject, field, setField } from './scriptValues';

/** Whether a class derives, in the end, from the layer class of TF.js. */
export function isLayerClass(cls: ScriptClass): boolean {
  const root = cls.lineage[0].base;
  return root?.kind === 'external' && /^tf\.(layers\.)?Layer$/.test(root.path);
}

/**
 * An object of a class of the script that derives from `tf.layers.Layer`. Its `call()` is followed once over symbolic inputs; from then on
 * it is the network that does the same. One that makes weights of its own, or computes what can't be followed, stays one layer with the
 * shape that `computeOutputShape()` gives, else with the shape of its input, as in TF.js.
 */
export class TfCustomLayer extends FunctionalModel {
  private readonly ownWeights: WeightSpec[] = [];
  private isTraced = false;
  private assumedOutputs: Shape[] | null = null;

  constructor(
    session: KerasSession,
    name: string,
    source: SourceRange,
    private readonly cls: ScriptClass,
    /** Its fields and methods. */
    readonly self: DictValue,
    private readonly run: Call,
  ) {
    super(session, name, source, [], []);
    setField(self, 'name', { kind: 'str', value: name });
    setField(
      self,
      'addWeight',
      native('addWeight', (args) => this.addWeight(args)),
    );
  }

  override get className(): string {
    return this.isOpaque || !this.isTraced ? this.cls.name : super.className;
  }

  override get isOpaque(): boolean {
    if (!this.isTraced) return false;
    const isUnknown = this.assumedOutputs !== null || this.network.some((n) => n.layer.definition.untrainable !== undefined);
    return isUnknown || this.ownWeights.length > 0;
  }

  override get layers(): Layer[] {
    return this.outputs.length > 0 ? super.layers : [];
  }

  override get obstacle(): string | null {
    return this.isTraced ? super.obstacle : 'its input shape is not known';
  }

  override apply(inputs: SymbolicTensor[], site: SourceRange): SymbolicTensor[] {
    const shapes = inputs.map((t) => t.shape);
    if (!shapes.includes(null)) this.trace(shapes as Shape[], site);
    return super.apply(inputs, site);
  }

  override build(inputs: Shape[]): Built {
    this.trace(inputs, this.source ?? this.cls.range);
    if (this.assumedOutputs) return { outputs: this.assumedOutputs, weights: this.ownWeights };
    const built = super.build(inputs);
    return this.isOpaque ? { outputs: built.outputs, weights: this.ownWeights } : built;
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    return field(this.self, name) ?? super.getAttribute(name, machine);
  }

  override setAttribute(name: string, value: Value): boolean {
    setField(this.self, name, value);
    return true;
  }

  /** Runs `build()` and `call()` over inputs of these shapes, unless that was done. */
  trace(shapes: Shape[], site: SourceRange): void {
    if (this.isTraced || shapes.length === 0) return;
    this.isTraced = true;
    const given = shapes.map(shapeValue);
    const build = field(this.self, 'build');
    if (build && isFunction(build)) this.run(build, [given.length === 1 ? given[0] : list(given)], site);
    const method = field(this.self, 'call');
    const inputs = shapes.map((shape) => inputTensor(this.session, this.session.names.next('InputLayer'), shape, null));
    // A layer may be given a tensor or a list of them; programs are written for either.
    const forms: Value[] = [list(inputs.map(host)), ...(inputs.length === 1 ? [host(inputs[0])] : [])];
    let value: Value = method ? unknown(`call() of ${this.cls.name} gives no tensor`) : forms[0];
    for (const form of forms) {
      if (!method || !isFunction(method)) break;
      value = this.run(method, [form, emptyObject()], site);
      if (tensorsIn(value, this.session.machine)) break;
    }
    const outputs = tensorsIn(value, this.session.machine);
    if (outputs) this.connect(inputs, outputs);
    else this.assume(shapes, given, inputs, value, site);
  }

  private assume(shapes: Shape[], given: Value[], inputs: SymbolicTensor[], value: Value, site: SourceRange): void {
    const method = field(this.self, 'computeOutputShape');
    const stated = method && isFunction(method) ? this.run(method, [given.length === 1 ? given[0] : list(given)], site) : null;
    const isList = stated?.kind === 'list' && stated.items.length > 1;
    const shape = isList ? stated.items.map(numberOf) : null;
    this.assumedOutputs = [shape ?? shapes[0]];
    this.connect(inputs, []);
    const why = value.kind === 'unknown' ? `: ${value.reason}` : '';
    const what = shape ? `its computeOutputShape() says ${shapeText(shape)}` : 'it is taken to have the shape of its input';
    this.session.warn(
      'assumed-shape',
      `What call() of ${this.cls.name} gives can't be read${why}; ${what}. It is shown, not trained.`,
      this.cls.range,
    );
  }

  /** `addWeight(name, shape, dtype, initializer, regularizer, trainable)`. */
  private addWeight({ positional, site }: Arguments): Value {
    const [name, shape, , initializer, , trainable] = positional;
    const sizes = shape?.kind === 'list' ? shape.items.map(numberOf) : null;
    if (!sizes || sizes.includes(null)) {
      this.session.error('unknown-weight', `The shape of the weight "${stringOf(name) ?? ''}" of ${this.cls.name} is not known.`, site);
      return unknown('a weight of unknown shape');
    }
    const spec = { initializer: initializerOf(initializer) };
    const isTrainable = !(trainable?.kind === 'bool' && !trainable.value);
    this.ownWeights.push(weight(stringOf(name) ?? `weight_${this.ownWeights.length}`, sizes as number[], spec, 'initializer', isTrainable));
    return unknown(`the values of the weight "${stringOf(name) ?? ''}"`);
  }
}

function initializerOf(value: Value | undefined) {
  const fallback = initializerJson({ className: 'GlorotNormal', config: {} });
  try {
    const spec = completeInitializer(toJson(value ?? NONE));
    return spec ? initializerJson(spec) : fallback;
  } catch (error) {
    if (error instanceof UnknownSetting) return fallback;
    throw error;
  }
}

function shapeValue(shape: Shape): Value {
  return list(shape.map((n) => (n === null ? NONE : int(n))));
}
