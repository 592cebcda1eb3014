import type { DataSpec } from '../../common/dataSpec';
import { array, type ArrayOrigin } from '../python/arrayValue';
import { callValue, plainArguments } from '../python/calls';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { NONE, dict, host, int, native, numberOf, stringOf, tuple, unknown, type Arguments, type Value } from '../python/value';
import { DataOrigin } from './dataOrigin';
import { isNamedSet, namedSetClasses, namedSetImage } from './namedSets';

/** A `tf.data.Dataset`: what one of its elements looks like. */
export class Pipeline extends HostObject {
  readonly description = 'an input pipeline';

  constructor(
    /** One element: arrays, or tuples and dicts of them. */
    readonly element: Value,
    readonly batchSize: number | null = null,
  ) {
    super();
  }

  override getAttribute(name: string, machine: Machine): Value | undefined {
    switch (name) {
      case 'batch':
        return native(name, (args) => {
          const size = numberOf(args.positional[0] ?? args.keywords.get('batch_size'));
          return host(
            new Pipeline(
              deep(this.element, (v) => withAxis(v)),
              size,
            ),
          );
        });
      case 'unbatch':
        return native(name, () => host(new Pipeline(deep(this.element, withoutAxis), null)));
      case 'map':
        return native(name, (args) => this.map(args, machine));
      case 'shuffle':
      case 'repeat':
      case 'prefetch':
      case 'cache':
      case 'take':
      case 'skip':
      case 'filter':
      case 'shard':
      case 'with_options':
      case 'as_numpy_iterator':
        return native(name, () => host(this));
      case 'make_one_shot_iterator':
      case 'make_initializable_iterator':
        return native(name, () => host(this));
      case 'get_next':
      case 'next':
        return native(name, () => this.element);
      case 'cardinality':
        return native(name, () => unknown('the number of elements of a data set'));
      default:
        return undefined;
    }
  }

  private map(args: Arguments, machine: Machine): Value {
    const [fn] = args.positional;
    const given = this.element.kind === 'tuple' ? this.element.items : [this.element];
    const result = fn ? callValue(fn, plainArguments(given, args.site), machine) : NONE;
    return host(new Pipeline(result.kind === 'unknown' ? this.element : result, this.batchSize));
  }

  override iterate(): Value[] | undefined {
    return [this.element];
  }
}

/** Applies a change to every array of a value. */
function deep(value: Value, change: (v: Value & { kind: 'array' }) => Value): Value {
  if (value.kind === 'array') return change(value);
  if (value.kind === 'tuple' || value.kind === 'list') return tuple(value.items.map((v) => deep(v, change)));
  if (value.kind === 'dict')
    return dict([...value.entries.values()].map((e): [string, Value] => [stringOf(e.key) ?? '', deep(e.value, change)]));
  return value;
}

const withAxis = (v: Value & { kind: 'array' }): Value => ({ ...v, shape: v.shape && [null, ...v.shape] });
const withoutAxis = (v: Value & { kind: 'array' }): Value => ({ ...v, shape: v.shape && v.shape.slice(1) });

/** Height, width and channels of image sets of `tensorflow_datasets`; null where images differ in size. */
const IMAGES: Record<string, { image: (number | null)[]; classes: number }> = {
  cats_vs_dogs: { image: [null, null, 3], classes: 2 },
  rock_paper_scissors: { image: [300, 300, 3], classes: 3 },
  horses_or_humans: { image: [300, 300, 3], classes: 2 },
  kmnist: { image: [28, 28, 1], classes: 10 },
  emnist: { image: [28, 28, 1], classes: 62 },
  tf_flowers: { image: [null, null, 3], classes: 5 },
  svhn_cropped: { image: [32, 32, 3], classes: 10 },
  stl10: { image: [96, 96, 3], classes: 10 },
  beans: { image: [500, 500, 3], classes: 3 },
  oxford_flowers102: { image: [null, null, 3], classes: 102 },
  quickdraw_bitmap: { image: [28, 28, 1], classes: 345 },
  cifar10_1: { image: [32, 32, 3], classes: 10 },
  eurosat: { image: [64, 64, 3], classes: 10 },
  patch_camelyon: { image: [96, 96, 3], classes: 2 },
  colorectal_histology: { image: [150, 150, 3], classes: 8 },
  deep_weeds: { image: [256, 256, 3], classes: 9 },
  uc_merced: { image: [256, 256, 3], classes: 21 },
  imagenette: { image: [null, null, 3], classes: 10 },
  oxford_iiit_pet: { image: [null, null, 3], classes: 37 },
  plant_village: { image: [null, null, 3], classes: 38 },
  food101: { image: [null, null, 3], classes: 101 },
  stanford_dogs: { image: [null, null, 3], classes: 120 },
  malaria: { image: [null, null, 3], classes: 2 },
};

