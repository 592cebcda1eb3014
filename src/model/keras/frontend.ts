import type { Frontend } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { iterate } from '../python/iterate';
import { NONE, host, stringOf, unknown, type Arguments, type InstanceValue, type Value } from '../python/value';
import { makeSettings } from './configObjects';
import { callFunction } from './functions';
import { kerasPath } from './kerasPath';
import { Layer } from './layer';
import { layerDefinition, layerNames } from './layerTable';
import { makeInput } from './makeInput';
import { makeLayer } from './makeLayer';
import { FunctionalModel, SequentialModel, type KerasModel } from './model';
import type { KerasSession } from './session';

/** Names of Keras outside `layers` that programs import with `*`. */
const EXPORTS: Record<string, string[]> = {
  models: ['Sequential', 'Model', 'load_model', 'model_from_json'],
  optimizers: ['SGD', 'RMSprop', 'Adam', 'Adagrad', 'Adadelta', 'Adamax', 'Nadam', 'AdamW', 'Ftrl'],
  callbacks: ['ModelCheckpoint', 'EarlyStopping', 'ReduceLROnPlateau', 'TensorBoard', 'LearningRateScheduler', 'CSVLogger'],
  regularizers: ['l1', 'l2', 'l1_l2'],
  'preprocessing.image': ['ImageDataGenerator', 'load_img', 'img_to_array', 'array_to_img'],
  utils: ['to_categorical', 'plot_model', 'np_utils'],
  datasets: ['mnist', 'fashion_mnist', 'cifar10', 'cifar100'],
};

/** Keras's names among Python values: layers, models, optimizers and data. */
export class KerasFrontend implements Frontend {
  constructor(readonly session: KerasSession) {}

  exports(module: string): Iterable<string> | undefined {
    const found = kerasPath(module);
    if (!found) return undefined;
    if (/^(layers|engine|legacy)(\.|$)/.test(found.name)) return [...layerNames(), 'Input', 'add', 'concatenate', 'multiply', 'merge'];
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
    if (!found) return callFunction(this.session, path, args, machine);
    this.session.didUse(path);
    const parts = found.name.split('.');
    const name = parts[parts.length - 1];
    const [category] = parts;
    if (name === 'Sequential') return this.makeSequential(args, machine);
    if (name === 'Model' || name === 'Functional') return this.makeFunctional(args, machine);
    if (name === 'Input' || name === 'InputLayer') return makeInput(this.session, name, args, machine);
    const settings = makeSettings(this.session, category, name, args);
    if (settings) return settings;
    const definition = /^(layers|engine|legacy|applications)$/.test(category) || parts.length === 1 ? layerDefinition(name) : undefined;
    if (definition) {
      machine.changes++;
      return host(makeLayer(this.session, definition, args));
    }
    const result = callFunction(this.session, `keras.${found.name}`, args, machine);
    if (result) return result;
    if (category === 'layers' && /^[A-Z]/.test(name)) return unknown(`the layer ${name} is not known here`);
    return undefined;
  }

  isBaseClass(path: string): boolean {
    const found = kerasPath(path);
    return found !== null && /(^|\.)(Model|Sequential|Layer|Callback|Sequence|PyDataset)$/.test(found.name);
  }

  instantiate(_instance: InstanceValue, path: string): void {
    this.session.didUse(path);
  }

  instanceAttribute(_instance: InstanceValue, _path: string, name: string): Value | undefined {
    return name === '__init__' ? { kind: 'native', name, call: () => NONE } : undefined;
  }

  callInstance(): Value | undefined {
    return undefined;
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
    const layers = args.positional[0] ?? args.keywords.get('layers') ?? NONE;
    if (layers.kind !== 'none') {
      const items = iterate(layers, machine);
      if (items)
        for (const item of items)
          model.append(item, item.kind === 'host' && item.object instanceof Layer ? (item.object.source ?? args.site) : args.site);
      else model.append(layers.kind === 'unknown' ? layers : unknown('the list of layers is not known'), args.site);
    }
    return host(model);
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
