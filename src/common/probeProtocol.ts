import type { Call } from '../base/channel';

/** The images that a probe looks at. */
export type Split = 'train' | 'validation' | 'test';

/** Which moment of the run a probe looks at: the step of a stored frame; left out, the newest. */
export interface AtStep {
  step?: number;
}

/** One weight of a layer; `offset` is its place in the weight's values, last axis innermost. */
export interface WeightPlace extends AtStep {
  layer: string;
  weight: string;
  offset: number;
}

/** Which step a probe looks into. */
export interface ProbedStep {
  /** One-based. Its batch, its dropout masks and the weights before it are what the probe computed with. */
  step: number;
  /** `last`: the step was taken, and led to the weights of its frame. `next`: it comes next (at the beginning, or after a continuation). */
  kind: 'last' | 'next';
  /** Images in its batch. */
  images: number;
}

/** One image's part in a weight's gradient. */
export interface GradientImage {
  /** Place in the batch. */
  place: number;
  /** Number of the training image. */
  index: number;
  label: number;
  /** As the model saw it (scaled, augmented): rows × columns × channels. */
  pixels: Float32Array;
  /** Sum of the image's products; the shares of all images add up to the gradient. */
  share: number;
  /** X · dY per position. */
  products: Float32Array;
  /** The position with the largest product. */
  strongest: { row: number; column: number; x: number; dy: number; product: number };
}

/** A weight's gradient as the sum that it is. */
export interface GradientSum {
  about: ProbedStep;
  /** The weight before the step. */
  value: number;
  /** The sum of all products and of the regularisation's part, in double precision. */
  sum: number;
  /** What the training step itself computed; null before it has been taken. */
  recorded: number | null;
  /** The part that comes from weight regularisation. */
  regularization: number;
  /** Per image of the batch. */
  shares: Float32Array;
  /** Sum of the sizes of all products: how much cancels out. */
  sumOfSizes: number;
  /** [rows, columns] of positions that the weight is applied at. */
  map: [number, number];
  /** [rows, columns, channels] of an image. */
  imageShape: [number, number, number];
  /** The images with the largest shares, largest first. */
  images: GradientImage[];
}

/** A gradient checked against centred finite differences of the loss. */
export interface DifferenceCheck {
  about: ProbedStep;
  /** By backpropagation. */
  gradient: number;
  /** (L(w + h) - L(w - h)) / 2h for several h, largest first. */
  trials: { h: number; difference: number; relativeError: number }[];
  /** Index of the h with the least uncertain result: chosen without a look at the gradient. */
  chosen: number;
  /** How far its result may be off by itself, as a part of it: rounding of the losses, and what a larger h gives. */
  uncertainty: number;
}

export interface LossOnSample {
  split: Split;
  images: number;
  losses: number[];
  /** At the weight as it was before the step. */
  here: number;
}

/** The loss as a function of one weight, all others as they were before the step. */
export interface LossSlice {
  about: ProbedStep;
  /** The weight before the step. */
  value: number;
  /** The weight after the step; null when it has not been taken. */
  after: number | null;
  gradient: number;
  /** Ascending; the weight's own value is among them. */
  weights: number[];
  /** On the step's own batch, with its dropout masks. */
  batch: { losses: number[]; here: number };
  /** On images that stay the same from step to step, as at prediction. */
  sample: LossOnSample;
}

/** What a kernel (unit) makes of one image. */
export interface KernelMap {
  index: number;
  label: number;
  /** Class and its probability (or output) as the model says; null where the model does not classify, or its last weights of then are not known. */
  predicted: { label: number; output: number } | null;
  pixels: Float32Array;
  /** rows × columns; one value for units of dense layers. */
  values: Float32Array;
}

/** Everything that one output of a convolution is computed from. */
export interface ConvolutionDetail {
  /** Index into the images. */
  image: number;
  /** The layer's input for that image. */
  input: Float32Array;
  inputShape: [number, number, number];
  /** kh × kw × cin of the kernel looked at. */
  kernel: Float32Array;
  kernelShape: [number, number, number];
  bias: number;
  strides: [number, number];
  dilations: [number, number];
  /** Rows and columns of zeros before the input. */
  pad: [number, number];
  /** What is applied to the sum: `relu`, `linear`, … */
  activation: string;
}

