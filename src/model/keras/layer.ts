import type { JsonObject, JsonValue } from '../../common/json';
import type { Shape, SourceRange, WeightSpec } from '../../common/modelSpec';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { truthOf } from '../python/truth';
import { NONE, host, int, list, native, str, tuple, unknown, type Arguments, type Value } from '../python/value';
import type { Built, LayerDefinition } from './layerDefinition';
import type { KerasSession } from './session';
import { ShapeError, shapeText } from './shapes';
import { SymbolicTensor, type LayerNode } from './tensor';
import { tensorsIn } from './tensorsIn';

/** A layer: its class, its configuration and where it was used. A model is a layer as well. */
export class Layer extends HostObject {
  readonly nodes: LayerNode[] = [];
  /** Null until it has met an input whose shape is known. */
  weights: WeightSpec[] | null = null;
  trainable = true;

  constructor(
    readonly session: KerasSession,
    readonly definition: LayerDefinition,
    public name: string,
    readonly config: JsonObject,
    readonly source: SourceRange | null,
    /** The shape given with the layer itself (`input_shape=`), batch axis first. */
    readonly givenInputShape: Shape | null = null,
    /** Why it can't be built, when its arguments already tell. */
    readonly defect: string | null = null,
    /** The layer that a wrapper such as TimeDistributed is made of. */
    readonly inner: Layer | null = null,
  ) {
    super();
  }

  get className(): string {
    return this.definition.className;
  }

  get description(): string {
    return `the layer ${this.name}`;
  }

  /** Output shapes and weights on these inputs. @throws ShapeError */
  build(inputs: Shape[]): Built {
    if (this.defect !== null) throw new ShapeError(this.defect);
    return this.definition.build({ ...this.config, trainable: this.trainable }, inputs, this.inner);
  }

  /** Uses the layer on tensors and returns what comes out. A layer that can't be built notes why and gives a tensor without shape. */
  apply(inputs: SymbolicTensor[], site: SourceRange): SymbolicTensor[] {
    const node: LayerNode = { layer: this, inputs, outputs: [] };
    const shapes = inputs.map((t) => t.shape);
    let outputs: (Shape | null)[] = [null];
    if (!shapes.includes(null)) {
      try {
        const built = this.build(shapes as Shape[]);
        outputs = built.outputs;
        if (!this.weights) {
          this.session.machine.journal.record(() => (this.weights = null));
          this.weights = built.weights;
        }
      } catch (error) {
        if (!(error instanceof ShapeError)) throw error;
        const onto = shapes.map((s) => shapeText(s as Shape)).join(', ');
        this.session.error(
          'cannot-build',
          `${this.className} "${this.name}" can't be built on ${onto}: ${error.message}.`,
          this.source ?? site,
        );
      }
    }
    node.outputs = outputs.map((shape, i) => new SymbolicTensor(shape, node, i));
    this.session.machine.journal.recordItems(this.nodes);
    this.nodes.push(node);
    this.session.machine.journal.recordLength(this.session.uses);
    this.session.uses.push(node);
    return node.outputs;
  }

  override call(args: Arguments, machine: Machine): Value | undefined {
    const named = ['inputs', 'input', 'x', 'query'].map((k) => args.keywords.get(k)).find((v) => v !== undefined);
    const input = args.positional[0] ?? named;
    if (!input) return unknown(`what ${this.description} gives without an input`);
    // A list of one tensor is as good as the tensor; further positional inputs are attention's value and key.
    const isTensor = (v: Value): boolean => v.kind === 'host' && v.object instanceof SymbolicTensor;
    const value = args.keywords.get('value');
    const key = args.keywords.get('key');
    const initial = args.keywords.get('initial_state');
    const states = initial && !isTensor(initial) ? (tensorsIn(initial, machine) ?? []).map(host) : initial ? [initial] : [];
    const more = [...args.positional.slice(1), ...(value ? [value] : []), ...(key ? [key] : []), ...states];
    const further = more.filter(isTensor);
    this.noteCall(args);
    const tensors = tensorsIn(further.length ? list([input, ...further]) : input, machine);
    if (!tensors) return input.kind === 'unknown' ? input : unknown(`what ${this.description} gives for this input`);
    const outputs = this.apply(tensors, args.site).map(host);
    return outputs.length === 1 ? outputs[0] : list(outputs);
  }

