import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { host, native, numberOf, tuple, unknown, type Arguments, type Value } from '../python/value';
import { iterate } from '../python/iterate';
import type { InputNeed } from './moduleDefinition';
import { BatchSize } from './torchTensor';

/** What is learnt of one input of a forward pass by sending a stand-in through it. */
export interface Finding {
  need: InputNeed | null;
  /** Number of axes it was reshaped to before it met a layer. */
  viewedAs: number | null;
  /** Its first two axes were exchanged before it met a recurrent module. */
  isMoved?: boolean;
  /** Which of the two comes first in the input itself, as a recurrent module behind tells. */
  isTimeFirst?: boolean;
  /** How many axes it has at least, as their order behind a dense layer tells. */
  axes?: number;
}

/** Stands for a tensor of unknown shape: passes through everything until it meets a layer that says what it needs. */
export class Probe extends HostObject {
  readonly description = 'an input of the model';
  private readonly others: Finding[] = [];

  constructor(
    readonly finding: Finding,
    private readonly isDone = false,
  ) {
    super();
  }

  /** One for several inputs that are joined: a layer behind them needs their sizes together. */
  static joined(probes: Probe[]): Probe {
    const [first] = probes;
    const result = new Probe(first.finding, first.isDone);
    const findings = new Set(probes.flatMap((p) => (p.isDone ? p.others : [p.finding, ...p.others])));
    findings.delete(first.finding);
    result.others.push(...findings);
    return result;
  }

  meet(need: InputNeed | null): Value {
    if (need?.kind === 'sequence') this.finding.isTimeFirst ??= (need.isTimeFirst === true) !== (this.finding.isMoved === true);
    if (need === null || this.isDone) return host(this);
    const share = Math.floor(need.size / (this.others.length + 1));
    for (const finding of this.others) finding.need ??= { ...need, size: share };
    this.finding.need = { ...need, size: need.size - share * this.others.length };
    return host(new Probe(this.finding, true));
  }

  override call(): Value | undefined {
    return host(this);
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case 'shape':
        return this.sizes();
      case 'size':
        return native(name, (args) => {
          const at = numberOf(args.positional[0]);
          return at === null ? this.sizes() : at === 0 ? host(new BatchSize()) : unknown('a size of the input, which is not known yet');
        });
      case 'view':
      case 'reshape':
      case 'flatten':
        return native(name, (args, machine) => this.viewed(name, args, machine));
      case 'permute':
      case 'transpose':
      case 'swapaxes':
        return native(name, (args) => this.moved(args));
      case 'device':
      case 'dtype':
      case 'ndim':
        return unknown(`the ${name} of the input`);
      default:
        return native(name, () => host(this));
    }
  }

  override binary(): Value | undefined {
    return host(this);
  }

  override getItem(): Value | undefined {
    return host(this);
  }

  override truth(): boolean | undefined {
    return undefined;
  }

  /** `transpose(0, 1)`, `permute(1, 0, 2)`: the batch's axis is another one then. */
  private moved(args: Arguments): Value {
    const axes = args.positional.flatMap((v) => (v.kind === 'tuple' || v.kind === 'list' ? v.items : [v])).map(numberOf);
    if (this.finding.viewedAs === null) this.finding.axes ??= Math.max(axes.length, ...axes.map((a) => (a ?? 0) + 1));
    if (
      Math.min(...axes.slice(0, 2).map((a) => a ?? 9)) === 0 &&
      Math.max(...axes.slice(0, 2).map((a) => a ?? 9)) === 1 &&
      axes[0] !== (axes.length === 2 ? null : 0)
    )
      this.finding.isMoved = this.finding.isMoved !== true;
    return host(this);
  }

  /** Notes that the input was reshaped. */
  flattened(axes = 2): Value {
    if (!this.isDone && this.finding.need === null) this.finding.viewedAs = axes;
    return host(this);
  }

  private viewed(name: string, args: Arguments, machine: Machine): Value {
    const [first] = args.positional;
    const sizes = first && (first.kind === 'tuple' || first.kind === 'list') ? iterate(first, machine) : args.positional;
    return this.flattened(name === 'flatten' ? 2 : (sizes?.length ?? 2));
  }

  private sizes(): Value {
    const lost = unknown('a size of the input, which is not known yet');
    return tuple([host(new BatchSize()), lost, lost, lost]);
  }
}
