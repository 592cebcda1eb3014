import type { WeightLayout } from './weightFile';

/** How far values of B are from those of A. */
export interface Difference {
  /** Largest |b - a| among finite pairs. */
  maxAbs: number;
  /** Root of the mean of (b - a)². */
  rms: number;
  /** rms relative to the root mean square of A; Infinity where A is all zero and B is not. */
  relative: number;
  /** Every value is the same number, NaN in the same places. */
  isEqual: boolean;
}

export interface KernelDifference extends Difference {
  /** Output channel; for depthwise kernels input channel × multiplier. */
  kernel: number;
}

export interface TensorDifference extends Difference {
  nameA: string;
  nameB: string;
  shape: number[];
  dtypeA: string;
  dtypeB: string;
  layout: WeightLayout | null;
  /** Pairs of which one is not finite and the two are not the same; they count in none of the sums. */
  notFinite: number;
  /** The most changed first; empty for tensors that are no conv kernels. */
  kernels: KernelDifference[];
}

export interface WeightDiff {
  /** Every tensor of A is in B with the same values, and the other way round. */
  isEqual: boolean;
  /** The most changed first. */
  tensors: TensorDifference[];
  /** Same name, other shape. */
  reshaped: { name: string; shapeA: number[]; shapeB: number[] }[];
  onlyA: string[];
  onlyB: string[];
  /** Tensors that were matched otherwise than by name, values that could not be read. */
  notes: string[];
}
