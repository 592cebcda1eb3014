import type { AugmentationSpec, DataSpec } from '../../../common/dataSpec';
import type { SourceRange } from '../../../common/modelSpec';
import { HostObject } from '../../python/hostObject';
import { classesIn } from '../../dataSets/classFolders';
import { array } from '../../python/arrayValue';
import type { Machine } from '../../python/machine';
import { dict, host, int, list, native, numberOf, str, stringOf, tuple, unknown, type Arguments, type Value } from '../../python/value';
import { argument } from '../arguments';
import { applyTransforms, type ImageState } from './transforms';

interface KnownSet {
  /** The name under which the program's own loader knows it; null: it has none. */
  name: string | null;
  image: [channels: number, height: number, width: number] | null;
  classes: number | null;
  /** Position of `transform` among the constructor's parameters. */
  transformAt: number;
  isFolder?: boolean;
}

const GREY: [number, number, number] = [1, 28, 28];
const SMALL: [number, number, number] = [3, 32, 32];

/** The data sets of torchvision. */
const SETS: Record<string, KnownSet> = {
  MNIST: { name: 'mnist', image: GREY, classes: 10, transformAt: 2 },
  FashionMNIST: { name: 'fashion_mnist', image: GREY, classes: 10, transformAt: 2 },
  KMNIST: { name: null, image: GREY, classes: 10, transformAt: 2 },
  QMNIST: { name: null, image: GREY, classes: 10, transformAt: 3 },
  EMNIST: { name: null, image: GREY, classes: null, transformAt: 3 },
  USPS: { name: null, image: [1, 16, 16], classes: 10, transformAt: 2 },
  CIFAR10: { name: 'cifar10', image: SMALL, classes: 10, transformAt: 2 },
  CIFAR100: { name: 'cifar100', image: SMALL, classes: 100, transformAt: 2 },
  SVHN: { name: null, image: SMALL, classes: 10, transformAt: 2 },
  STL10: { name: null, image: [3, 96, 96], classes: 10, transformAt: 3 },
  CelebA: { name: null, image: [3, 218, 178], classes: null, transformAt: 3 },
  ImageFolder: { name: null, image: null, classes: null, transformAt: 1, isFolder: true },
  DatasetFolder: { name: null, image: null, classes: null, transformAt: 3, isFolder: true },
};

/** A data set of torchvision with its transforms applied. */
export class TorchDataset extends HostObject {
  readonly description = 'a data set';
  private readonly state: ImageState;

  private constructor(
    private readonly known: KnownSet,
    readonly path: string | null,
    readonly isTrain: boolean,
    transform: Value | undefined,
    readonly range: SourceRange,
    /** Names of the folders on disk, of a data set that is made of folders. */
    private readonly folders: readonly string[] | null,
  ) {
    super();
    this.state = applyTransforms(transform, known.image);
  }

  /** Null when there is no such data set in torchvision. */
  static make(name: string, args: Arguments, machine: Machine): TorchDataset | null {
    if (!Object.hasOwn(SETS, name)) return null;
    const known = SETS[name];
    const train = argument(args, known.isFolder ? -1 : 1, 'train', 'split');
    const isTrain = train?.kind === 'bool' ? train.value : !/test|val/.test(stringOf(train) ?? '');
    const path = stringOf(argument(args, 0, 'root'));
    const folders = known.isFolder && path !== null ? classesIn(path, args, machine) : null;
    return new TorchDataset(known, path, isTrain, argument(args, known.transformAt, 'transform'), args.site, folders);
  }

  /** [channels, height, width] of what a model gets; null when the program does not tell. */
  get imageShape(): [number, number, number] | null {
    const { channels, size } = this.state;
    return size ? [channels, ...size] : null;
  }

  get classCount(): number | null {
    return this.known.classes ?? this.folders?.length ?? null;
  }

  dataSpec(batchSize: number | null): DataSpec {
    const { rescale, mean, std, size, channels, augmentation, extra } = this.state;
    const isAugmented = Object.keys(augmentation).length > 0;
    const from = this.known.image;
    const isResized = size !== null && (from === null || from[1] !== size[0] || from[2] !== size[1]);
    return {
      kind: this.known.name ? 'named' : this.known.isFolder && this.path !== null ? 'folder' : 'unknown',
      ...(this.known.name && { name: this.known.name }),
      ...(this.known.isFolder && this.path !== null && { path: this.path }),
      ...(isResized && { targetSize: size, interpolation: 'bilinear' }),
      ...(this.known.isFolder && { colorMode: channels === 1 ? 'grayscale' : 'rgb' }),
      classMode: 'sparse',
      ...(batchSize !== null && { batchSize }),
      preprocessing: {
        rescale,
        ...(mean && std && { mean, std }),
        ...(isAugmented && { augmentation: augmentation satisfies AugmentationSpec }),
      },
      range: this.range,
      ...(Object.keys(extra).length > 0 && { extra }),
    };
  }

  /** One example, or a batch of unknown size: (images, labels). */
  example(isBatch: boolean, source: object): Value {
    const origin = { source, split: this.isTrain ? 'train' : 'test', scale: 1, offset: 0, isOneHot: false } as const;
    const image = this.imageShape;
    const batch = isBatch ? [null] : [];
    const shape = image ? [...batch, ...image] : isBatch ? [null, this.state.channels, null, null] : null;
    return tuple([array(shape, { ...origin, role: 'input' }), array(batch, { ...origin, role: 'label' }, this.classCount ?? undefined)]);
  }

  override getAttribute(name: string): Value | undefined {
    switch (name) {
      case 'classes':
        if (this.folders) return list(this.folders.map(str));
        return this.classCount === null
          ? unknown('the classes, which the folders name')
          : list(Array.from({ length: this.classCount }, (_, i) => int(i)));
      case 'class_to_idx':
        if (this.folders) return dict(this.folders.map((name, i): [string, Value] => [name, int(i)]));
        return unknown('the classes of a data set');
      case 'data':
      case 'train_data':
      case 'test_data': {
        const image = this.known.image;
        const shape = image && (image[0] === 1 ? [null, image[1], image[2]] : [null, image[1], image[2], image[0]]);
        return array(shape, { source: this, role: 'input', split: 'train', scale: 1, offset: 0, isOneHot: false });
      }
      case 'targets':
      case 'train_labels':
      case 'test_labels':
        return array([null], null, this.classCount ?? undefined);
      default:
        return native(name, () => unknown(`what ${name}() of a data set gives`));
    }
  }

  override getItem(index: Value): Value | undefined {
    return numberOf(index) !== null || index.kind === 'unknown' ? this.example(false, this) : host(this);
  }
}
