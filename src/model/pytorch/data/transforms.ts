import type { AugmentationSpec } from '../../../common/dataSpec';
import type { JsonObject } from '../../../common/json';
import { HostObject } from '../../python/hostObject';
import { host, numberOf, unknown, type Arguments, type Value } from '../../python/value';
import { argument } from '../arguments';
import { opaque } from '../opaque';
import { TorchTensor } from '../torchTensor';

/** What a chain of transforms makes of a stored image. */
export interface ImageState {
  channels: number;
  /** [height, width]; null while it depends on the files. */
  size: [number, number] | null;
  rescale: number | null;
  mean?: number[];
  std?: number[];
  augmentation: AugmentationSpec;
  /** Transforms that have no counterpart here. */
  extra: JsonObject;
}

/** A transform of torchvision, or a `Compose` of them. */
export class Transform extends HostObject {
  readonly description: string;

  constructor(
    readonly name: string,
    readonly args: Arguments,
  ) {
    super();
    this.description = `the transform ${name}`;
  }

  /** The side of the square images it makes; null for other transforms. */
  get side(): number | null {
    if (!/^(Resize|Scale|CenterCrop|RandomCrop|RandomResizedCrop)$/.test(this.name)) return null;
    const size = pair(argument(this.args, 0, 'size'));
    return size && size[0] === size[1] ? size[0] : null;
  }

  override call(args: Arguments): Value | undefined {
    const [image] = args.positional;
    if (image?.kind === 'host' && image.object instanceof TorchTensor && this.name === 'Resize') {
      const size = pair(argument(this.args, 0, 'size'));
      const x = image.object;
      if (size) return host(opaque(x.tracer, 'Resize', [null, x.sizes[0], ...size], [x], x.tracer.placeOf('resize', args.site)));
    }
    return image?.kind === 'array' ? image : unknown(`what ${this.description} gives`);
  }
}

/** [height, width] of a number or a pair; null for anything else. */
function pair(value: Value | undefined): [number, number] | null {
  const n = numberOf(value);
  if (n !== null) return [n, n];
  const items = value?.kind === 'tuple' || value?.kind === 'list' ? value.items.map(numberOf) : [];
  if (items.length === 1 && items[0] !== null) return [items[0], items[0]];
  return items.length === 2 && items[0] !== null && items[1] !== null ? [items[0], items[1]] : null;
}

function numbers(value: Value | undefined): number[] | null {
  const n = numberOf(value);
  if (n !== null) return [n];
  const items = value?.kind === 'tuple' || value?.kind === 'list' ? value.items.map(numberOf) : [null];
  return items.includes(null) ? null : (items as number[]);
}

/** Follows a transform over an image of the given [channels, height, width]; null: images of any size, in colour. */
export function applyTransforms(transform: Value | undefined, image: [number, number, number] | null): ImageState {
  const state: ImageState = {
    channels: image?.[0] ?? 3,
    size: image ? [image[1], image[2]] : null,
    rescale: null,
    augmentation: {},
    extra: {},
  };
  for (const t of flatten(transform)) applyOne(t, state);
  return state;
}

function flatten(value: Value | undefined): Transform[] {
  if (value?.kind === 'list' || value?.kind === 'tuple') return value.items.flatMap(flatten);
  if (value?.kind !== 'host' || !(value.object instanceof Transform)) return [];
  const { name, args } = value.object;
  return name === 'Compose' || name === 'RandomApply' ? flatten(argument(args, 0, 'transforms')) : [value.object];
}

function applyOne({ name, args }: Transform, state: ImageState): void {
  const [first] = args.positional;
  switch (name) {
    case 'ToTensor':
    case 'ToDtype':
    case 'ConvertImageDtype':
      state.rescale = 1 / 255;
      return;
    case 'Normalize': {
      const mean = numbers(argument(args, 0, 'mean'));
      const std = numbers(argument(args, 1, 'std'));
      if (mean && std) Object.assign(state, { mean, std });
      return;
    }
    case 'Resize':
    case 'Scale': {
      const value = argument(args, 0, 'size');
      const side = numberOf(value);
      // One number is the shorter side: of a square image both, of others the ratio stays.
      if (side !== null && state.size === null) return;
      if (side !== null && state.size) {
        const shorter = Math.min(...state.size);
        state.size = [Math.floor((state.size[0] * side) / shorter), Math.floor((state.size[1] * side) / shorter)];
      } else state.size = pair(value) ?? state.size;
      return;
    }
    case 'CenterCrop':
    case 'RandomCrop':
    case 'RandomResizedCrop':
    case 'RandomSizedCrop': {
      const size = pair(argument(args, 0, 'size'));
      const padding = numberOf(argument(args, name === 'RandomCrop' ? 1 : -1, 'padding'));
      if (size) {
        const spare = name === 'RandomCrop' && state.size ? (state.size[0] - size[0]) / 2 + (padding ?? 0) : 0;
        if (spare > 0)
          Object.assign(state.augmentation, { widthShiftRange: spare / size[1], heightShiftRange: spare / size[0], fillMode: 'constant' });
        state.size = size;
      }
      if (/Resized|Sized/.test(name)) state.augmentation.zoomRange = [0.3, 1];
      return;
    }
    case 'Pad': {
      const padding = numberOf(first);
      if (padding !== null && state.size) state.size = [state.size[0] + 2 * padding, state.size[1] + 2 * padding];
      return;
    }
    case 'Grayscale':
      state.channels = numberOf(argument(args, 0, 'num_output_channels')) ?? 1;
      return;
    case 'RandomHorizontalFlip':
      state.augmentation.horizontalFlip = true;
      return;
    case 'RandomVerticalFlip':
      state.augmentation.verticalFlip = true;
      return;
    case 'RandomRotation': {
      const degrees = numbers(argument(args, 0, 'degrees'));
      if (degrees) state.augmentation.rotationRange = Math.max(...degrees.map(Math.abs));
      return;
    }
    case 'RandomAffine':
      affine(args, state.augmentation);
      return;
    case 'ColorJitter': {
      const brightness = numberOf(argument(args, 0, 'brightness'));
      if (brightness) state.augmentation.brightnessRange = [Math.max(0, 1 - brightness), 1 + brightness];
      return;
    }
    case 'ToPILImage':
    case 'PILToTensor':
    case 'ToImage':
      return;
    default:
      state.extra[name] = true;
  }
}

function affine(args: Arguments, augmentation: AugmentationSpec): void {
  const degrees = numbers(argument(args, 0, 'degrees'));
  const translate = numbers(argument(args, 1, 'translate'));
  const scale = numbers(argument(args, 2, 'scale'));
  const shear = numbers(argument(args, 3, 'shear'));
  if (degrees && degrees.some((d) => d !== 0)) augmentation.rotationRange = Math.max(...degrees.map(Math.abs));
  if (translate?.length === 2) Object.assign(augmentation, { widthShiftRange: translate[0], heightShiftRange: translate[1] });
  if (scale?.length === 2) augmentation.zoomRange = [scale[0], scale[1]];
  if (shear) augmentation.shearRange = Math.max(...shear.map(Math.abs));
}
