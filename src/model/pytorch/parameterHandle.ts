import type { InitializerSpec } from '../../common/modelSpec';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { truthOf } from '../python/truth';
import { bool, host, int, native, tuple, unknown, type Arguments, type Value } from '../python/value';
import { initializerCall } from './initializers';

/** What owns weights: a module of `torch.nn`. */
interface Owner {
  readonly initializers: Map<string, InitializerSpec>;
  readonly frozen: Set<string>;
}

/** A weight as the program sees it: `conv.weight`, or an own `nn.Parameter`. */
export class ParameterHandle extends HostObject {
  readonly description = 'a weight';

  constructor(
    /** Null for an `nn.Parameter` of the file. */
    readonly owner: Owner | null,
    readonly name: string,
    readonly shape: number[] | null,
  ) {
    super();
  }

  get count(): number {
    return this.shape?.reduce((p, n) => p * n, 1) ?? 0;
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    switch (name) {
      case 'data':
        return host(this);
      case 'requires_grad':
        return bool(!this.owner?.frozen.has(this.name));
      case 'shape':
        return this.sizes();
      case 'size':
        return native(name, (args) => {
          const sizes = this.sizes();
          const at = args.positional[0];
          return sizes.kind === 'tuple' && at?.kind === 'int' ? (sizes.items.at(at.value) ?? unknown('a size')) : sizes;
        });
      case 'numel':
        return native(name, () => (this.shape ? int(this.count) : unknown('the size of a weight')));
      case 'dim':
      case 'ndimension':
        return native(name, () => (this.shape ? int(this.shape.length) : unknown('the rank of a weight')));
      case 'device':
      case 'grad':
        return unknown(`the ${name} of a weight`);
      case 'requires_grad_':
        return native(name, (args) => {
          this.setFrozen(args.positional[0] ?? bool(true));
          return host(this);
        });
      default:
        return native(name, (args) => this.initialise(name, args, machine));
    }
  }

  override setAttribute(name: string, value: Value): boolean {
    if (name === 'requires_grad') this.setFrozen(value);
    return true;
  }

  override truth(): boolean | undefined {
    return true;
  }

  /** Takes an initialiser of `torch.nn.init`, or a method such as `normal_`, as its starting values. */
  initialise(name: string, args: Arguments, machine: Machine): Value {
    const spec = initializerCall(name, args);
    if (spec && this.owner) {
      const { initializers } = this.owner;
      machine.journal.recordMap(initializers, this.name);
      initializers.set(this.name, spec);
    }
    return host(this);
  }

  private sizes(): Value {
    return this.shape ? tuple(this.shape.map(int)) : unknown('the shape of a weight');
  }

  private setFrozen(value: Value): void {
    const isTrained = truthOf(value);
    if (isTrained === false) this.owner?.frozen.add(this.name);
    else if (isTrained === true) this.owner?.frozen.delete(this.name);
  }
}
