import type { LossSpec, Note, OptimizerSpec, Shape, SourceRange } from '../../common/modelSpec';
import { KerasSession } from '../keras/session';
import type { Statement } from '../python/ast';
import type { Machine } from '../python/machine';
import { lengthOf } from '../python/iterate';
import { host, type Arguments, type Value } from '../python/value';
import type { TorchDataset } from './data/torchDataset';
import { LoaderOrigin } from './data/dataLoader';
import type { Trace } from './forwardPass';
import { ModelOutput } from './modelOutput';
import type { Finding } from './probe';
import { moduleKey } from './moduleTree';
import type { CallRecorder } from './moduleContainer';

/** A call of a model outside of forward passes: it tells the shapes of the inputs and the data. */
export interface ModelCall {
  module: object;
  /** One per argument; null where the program does not tell. */
  shapes: (Shape | null)[];
  /** The same with the size of the batch, where it is known. */
  whole: (Shape | null)[];
  data: LoaderOrigin | null;
  range: SourceRange;
}

export interface OptimizerUse {
  spec: OptimizerSpec;
  /** Modules and weights whose parameters it was given. */
  owners: ReadonlySet<object>;
  range: SourceRange;
}

export interface LossUse {
  spec: LossSpec;
  /** Whose output it was applied to; null when that is not known. */
  module: object | null;
  range: SourceRange;
}

export interface StepUse {
  optimizer: OptimizerUse;
  epochs: number | null;
  /** How many loops are around it. */
  depth: number;
  range: SourceRange;
}

/** The side of a square input, and whether the layers leave no choice. */
export interface InputSide {
  value: number;
  isForced: boolean;
}

/** A module that may be a model of its own. */
export interface Candidate {
  module: Value;
  site: SourceRange;
  /** Its place in the file that was asked for. */
  home: SourceRange;
  /** A file made it just by being imported. */
  isImported: boolean;
  /** The function that was called to see what it builds. */
  builder: string | null;
}

/** What all objects of one PyTorch program share. */
export class TorchSession implements CallRecorder {
  readonly keras: KerasSession;
  readonly candidates: Candidate[] = [];
  readonly calls: ModelCall[] = [];
  readonly optimizers: OptimizerUse[] = [];
  readonly losses: LossUse[] = [];
  readonly steps: StepUse[] = [];
  readonly datasets: TorchDataset[] = [];
  builder: string | null = null;
  isTracing = false;
  /** Sides of the square images that the file's transforms make, whatever data they are for. */
  readonly imageSides: number[] = [];
  /** A network of torchvision was made. */
  usesTorchvision = false;
  /** What the first layers of a class need. */
  readonly findings = new Map<object, Finding[]>();
  /** Forward passes of one module that were followed to their ends while its input shape was searched, by the shapes. */
  kept: { module: Value; traces: Map<string, { trace: Trace; notes: Note[] }> } | null = null;
  /** The side of square inputs that was found for a class: its other objects likely take the same. */
  readonly sides = new Map<object, InputSide>();
  private readonly sizeKeys = new Map<string, string>();
  /** What Lightning's trainer was told. */
  trainerEpochs: { epochs: number | null; range: SourceRange } | null = null;

  constructor(
    readonly machine: Machine,
    /** torchvision's networks, for programs that use them. */
    readonly torchvision: Statement[] | null,
    /** Modules of `torch.nn` that are made of others, for programs that use them. */
    readonly composed: Statement[] | null = null,
  ) {
    this.keras = new KerasSession(machine, 'pytorch');
  }

  /** A key for a size that is asked for: `Linear.out_features`, and a number from the second place on. */
  sizeKey(className: string, name: string, { cell, startLine, startColumn }: SourceRange): string {
    const plain = `${className}.${name}`;
    const place = `${plain} ${cell ?? ''}:${startLine}:${startColumn}`;
    const known = this.sizeKeys.get(place);
    if (known !== undefined) return known;
    const count = [...this.sizeKeys.values()].filter((k) => k.startsWith(plain)).length;
    const key = count === 0 ? plain : `${plain}_${count + 1}`;
    this.sizeKeys.set(place, key);
    return key;
  }

  register(module: Value, site: SourceRange): void {
    const { home } = this.machine;
    const candidate: Candidate = { module, site, home: home.of(site) ?? site, isImported: home.isImporting, builder: this.builder };
    this.machine.changes++;
    this.machine.journal.recordItems(this.candidates);
    this.candidates.push(candidate);
  }

  recordCall(module: Value, args: Arguments): Value {
    const key = moduleKey(module);
    if (!key) return host(new ModelOutput(module.kind === 'host' ? module.object : this));
    const inputs = [...args.positional, ...args.keywords.values()];
    const arrays = inputs.map((v) => (v.kind === 'array' ? v : null));
    const shapes = arrays.map((a) => (a?.shape && a.shape.length > 1 ? [null, ...a.shape.slice(1)] : null));
    const origin = arrays.map((a) => a?.origin?.source).find((s) => s instanceof LoaderOrigin);
    const whole = arrays.map((a) => a?.shape ?? null);
    this.calls.push({ module: key, shapes, whole, data: origin ?? null, range: args.site });
    return host(new ModelOutput(key));
  }

  /** A call of `optimizer.step()`: the loop around the loops over data counts the epochs. */
  recordStep(optimizer: OptimizerUse, range: SourceRange): void {
    this.machine.trainingSteps++;
    const counted = this.machine.loops.find((v) => v.kind === 'range');
    this.steps.push({ optimizer, epochs: counted ? lengthOf(counted, this.machine) : null, depth: this.machine.loops.length, range });
  }
}
