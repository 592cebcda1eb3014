/** What one kernel is, beside chance (computed by insight/layerInsight.ts). */
export interface KernelFinding {
  index: number;
  kernelClass: 'edge' | 'line' | 'gabor' | 'colour' | 'blob' | 'flat' | 'none';
  /** Share of the zero-mean energy that a plane explains, 0…1. */
  edgeScore: number;
  /** Probability that random isotropic weights of this size score at least as much. */
  chance: number;
  /** Direction of the steepest rise in radians, atan2(down, right); null unless an edge. */
  orientation: number | null;
  /** The best Gabor function, for slices from 5 × 5 on. */
  gabor?: GaborFit;
  /** For kernels over three channels, taken as red, green and blue. */
  colour?: ColourOpponency;
  norm: number;
  /** The most similar other kernel, negatives counting as similar. */
  nearest: { index: number; cosine: number } | null;
}

/** A Gabor function fitted to a kernel; see insight/gaborFit.ts. */
export interface GaborFit {
  /** Direction across the stripes in radians, 0…π: 0 for vertical stripes. */
  theta: number;
  /** In pixels, as `sigma`, `x` and `y` (from the kernel's middle) are. */
  wavelength: number;
  sigma: number;
  gamma: number;
  x: number;
  y: number;
  phase: number;
  /** Share of the zero-mean energy that the best Gabor function explains (1 − FVU), 0…1. */
  score: number;
  /** Share of random isotropic kernels of this size that a Gabor function fits as well, by the same search; at least 1 / 301. */
  chance: number;
}

/** How a kernel over red, green and blue spends its energy; see insight/colourOpponency.ts. */
export interface ColourOpponency {
  /** Share of the energy in differences between the channels, 0 (grey) … 1. */
  share: number;
  /** P(share of random isotropic weights ≥ this). On average theirs is 2/3: two of three directions are differences. */
  chance: number;
  /** Between which colours: the stronger of the two opponent axes. */
  axis: 'red–green' | 'blue–yellow';
}

/** What a layer's kernels are together; see insight/layerInsight.ts for the meaning of each number. */
export interface KernelAnalysis {
  kernels: KernelFinding[];
  summary: {
    /** Oriented ones: edges, and Gabor functions from 5 × 5 on. */
    edges: number;
    /** Colour-opponent ones, and how many of as many random kernels would be; null unless there are three input channels. */
    colours: { count: number; expectedByChance: number; pValue: number; sentence: string } | null;
    expectedByChance: number;
    pValue: number;
    sparsity: number;
    varianceEntropy: number | null;
    varianceEntropyRatio: number | null;
    orthogonality: number;
    effectiveKernels: number;
    /** What as many random kernels of this size count as. */
    chanceEffectiveKernels: number;
    meanAbsCosine: number;
    chanceMeanAbsCosine: number;
    sentence: string;
  };
}
