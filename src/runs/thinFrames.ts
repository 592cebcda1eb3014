/** A run keeps at most this many frames. */
export const MAX_STORED_FRAMES = 120;

/**
 * Which of the stored steps may go when there are too many: every second of the later ones, so that the beginning, where most
 * changes, stays dense and a long run keeps a bounded number. The first and the last always stay.
 * @param steps ascending
 */
export function framesToDrop(steps: readonly number[], limit = MAX_STORED_FRAMES): number[] {
  if (steps.length <= limit) return [];
  const dense = Math.floor(limit / 4);
  return steps.filter((_, i) => i >= dense && i < steps.length - 1 && (i - dense) % 2 === 1);
}

/** Whether a frame is stored at `step`: all of the first ten steps, then at growing distances. */
export function isStoredStep(step: number, spacing: number): boolean {
  return step <= 10 || (step <= 100 && step % 10 === 0) || step % spacing === 0;
}