  /** Settings that belong to a use of the layer, not to itself. */
  private noteCall(args: Arguments): void {
    const isCausal = args.keywords.get('use_causal_mask');
    if (isCausal && truthOf(isCausal) === true && 'use_causal_mask' in this.config) this.config.use_causal_mask = true;
    for (const [name, value] of args.keywords)
      if (['attention_mask', 'mask', 'return_attention_scores'].includes(name) && value.kind !== 'none' && truthOf(value) !== false)
        this.session.warn('unknown-argument', `The ${name} of this call of "${this.name}" is ignored.`, args.site);
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    const firstNode = this.nodes[0];
    switch (name) {
      case 'name':
        return str(this.name);
      case 'trainable':
        return { kind: 'bool', value: this.trainable };
      case 'output':
        return firstNode ? (firstNode.outputs.length === 1 ? host(firstNode.outputs[0]) : list(firstNode.outputs.map(host))) : undefined;
      case 'input':
        return firstNode ? (firstNode.inputs.length === 1 ? host(firstNode.inputs[0]) : list(firstNode.inputs.map(host))) : undefined;
      case 'output_shape':
        return firstNode?.outputs[0]?.shape ? shapeValue(firstNode.outputs[0].shape) : undefined;
      case 'input_shape':
        return firstNode?.inputs[0]?.shape ? shapeValue(firstNode.inputs[0].shape) : undefined;
      case '__class__':
        return { kind: 'external', path: `keras.layers.${this.className}` };
      case 'weights':
      case 'trainable_weights':
      case 'get_weights':
        return unknown('the weights of a layer, which training determines');
      case 'adapt':
        return native(name, () => {
          this.config.is_adapted = true;
          return NONE;
        });
      case 'build':
      case 'set_weights':
        return native(name, () => NONE);
      case 'call':
      case '__call__':
        return native(name, (args) => this.call(args, machine) ?? NONE);
      default:
        return this.setting(name);
    }
  }

  private setting(name: string): Value | undefined {
    const value = this.config[name];
    return value === undefined ? undefined : fromJson(value);
  }

  override setAttribute(name: string, value: Value, machine: Machine): boolean {
    if (name === 'trainable') {
      const truth = truthOf(value);
      if (truth === undefined) return false;
      const old = this.trainable;
      machine.journal.record(() => this.setTrainable(old));
      this.setTrainable(truth);
      return true;
    }
    const text = value.kind === 'str' ? value.value : null;
    if ((name === 'name' || name === '_name') && text !== null) {
      const old = this.name;
      machine.journal.record(() => (this.name = old));
      this.name = text;
      return true;
    }
    return false;
  }

  protected setTrainable(trainable: boolean): void {
    this.trainable = trainable;
    for (const w of this.weights ?? []) w.trainable = trainable && !/^moving_/.test(w.name);
  }
}

function shapeValue(shape: Shape): Value {
  return tuple(shape.map((n) => (n === null ? NONE : int(n))));
}

/** A configuration value as Python sees it. */
function fromJson(value: JsonValue): Value | undefined {
  if (value === null) return NONE;
  if (typeof value === 'boolean') return { kind: 'bool', value };
  if (typeof value === 'number') return Number.isInteger(value) ? int(value) : { kind: 'float', value };
  if (typeof value === 'string') return str(value);
  if (Array.isArray(value)) {
    const items = value.map(fromJson);
    return items.includes(undefined) ? undefined : tuple(items as Value[]);
  }
  return undefined;
}
