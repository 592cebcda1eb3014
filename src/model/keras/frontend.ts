import { callDataLoader } from '../dataSets/loadFile';
import { callPipeline } from '../dataSets/pipeline';
import { findMember } from '../python/attributes';
import type { Frontend } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { iterate } from '../python/iterate';
import { NONE, host, native, str, stringOf, unknown, type Arguments, type InstanceValue, type Value } from '../python/value';
import { makeSettings } from './configObjects';
import { makeApplication } from './applications/makeApplication';
import { callFunction } from './functions';
import { kerasPath } from './kerasPath';
import { CompositeModel } from './composite';
import { DerivedLayer, overridesLayer } from './derivedLayer';
import { makeLambda } from './lambdaLayer';
import { layerOf, layersIn } from './layersIn';
import { layerDefinition, layerNames, unknownLayer } from './layerTable';
import { makeInput } from './makeInput';
import { impliedLayer, makeLayer } from './makeLayer';
import { FunctionalModel, SequentialModel, type KerasModel } from './model';
import { recurrentOfCells, stackCells } from './recurrentOfCells';
import { SCIKIT_WRAPPER, wrapModel } from './scikitWrapper';
import type { KerasSession } from './session';
import { callOnTensors } from './tensorFunctions';

/** Names of Keras outside `layers` that programs import with `*`. */
const EXPORTS: Record<string, string[]> = {
  models: ['Sequential', 'Model', 'load_model', 'model_from_json'],
  optimizers: ['SGD', 'RMSprop', 'Adam', 'Adagrad', 'Adadelta', 'Adamax', 'Nadam', 'AdamW', 'Ftrl', 'Lion'],
  callbacks: ['ModelCheckpoint', 'EarlyStopping', 'ReduceLROnPlateau', 'TensorBoard', 'LearningRateScheduler', 'CSVLogger'],
  regularizers: ['l1', 'l2', 'l1_l2'],
  'preprocessing.image': ['ImageDataGenerator', 'load_img', 'img_to_array', 'array_to_img'],
  utils: ['to_categorical', 'plot_model', 'np_utils'],
  datasets: ['mnist', 'fashion_mnist', 'cifar10', 'cifar100'],
};

/** What else `from keras.layers import *` brings. */
const LAYER_FUNCTIONS =
  'Input InputLayer Layer Lambda Wrapper InputSpec add subtract multiply average maximum minimum concatenate dot merge'.split(' ');

/** Classes that programs derive theirs from, beside the layers. */
const BASES = new Set(['Model', 'Network', 'Sequential', 'Layer', 'Callback', 'Sequence', 'PyDataset']);

/** Keras's names among Python values: layers, models, optimizers and data. */
export class KerasFrontend implements Frontend {
  constructor(readonly session: KerasSession) {}

  exports(module: string): Iterable<string> | undefined {
    const found = kerasPath(module);
    if (!found) return undefined;
    if (/^(layers|engine|legacy)(\.|$)/.test(found.name)) return [...layerNames(), ...LAYER_FUNCTIONS];
    return EXPORTS[found.name] ?? [];
  }

  resolve(path: string): Value | undefined {
    // A name nobody defined or imported, but that can only be a layer.
    const name = path.startsWith('?.') ? path.slice(2) : null;
    if (name === null) return undefined;
    const isKnown = layerDefinition(name) !== undefined || name === 'Sequential' || name === 'Input';
    return isKnown
      ? { kind: 'external', path: `${this.session.dialect === 'tf.keras' ? 'tensorflow.' : ''}keras.layers.${name}` }
      : undefined;
  }

  call(path: string, args: Arguments, machine: Machine): Value | undefined {
    const found = kerasPath(path);
    const onTensors = callOnTensors(path, args, machine);
    if (onTensors) return onTensors;
    if (SCIKIT_WRAPPER.test(path)) return wrapModel(args, machine);
    if (!found) return callDataLoader(path, args, machine) ?? callPipeline(path, args) ?? callFunction(this.session, path, args, machine);
    this.session.didUse(path);
    const parts = found.name.split('.');
    const name = parts[parts.length - 1];
    const [category] = parts;
    if (name === 'Sequential') return this.makeSequential(args, machine);
    if (name === 'Model' || name === 'Functional') return this.makeFunctional(args, machine);
    if (name === 'Lambda') return host(makeLambda(this.session, args));
    if (name === 'Input' || name === 'InputLayer') return makeInput(this.session, name, args, machine);
    const settings = makeSettings(this.session, category, name, args);
    if (settings) return settings;
    const ofCells = category === 'layers' ? this.makeOfCells(name, args, machine) : undefined;
    if (ofCells) return ofCells;
    const definition = /^(layers|engine|legacy|applications)$/.test(category) || parts.length === 1 ? layerDefinition(name) : undefined;
    if (definition) {
      machine.changes++;
      return host(makeLayer(this.session, definition, args));
    }
    const application = category === 'applications' ? makeApplication(this.session, name, args, machine) : undefined;
    if (application) return host(this.register(application, machine));
    const result = callFunction(this.session, `keras.${found.name}`, args, machine);
    if (result) return result;
    if (category === 'layers' && /^[A-Z]/.test(name)) {
      machine.changes++;
      return host(impliedLayer(this.session, unknownLayer(name), {}, args.site));
    }
    return undefined;
  }

