import type { AugmentationSpec, DataSpec } from '../../common/dataSpec';
import { classesIn } from '../dataSets/classFolders';
import { array } from '../python/arrayValue';
import { HostObject } from '../python/hostObject';
import type { Machine } from '../python/machine';
import { NONE, dict, host, int, list, native, numberOf, str, stringOf, tuple, unknown, type Arguments, type Value } from '../python/value';

/** Images that come in batches from a folder or an array: `flow_from_directory`, `image_dataset_from_directory`, `flow`. */
export class ImageFlow extends HostObject {
  readonly description = 'a source of image batches';

  constructor(
    private readonly spec: DataSpec,
    /** [height, width, channels] as the batches have them; null when not known. */
    readonly imageShape: (number | null)[] | null,
    readonly classMode: DataSpec['classMode'],
    readonly classCount: number | null,
    /** Names of the folders that the images lie in, when they are there. */
    private readonly classNames: readonly string[] | null = null,
  ) {
    super();
  }

  dataSpec(): DataSpec {
    return { ...this.spec, preprocessing: { ...this.spec.preprocessing } };
  }

  /** The same images in an input pipeline's next stage. */
  private with(change: Partial<DataSpec>): Value {
    return host(new ImageFlow({ ...this.spec, ...change }, this.imageShape, this.classMode, this.classCount, this.classNames));
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case 'image_shape':
        return this.imageShape ? tuple(this.imageShape.map((n) => (n === null ? NONE : int(n)))) : undefined;
      case 'target_size':
        return this.spec.targetSize ? tuple(this.spec.targetSize.map(int)) : undefined;
      case 'batch_size':
        return int(this.spec.batchSize ?? 32);
      case 'num_classes':
      case 'num_class':
      case 'nb_class':
        return this.classCount === null ? unknown('the number of classes, which depends on the folders on disk') : int(this.classCount);
      case 'samples':
      case 'nb_sample':
      case 'n':
        return unknown('the number of images on disk');
      case 'class_indices':
        if (this.classNames) return dict(this.classNames.map((name, i): [string, Value] => [name, int(i)]));
        return unknown('the classes, which depend on the folders on disk');
      case 'class_names':
        if (this.classNames) return list(this.classNames.map(str));
        return unknown('the classes, which depend on the folders on disk');
      case 'classes':
        return unknown('the labels of the images on disk');
      case 'batch':
        return native(name, (args) =>
          this.with({ batchSize: numberOf(args.positional[0] ?? args.keywords.get('batch_size')) ?? undefined }),
        );
      case 'prefetch':
      case 'cache':
      case 'shuffle':
      case 'repeat':
      case 'take':
      case 'skip':
      case 'map':
      case 'with_options':
      case 'unbatch':
        return native(name, () => host(this));
      case 'reset':
        return native(name, () => NONE);
      default:
        return undefined;
    }
  }

  /** One batch: images and labels. */
  override iterate(): Value[] {
    const origin = { source: this, split: 'train', scale: 1, offset: 0, isOneHot: this.classMode === 'categorical' } as const;
    const images = array(this.imageShape && [null, ...this.imageShape], { ...origin, role: 'input' });
    const width = this.classMode === 'categorical' ? [this.classCount] : this.classMode === 'binary' ? [1] : [];
    const labels = array([null, ...width], { ...origin, role: 'label' }, this.classCount ?? undefined);
    return [this.classMode === null ? images : tuple([images, labels])];
  }

  override truth(): boolean | undefined {
    return true;
  }
}

const RANGES: [python: string, spec: keyof AugmentationSpec][] = [
  ['rotation_range', 'rotationRange'],
  ['width_shift_range', 'widthShiftRange'],
  ['height_shift_range', 'heightShiftRange'],
  ['shear_range', 'shearRange'],
  ['zoom_range', 'zoomRange'],
  ['channel_shift_range', 'channelShiftRange'],
];

/** `ImageDataGenerator(...)`: rescaling and augmentation, then the images they apply to. */
export class ImageGenerator extends HostObject {
  readonly description = 'an ImageDataGenerator';
  private readonly rescale: number | null;
  private readonly augmentation: AugmentationSpec;
  private readonly validationSplit: number | undefined;

