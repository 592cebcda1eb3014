import type { JsonValue } from '../../common/json';
import type { Shape, SourceRange } from '../../common/modelSpec';
import { callValue } from '../python/calls';
import { iterate } from '../python/iterate';
import { NONE, host, int, list, numberOf, tuple, type Arguments, type Value } from '../python/value';
import { Layer } from './layer';
import type { Built, LayerDefinition } from './layerDefinition';
import { inputTensor } from './makeInput';
import { FunctionalModel } from './model';
import type { KerasSession } from './session';
import { ShapeError } from './shapes';
import type { SymbolicTensor } from './tensor';
import { tensorsIn } from './tensorsIn';
import { topologyOf } from './topologyOf';
import { untrainableReason } from './untrainable';

const LAMBDA: LayerDefinition = {
  className: 'Lambda',
  parameters: [['function', undefined]],
  build: () => ({ outputs: [], weights: [] }),
};

/** `Lambda(function)`: what it does is told by following the function over a symbolic tensor. */
export class LambdaLayer extends Layer {
  /** Why it can't be trained, as a clause; null when its body is known as layers. */
  reason: string | null = 'what it does could not be read from its body, and Python is never run';

  constructor(
    session: KerasSession,
    name: string,
    source: SourceRange,
    private readonly fn: Value,
    private readonly outputShape: Value,
    private readonly extra: Value,
    given: Shape | null,
  ) {
    super(session, LAMBDA, name, { function: 'lambda' }, source, given);
  }

  override build(inputs: Shape[]): Built {
    const { machine } = this.session;
    const said = this.saidShape(inputs);
    const outputs = machine.journal.tentatively((): Shape[] | null => {
      const tensors = inputs.map((shape) => inputTensor(this.session, 'lambda_input', shape, null));
      const input = tensors.length === 1 ? host(tensors[0]) : list(tensors.map(host));
      const keywords = new Map<string, Value>();
      if (this.extra.kind === 'dict')
        for (const e of this.extra.entries.values()) if (e.key.kind === 'str') keywords.set(e.key.value, e.value);
      const args: Arguments = { positional: [input], keywords, site: this.source as SourceRange, hasUnknownSpread: false };
      const result = tensorsIn(callValue(this.fn, args, machine), machine);
      const shapes = result?.map((t) => t.shape);
      if (!result || !shapes || shapes.includes(null)) return null;
      this.remember(tensors, result);
      return shapes as Shape[];
    });
    if (said) return { outputs: [said], weights: [] };
    if (outputs) return { outputs, weights: [] };
    if (inputs.length === 0) throw new ShapeError('it has no input');
    this.session.warn(
      'assumed-shape',
      'What this Lambda gives can not be read; its output is taken to have the shape of its input. Say output_shape= to be exact.',
      this.source as SourceRange,
    );
    return { outputs: [inputs[0]], weights: [] };
  }

  /** Keeps the layers that do the same as the body, where the engine has them all. */
  private remember(inputs: SymbolicTensor[], outputs: SymbolicTensor[]): void {
    const model = new FunctionalModel(this.session, `${this.name}_body`, this.source, inputs, outputs);
    const reasons = model.layers.map((l) => untrainableReason(l)).filter((r) => r !== null);
    const weighted = model.layers.find((l) => (l.weights?.length ?? 0) > 0);
    if (model.obstacle) this.reason = model.obstacle;
    else if (weighted) this.reason = `it uses the layer "${weighted.name}", whose weights a Lambda does not train`;
    else this.reason = reasons[0] ?? null;
    if (this.reason === null) this.config.graph = topologyOf(model) as unknown as JsonValue;
  }

  /** `output_shape=`: the shape without the batch, or a function of the input's shape. */
  private saidShape(inputs: Shape[]): Shape | null {
    const { machine } = this.session;
    const shapes = inputs.map((s) => tuple(s.map((n) => (n === null ? NONE : int(n)))));
    const isFunction = this.outputShape.kind === 'function';
    const value = isFunction
      ? callValue(
          this.outputShape,
          {
            positional: [shapes.length === 1 ? shapes[0] : list(shapes)],
            keywords: new Map(),
            site: this.source as SourceRange,
            hasUnknownSpread: false,
          },
          machine,
        )
      : this.outputShape;
    const single = numberOf(value);
    const sizes = single !== null ? [single] : value.kind === 'none' ? null : iterate(value, machine)?.map(numberOf);
    if (!sizes) return null;
    return isFunction ? sizes : [inputs[0]?.[0] ?? null, ...sizes];
  }
}

/** Reads the arguments of `Lambda(function, output_shape, mask, arguments)`. */
export function makeLambda(session: KerasSession, args: Arguments): LambdaLayer {
  const get = (at: number, name: string): Value => args.keywords.get(name) ?? args.positional[at] ?? NONE;
  const name = args.keywords.get('name');
  const shape = get(-1, 'input_shape');
  const sizes = shape.kind === 'tuple' || shape.kind === 'list' ? shape.items.map(numberOf) : null;
  return new LambdaLayer(
    session,
    name?.kind === 'str' ? name.value : session.names.next('Lambda'),
    args.site,
    get(0, 'function'),
    get(1, 'output_shape'),
    get(3, 'arguments'),
    sizes && [null, ...sizes],
  );
}
