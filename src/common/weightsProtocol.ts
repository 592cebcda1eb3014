import type { Call } from '../base/channel';
import type { Reduction } from './planeReduction';
import type { WeightDiff } from './weightDiff';
import type { WeightFileInfo, WeightLayout } from './weightFile';

/** A file as it was when it was opened. */
export interface OpenedWeights {
  info: WeightFileInfo;
  /** Length of the file (for several files, of the one that was named) in bytes. */
  bytes: number;
}

export interface TensorRef {
  /** Absolute. */
  path: string;
  tensor: string;
}

/** Names a call whose progress is told by `didProgress` when it takes long. */
export interface Job {
  job?: number;
}

export interface Progress {
  job: number;
  /** Values done, of how many. */
  done: number;
  total: number;
}

export interface KernelsRequest extends TensorRef, Job {
  /** How the axes are to be read; by default as the file's reader found out. */
  layout: WeightLayout;
  /** Output channels wanted, by default all. */
  first?: number;
  count?: number;
}

/** Kernels in the order of axes in which they are drawn. */
export interface KernelValues {
  /** [kh, kw, cin, filters] */
  shape: [number, number, number, number];
  /** Float32, row-major in `shape`. */
  values: ArrayBuffer;
  /** The first filter in `values`, and how many the tensor has. */
  first: number;
  filters: number;
}

/** A rectangle of a tensor: two axes, the others fixed. */
export interface PlaneRequest extends TensorRef {
  rowAxis: number;
  columnAxis: number;
  /** One index per axis; those of the two axes shown are ignored. */
  at: number[];
  top: number;
  left: number;
  /** Values wanted: every `step`-th row and column from (top, left) on. */
  rows: number;
  columns: number;
  step: number;
  /** With a step above 1, what is taken of the values in between, where there are not too many: see common/planeReduction.ts. */
  reduce?: Reduction;
  /** Another tensor of the same shape that is taken from this one, value by value, before anything else. */
  minus?: TensorRef;
}

export interface TensorSummary {
  /** Finite values; the others are counted apart. */
  count: number;
  min: number;
  max: number;
  mean: number;
  /** Population standard deviation. */
  std: number;
  /** Euclidean length. */
  norm: number;
  zeros: number;
  nan: number;
  infinite: number;
  /** Equal bins over [low, high]. */
  histogram: { low: number; high: number; counts: number[] };
}

/** How two tensors of the same shape differ; `b` minus `a`. */
export interface TensorDifference {
  /** Every value is the same number (a NaN equals a NaN). */
  isEqual: boolean;
  count: number;
  /** How many values differ. */
  changed: number;
  maxAbs: number;
  meanAbs: number;
  /** Euclidean length of the difference, and of `a`. */
  norm: number;
  normA: number;
  /** Between the tensors as vectors; null where one of them is zero or a value is not finite. */
  cosine: number | null;
}

/** Calls the weights thread answers. What is wrong with a file becomes the call's error. */
export interface WeightsThreadCalls {
  /** Opens a file, again if it is open: after this everything read is of the file as it is now. */
  open: Call<{ path: string }, OpenedWeights>;
  close: Call<{ path: string }, null>;
  /** Values start … end - 1 of a tensor as stored, float32. */
  read: Call<TensorRef & { start: number; end: number }, ArrayBuffer>;
  kernels: Call<KernelsRequest, KernelValues>;
  /** Float32, rows × columns of the request. */
  plane: Call<PlaneRequest, ArrayBuffer>;
  summarise: Call<TensorRef & Job, TensorSummary>;
  /** @throws when the shapes are not the same. */
  difference: Call<{ a: TensorRef; b: TensorRef } & Job, TensorDifference>;
  /** SHA-256 over the values as float32, little-endian, row-major as stored; lower-case hex. */
  sha256: Call<TensorRef, string>;
  /** Two files, tensor by tensor and kernel by kernel. */
  compare: Call<{ a: string; b: string } & Job, WeightDiff>;
}

export interface WeightsThreadEvents {
  /** Of calls that take longer than half a second. */
  didProgress: Progress;
}