  constructor(args: Arguments) {
    super();
    this.rescale = numberOf(args.keywords.get('rescale'));
    this.validationSplit = numberOf(args.keywords.get('validation_split')) ?? undefined;
    this.augmentation = readAugmentation(args);
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case 'flow_from_directory':
        return native(name, (args, machine) => this.fromDirectory(args, machine));
      case 'flow':
        return native(name, (args) => this.flow(args));
      case 'flow_from_dataframe':
        return native(name, (args) => this.fromDataframe(args));
      case 'fit':
      case 'standardize':
        return native(name, () => NONE);
      default:
        return undefined;
    }
  }

  private preprocessing(): DataSpec['preprocessing'] {
    const isAugmented = Object.keys(this.augmentation).length > 0;
    return { rescale: this.rescale, ...(isAugmented ? { augmentation: this.augmentation } : {}) };
  }

  private fromDirectory(args: Arguments, machine: Machine): Value {
    const path = stringOf(args.positional[0] ?? args.keywords.get('directory'));
    return this.images(args, 1, folderAt(path), path === null ? null : classesIn(path, args, machine));
  }

  private fromDataframe(args: Arguments): Value {
    const path = stringOf(args.positional[1] ?? args.keywords.get('directory'));
    return this.images(args, 6, folderAt(path));
  }

  private images(args: Arguments, at: number, where: Pick<DataSpec, 'kind' | 'path'>, folders: string[] | null = null): Value {
    const get = (i: number, name: string) => args.keywords.get(name) ?? args.positional[at + i];
    const size = pairOf(get(0, 'target_size')) ?? (get(0, 'target_size') ? null : [256, 256]);
    const colorMode = (stringOf(get(1, 'color_mode')) ?? 'rgb') as NonNullable<DataSpec['colorMode']>;
    const classes = get(2, 'classes');
    const classModeValue = get(3, 'class_mode');
    const classMode = (classModeValue?.kind === 'none' ? null : (stringOf(classModeValue) ?? 'categorical')) as DataSpec['classMode'];
    const spec: DataSpec = {
      ...where,
      ...(size ? { targetSize: size } : {}),
      colorMode,
      classMode,
      batchSize: numberOf(get(4, 'batch_size')) ?? 32,
      ...(this.validationSplit === undefined ? {} : { validationSplit: this.validationSplit }),
      ...seedOf(args),
      preprocessing: this.preprocessing(),
      range: args.site,
    };
    const names = namesIn(classes) ?? folders;
    const count = listLength(classes) ?? names?.length ?? null;
    return host(new ImageFlow(spec, size ? [...size, channelsOf(colorMode)] : null, classMode, classMode === 'binary' ? 2 : count, names));
  }

  /** `flow(x, y, batch_size)` over arrays that the program loaded. */
  private flow(args: Arguments): Value {
    const x = args.positional[0] ?? args.keywords.get('x');
    const y = args.positional[1] ?? args.keywords.get('y');
    const batchSize = numberOf(args.positional[2] ?? args.keywords.get('batch_size')) ?? 32;
    const origin = x?.kind === 'array' ? x.origin : null;
    const source = origin?.source as { spec?: Omit<DataSpec, 'preprocessing'> } | undefined;
    const preprocessing = this.preprocessing();
    const scale = (origin?.scale ?? 1) * (this.rescale ?? 1);
    const isOneHot = y?.kind === 'array' && (y.origin?.isOneHot ?? false);
    const spec: DataSpec = {
      ...(source?.spec ?? { kind: 'unknown' as const, range: args.site }),
      batchSize,
      preprocessing: { ...preprocessing, rescale: origin || this.rescale !== null ? scale : null },
    };
    const shape = x?.kind === 'array' && x.shape ? x.shape.slice(1) : null;
    const classCount = y?.kind === 'array' ? (isOneHot ? (y.shape?.at(-1) ?? null) : (y.classCount ?? null)) : null;
    return host(new ImageFlow(spec, shape, y?.kind === 'array' ? (isOneHot ? 'categorical' : 'sparse') : undefined, classCount));
  }
}