/** What `with_info=True` tells of a data set: `info.features['label'].num_classes`, `info.features['image'].shape`. */
class TfdsInfo extends HostObject {
  readonly description = 'what is told of a data set';

  constructor(
    private readonly image: (number | null)[],
    private readonly classes: number,
  ) {
    super();
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case 'features':
        return dict([
          ['image', host(this)],
          ['label', host(this)],
        ]);
      case 'num_classes':
        return int(this.classes);
      case 'shape':
        return tuple(this.image.map((n) => (n === null ? NONE : int(n))));
      default:
        return unknown(`"${name}" of ${this.description}`);
    }
  }
}

/** `tfds.load(name, split=…, as_supervised=…, with_info=…)`. */
function loadTfds(args: Arguments): Value {
  const name = stringOf(args.positional[0] ?? args.keywords.get('name'))?.split(/[/:]/)[0] ?? '';
  const known = isNamedSet(name) ? { image: namedSetImage(name), classes: namedSetClasses(name) } : IMAGES[name];
  if (!known) return unknown(`the data set ${name || 'that'} tensorflow_datasets would load`);
  const where: Omit<DataSpec, 'preprocessing'> = {
    ...(isNamedSet(name) ? { kind: 'named', name } : { kind: 'unknown' }),
    range: args.site,
  };
  const origin = (role: ArrayOrigin['role']): ArrayOrigin => ({
    source: new DataOrigin(where, known.classes),
    role,
    split: 'train',
    scale: 1,
    offset: 0,
    isOneHot: false,
  });
  const image = array(known.image, origin('input'));
  const label = array([], origin('label'), known.classes);
  const isTrue = (v: Value | undefined) => v?.kind === 'bool' && v.value;
  const element = isTrue(args.keywords.get('as_supervised'))
    ? tuple([image, label])
    : dict([
        ['image', image],
        ['label', label],
      ]);
  const one = batched(element, args);
  const split = args.keywords.get('split') ?? args.positional[1];
  const several = split?.kind === 'list' || split?.kind === 'tuple' ? split.items.length : 0;
  const data: Value =
    several > 0
      ? tuple(Array.from({ length: several }, () => one))
      : split && split.kind !== 'none'
        ? one
        : dict(['train', 'test', 'validation'].map((part): [string, Value] => [part, one]));
  return isTrue(args.keywords.get('with_info')) ? tuple([data, host(new TfdsInfo(known.image, known.classes))]) : data;
}

function batched(element: Value, args: Arguments): Value {
  const size = numberOf(args.keywords.get('batch_size'));
  if (size === -1) return deep(element, withAxis);
  return host(size === null ? new Pipeline(element) : new Pipeline(deep(element, withAxis), size));
}

/** Calls what makes a `tf.data.Dataset`; undefined for everything else. */
export function callPipeline(path: string, args: Arguments): Value | undefined {
  if (path === 'tensorflow_datasets.load') return loadTfds(args);
  const name = /^tensorflow\.(?:compat\.v\d\.)?data\.Dataset\.(\w+)$/.exec(path)?.[1];
  const [first] = args.positional;
  if (!name || !first) return undefined;
  if (name === 'from_tensor_slices') return host(new Pipeline(deep(first, withoutAxis)));
  if (name === 'from_tensors') return host(new Pipeline(first));
  if (name === 'zip' && first.kind === 'tuple') {
    return host(new Pipeline(tuple(first.items.map((v) => (v.kind === 'host' && v.object instanceof Pipeline ? v.object.element : v)))));
  }
  if (name === 'range') return host(new Pipeline(int(0)));
  return undefined;
}
