import { ShapeError } from '../keras/shapes';
import type { SymbolicTensor } from '../keras/tensor';
import type { Place, Tracer } from './tracer';

/** What a window does along one axis, in PyTorch's words. */
export interface Window {
  length: number;
  kernel: number;
  stride: number;
  padding: number;
  dilation: number;
}

/** How far a window reaches. */
export function reachOf(w: Window): number {
  return (w.kernel - 1) * w.dilation + 1;
}

/** The length after a window has moved over an axis (torch.nn.Conv2d's and MaxPool2d's formula). @throws ShapeError */
export function lengthAfter(w: Window, isCeil = false): number {
  const steps = (w.length + 2 * w.padding - reachOf(w)) / w.stride;
  let result = (isCeil ? Math.ceil(steps) : Math.floor(steps)) + 1;
  // With ceil_mode, a window that would begin in the padding behind the end is left out.
  if (isCeil && (result - 1) * w.stride >= w.length + w.padding) result--;
  if (result <= 0) throw new ShapeError(`its window of ${reachOf(w)} does not fit into an input of ${w.length}`);
  return result;
}

/** Whether TensorFlow's 'same' puts the windows at the very same places: it pads more behind than before where the sum is odd. */
export function isSame(w: Window, result: number): boolean {
  const length = Math.ceil(w.length / w.stride);
  const total = Math.max((length - 1) * w.stride + reachOf(w) - w.length, 0);
  return length === result && Math.floor(total / 2) === w.padding;
}

/** Pads the spatial axes of a channels_last tensor with zeros. */
export function zeroPad(tracer: Tracer, place: Place, x: SymbolicTensor, pads: [number, number][]): SymbolicTensor {
  if (pads.every(([before, after]) => before === 0 && after === 0)) return x;
  const rank = pads.length;
  return tracer.addHelper(place, 'padding', `ZeroPadding${rank}D`, { padding: rank === 1 ? pads[0] : pads }, x);
}

/** Cuts the spatial axes of a channels_last tensor. */
export function crop(tracer: Tracer, place: Place, x: SymbolicTensor, cuts: [number, number][]): SymbolicTensor {
  if (cuts.every(([before, after]) => before === 0 && after === 0)) return x;
  const rank = cuts.length;
  return tracer.addHelper(place, 'cropping', `Cropping${rank}D`, { cropping: rank === 1 ? cuts[0] : cuts }, x);
}
