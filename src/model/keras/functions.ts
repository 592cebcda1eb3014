import { iterate } from '../python/iterate';
import { array, reshaped } from '../python/arrayValue';
import { correctPad } from './applications/mobileNet';
import { isNamedSet, loadNamedSet, namedSetClasses, namedSetImage } from '../dataSets/namedSets';
import type { Machine } from '../python/machine';
import { NONE, bool, host, int, numberOf, str, unknown, type Arguments, type Value } from '../python/value';
import { ImageGenerator, imageDataset } from './imageFlow';
import { layerDefinition } from './layerTable';
import { impliedLayer } from './makeLayer';
import type { KerasSession } from './session';
import { tensorsIn } from './tensorsIn';

type KerasFunction = (session: KerasSession, args: Arguments, machine: Machine) => Value;

/** `add([a, b])` and its like: the layer of the same name, used at once. */
const merge =
  (className: string): KerasFunction =>
  (session, args, machine) => {
    const definition = layerDefinition(className);
    const input = args.positional[0] ?? args.keywords.get('inputs') ?? NONE;
    const tensors = tensorsIn(input, machine);
    if (!definition || !tensors) return input.kind === 'unknown' ? input : unknown(`what ${className} gives for inputs that are not known`);
    const axis = numberOf(args.keywords.get('axis') ?? args.positional[1]);
    const name = args.keywords.get('name');
    const settings = { ...(axis === null ? {} : { axis }), ...(name?.kind === 'str' ? { name: name.value } : {}) };
    return host(
      impliedLayer(session, definition, className === 'Concatenate' ? settings : omitAxis(settings), args.site).apply(
        tensors,
        args.site,
      )[0],
    );
  };

function omitAxis<T extends { axis?: number }>(settings: T): Omit<T, 'axis'> {
  const { axis: _axis, ...rest } = settings;
  return rest;
}

const dotProduct: KerasFunction = (session, args, machine) => {
  const definition = layerDefinition('Dot');
  const tensors = tensorsIn(args.positional[0] ?? args.keywords.get('inputs') ?? NONE, machine);
  const axes = args.positional[1] ?? args.keywords.get('axes') ?? int(-1);
  const list = numberOf(axes) ?? iterate(axes, machine)?.map(numberOf);
  if (!definition || !tensors || list === undefined) return unknown('what Dot gives for inputs that are not known');
  return host(impliedLayer(session, definition, { axes: list }, args.site).apply(tensors, args.site)[0]);
};

/** `_obtain_input_shape(input_shape, default_size, min_size, data_format, require_flatten)` of keras.applications. */
const obtainInputShape: KerasFunction = (session, args) => {
  const given = args.positional[0] ?? args.keywords.get('input_shape') ?? NONE;
  if (given.kind !== 'none') return given;
  const size = int(numberOf(args.positional[1] ?? args.keywords.get('default_size')) ?? 224);
  const image = [size, size];
  return { kind: 'tuple', items: session.dataFormat === 'channels_first' ? [int(3), ...image] : [...image, int(3)] };
};

/** `correct_pad(inputs, kernel_size)` of keras.applications. */
const correctPadding: KerasFunction = (_session, args, machine) => {
  const [tensor] = tensorsIn(args.positional[0] ?? NONE, machine) ?? [];
  const size = args.positional[1] ?? args.keywords.get('kernel_size') ?? NONE;
  const kernel = numberOf(size) ?? numberOf(iterate(size, machine)?.[0]);
  if (!tensor || kernel === null) return unknown('what correct_pad() gives for this input');
  return { kind: 'tuple', items: correctPad(tensor, kernel).map((p) => ({ kind: 'tuple', items: p.map(int) })) };
};

/** Keras 1's `merge([a, b], mode='concat', concat_axis=-1)`. */
const KERAS1_MODES: Record<string, string> = { sum: 'Add', mul: 'Multiply', concat: 'Concatenate', ave: 'Average', max: 'Maximum' };

const keras1Merge: KerasFunction = (session, args, machine) => {
  const mode = args.keywords.get('mode') ?? args.positional[1] ?? str('sum');
  const className = mode.kind === 'str' ? KERAS1_MODES[mode.value] : undefined;
  if (!className) return unknown('a merge whose mode is not known');
  const axis = args.keywords.get('concat_axis');
  return merge(className)(
    session,
    { ...args, positional: args.positional.slice(0, 1), keywords: new Map([...args.keywords, ...(axis ? [['axis', axis] as const] : [])]) },
    machine,
  );
};

