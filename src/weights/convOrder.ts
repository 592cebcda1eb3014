import type { Convention } from './formatReader';

/** Kernels wider than this are not seen. */
const WIDEST = 16;

export interface ConvOrder {
  convention: Convention;
  reason: string;
}

/**
 * Which order of axes the conv kernels of a file have, judged from the shapes of all tensors with four axes: in one of the orders
 * the two space axes are small, and equal, in every tensor.
 */
export function guessConvOrder(shapes: readonly (readonly number[])[]): ConvOrder {
  let score = 0;
  let example: readonly number[] | null = null;
  for (const shape of shapes) {
    if (shape.length !== 4) continue;
    const evidence = squareness(shape[0], shape[1]) - squareness(shape[2], shape[3]);
    if (evidence !== 0) example ??= shape;
    score += evidence;
  }
  if (score === 0 || !example) return { convention: 'unknown', reason: 'the shapes do not tell' };
  const axes = score > 0 ? 'first' : 'last';
  const reason = `guessed from the shapes, such as [${example.join(', ')}]: the ${axes} two axes are a kernel's height and width`;
  return { convention: score > 0 ? 'keras' : 'torch', reason };
}

function squareness(a: number, b: number): number {
  if (a > WIDEST || b > WIDEST) return 0;
  return a === b ? 3 : Math.max(a, b) <= 7 ? 1 : 0.5;
}
