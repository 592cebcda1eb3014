/** Kernels of our own, beside those of TF.js. Every backend that trains has all of them. */
export const OP = {
  convolution: 'KernelscopeConvolution',
  dense: 'KernelscopeDense',
  /** dy and an activation's output, or input, to the gradient of its input. */
  activationGrad: 'KernelscopeActivationGrad',
  normalise: 'KernelscopeNormalise',
  normaliseGrad: 'KernelscopeNormaliseGrad',
  dropMask: 'KernelscopeDropMask',
  crossEntropy: 'KernelscopeCrossEntropy',
  /** Nothing: tells layers apart. */
  mark: 'KernelscopeMark',
  /** JavaScript that makes values anew in every step. */
  host: 'KernelscopeHost',
} as const;

/** What a convolution layer does, in one kernel: y = relu(x ∗ filter + bias). */
export interface ConvolutionOp {
  strides: [number, number];
  pad: 'valid' | 'same';
  dilations: [number, number];
  isRelu: boolean;
}

export interface NormaliseOp {
  epsilon: number;
  /** Of the moving statistics. */
  momentum: number;
  isRelu: boolean;
}

export interface DropMaskOp {
  shape: number[];
  rate: number;
  scale: number;
  /** Which layer's noise it is. */
  layer: string;
  low: number;
  high: number;
}

export interface HostOp {
  shape: number[];
  /** Fills `out` from x's values; `x` is null when the kernel has no input. */
  run(x: Float32Array | null, out: Float32Array): void;
}

export interface CrossEntropyOp {
  kind: 'softmax' | 'sigmoid';
}
