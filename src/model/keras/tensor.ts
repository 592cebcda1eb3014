import type { Shape, SourceRange } from '../../common/modelSpec';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { NONE, host, int, native, str, tuple, unknown, type Arguments, type Value } from '../python/value';
import type { Layer } from './layer';
import { applyOperator, sliceTensor, useLayer } from './tensorOperators';

/** One use of a layer: which tensors went in, which came out. */
export interface LayerNode {
  layer: Layer;
  inputs: SymbolicTensor[];
  outputs: SymbolicTensor[];
}

/** The symbolic result of a layer (or an input of a functional model). */
export class SymbolicTensor extends HostObject {
  readonly description = 'a tensor of the model';

  constructor(
    /** Null: not known, because a layer before it could not be built. */
    readonly shape: Shape | null,
    readonly node: LayerNode,
    readonly index: number,
  ) {
    super();
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case 'shape':
      case '_keras_shape':
      case '_shape':
      case '_shape_val':
        return this.shapeValue();
      case '_shape_as_list':
      case 'get_shape':
        return native(name, () => this.shapeValue());
      case 'dtype':
        return str('float32');
      case 'name':
        return str(this.node.layer.name);
      case 'ndim':
        return this.shape ? int(this.shape.length) : unknown('the rank of a tensor that could not be built');
      default:
        return undefined;
    }
  }

  override truth(): boolean | undefined {
    return undefined;
  }

  override binary(operator: string, other: Value, isReversed: boolean, args: Arguments, machine: Machine): Value | undefined {
    return applyOperator(this, operator, other, isReversed, args.site, machine);
  }

  override unary(operator: string, args: Arguments): Value | undefined {
    if (operator === '+') return host(this);
    return operator === '-' ? useLayer('Rescaling', { scale: -1, offset: 0 }, [this], args.site) : undefined;
  }

  override getItem(index: Value, _machine: Machine, site: SourceRange): Value | undefined {
    return sliceTensor(this, index, site);
  }

  private shapeValue(): Value {
    return this.shape
      ? tuple(this.shape.map((n) => (n === null ? NONE : int(n))))
      : unknown('the shape of a tensor that could not be built');
  }
}
