import type { JsonValue } from '../../common/json';
import type { SourceRange, TrainingSpec } from '../../common/modelSpec';
import { Layer } from '../keras/layer';
import { inputTensor } from '../keras/makeInput';
import { FunctionalModel, KerasModel, SequentialModel } from '../keras/model';
import type { KerasSession } from '../keras/session';
import { SymbolicTensor } from '../keras/tensor';
import { tensorsIn } from '../keras/tensorsIn';
import { BudgetExceeded } from '../python/budget';
import {
  NONE,
  dict,
  external,
  host,
  int,
  list,
  native,
  numberOf,
  str,
  stringOf,
  unknown,
  type Arguments,
  type DictValue,
  type Value,
} from '../python/value';
import { ArgumentParser } from './argumentParser';
import type { Call } from './builtinMembers';
import { TfCustomLayer, isLayerClass } from './customLayer';
import { loadKnownModel } from './hostedModels';
import { REACT, reactHook } from './reactHooks';
import type { ScriptLibrary } from './scriptEvaluator';
import { ScriptFunction, isFunction, type ScriptClass } from './scriptFunction';
import { callMethod, callOperation } from './tensorCalls';
import { field, isTruthy } from './scriptValues';
import { makeTfLayer } from './tfLayers';
import { TfNames } from './tfNames';
import { TfOptimizer, metricNames, numberField, optimizerOf, settingsOf, snakeCase, takesLogits, tfLossName } from './tfSettings';

const TFJS = /^(@tensorflow\/tfjs(-\w+)*(\/.*)?|.*\/tf(js)?(\.es\d+)?(\.min)?(\.js)?|https?:.*tfjs.*)$/;

/** What a script says of a model's training. */
export type Training = Partial<TrainingSpec>;

const MAX_MODELS = 60;

/** The meaning of TensorFlow.js's names in a script. */
export class TfLibrary implements ScriptLibrary {
  readonly training = new Map<KerasModel, Training>();
  /** Functions that were handed to something outside of the file: event handlers, callbacks. */
  readonly handedOut: Value[] = [];
  private readonly names = new TfNames();
  /** The function being run, for naming what it builds. */
  builder: () => string | null = () => null;

  /** Calls a function of the script at once. */
  run: Call = () => unknown('what a function of the script gives');

  /** What another file of the program exports. */
  fromFile: (module: string, name: string, site: SourceRange) => Value | undefined = () => undefined;

  constructor(readonly session: KerasSession) {}