const toCategorical: KerasFunction = (_session, args) => {
  const y = args.positional[0] ?? args.keywords.get('y') ?? NONE;
  if (y.kind !== 'array') return y.kind === 'unknown' ? y : array(null);
  const given = numberOf(args.positional[1] ?? args.keywords.get('num_classes') ?? args.keywords.get('nb_classes'));
  const classes = given ?? y.classCount ?? null;
  const count = y.shape?.[0] ?? null;
  return { ...reshaped(y, [count, classes]), origin: y.origin ? { ...y.origin, isOneHot: true } : null };
};

const FUNCTIONS: Record<string, KerasFunction> = {
  'layers.add': merge('Add'),
  'layers.subtract': merge('Subtract'),
  'layers.multiply': merge('Multiply'),
  'layers.average': merge('Average'),
  'layers.maximum': merge('Maximum'),
  'layers.minimum': merge('Minimum'),
  'layers.concatenate': merge('Concatenate'),
  'layers.dot': dotProduct,
  'layers.merge': keras1Merge,
  'utils.to_categorical': toCategorical,
  'utils.np_utils.to_categorical': toCategorical,
  'backend.image_data_format': (session) => str(session.dataFormat),
  'backend.image_dim_ordering': (session) => str(session.dataFormat === 'channels_first' ? 'th' : 'tf'),
  'backend.set_image_data_format': (session, args) => setDataFormat(session, args),
  'backend.set_image_dim_ordering': (session, args) => setDataFormat(session, args),
  'backend.common.set_image_dim_ordering': (session, args) => setDataFormat(session, args),
  'backend.backend': () => str('tensorflow'),
  'backend.int_shape': (_session, args, machine) => {
    const [tensor] = tensorsIn(args.positional[0] ?? NONE, machine) ?? [];
    return tensor?.shape
      ? { kind: 'tuple', items: tensor.shape.map((n) => (n === null ? NONE : int(n))) }
      : unknown('the shape of a tensor');
  },
  'applications.imagenet_utils._obtain_input_shape': obtainInputShape,
  'applications.imagenet_utils.obtain_input_shape': obtainInputShape,
  'applications.imagenet_utils.correct_pad': correctPadding,
  'backend.is_keras_tensor': (_session, args, machine) => bool(tensorsIn(args.positional[0] ?? NONE, machine) !== null),
  'backend.clear_session': (session) => {
    session.names.reset();
    return NONE;
  },
  'preprocessing.image.ImageDataGenerator': (_session, args) => host(new ImageGenerator(args)),
  'preprocessing.image_dataset_from_directory': (_session, args, machine) => imageDataset(args, machine),
  'utils.image_dataset_from_directory': (_session, args, machine) => imageDataset(args, machine),
  'preprocessing.image_dataset.image_dataset_from_directory': (_session, args, machine) => imageDataset(args, machine),
};

function setDataFormat(session: KerasSession, args: Arguments): Value {
  const [value] = args.positional;
  const old = session.dataFormat;
  session.machine.journal.record(() => (session.dataFormat = old));
  session.isFormatSaid = true;
  if (value?.kind === 'str') session.dataFormat = /^(th|channels_first)$/.test(value.value) ? 'channels_first' : 'channels_last';
  return NONE;
}

/** Calls a function of Keras by its path from the package's root (`keras.layers.add`), or one of TensorFlow; undefined for all others. */
export function callFunction(session: KerasSession, path: string, args: Arguments, machine: Machine): Value | undefined {
  if (!path.startsWith('keras.')) return undefined;
  // Functions were spread over modules of `layers`: keras.layers.merge.concatenate.
  const name = path.slice('keras.'.length).replace(/^(?:legacy\.)?layers\.\w+\.(\w+)$/, 'layers.$1');
  // What a network of keras.applications wants done to its images keeps their shape.
  if (/^applications\..*preprocess_input$/.test(name)) return args.positional[0] ?? args.keywords.get('x');
  if (Object.hasOwn(FUNCTIONS, name)) return FUNCTIONS[name](session, args, machine);
  const set = /^datasets\.(\w+)(?:\.\w+)?\.load_data$/.exec(name)?.[1];
  if (set && isNamedSet(set)) {
    session.knownData ??= { image: namedSetImage(set), classes: namedSetClasses(set) };
    return loadNamedSet(set, args.site, session.dataFormat === 'channels_first');
  }
  return undefined;
}
