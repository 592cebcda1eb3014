/**
 * How the values of one weight lie in memory, seen as kernels: the weight at row y, column x, input channel c of kernel f is
 * `values[y * strides[0] + x * strides[1] + c * strides[2] + f * strides[3]]`.
 */
export interface KernelGeometry {
  kh: number;
  kw: number;
  cin: number;
  filters: number;
  strides: [number, number, number, number];
}

export type KernelKind = 'conv' | 'depthwise' | 'transpose';

/** Which axes of a weight are which, from its layer's Keras class and its own Keras name. */
export function kernelKind(className: string, weightName: string): KernelKind {
  if (weightName === 'depthwise_kernel') return 'depthwise';
  return /^Conv\dDTranspose$/.test(className) ? 'transpose' : 'conv';
}

/**
 * Sees a weight as kernels. Conv1D kernels [k, cin, filters] are one row high, Conv3D kernels have their depth slices one below the
 * other, depthwise kernels [kh, kw, cin, multiplier] are cin × multiplier kernels of one channel, and transposed convolutions keep
 * their filters in the third place: [kh, kw, filters, cin].
 * @returns null for weights that are no kernels: vectors and dense matrices.
 */
export function kernelGeometry(shape: readonly number[], kind: KernelKind = 'conv'): KernelGeometry | null {
  if (shape.length < 3 || shape.length > 5) return null;
  const [last2, last1] = shape.slice(-2);
  const spatial = shape.slice(0, -2);
  const kw = spatial[spatial.length - 1];
  const kh = spatial.slice(0, -1).reduce((a, b) => a * b, 1);
  const inner = last2 * last1;
  if (kind === 'depthwise') return { kh, kw, cin: 1, filters: inner, strides: [kw * inner, inner, inner, 1] };
  if (kind === 'transpose') return { kh, kw, cin: last1, filters: last2, strides: [kw * inner, inner, 1, last1] };
  return { kh, kw, cin: last2, filters: last1, strides: [kw * inner, inner, last1, 1] };
}
