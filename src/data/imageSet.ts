/** What images show, pixel by pixel: class indices. */
export interface MaskSet {
  /** [rows, columns] of every mask. */
  readonly shape: readonly [number, number];
  /** Writes the mask of image `index` as rows × columns class indices to `out`; returns a promise only when it must wait. */
  copyTo(index: number, out: Float32Array): void | Promise<void>;
  dispose?(): void;
}

/** Labelled images of one stored shape, before resizing, colour conversion and preprocessing. */
export interface ImageSet {
  /** [height, width, channels] of every image; channels are grey, grey + alpha, RGB or RGBA. */
  readonly shape: readonly [number, number, number];
  /** Class index of each image; its length is the number of images. */
  readonly labels: Int32Array;
  readonly masks?: MaskSet;
  /** Writes image `index` as height × width × channels values to `out` from `at`; returns a promise only when it must wait. */
  copyTo(index: number, out: Float32Array, at: number): void | Promise<void>;
  dispose?(): void;
}

/** Images that lie one after the other in memory. */
export class ArrayImageSet implements ImageSet {
  private readonly size: number;

  constructor(
    readonly shape: readonly [number, number, number],
    private readonly values: Uint8Array | Float32Array,
    readonly labels: Int32Array,
    readonly masks?: MaskSet,
  ) {
    this.size = shape[0] * shape[1] * shape[2];
  }

  copyTo(index: number, out: Float32Array, at: number): void {
    const from = index * this.size;
    out.set(this.values.subarray(from, from + this.size), at);
  }
}

/** Some images of another set, in the order of `indices`. */
export class ImageSubset implements ImageSet {
  readonly shape: readonly [number, number, number];
  readonly labels: Int32Array;
  readonly masks?: MaskSet;

  constructor(
    private readonly all: ImageSet,
    private readonly indices: ArrayLike<number>,
  ) {
    this.shape = all.shape;
    this.labels = Int32Array.from(indices, (i) => all.labels[i]);
    const { masks } = all;
    if (masks) this.masks = { shape: masks.shape, copyTo: (index, out) => masks.copyTo(indices[index], out) };
  }

  copyTo(index: number, out: Float32Array, at: number): void | Promise<void> {
    return this.all.copyTo(this.indices[index], out, at);
  }

  dispose(): void {
    this.all.dispose?.();
  }
}

/** What a format reader makes of a path: the parts the data itself has, without any split of its own. */
export interface SourceSets {
  name: string;
  description: string;
  isSynthetic: boolean;
  classNames: string[];
  train: ImageSet;
  validation?: ImageSet;
  test?: ImageSet;
  /** Largest stored value of an ordinary picture: 255 for bytes, 1 for arrays stored as 0…1. */
  valueRange: number;
  /** Grows while images are read, if some turn out to be broken. */
  notes: string[];
}
