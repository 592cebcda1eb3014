import type { JsonObject } from '../../common/json';
import type { InitializerSpec, SourceRange } from '../../common/modelSpec';
import { ShapeError } from '../keras/shapes';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { bool, external, host, int, list, native, str, tuple, unknown, NONE, TRUE, type Arguments, type Value } from '../python/value';
import { readSettings } from './arguments';
import { runModule } from './callModule';
import type { InputNeed, ModuleDefinition } from './moduleDefinition';
import { moduleMethod } from './moduleMethods';
import { ParameterHandle } from './parameterHandle';

/** A module of `torch.nn` that is not made of others. */
export class TorchModule extends HostObject {
  readonly settings: JsonObject;
  /** Why it can't be used, when its arguments already tell. */
  readonly defect: string | null;
  /** Initialisers that the program sets itself, by PyTorch's name of the weight. */
  readonly initializers = new Map<string, InitializerSpec>();
  /** Weights that the program froze, by PyTorch's names. */
  readonly frozen = new Set<string>();
  private readonly handles = new Map<string, ParameterHandle>();

  constructor(
    readonly definition: ModuleDefinition,
    args: Arguments,
    /** The constructor call. */
    readonly source: SourceRange,
  ) {
    super();
    const { settings, defect } = readSettings(definition.parameters, args);
    this.settings = settings;
    this.defect = defect;
  }

  get description(): string {
    return `a module ${this.definition.className}`;
  }

  /** Its weights in PyTorch's names and shapes. */
  get weights(): [name: string, shape: number[]][] {
    return this.told((s) => this.definition.weights?.(s)) ?? [];
  }

  /** What its input has to be, as far as its settings tell. */
  get need(): InputNeed | null {
    return this.told((s) => this.definition.need?.(s)) ?? null;
  }

  get parameters(): ParameterHandle[] {
    return this.weights.map(([name, shape]) => this.handle(name, shape));
  }

  override call(args: Arguments, machine: Machine): Value | undefined {
    return runModule(this, args, machine);
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    const weight = this.weights.find(([w]) => w === name);
    if (weight) return host(this.handle(...weight));
    if (name === 'bias' || name === 'weight') return NONE;
    if (name === '__class__') return external(`torch.nn.${this.definition.className}`);
    if (name === 'training') return TRUE;
    const setting = this.settings[name];
    const rank = Number(/^(?:Lazy)?Conv(?:Transpose)?(\d)d$/.exec(this.definition.className)?.[1] ?? 0);
    // Convolutions keep these as one number per axis.
    if (rank > 0 && typeof setting === 'number' && /^(kernel_size|stride|padding|dilation|output_padding)$/.test(name))
      return tuple(Array<Value>(rank).fill(int(setting)));
    if (typeof setting === 'number') return Number.isInteger(setting) ? int(setting) : { kind: 'float', value: setting };
    if (typeof setting === 'boolean') return bool(setting);
    if (typeof setting === 'string') return str(setting);
    if (Array.isArray(setting) && setting.every((n) => typeof n === 'number')) return tuple(setting.map(int));
    if (name === 'forward') return native(name, (args) => this.call(args, machine) ?? unknown(`what ${this.description} gives`));
    return moduleMethod(host(this), name, machine);
  }

  override setAttribute(name: string, value: Value): boolean {
    if (name in this.settings && (value.kind === 'int' || value.kind === 'float')) this.settings[name] = value.value;
    return true;
  }

  override isInstanceOf(type: string): boolean | undefined {
    if (!type.startsWith('torch.nn.')) return type.startsWith('builtins.') ? false : undefined;
    const name = type.split('.').at(-1) ?? '';
    if (name === 'Module') return true;
    if (name === '_BatchNorm') return /^(Sync)?BatchNorm/.test(this.definition.className);
    if (name === '_ConvNd') return /^Conv/.test(this.definition.className);
    return name === this.definition.className;
  }

  /** A fact that its settings tell; undefined when one of them is not known. */
  private told<T>(read: (settings: JsonObject) => T): T | undefined {
    if (this.defect !== null) return undefined;
    try {
      return read(this.settings);
    } catch (error) {
      if (error instanceof ShapeError) return undefined;
      throw error;
    }
  }

  private handle(name: string, shape: number[]): ParameterHandle {
    const known = this.handles.get(name) ?? new ParameterHandle(this, name, shape);
    this.handles.set(name, known);
    return known;
  }
}

/** What a module derived from one of `torch.nn` keeps: the parameters and buffers that are not modules. */
export class ModuleState extends HostObject {
  readonly description = 'a module of the file';
  /** The module of `torch.nn` it derives from, when that is not plain `nn.Module`. */
  base: Value | null = null;
  /** How often its forward pass was called. */
  isCalled = false;
}

/** Values as a Python list. */
export const hosts = (objects: HostObject[]): Value => list(objects.map(host));
