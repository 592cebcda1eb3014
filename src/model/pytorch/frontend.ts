import { array } from '../python/arrayValue';
import { bind, findMember } from '../python/attributes';
import { callValue } from '../python/calls';
import type { Frontend } from '../python/hostObject';
import { iterate } from '../python/iterate';
import type { Machine } from '../python/machine';
import {
  FALSE,
  NONE,
  external,
  host,
  native,
  numberOf,
  str,
  stringOf,
  tuple,
  unknown,
  type Arguments,
  type InstanceValue,
  type Value,
} from '../python/value';
import { callDataLoader } from '../dataSets/loadFile';
import { argument } from './arguments';
import { buildComposed } from './composed/buildComposed';
import { DataLoader } from './data/dataLoader';
import { TorchDataset } from './data/torchDataset';
import { Transform } from './data/transforms';
import { makeModule } from './makeModule';
import { moduleMethod } from './moduleMethods';
import { moduleNames } from './moduleTable';
import { moduleKey } from './moduleTree';
import { ParameterHandle } from './parameterHandle';
import { Probe } from './probe';
import { callFunction, creationShape } from './torchFunctions';
import { ModuleState } from './torchModule';
import { TorchTensor } from './torchTensor';
import type { TorchSession } from './torchSession';
import { buildTorchvision } from './torchvision/buildModel';
import { makeSchedule } from './training/schedules';
import { makeOptimizer } from './training/optimizers';
import { callLoss } from './training/losses';

/** Names that snippets use without importing them. */
const USUAL: Record<string, string> = {
  torch: 'torch',
  nn: 'torch.nn',
  F: 'torch.nn.functional',
  optim: 'torch.optim',
  torchvision: 'torchvision',
};

/** What gives its first argument back: wrappers, compilers, progress bars. */
const WRAPPERS =
  /^(torch\.(autograd\.)?Variable|torch\.(jit\.script|compile|as_tensor|from_numpy|tensor)|torch\.nn\.(DataParallel|parallel\.\w+)|torch\.nn\.utils\.(parametrizations\.)?(spectral_norm|weight_norm|remove_\w+)|(\w+\.)*tqdm(\.\w+)*|(\w+\.)*(track|prange))$/;

/** Calls that show or export a model for a sample input. */
const SHOWING =
  /^(torchsummary\.\w+|torchinfo\.summary|torchsummaryX\.summary|thop\.profile|ptflops\.\w+|torch\.onnx\.export|torch\.jit\.trace|torchviz\.\w+|\?\.summary)$/;

/** The meaning of PyTorch's names. */
export class TorchFrontend implements Frontend {
  constructor(private readonly session: TorchSession) {}

  exports(module: string): Iterable<string> | undefined {
    if (module === 'torch.nn')
      return [...moduleNames(), 'Sequential', 'ModuleList', 'ModuleDict', 'Module', 'Parameter', 'CrossEntropyLoss', 'functional'];
    return /^torch(vision)?(\.|$)/.test(module) ? [] : undefined;
  }

  resolve(path: string): Value | undefined {
    if (path.startsWith('?.')) {
      const name = path.slice(2);
      return Object.hasOwn(USUAL, name) ? external(USUAL[name]) : undefined;
    }
    if (/^torch\..*\.__name__$/.test(path)) return str(path.split('.').at(-2) ?? '');
    return path === 'torch.__version__' ? str('2.5.0') : undefined;
  }

