import type { DataSpec } from '../common/dataSpec';

/** What a run wants of a data set. */
export interface DatasetWishes {
  /** [height, width, channels] of the model's input; images are brought to it. */
  inputShape: [number, number, number];
  spec: DataSpec;
  /** At most this many training (and as many validation) images; null: all. */
  limit: number | null;
  /** The run's seed. Which images a set holds does not depend on it. */
  seed: number;
  /** `fit(validation_split=…)`. */
  validationSplit: number | null;
  /** How many classes the model tells apart (fitLabels.ts); the embedded sets draw that many. */
  classCount?: number | null;
  /** Whether the model learns the labels; false: images of one class will do. Default true. */
  isLabelled?: boolean;
  /** For models that tell the class of every pixel: [rows, columns] of their outputs, and how many classes there are, two at least. */
  masks?: { shape: [number, number]; classes: number };
  /** Name of the layer by which the model scales pixel values itself. */
  ownScaling?: string | null;
  /** Where decoded images may be kept on disk when they do not fit into memory. */
  cacheFolder?: string | null;
  /** Something noticed after opening, such as an image that turns out to be broken; it is in `info.notes` as well. */
  onNote?(note: string): void;
  /** While the images are looked through. */
  onProgress?(done: number, total: number): void;
  signal?: AbortSignal;
}
