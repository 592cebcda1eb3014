import { HostObject } from '../python/hostObject';
import { host, native, unknown, type Value } from '../python/value';

/** What a model gave in the training code: followed to the loss it goes into. */
export class ModelOutput extends HostObject {
  readonly description = 'the output of a model';

  constructor(
    readonly module: object,
    /** What the training code applies before the loss. */
    readonly applied: 'sigmoid' | 'softmax' | 'log_softmax' | null = null,
  ) {
    super();
  }

  override getAttribute(name: string): Value | undefined {
    if (name === 'shape' || name === 'device' || name === 'dtype') return unknown(`the ${name} of a model's output`);
    if (name === 'data' || name === 'logits' || name === 'T') return host(this);
    if (name === 'item' || name === 'size' || name === 'tolist' || name === 'numpy') return native(name, () => unknown("a model's output"));
    return native(name, () => this.after(name));
  }

  /** The output after a function of PyTorch. */
  after(name: string): Value {
    const applied = /^sigmoid_?$/.test(name) ? 'sigmoid' : name === 'softmax' ? 'softmax' : name === 'log_softmax' ? 'log_softmax' : null;
    return host(applied ? new ModelOutput(this.module, applied) : this);
  }

  override binary(): Value | undefined {
    return host(this);
  }

  override getItem(): Value | undefined {
    return host(this);
  }

  override unpack(count: number): Value[] | undefined {
    return Array.from({ length: count }, () => host(this));
  }

  override truth(): boolean | undefined {
    return undefined;
  }
}