  call(path: string, args: Arguments, machine: Machine): Value | undefined {
    const name = path.split('.').at(-1) ?? '';
    const [first] = args.positional;
    if (SHOWING.test(path)) return this.show(args, machine);
    if (WRAPPERS.test(path)) return first ?? unknown(`what ${path}() gives`);
    if (/^torch\.nn\.utils\.rnn\.pack_padded_sequence$/.test(path)) return this.packed(args);
    if (/^torch\.nn\.utils\.rnn\.pad_packed_sequence$/.test(path)) return tuple([first ?? NONE, unknown('how long each sequence is')]);
    if (/\.(is_available|is_built|is_initialized)$/.test(path)) return FALSE;
    if (/^torchvision\.(transforms|transforms\.v2|prototype\.transforms)\.\w+$/.test(path)) return this.makeTransform(name, args);
    if (/^torchvision\.datasets(\.\w+)?\.\w+$/.test(path)) return this.makeDataset(name, args, machine);
    if (/^torchvision\.models(\.\w+)*\.\w+$/.test(path)) return this.makeTorchvision(name, args, machine);
    if (path === 'torch.hub.load') return this.makeTorchvision(stringOf(args.positional[1]) ?? '', { ...args, positional: [] }, machine);
    if (/^(pytorch_)?lightning\.(pytorch\.)?Trainer$/.test(path)) return this.makeTrainer(args);
    if (!/^torch(\.|$)/.test(path)) return /^(numpy|pandas)\./.test(path) ? callDataLoader(path, args, machine) : undefined;
    if (/^torch\.utils\.data\./.test(path)) return this.callData(name, args, machine);
    if (/^torch\.optim\.lr_scheduler\./.test(path)) return makeSchedule(this.session, name, args);
    if (/^torch\.optim\.\w+(\.\w+)?$/.test(path)) return makeOptimizer(this.session, name, args, machine);
    if (/^torch\.nn\.init\./.test(path)) return this.initialise(name, args, machine);
    if (/^torch\.nn\.(parameter\.)?(Parameter|UninitializedParameter)$/.test(path)) return this.makeParameter(args);
    if (/^torch\.nn\.(functional\.)?\w+$/.test(path) || /^torch\.nn\.modules\.\w+\.\w+$/.test(path)) {
      const made =
        makeModule(this.session, name, args, machine) ??
        buildComposed(this.session, name, args, machine) ??
        callLoss(this.session, name, args);
      if (made) return made;
      if (/^torch\.nn\.(modules\.\w+\.)?[A-Z]/.test(path)) return unknown(`the module nn.${name}, which is not read here`);
    }
    return callFunction(name, args, machine) ?? creationShape(path, args);
  }

  isBaseClass(path: string): boolean {
    if (/^torch\.(nn\.|jit\.ScriptModule|hub)/.test(path)) return !/^torch\.nn\.(init|functional|utils)\b/.test(path);
    // Base classes of other files: what a class is derived from is called so.
    return /(Module|Model|Net|Network|Backbone|Layer)$/.test(path) && !/^(tensorflow|keras|builtins|django|pydantic)/.test(path);
  }

  instantiate(instance: InstanceValue, _path: string, args: Arguments): void {
    instance.host = new ModuleState();
    this.session.register(instance, args.site);
  }

  instanceAttribute(instance: InstanceValue, path: string, name: string, machine: Machine): Value | undefined {
    const state = instance.host instanceof ModuleState ? instance.host : null;
    if (name === '__init__') {
      return native(name, (args) => {
        const base = makeModule(this.session, path.split('.').at(-1) ?? '', args, machine);
        if (state && base?.kind === 'host' && moduleKey(base)) state.base = base;
        return NONE;
      });
    }
    if (state?.base?.kind === 'host') return state.base.object.getAttribute(name, machine);
    return moduleMethod(instance, name, machine);
  }

  callInstance(instance: InstanceValue, _path: string, args: Arguments, machine: Machine): Value | undefined {
    const values = [...args.positional, ...args.keywords.values()];
    const tensor = values
      .flatMap((v) => (v.kind === 'list' || v.kind === 'tuple' ? v.items : [v]))
      .find((v) => v.kind === 'host' && (v.object instanceof TorchTensor || v.object instanceof Probe));
    if (!tensor && !this.session.isTracing) return this.session.recordCall(instance, args);
    const tracer = tensor?.kind === 'host' && tensor.object instanceof TorchTensor ? tensor.object.tracer : null;
    const path = tracer?.paths.get(instance);
    tracer?.scope.push(path ?? tracer.scope.at(-1) ?? '');
    try {
      const forward = findMember(instance.class, 'forward');
      if (forward) return callValue(bind(forward.value, forward.owner, instance), args, machine);
      const base = instance.host instanceof ModuleState ? instance.host.base : null;
      return base ? callValue(base, args, machine) : unknown(`the forward pass of ${instance.class.name}, which the file does not define`);
    } finally {
      tracer?.scope.pop();
    }
  }

