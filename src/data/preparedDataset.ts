import type { DatasetInfo, PreprocessingSpec } from '../common/dataSpec';
import type { Random } from '../common/random';
import { fillModeNamed } from './affine';
import { applyChange, changeMask, drawChange, type DrawnChange } from './augment';
import { convertChannels } from './colour';
import type { Dataset, Examples, Split } from './dataset';
import type { ImageSet, MaskSet } from './imageSet';
import { resize, type Interpolation } from './resize';

export type SplitSets = Record<Split, ImageSet | null>;

/** How stored images become the model's input, all defaults decided. */
export interface Preparation {
  /** [height, width, channels] of the model's input. */
  shape: [number, number, number];
  /** [rows, columns] of the model's outputs, where it tells the class of every pixel. */
  maskShape?: [number, number];
  interpolation: Interpolation;
  /** Largest stored value of an ordinary picture: 255 or 1. */
  valueRange: number;
  /** Multiplied with the stored values. */
  factor: number;
  preprocessing: PreprocessingSpec;
}

/** Image sets seen through resizing, colour conversion, augmentation and scaling, in that order, as Keras's loaders work. */
export class PreparedDataset implements Dataset {
  private readonly scratch = new WeakMap<ImageSet, Float32Array>();

  constructor(
    readonly info: DatasetInfo,
    private readonly splits: SplitSets,
    private readonly preparation: Preparation,
  ) {}

  get maskSize(): number {
    return this.preparation.maskShape?.reduce((a, b) => a * b) ?? 0;
  }

  read(split: Split, indices: ArrayLike<number>, { inputs, labels, masks }: Examples, augment: Random | null): Promise<void> | void {
    const set = this.splits[split];
    if (!set) throw new RangeError(`the data set has no ${split} images`);
    const [height, width] = this.preparation.shape;
    const spec = augment ? this.preparation.preprocessing.augmentation : undefined;
    const waiting: Promise<void>[] = [];
    for (let i = 0; i < indices.length; i++) {
      const index = indices[i];
      if (!(index >= 0 && index < set.labels.length)) throw new RangeError(`no image ${index} among ${set.labels.length} ${split} images`);
      labels[i] = set.labels[index];
      const change = augment && spec ? drawChange(spec, height, width, augment) : null;
      const pending = [this.readOne(set, index, inputs, i, change)];
      if (set.masks && masks) pending.push(this.readMask(set.masks, index, masks, i, change));
      for (const one of pending) if (one) waiting.push(one);
    }
    if (waiting.length > 0) return Promise.all(waiting).then(() => undefined);
  }

  dispose(): void {
    for (const set of new Set(Object.values(this.splits))) set?.dispose?.();
  }

  private readOne(set: ImageSet, index: number, inputs: Float32Array, place: number, change: DrawnChange | null): Promise<void> | void {
    const [height, width, channels] = this.preparation.shape;
    const size = height * width * channels;
    const [h, w, c] = set.shape;
    const out = inputs.subarray(place * size, (place + 1) * size);
    if (h === height && w === width && c === channels) {
      const pending = set.copyTo(index, out, 0);
      return pending ? pending.then(() => this.finish(out, change)) : this.finish(out, change);
    }
    const fit = (stored: Float32Array): void => {
      const coloured = convertChannels(stored, c, channels, this.preparation.valueRange);
      out.set(resize(coloured, [h, w, channels], [height, width], this.preparation.interpolation));
      this.finish(out, change);
    };
    const stored = this.scratch.get(set) ?? new Float32Array(h * w * c);
    const pending = set.copyTo(index, stored, 0);
    if (!pending) {
      this.scratch.set(set, stored);
      return fit(stored);
    }
    // Other images pass through meanwhile: this one keeps its buffer for itself.
    this.scratch.delete(set);
    return pending.then(() => fit(stored));
  }

  /** A mask is brought to the outputs' size, and turned and shifted as its image was; it holds classes, so nothing is blended. */
  private readMask(set: MaskSet, index: number, masks: Float32Array, place: number, change: DrawnChange | null): Promise<void> | void {
    const { shape, maskShape, preprocessing } = this.preparation;
    if (!maskShape) return;
    const [rows, columns] = maskShape;
    const stored = new Float32Array(set.shape[0] * set.shape[1]);
    const finish = (): void => {
      const isFitting = set.shape[0] === rows && set.shape[1] === columns;
      const mask = isFitting ? stored : resize(stored, [...set.shape, 1], maskShape, 'nearest');
      if (change) changeMask(mask, maskShape, change, shape, fillModeNamed(preprocessing.augmentation?.fillMode));
      masks.set(mask, place * rows * columns);
    };
    const pending = set.copyTo(index, stored);
    return pending ? pending.then(finish) : finish();
  }

  private finish(pixels: Float32Array, change: DrawnChange | null): void {
    const { shape, factor, preprocessing, valueRange } = this.preparation;
    if (change) applyChange(pixels, shape, change, fillModeNamed(preprocessing.augmentation?.fillMode), valueRange);
    if (factor !== 1) for (let i = 0; i < pixels.length; i++) pixels[i] *= factor;
    const { mean, std } = preprocessing;
    if (!mean && !std) return;
    const channels = shape[2];
    for (let i = 0; i < pixels.length; i++) {
      // One number may stand for all channels.
      const m = mean ? (mean[i % channels] ?? mean[0]) : 0;
      const s = std ? (std[i % channels] ?? std[0]) : 1;
      pixels[i] = (pixels[i] - m) / s;
    }
  }
}
