import type { SourceRange } from '../../common/modelSpec';
import { HostObject } from '../python/hostObject';
import { iterate } from '../python/iterate';
import { callValue, plainArguments } from '../python/calls';
import type { Machine } from '../python/machine';
import { sliceBounds } from '../python/subscript';
import { NONE, host, int, native, numberOf, str, stringOf, tuple, list, unknown, type Arguments, type Value } from '../python/value';
import { moduleMethod } from './moduleMethods';
import type { ParameterHandle } from './parameterHandle';
import { Probe } from './probe';
import { TorchTensor } from './torchTensor';

export type ContainerKind = 'Sequential' | 'ModuleList' | 'ModuleDict' | 'ParameterList';

/** Told of calls outside of forward passes. */
export interface CallRecorder {
  /** A forward pass is being followed: an input that is no tensor then is one that was lost. */
  readonly isTracing: boolean;
  recordCall(module: Value, args: Arguments): Value;
}

/** `nn.Sequential`, `nn.ModuleList` or `nn.ModuleDict`. */
export class ModuleContainer extends HostObject {
  readonly entries: [name: string, module: Value][] = [];
  readonly ownParameters: ParameterHandle[] = [];
  /** The variable it was first assigned to, and whether at the top of the file. */
  variable: { name: string; isTopLevel: boolean } | null = null;
  /** Whether it was called, or called for. */
  defect: string | null = null;

  constructor(
    readonly type: ContainerKind,
    readonly source: SourceRange,
    private readonly machine: Machine,
    private readonly recorder: CallRecorder | null = null,
  ) {
    super();
  }

  get description(): string {
    return `an nn.${this.type}`;
  }

  /** Takes the constructor's arguments: modules, one list of them, or a dict. */
  fill(args: Arguments): void {
    const [first] = args.positional;
    if (args.hasUnknownSpread) this.defect = 'its modules come from values that are not known';
    if (first?.kind === 'dict') {
      for (const { key, value } of first.entries.values()) this.put(stringOf(key) ?? String(numberOf(key) ?? '?'), value);
    } else if (this.type === 'Sequential') args.positional.forEach((v) => this.append(v));
    else if (first) {
      const items = iterate(first, this.machine);
      if (!items) this.defect = first.kind === 'unknown' ? first.reason : 'its modules come from values that are not known';
      else if (this.type === 'ModuleDict') {
        for (const pair of items) {
          const [key, value] = iterate(pair, this.machine) ?? [];
          if (key && value) this.put(stringOf(key) ?? '?', value);
        }
      } else items.forEach((v) => this.append(v));
    }
  }

  append(module: Value): void {
    this.put(String(this.entries.length), module);
  }

  put(name: string, module: Value): void {
    this.machine.journal.recordItems(this.entries);
    this.machine.changes++;
    const at = this.entries.findIndex(([n]) => n === name);
    if (at >= 0) this.entries[at] = [name, module];
    else this.entries.push([name, module]);
  }

  override call(args: Arguments, machine: Machine): Value | undefined {
    if (this.type !== 'Sequential') return unknown(`calling ${this.description}, which has no forward pass`);
    if (this.defect) return unknown(this.defect);
    let value: Value = args.positional[0] ?? args.keywords.get('input') ?? NONE;
    const isTraced = value.kind === 'host' && (value.object instanceof TorchTensor || value.object instanceof Probe);
    if (!isTraced && this.recorder && !this.recorder.isTracing) return this.recorder.recordCall(host(this), args);
    for (const [, module] of this.entries) value = callValue(module, plainArguments([value], args.site), machine);
    return value;
  }

  override getItem(index: Value, machine: Machine): Value | undefined {
    if (index.kind === 'slice') {
      const bounds = sliceBounds(index, this.entries.length);
      if (!bounds) return unknown('modules with bounds that are not known');
      const part = new ModuleContainer(this.type, this.source, machine, this.recorder);
      for (let i = bounds.start; bounds.step > 0 ? i < bounds.stop : i > bounds.stop; i += bounds.step) part.append(this.entries[i][1]);
      return host(part);
    }
    const name = stringOf(index);
    if (name !== null) return this.entries.find(([n]) => n === name)?.[1];
    const at = numberOf(index);
    return at === null ? undefined : this.entries.at(at)?.[1];
  }

  override setItem(index: Value, value: Value): boolean {
    const at = numberOf(index);
    const name = stringOf(index) ?? (at === null ? null : this.entries.at(at)?.[0]);
    if (name === null || name === undefined) return false;
    this.put(name, value);
    return true;
  }

  override iterate(): Value[] {
    return this.type === 'ModuleDict' ? this.entries.map(([n]) => str(n)) : this.entries.map(([, m]) => m);
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    const entry = this.entries.find(([n]) => n === name);
    if (entry) return entry[1];
    switch (name) {
      case 'append':
        return native(name, (args) => this.chained(() => this.append(args.positional[0] ?? NONE)));
      case 'extend':
        return native(name, (args) => this.chained(() => iterate(args.positional[0] ?? NONE, machine)?.forEach((v) => this.append(v))));
      case 'insert':
        return native(name, (args) => this.chained(() => this.insert(numberOf(args.positional[0]) ?? 0, args.positional[1] ?? NONE)));
      case 'add_module':
      case 'register_module':
        return native(name, (args) => this.chained(() => this.put(stringOf(args.positional[0]) ?? '?', args.positional[1] ?? NONE)));
      case 'update':
        return native(name, (args) => this.chained(() => this.fill(args)));
      case 'keys':
        return native(name, () => list(this.entries.map(([n]) => str(n))));
      case 'values':
        return native(name, () => list(this.entries.map(([, m]) => m)));
      case 'items':
        return native(name, () => list(this.entries.map(([n, m]) => tuple([str(n), m]))));
      case '__len__':
        return native(name, () => int(this.entries.length));
      case 'forward':
        return native(name, (args) => this.call(args, machine) ?? NONE);
      case '__class__':
        return { kind: 'external', path: `torch.nn.${this.type}` };
      default:
        return moduleMethod(host(this), name, machine);
    }
  }

  override setAttribute(name: string, value: Value): boolean {
    this.put(name, value);
    return true;
  }

  override isInstanceOf(type: string): boolean | undefined {
    if (type.startsWith('builtins.')) return false;
    return type.startsWith('torch.nn.') ? type === `torch.nn.${this.type}` || type === 'torch.nn.Module' : undefined;
  }

  override didAssign(name: string, isTopLevel: boolean): void {
    this.variable ??= { name, isTopLevel };
  }

  private insert(at: number, module: Value): void {
    this.machine.journal.recordItems(this.entries);
    const modules = this.entries.map(([, m]) => m);
    modules.splice(at, 0, module);
    this.entries.splice(0, this.entries.length, ...modules.map((m, i): [string, Value] => [String(i), m]));
  }

  private chained(run: () => void): Value {
    run();
    return host(this);
  }
}