  didSetAttribute(): void {}

  /** `summary(model, (3, 32, 32))` and its like: the sizes with or without the batch. */
  private show(args: Arguments, machine: Machine): Value {
    const [model, sample] = args.positional;
    const given = sample ?? argument(args, -1, 'input_size', 'input_data', 'args', 'inputs');
    if (!model || !given) return NONE;
    const inner = given.kind === 'tuple' || given.kind === 'list' ? given.items : [];
    const isNested = inner.length > 0 && inner.every((v) => v.kind === 'tuple' || v.kind === 'list' || v.kind === 'array');
    const positional = (isNested ? inner : [given]).map((v): Value => {
      if (v.kind === 'array') return v;
      const shape = (iterate(v, machine) ?? []).map(numberOf);
      // torchinfo and torchvision's own samples have the batch size in front.
      return array(shape.length === 0 ? null : shape.length === 3 || shape.length === 1 ? [null, ...shape] : [null, ...shape.slice(1)]);
    });
    this.session.recordCall(model, { ...args, positional, keywords: new Map() });
    return model;
  }

  /** Sequences of different lengths, packed: here all are as long as the longest. */
  private packed(args: Arguments): Value {
    const first = argument(args, 0, 'input');
    const isTraced = first?.kind === 'host' && first.object instanceof TorchTensor;
    if (isTraced)
      this.session.keras.inform(
        'packing-ignored',
        'Sequences are not packed here: the recurrent layer also runs over what pads the shorter ones.',
        args.site,
      );
    return first ?? NONE;
  }

  private makeTorchvision(name: string, args: Arguments, machine: Machine): Value {
    return (
      buildTorchvision(this.session, name, args, machine) ?? unknown(`the layers of torchvision's ${name}, which are not in this file`)
    );
  }

  private makeTransform(name: string, args: Arguments): Value {
    const transform = new Transform(name, args);
    // A crop comes after its resizing: the last one counts.
    if (transform.side !== null) this.session.imageSides.unshift(transform.side);
    return host(transform);
  }

  private makeTrainer(args: Arguments): Value {
    this.session.trainerEpochs = { epochs: numberOf(args.keywords.get('max_epochs')), range: args.site };
    return unknown('a trainer');
  }

  private makeDataset(name: string, args: Arguments, machine: Machine): Value | undefined {
    const dataset = TorchDataset.make(name, args, machine);
    if (!dataset) return unknown(`the data set ${name}`);
    this.session.datasets.push(dataset);
    return host(dataset);
  }

  private callData(name: string, args: Arguments, machine: Machine): Value | undefined {
    const [first] = args.positional;
    switch (name) {
      case 'DataLoader':
        return host(new DataLoader(args));
      case 'Subset':
        return first;
      case 'ConcatDataset':
        return first ? iterate(first, machine)?.[0] : undefined;
      case 'random_split': {
        const count = iterate(argument(args, 1, 'lengths') ?? NONE, machine)?.length ?? 2;
        return first && { kind: 'list', items: Array.from({ length: count }, () => first) };
      }
      default:
        return unknown(`what torch.utils.data.${name}() gives`);
    }
  }

  private initialise(name: string, args: Arguments, machine: Machine): Value {
    const [first, ...positional] = args.positional;
    const weight = first ?? args.keywords.get('tensor');
    if (name === 'calculate_gain') return unknown('a gain');
    if (weight?.kind === 'host' && weight.object instanceof ParameterHandle)
      return weight.object.initialise(name, { ...args, positional }, machine);
    return weight ?? NONE;
  }

  private makeParameter(args: Arguments): Value {
    const data = argument(args, 0, 'data');
    const shape = data?.kind === 'array' ? data.shape : null;
    return host(new ParameterHandle(null, '', shape && !shape.includes(null) ? (shape as number[]) : numberOf(data) === null ? null : []));
  }
}
