import type { Call } from '../base/channel';
import type { WeightFileInfo } from './weightFile';
import type { Job, KernelsRequest, KernelValues, PlaneRequest, Progress, TensorDifference, TensorSummary } from './weightsProtocol';

/** A file that a view shows. Exactly one of `info` and `error` is there once it was opened; before that neither is. */
export interface ViewedFile {
  /** Short, and different from the others' names. */
  name: string;
  path: string;
  bytes: number | null;
  info: WeightFileInfo | null;
  error: string | null;
}

/** What a view is opened on. */
export interface WeightsSubject {
  /** One file, two files beside each other, or a folder of them as a film. */
  mode: 'file' | 'compare' | 'film';
  title: string;
  /** Absolute. */
  paths: string[];
  /** What the files are called where their own names say little; by default those. */
  names?: string[];
}

export interface WeightsSnapshot {
  /** One file, two files beside each other, or a folder of them as a film. */
  mode: 'file' | 'compare' | 'film';
  title: string;
  files: ViewedFile[];
  /** Counts up when a file changed on disk: what was read before is not what is there now. */
  generation: number;
}

/** A tensor of one of the view's files, by the file's place in the snapshot. */
export interface FileTensor {
  file: number;
  tensor: string;
}
type InView<T> = Omit<T, 'path' | 'minus'> & { file: number };

/** Calls the weights view makes to the host. */
export interface WeightsViewCalls {
  /** The page is ready: answers when the first file (for a comparison, both) has been opened or found unreadable. */
  hydrate: Call<null, WeightsSnapshot>;
  /** Opens a file of a film. */
  openFile: Call<{ file: number }, ViewedFile>;
  values: Call<FileTensor & { start: number; end: number }, ArrayBuffer>;
  kernels: Call<InView<KernelsRequest>, KernelValues>;
  plane: Call<InView<PlaneRequest> & { minus?: FileTensor }, ArrayBuffer>;
  summarise: Call<FileTensor & Job, TensorSummary>;
  difference: Call<{ a: FileTensor; b: FileTensor } & Job, TensorDifference>;
  /** Reads everything again. */
  reload: Call<null, WeightsSnapshot>;
  /** Lets the person choose another file and opens the comparison. */
  compareWith: Call<null, null>;
}

export interface WeightsViewEvents {
  /** A file was changed on disk and has been opened again. */
  didChange: WeightsSnapshot;
  didProgress: Progress;
}