  /** `RNN` and `StackedRNNCells`, whose cells are known. */
  private makeOfCells(name: string, args: Arguments, machine: Machine): Value | undefined {
    if (name !== 'RNN' && name !== 'StackedRNNCells') return undefined;
    const cells = layersIn([args.positional[0] ?? args.keywords.get('cell') ?? args.keywords.get('cells') ?? NONE]);
    const own = stringOf(args.keywords.get('name')) ?? this.session.names.next(name);
    machine.changes++;
    if (name === 'StackedRNNCells') return host(stackCells(this.session, cells, own, args.site));
    const rest = new Map([...args.keywords].filter(([key]) => key !== 'cell').concat([['name', str(own)]]));
    const settings = makeLayer(this.session, layerDefinition('RNN')!, {
      ...args,
      positional: [NONE, ...args.positional.slice(1)],
      keywords: rest,
    });
    const { cell: _cell, ...sequence } = settings.config;
    const layer = recurrentOfCells(this.session, cells, sequence, own, args.site, settings.givenInputShape);
    return layer ? host(layer) : host(settings);
  }

  isBaseClass(path: string): boolean {
    const found = kerasPath(path);
    if (!found) return false;
    const name = found.name.split('.').at(-1) ?? '';
    return BASES.has(name) || layerDefinition(name) !== undefined;
  }

  instantiate(instance: InstanceValue, path: string, args: Arguments, machine: Machine): void {
    this.session.didUse(path);
    const base = path.split('.').at(-1) ?? '';
    const { name: className } = instance.class;
    const name = () => this.session.names.next(className);
    if (base === 'Sequential') instance.host = this.register(new SequentialModel(this.session, name(), instance.site), machine);
    else if (base === 'Model' || base === 'Network') {
      instance.host = this.register(new CompositeModel(this.session, name(), instance.site, instance, false), machine);
    } else if (base === 'Layer') instance.host = new CompositeModel(this.session, name(), instance.site, instance, true);
    else {
      const definition = layerDefinition(base);
      if (definition && overridesLayer(instance)) {
        const derived = new DerivedLayer(this.session, name(), instance.site, instance, definition);
        instance.host = derived;
        if (!findMember(instance.class, '__init__')) derived.initialize(args, machine);
      }
    }
  }

  instanceAttribute(instance: InstanceValue, path: string, name: string, machine: Machine): Value | undefined {
    if (name !== '__init__') return instance.host?.getAttribute(name, machine);
    return native(name, (args) => {
      const { host: object } = instance;
      if (object instanceof CompositeModel) object.initialize(args, machine);
      else if (object instanceof SequentialModel) this.fill(object, args, machine);
      else {
        const definition = layerDefinition(path.split('.').at(-1) ?? '');
        if (definition) instance.host = makeLayer(this.session, definition, { ...args, site: instance.site });
      }
      return NONE;
    });
  }

  callInstance(instance: InstanceValue, _path: string, args: Arguments, machine: Machine): Value | undefined {
    return instance.host?.call(args, machine);
  }

  didSetAttribute(): void {}

  private register<T extends KerasModel>(model: T, machine: Machine): T {
    machine.changes++;
    machine.journal.record(() => {
      // A model of a branch that was only looked at stays in the list: it is in the file.
    });
    this.session.models.push(model);
    return model;
  }

  private makeSequential(args: Arguments, machine: Machine): Value {
    const name = stringOf(args.keywords.get('name') ?? args.positional[1]) ?? this.session.names.next('Sequential');
    const model = this.register(new SequentialModel(this.session, name, args.site), machine);
    this.fill(model, args, machine);
    return host(model);
  }

  /** Appends the layers that a sequential model is made with. */
  private fill(model: SequentialModel, args: Arguments, machine: Machine): void {
    const layers = args.positional[0] ?? args.keywords.get('layers') ?? NONE;
    if (layers.kind !== 'none') {
      const items = iterate(layers, machine);
      if (items) for (const item of items) model.append(item, layerOf(item)?.source ?? args.site);
      else model.append(layers.kind === 'unknown' ? layers : unknown('the list of layers is not known'), args.site);
    }
  }

  private makeFunctional(args: Arguments, machine: Machine): Value {
    const parts = FunctionalModel.read(args, machine);
    if (typeof parts === 'string') {
      this.session.error('unknown-model', `This model can't be read: ${parts}.`, args.site);
      return unknown(parts);
    }
    const name = stringOf(args.keywords.get('name') ?? args.positional[2]) ?? this.session.names.next('Functional');
    return host(this.register(new FunctionalModel(this.session, name, args.site, parts.inputs, parts.outputs), machine));
  }
}
