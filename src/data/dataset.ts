import type { DatasetInfo } from '../common/dataSpec';
import type { Random } from '../common/random';

export type Split = 'train' | 'validation' | 'test';

/** Where examples are read to. */
export interface Examples {
  /** count × h × w × c */
  inputs: Float32Array;
  /** Class indices of the images. */
  labels: Int32Array;
  /** For models that tell the class of every pixel: count × rows × columns class indices. */
  masks?: Float32Array;
}

/** Labelled images ready for a model: shapes already fit its input, labels are class indices. */
export interface Dataset {
  readonly info: DatasetInfo;
  /** Values of one image's mask; 0 for images without. */
  readonly maskSize: number;
  /**
   * Reads the examples at `indices` of a split. Example i goes to `inputs[i * h * w * c …]` as float32 in [h, w, c] order after
   * preprocessing, its class index to `labels[i]`, its mask to `masks[i * maskSize …]`. With `augment` the file's augmentation is
   * applied, drawn from that stream, to a mask as to its image.
   * Synchronous when the examples are in memory.
   */
  read(split: Split, indices: ArrayLike<number>, into: Examples, augment: Random | null): Promise<void> | void;
  dispose(): void;
}
