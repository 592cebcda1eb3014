/** What an overview shows of the step × step values that a cell stands for: the one largest in size, with its sign, or their mean. */
export type Reduction = 'largest' | 'mean';

/** A tensor with more values is not read whole for an overview. */
const MAX_READ = 1 << 28;
/** A tensor up to this many values is kept in memory, so that its order does not matter. */
export const WHOLE_PLANE = 1 << 24;
/** A gap between two wanted values that is read rather than skipped. */
export const MAX_GAP = 64;

/** Whether overviews of a plane take all its values into account; otherwise they take every n-th row and column. */
export function isReducible(shape: readonly number[], rowAxis: number, columnAxis: number): boolean {
  const length = shape.reduce((a, b) => a * b, 1);
  if (length <= WHOLE_PLANE) return true;
  const gap = (axis: number): number => shape.slice(axis + 1).reduce((a, b) => a * b, 1);
  return length <= MAX_READ && Math.min(gap(rowAxis), gap(columnAxis)) <= MAX_GAP;
}
