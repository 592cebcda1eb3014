/** What one kernel is, beside chance (computed by insight/layerInsight.ts). */
export interface KernelFinding {
  index: number;
  kernelClass: 'edge' | 'line' | 'blob' | 'flat' | 'none';
  /** Share of the zero-mean energy that a plane explains, 0…1. */
  edgeScore: number;
  /** Probability that random isotropic weights of this size score at least as much. */
  chance: number;
  /** Direction of the steepest rise in radians, atan2(down, right); null unless an edge. */
  orientation: number | null;
  norm: number;
  /** The most similar other kernel, negatives counting as similar. */
  nearest: { index: number; cosine: number } | null;
}

/** What a layer's kernels are together; see insight/layerInsight.ts for the meaning of each number. */
export interface KernelAnalysis {
  kernels: KernelFinding[];
  summary: {
    edges: number;
    expectedByChance: number;
    pValue: number;
    sparsity: number;
    varianceEntropy: number | null;
    varianceEntropyRatio: number | null;
    orthogonality: number;
    effectiveKernels: number;
    meanAbsCosine: number;
    chanceMeanAbsCosine: number;
    sentence: string;
  };
}
