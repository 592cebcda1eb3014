import type { Shape } from '../../common/modelSpec';
import type { SymbolicTensor } from '../keras/tensor';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { host, int, numberOf, tuple, type Arguments, type Value } from '../python/value';
import { applyArithmetic } from './arithmetic';
import { sliceTensor } from './slicing';
import { tensorMethod } from './tensorMethods';
import type { Tracer } from './tracer';

/**
 * How the Keras tensor lies under a PyTorch one: `channels-last` has the channel axis moved to the end, `plain` the same axes in the
 * same order, `pooled` stands for [N, C, 1, 1] with a Keras tensor of shape [N, C], `sequence-first` for [T, N, …] with one of [N, T, …].
 */
export type Layout = 'channels-last' | 'plain' | 'pooled' | 'sequence-first';

/** The size of the batch axis, times a whole number. */
export class BatchSize extends HostObject {
  readonly description = 'the batch size';

  constructor(readonly factor = 1) {
    super();
  }

  override binary(operator: string, other: Value): Value | undefined {
    const n = numberOf(other);
    if (n === null) return undefined;
    if (operator === '*') return host(new BatchSize(this.factor * n));
    if ((operator === '//' || operator === '/') && this.factor % n === 0) return host(new BatchSize(this.factor / n));
    return undefined;
  }

  override call(): Value | undefined {
    return undefined;
  }
}

/** A tensor of a traced forward pass. */
export class TorchTensor extends HostObject {
  readonly description = 'a tensor of the model';

  constructor(
    readonly tracer: Tracer,
    /** In PyTorch's order, with null for the batch, which comes first, or second in `sequence-first`. */
    readonly shape: Shape,
    readonly keras: SymbolicTensor,
    readonly layout: Layout,
    /** No value can be below zero, so that zeros are as good as PyTorch's -∞ around a max pooling. */
    readonly isNonNegative = false,
  ) {
    super();
  }

  /** The sizes behind the batch axis. */
  get sizes(): number[] {
    return this.shape.slice(1) as number[];
  }

  /** `size()`: the batch size stays a symbol. */
  sizeValue(): Value {
    return tuple(this.shape.map((n) => (n === null ? host(new BatchSize()) : int(n))));
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    return tensorMethod(this, name, machine);
  }

  override setAttribute(): boolean {
    return true;
  }

  override truth(): boolean | undefined {
    return undefined;
  }

  override binary(operator: string, other: Value, isReversed: boolean, args: Arguments): Value | undefined {
    return applyArithmetic(this, operator, other, isReversed, args.site);
  }

  override unary(operator: string, args: Arguments): Value | undefined {
    return operator === '-' ? applyArithmetic(this, '*', int(-1), false, args.site) : undefined;
  }

  override getItem(index: Value): Value | undefined {
    return sliceTensor(this, index);
  }

  /** Its parts along the first axis, when that is time. */
  override iterate(): Value[] | undefined {
    const length = this.shape[0];
    if (this.layout !== 'sequence-first' || length === null || length > 256) return undefined;
    return Array.from({ length }, (_, t) => sliceTensor(this, int(t)));
  }

  override isInstanceOf(type: string): boolean | undefined {
    if (type === 'torch.Tensor' || type === 'torch.autograd.Variable') return true;
    return /^torch\.cuda\./.test(type) || type.startsWith('builtins.') ? false : undefined;
  }
}
