import type { Shape, SourceRange } from '../../common/modelSpec';
import { callValue } from '../python/calls';
import { iterate } from '../python/iterate';
import { NONE, host, int, list, numberOf, tuple, type Arguments, type Value } from '../python/value';
import { Layer } from './layer';
import type { Built, LayerDefinition } from './layerDefinition';
import { inputTensor } from './makeInput';
import type { KerasSession } from './session';
import { ShapeError } from './shapes';
import { tensorsIn } from './tensorsIn';

const LAMBDA: LayerDefinition = {
  className: 'Lambda',
  parameters: [['function', undefined]],
  untrainable: 'a Lambda is Python code, which is never run',
  build: () => ({ outputs: [], weights: [] }),
};

/** `Lambda(function)`: what it does to shapes is told by following the function over a symbolic tensor. */
export class LambdaLayer extends Layer {
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
    if (said) return { outputs: [said], weights: [] };
    const outputs = machine.journal.tentatively((): Shape[] | null => {
      const tensors = inputs.map((shape) => inputTensor(this.session, 'lambda_input', shape, null));
      const input = tensors.length === 1 ? host(tensors[0]) : list(tensors.map(host));
      const keywords = new Map<string, Value>();
      if (this.extra.kind === 'dict')
        for (const e of this.extra.entries.values()) if (e.key.kind === 'str') keywords.set(e.key.value, e.value);
      const args: Arguments = { positional: [input], keywords, site: this.source as SourceRange, hasUnknownSpread: false };
      const result = tensorsIn(callValue(this.fn, args, machine), machine);
      const shapes = result?.map((t) => t.shape);
      return shapes && !shapes.includes(null) ? (shapes as Shape[]) : null;
    });
    if (outputs) return { outputs, weights: [] };
    if (inputs.length === 0) throw new ShapeError('it has no input');
    this.session.warn(
      'assumed-shape',
      'What this Lambda gives can not be read; its output is taken to have the shape of its input. Say output_shape= to be exact.',
      this.source as SourceRange,
    );
    return { outputs: [inputs[0]], weights: [] };
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