export interface KernelSight {
  /** After this many steps. */
  step: number;
  split: Split;
  /** Images in the split. */
  available: number;
  imageShape: [number, number, number];
  map: [number, number];
  images: KernelMap[];
  /** Null for layers other than two-dimensional convolutions. */
  detail: ConvolutionDetail | null;
}

/** How often a kernel (unit) answers at all, at several steps. */
export interface ActiveShare {
  split: Split;
  images: number;
  /** The layer whose outputs were counted: behind normalisation and activation. */
  at: string;
  steps: number[];
  /** Share of images and positions with an output above 0; null where the step's weights are no longer known. */
  shares: (number | null)[];
}

/** Where in an image the reasons for a class lie, by a layer's maps (Grad-CAM, Selvaraju et al. 2017). */
export interface ClassActivation {
  /** After this many steps. */
  step: number;
  split: Split;
  available: number;
  image: Omit<KernelMap, 'values'>;
  imageShape: [number, number, number];
  /** The class that is explained. */
  label: number;
  /** [rows, columns] of the layer's maps. */
  map: [number, number];
  /** max(0, Σ over kernels k of αₖ Aₖ). */
  values: Float32Array;
  /** αₖ per kernel: the mean of the class score's derivative by its map. */
  weights: Float32Array;
}

/** One image to which a kernel answers strongly. */
export interface ExcitingImage extends KernelMap {
  /** Its strongest output, and where on the map. */
  value: number;
  row: number;
  column: number;
}

/** What excites a kernel (unit) most: real images, and one that was drawn for it. */
export interface Excitement {
  /** After this many steps. */
  step: number;
  split: Split;
  /** Images looked through. */
  searched: number;
  imageShape: [number, number, number];
  map: [number, number];
  /** The strongest first. */
  images: ExcitingImage[];
  /** By gradient ascent on the pixels, which stay in the range of the real ones; null where no gradient gets through to them. */
  drawn: {
    pixels: Float32Array;
    row: number;
    column: number;
    before: number;
    value: number;
    iterations: number;
    begunFrom: 'grey' | 'image';
  } | null;
}

/** Images got right, with the 95 % Wilson interval of the accuracy. */
export interface RightCount {
  right: number;
  accuracy: number;
  low: number;
  high: number;
  loss: number;
}

/** The same images with a layer's kernels as they are, and with one taken out or with some replaced by their twins. */
export interface KnockOut {
  /** After this many steps. */
  step: number;
  split: Split;
  images: number;
  /** Taken out: the layer after whose output the kernel's channel is zeroed, behind activations and normalisation. Merged: the layer itself. */
  at: string;
  with: RightCount;
  without: RightCount;
  /** Right with it, wrong without, and the other way round. */
  lost: number;
  gained: number;
  /** Of the two-sided exact sign test on `lost` and `gained`. */
  pValue: number;
}

/** Looks into the network of a run; none of them changes anything of the training. They can be called off at any time. */
export interface ProbeCalls {
  gradientSum: Call<WeightPlace, GradientSum>;
  checkGradient: Call<WeightPlace, DifferenceCheck>;
  /** @param halfWidth how far from the weight to look; null: decided from the step and the spread of the layer's weights */
  lossSlice: Call<WeightPlace & { halfWidth: number | null }, LossSlice>;
  /** `indices` null: the first image of each class. `detail`: of which of these images to give the convolution's numbers. */
  kernelSight: Call<{ layer: string; filter: number; split: Split | null; indices: number[] | null; detail: number } & AtStep, KernelSight>;
  activeShare: Call<{ layer: string; filter: number; steps: number[] }, ActiveShare>;
  /** `label` null: of the class that the network answers. `index` null: the first image. */
  classActivation: Call<{ layer: string; index: number | null; label: number | null } & AtStep, ClassActivation>;
  excitement: Call<{ layer: string; filter: number } & AtStep, Excitement>;
  /** A kernel's output is set to zero. */
  knockOut: Call<{ layer: string; filter: number } & AtStep, KnockOut>;
  /** Every `kernel` of the layer becomes its `twin` times the factor that fits best. */
  mergeKernels: Call<{ layer: string; pairs: { kernel: number; twin: number }[] } & AtStep, KnockOut>;
}
