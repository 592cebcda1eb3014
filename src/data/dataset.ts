import type { DatasetInfo } from '../common/dataSpec';
import type { Random } from '../common/random';

export type Split = 'train' | 'validation' | 'test';

/** Labelled images ready for a model: shapes already fit its input, labels are class indices. */
export interface Dataset {
  readonly info: DatasetInfo;
  /**
   * Reads the examples at `indices` of a split. Example i goes to `inputs[i * h * w * c …]` as float32 in [h, w, c] order after
   * preprocessing, its class index to `labels[i]`. With `augment` the file's augmentation is applied, drawn from that stream.
   * Synchronous when the examples are in memory.
   */
  read(split: Split, indices: ArrayLike<number>, inputs: Float32Array, labels: Int32Array, augment: Random | null): Promise<void> | void;
  dispose(): void;
}