  imported(module: string, name: string, site: SourceRange): Value {
    if (TFJS.test(module) && !/^\.{1,2}\//.test(module)) return external(name === '*' || name === 'default' ? 'tf' : `tf.${name}`);
    if (REACT.test(module)) return external(name === '*' || name === 'default' ? 'react' : `react.${name}`);
    if (module === 'argparse') return external(name === '*' || name === 'default' ? 'argparse' : `argparse.${name}`);
    // The library under its usual name, handed on by a file that is not read.
    return this.fromFile(module, name, site) ?? this.resolve(name) ?? unknown(`"${name}" of the file ${module}`);
  }

  resolve(name: string): Value | undefined {
    return /^(tf|tfl|tfjs|tfc|tensorflow)$/.test(name) ? external('tf') : undefined;
  }

  named(value: Value, name: string, isTopLevel: boolean): void {
    if (value.kind === 'host') value.object.didAssign(name, isTopLevel);
  }

  call(path: string, args: Arguments): Value | undefined {
    if (path === 'argparse.ArgumentParser') return host(new ArgumentParser());
    if (path.startsWith('react.')) {
      const made = reactHook(path.slice('react.'.length), args, this.run);
      if (made) return made;
    }
    if (!path.startsWith('tf.')) {
      this.handOut(args);
      return undefined;
    }
    const parts = path.split('.').slice(1);
    const name = parts[parts.length - 1];
    const [first] = args.positional;
    if (name === 'sequential' || name === 'Sequential') return this.makeSequential(args);
    if (name === 'model' || name === 'LayersModel' || (name === 'Model' && parts.length === 1)) return this.makeModel(args);
    if (name === 'input' || name === 'Input') return this.makeInput(first, args.site);
    switch (parts[0]) {
      case 'layers':
        return this.makeLayer(name, args);
      case 'train': {
        const made = optimizerOf(name, args);
        if (made?.lost)
          this.session.warn('unknown-setting', `The ${made.lost} of tf.train.${name} is not known; TF.js's default is assumed.`, args.site);
        return made ? host(new TfOptimizer(made.spec)) : unknown(`the optimizer ${name}`);
      }
      case 'initializers':
      case 'regularizers':
      case 'constraints':
        return this.makeObject(name, first);
      case 'tidy': {
        const work = args.positional.find(isFunction);
        return work ? this.run(work, [], args.site) : unknown(`what tf.${name}() gives`);
      }
      case 'loadLayersModel': {
        const made = loadKnownModel(this.session, args);
        if (made) return host(made);
        this.handOut(args);
        return unknown('a model that is loaded from elsewhere; its layers are not in this file');
      }
      case 'scalar':
        if (first && numberOf(first) !== null) return first;
        return unknown('a tensor');
      default: {
        const made = callOperation(name, args, this.session.machine);
        if (made) return made;
        this.handOut(args);
        return unknown(`what tf.${parts.join('.')}() gives`);
      }
    }
  }

  member(object: Value & { kind: 'host' }, name: string, { site }: { site: SourceRange }): Value | undefined {
    const inner = object.object;
    if (inner instanceof KerasModel) {
      const own = this.modelMember(inner, name, site);
      if (own) return own;
    }
    if (inner instanceof Layer) {
      switch (name) {
        case 'apply':
          return native(name, (args) => this.apply(inner, args));
        case 'name':
          return str(inner.name);
        case 'outputShape':
          return inner.getAttribute('output_shape', this.session.machine);
        case 'getClassName':
          return native(name, () => str(inner.className));
        default:
          return inner.getAttribute(snakeCase(name), this.session.machine);
      }
    }
    if (inner instanceof SymbolicTensor && name === 'shape') {
      return inner.shape
        ? list(inner.shape.map((n) => (n === null ? NONE : int(n))))
        : unknown('the shape of a tensor that could not be built');
    }
    if (!(inner instanceof SymbolicTensor)) return undefined;
    const own = inner.getAttribute(name === 'rank' ? 'ndim' : name);
    return (
      own ?? native(name, (args) => callMethod(object, name, args, this.session.machine) ?? unknown(`what ${name}() of a tensor gives`))
    );
  }

  instance(cls: ScriptClass, self: DictValue, args: Arguments): Value | undefined {
    if (!isLayerClass(cls)) return undefined;
    const [options] = args.positional;
    const told = options?.kind === 'dict' ? field(options, 'name') : undefined;
    const className = stringOf(cls.static_('className')) ?? cls.name;
    const layer = new TfCustomLayer(this.session, stringOf(told) ?? this.names.ofLayer(className), args.site, cls, self, this.run);
    const shape = options?.kind === 'dict' ? field(options, 'inputShape') : undefined;
    if (shape?.kind === 'list') layer.trace([[null, ...shape.items.map(numberOf)]], args.site);
    return host(layer);
  }

  /** Remembers functions among arguments, which something outside may call. */
  handOut(args: Arguments): void {
    for (const v of args.positional) if (v.kind === 'host' && v.object instanceof ScriptFunction) this.handedOut.push(v);
  }

  private makeSequential(args: Arguments): Value {
    const [options] = args.positional;
    const name = (options?.kind === 'dict' ? stringOf(field(options, 'name')) : null) ?? this.names.ofModel('sequential');
    const model = this.register(new SequentialModel(this.session, name, args.site));
    const layers = options?.kind === 'dict' ? field(options, 'layers') : undefined;
    if (layers?.kind === 'list') for (const v of layers.items) this.append(model, v, args.site);
    else if (layers && layers.kind !== 'none')
      model.append(layers.kind === 'unknown' ? layers : unknown('the list of layers is not known'), args.site);
    return host(model);
  }

  private makeModel(args: Arguments): Value {
    const [options] = args.positional;
    const part = (name: string): Value => (options?.kind === 'dict' ? (field(options, name) ?? NONE) : (options ?? NONE));
    const [inputs, outputs] = [part('inputs'), part('outputs')];
    const [from, to] = [tensorsIn(inputs, this.session.machine), tensorsIn(outputs, this.session.machine)];
    if (!from || !to) {
      const lost = from ? outputs : inputs;
      const why = lost.kind === 'unknown' ? lost.reason : 'they are no tensors that this file makes';
      this.session.error(
        'unknown-model',
        `This model can't be read: its ${from ? 'outputs' : 'inputs'} are not known (${why}).`,
        args.site,
      );
      return unknown(why);
    }
    const name = (options?.kind === 'dict' ? stringOf(field(options, 'name')) : null) ?? this.names.ofModel('model');
    return host(this.register(new FunctionalModel(this.session, name, args.site, from, to)));
  }

  private register<T extends KerasModel>(model: T): T {
    // A search among networks makes them by the hundred; the first ones tell what they are.
    if (this.session.models.length >= MAX_MODELS) throw new BudgetExceeded();
    this.session.machine.changes++;
    model.builder = this.builder();
    this.session.models.push(model);
    return model;
  }

  private makeInput(options: Value | undefined, site: SourceRange): Value {
    const { settings, defects } = settingsOf(options);
    const whole = settings.batch_shape ?? settings.batch_input_shape;
    const shape = Array.isArray(whole) ? whole : Array.isArray(settings.shape) ? [null, ...settings.shape] : null;
    const name = typeof settings.name === 'string' ? settings.name : this.names.ofLayer('Input').toLowerCase();
    const told = shape ?? [null, ...this.openShape(name, options, defects[0]?.reason, site)];
    return host(
      inputTensor(
        this.session,
        name,
        told.map((n) => (typeof n === 'number' ? n : null)),
        site,
      ),
    );
  }

  /** The shape of an input of which not all is known: asked for, and assumed until told. */
  private openShape(name: string, options: Value | undefined, reason: string | undefined, site: SourceRange): JsonValue[] {
    const given = options?.kind === 'dict' ? field(options, 'shape') : undefined;
    const sizes = given?.kind === 'list' ? given.items.map((v) => (v.kind === 'none' ? null : (numberOf(v) ?? 10))) : [28, 28, 1];
    const usual = sizes.length === 3 ? sizes.map((n, i) => (n === 10 ? [28, 28, 1][i] : n)) : sizes;
    const why = reason ? `: ${reason}` : '';
    const told = this.session.assume(`${name}.shape`, usual, `The input shape is not known${why}`, site);
    return Array.isArray(told) ? told : usual;
  }

  private makeLayer(name: string, args: Arguments): Value {
    if (name === 'input') return this.makeInput(args.positional[0], args.site);
    if (name === 'inputLayer') {
      const tensor = this.makeInput(renamed(args.positional[0]), args.site);
      return tensor.kind === 'host' && tensor.object instanceof SymbolicTensor ? host(tensor.object.node.layer) : tensor;
    }
    this.session.machine.changes++;
    const layer = makeTfLayer(this.session, this.names, name, args);
    return layer ? host(layer) : unknown(`the layer tf.layers.${name} is not known here`);
  }

  private makeObject(name: string, options: Value | undefined): Value {
    const { settings } = settingsOf(options);
    const className = name[0].toUpperCase() + name.slice(1);
    const config = Object.entries(settings).map(([k, v]): [string, Value] => [
      k,
      typeof v === 'number' ? { kind: 'float', value: v } : typeof v === 'string' ? str(v) : NONE,
    ]);
    return dict([
      ['class_name', str(/^l[12]$/i.test(name) ? name.toUpperCase() : className)],
      ['config', dict(config)],
    ]);
  }

  private append(model: SequentialModel, value: Value, site: SourceRange): void {
    const layer = value.kind === 'host' && value.object instanceof Layer ? value.object : null;
    model.append(value, layer?.source ?? site);
  }

  private apply(layer: Layer, args: Arguments): Value {
    const [input = NONE] = args.positional;
    const tensors = tensorsIn(input, this.session.machine);
    if (!tensors) return input.kind === 'unknown' ? input : unknown(`what ${layer.description} gives for this input`);
    const outputs = layer.apply(tensors, layer.source ?? args.site).map(host);
    return outputs.length === 1 ? outputs[0] : list(outputs);
  }

  private modelMember(model: KerasModel, name: string, _site: SourceRange): Value | undefined {
    switch (name) {
      case 'add':
        return model instanceof SequentialModel
          ? native(name, (args) => {
              this.append(model, args.positional[0] ?? NONE, args.site);
              return NONE;
            })
          : undefined;
      case 'compile':
        return native(name, (args) => this.compile(model, args));
      case 'fit':
      case 'fitDataset':
        return native(name, (args) => this.fit(model, name, args));
      case 'getLayer':
        return native(name, (args) => {
          const key = args.positional[0];
          const index = numberOf(key) ?? numberOf(args.positional[1]);
          const found =
            stringOf(key) !== null
              ? model.layers.find((l) => l.name === stringOf(key))
              : index !== null
                ? model.layers.at(index)
                : undefined;
          return found ? host(found) : unknown('a layer of the model');
        });
      case 'layers':
        return list(model.layers.map(host));
      case 'inputs':
        return list(model.inputs.map(host));
      case 'outputs':
        return list(model.outputs.map(host));
      case 'input':
        return model.inputs[0] ? host(model.inputs[0]) : unknown('the input of the model');
      case 'output':
        return model.outputs[0] ? host(model.outputs[0]) : unknown('the output of the model');
      case 'summary':
      case 'build':
      case 'dispose':
      case 'setWeights':
        return native(name, () => NONE);
      case 'predict':
      case 'evaluate':
      case 'save':
      case 'trainOnBatch':
      case 'getWeights':
      case 'toJSON':
      case 'predictOnBatch':
      case 'evaluateDataset':
        return native(name, (args) => {
          this.handOut(args);
          return unknown(`what ${name}() gives`);
        });
      default:
        return undefined;
    }
  }

  private note(model: KerasModel, told: Training): void {
    // A second compile() or fit() is a later stage: the first one is what a run begins with.
    this.training.set(model, { ...told, ...this.training.get(model) });
  }

  private compile(model: KerasModel, args: Arguments): Value {
    const [options] = args.positional;
    const part = (name: string) => (options?.kind === 'dict' ? field(options, name) : undefined);
    const optimizer = part('optimizer');
    const byName = stringOf(optimizer);
    const spec =
      optimizer?.kind === 'host' && optimizer.object instanceof TfOptimizer
        ? optimizer.object.spec
        : byName !== null
          ? (optimizerOf(byName, null)?.spec ?? null)
          : null;
    const loss = part('loss');
    const lossName = tfLossName(loss);
    if (!spec && optimizer) this.session.warn('unknown-optimizer', 'The optimizer is not known; choose one before training.', args.site);
    if (lossName === null && loss) this.session.warn('unknown-loss', 'The loss is not known; choose one before training.', args.site);
    this.note(model, {
      optimizer: spec,
      loss: lossName === null ? null : { name: lossName, fromLogits: takesLogits(loss), config: {} },
      metrics: metricNames(part('metrics')),
      compileRange: args.site,
    });
    return NONE;
  }

  private fit(model: KerasModel, method: string, args: Arguments): Value {
    const options = args.positional[method === 'fit' ? 2 : 1];
    const shuffle = options?.kind === 'dict' ? field(options, 'shuffle') : undefined;
    this.note(model, {
      epochs: numberField(options, 'epochs'),
      batchSize: numberField(options, 'batchSize'),
      validationSplit: numberField(options, 'validationSplit'),
      stepsPerEpoch: numberField(options, 'batchesPerEpoch'),
      validationSteps: numberField(options, 'validationBatches'),
      shuffle: shuffle ? (isTruthy(shuffle) ?? null) : null,
      fitRange: args.site,
    });
    return unknown('the history of a training');
  }
}

/** `inputShape` of an input layer is the `shape` of an input. */
function renamed(options: Value | undefined): Value | undefined {
  if (options?.kind !== 'dict') return options;
  const shape = field(options, 'inputShape');
  return shape
    ? dict([
        ['shape', shape],
        ...[...options.entries.values()].flatMap((e): [string, Value][] => (e.key.kind === 'str' ? [[e.key.value, e.value]] : [])),
      ])
    : options;
}