function readAugmentation(args: Arguments): AugmentationSpec {
  const result: AugmentationSpec = {};
  for (const [python, spec] of RANGES) {
    const value = args.keywords.get(python);
    const pair = pairOf(value);
    const n = numberOf(value);
    if (n !== null && n !== 0) Object.assign(result, { [spec]: n });
    else if (pair) Object.assign(result, { [spec]: pair });
  }
  if (isTrue(args.keywords.get('horizontal_flip'))) result.horizontalFlip = true;
  if (isTrue(args.keywords.get('vertical_flip'))) result.verticalFlip = true;
  const brightness = pairOf(args.keywords.get('brightness_range'));
  if (brightness) result.brightnessRange = brightness;
  const fillMode = stringOf(args.keywords.get('fill_mode'));
  if (fillMode !== null) result.fillMode = fillMode;
  return result;
}

const isTrue = (value: Value | undefined): boolean => value?.kind === 'bool' && value.value;

function seedOf(args: Arguments): { seed?: number } {
  const seed = numberOf(args.keywords.get('seed'));
  return seed === null ? {} : { seed };
}

function channelsOf(colorMode: string): number {
  return colorMode === 'grayscale' ? 1 : colorMode === 'rgba' ? 4 : 3;
}

const listLength = (value: Value | undefined): number | null =>
  value?.kind === 'list' || value?.kind === 'tuple' ? value.items.length : null;

/** @param path as the program names it; null when that is not known */
function folderAt(path: string | null): Pick<DataSpec, 'kind' | 'path'> {
  return path === null ? { kind: 'unknown' } : { kind: 'folder', path };
}

/** Names in a list; null when one of them is not known. */
function namesIn(value: Value | undefined): string[] | null {
  if (value?.kind !== 'list' && value?.kind !== 'tuple') return null;
  const names = value.items.map(stringOf);
  return names.includes(null) ? null : (names as string[]);
}

/** Two numbers from a tuple or list. */
export function pairOf(value: Value | undefined): [number, number] | null {
  if (value?.kind !== 'tuple' && value?.kind !== 'list') return null;
  const [a, b] = value.items.map(numberOf);
  return a !== null && a !== undefined && b !== null && b !== undefined ? [a, b] : null;
}

/** `image_dataset_from_directory(...)`. */
export function imageDataset(args: Arguments, machine: Machine): Value {
  const get = (i: number, name: string) => args.keywords.get(name) ?? args.positional[i];
  const path = stringOf(get(0, 'directory'));
  const labelMode = get(2, 'label_mode');
  const mode = labelMode?.kind === 'none' ? null : (stringOf(labelMode) ?? 'int');
  const colorMode = (stringOf(get(4, 'color_mode')) ?? 'rgb') as NonNullable<DataSpec['colorMode']>;
  const sizeValue = get(6, 'image_size');
  const size = pairOf(sizeValue) ?? (sizeValue ? null : [256, 256]);
  const classNames = get(3, 'class_names');
  const classMode = mode === 'int' ? 'sparse' : mode === null ? null : (mode as 'categorical' | 'binary');
  const validationSplit = numberOf(get(9, 'validation_split'));
  const spec: DataSpec = {
    ...folderAt(path),
    ...(size ? { targetSize: size } : {}),
    colorMode,
    classMode,
    batchSize: numberOf(get(5, 'batch_size')) ?? 32,
    ...(validationSplit === null ? {} : { validationSplit }),
    ...seedOf(args),
    preprocessing: { rescale: null },
    range: args.site,
  };
  const names = namesIn(classNames) ?? (path === null ? null : (classesIn(path, args, machine)?.filter((n) => !n.startsWith('.')) ?? null));
  const count = listLength(classNames) ?? names?.length ?? null;
  return host(new ImageFlow(spec, size ? [...size, channelsOf(colorMode)] : null, classMode, classMode === 'binary' ? 2 : count, names));
}
