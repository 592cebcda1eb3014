import type { JsonObject } from '../common/json';
import type { WeightFormat, WeightGraphNode, WeightLayout, WeightRole } from '../common/weightFile';
import type { ByteSource } from './byteSource';
import type { TensorData } from './tensorData';

/** A tensor as a format's reader found it. */
export interface FoundTensor {
  name: string;
  dtype: string;
  shape: number[];
  bytes: number;
  /** The values, or why there are none to be had. */
  data: TensorData | string;
  /** What the format itself says; what is left out is worked out from names and shapes. */
  role?: WeightRole;
  layout?: WeightLayout;
  layoutReason?: string;
  layer?: string;
}

/** Which library's habits the file follows, for what it leaves unsaid. */
export type Convention = 'keras' | 'torch' | 'unknown';

export interface FoundFile {
  format: WeightFormat;
  producer: JsonObject;
  convention: Convention;
  tensors: FoundTensor[];
  graph?: WeightGraphNode[];
  warnings: string[];
  /** Frees what the reader holds beyond the source. */
  close?(): void;
}

/** What a reader gets. */
export interface OpenContext {
  source: ByteSource;
  /** Absolute path of the file, or null when there is none (an entry in a container). */
  path: string | null;
  /**
   * Opens another file beside this one, closed with it.
   * @throws WeightError when it is not there or lies outside the folder.
   */
  openBeside(name: string): ByteSource;
  /** Names in the file's folder. */
  listBeside(): string[];
  signal?: AbortSignal;
}
