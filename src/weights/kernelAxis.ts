import type { WeightLayout } from '../common/weightFile';

/** The kernel that value `i` of a tensor belongs to is floor(i / step) mod count. */
export interface KernelAxis {
  step: number;
  count: number;
}

/** Which kernel each value of a conv weight belongs to; null for layouts without an output channel. */
export function kernelAxis(layout: WeightLayout | null, shape: readonly number[]): KernelAxis | null {
  if (layout === null || layout.length !== shape.length || shape.length < 3) return null;
  // A depthwise kernel is one input channel's; the multiplier's axis follows that of the channels.
  const multiplier = layout.indexOf('M');
  const axis = multiplier >= 0 ? multiplier : layout.indexOf('O');
  if (axis < 0) return null;
  const step = shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  return { step, count: multiplier >= 0 ? shape[axis] * shape[axis - 1] : shape[axis] };
}
