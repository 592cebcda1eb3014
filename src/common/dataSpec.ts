import type { JsonObject } from './json';
import type { SourceRange } from './modelSpec';

/** Random changes to training images, in Keras's ImageDataGenerator words; absent or zero means none. */
export interface AugmentationSpec {
  rotationRange?: number;
  widthShiftRange?: number;
  heightShiftRange?: number;
  shearRange?: number;
  zoomRange?: number | [number, number];
  horizontalFlip?: boolean;
  verticalFlip?: boolean;
  brightnessRange?: [number, number];
  channelShiftRange?: number;
  fillMode?: string;
}

/** How stored values become the model's input. */
export interface PreprocessingSpec {
  /** Multiplied with the stored 0…255 values, such as 1/255. Null: the file does not say. */
  rescale: number | null;
  /** Per channel, applied after rescale: (x - mean) / std. */
  mean?: number[];
  std?: number[];
  augmentation?: AugmentationSpec;
}

/** What the file says it trains on. */
export interface DataSpec {
  kind: 'named' | 'folder' | 'file' | 'unknown';
  /** `mnist`, `fashion_mnist`, `cifar10`, `cifar100` for `named`. */
  name?: string;
  /** As written in the file, for `folder` and `file`. */
  path?: string;
  validationPath?: string;
  testPath?: string;
  /** [height, width] */
  targetSize?: [number, number];
  colorMode?: 'rgb' | 'grayscale' | 'rgba';
  /** Keras's word for how pictures are resized: `nearest`, `bilinear`, … Absent: the loader's own default. */
  interpolation?: string;
  /**
   * Which loader the file uses; they split off validation data differently: ImageDataGenerator takes the first files of every class,
   * image_dataset_from_directory the last after its own seeded shuffle, fit(validation_split=…) the last rows.
   */
  loader?: 'ImageDataGenerator' | 'image_dataset_from_directory' | 'arrays';
  /** `test`: the file validates on the set's own test part, as in `validation_data=(x_test, y_test)`. */
  validationOn?: 'test';
  classMode?: 'categorical' | 'binary' | 'sparse' | 'input' | null;
  batchSize?: number;
  validationSplit?: number;
  seed?: number;
  preprocessing: PreprocessingSpec;
  range: SourceRange | null;
  /** Reader-specific extras (CSV columns, npz keys, …). */
  extra?: JsonObject;
}

/** Where the images of a run really come from: the person's choice or what was found. */
export type DataRef =
  | { kind: 'embedded'; name: 'digits' | 'shapes' }
  /** A file or folder; the format is told apart by content. */
  | { kind: 'path'; path: string; validationPath?: string; testPath?: string };

/** An array in a file, as its header has it. */
export interface ArrayShape {
  /** Its key in a .npz; anything in a .npy. */
  name: string;
  shape: readonly number[];
}

/** What a person is told about a data set. */
export interface DatasetInfo {
  name: string;
  /** One sentence: what it is and where it comes from; synthetic data says so. */
  description: string;
  isSynthetic: boolean;
  /** Of one example: [height, width, channels]. */
  inputShape: [number, number, number];
  classNames: string[];
  trainCount: number;
  validationCount: number;
  testCount: number;
  notes: string[];
}
