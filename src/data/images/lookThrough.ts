import { setImmediate as yieldToOthers } from 'node:timers/promises';
import { DataError } from '../dataError';
import type { DatasetWishes } from '../datasetWishes';

/** Files named one by one in a note; beyond, they are counted. */
const namedInNote = 5;

/** What looking through files gave: those that look whole, and what is wrong with the others. */
export interface LookedThrough<T> {
  whole: T[];
  problems: { item: T; text: string }[];
}

/**
 * Looks through many files, others having their turn in between.
 * @param problemOf which file it is and what is wrong with it; null: it looks whole
 * @throws the signal's reason when it was called off.
 */
export async function lookThrough<T>(
  items: readonly T[],
  problemOf: (item: T) => string | null,
  { onProgress, signal }: Pick<DatasetWishes, 'onProgress' | 'signal'>,
): Promise<LookedThrough<T>> {
  const found: LookedThrough<T> = { whole: [], problems: [] };
  for (const [i, item] of items.entries()) {
    const text = problemOf(item);
    if (text === null) found.whole.push(item);
    else found.problems.push({ item, text });
    if ((i + 1) % 200 === 0) {
      onProgress?.(i + 1, items.length);
      await yieldToOthers();
      signal?.throwIfAborted();
    }
  }
  onProgress?.(items.length, items.length);
  return found;
}

/**
 * Says in a note which images are left out.
 * @throws DataError when it is half of them.
 */
export function noteSkipped<T>(folder: string, { whole, problems }: LookedThrough<T>, notes: string[]): void {
  const total = whole.length + problems.length;
  if (problems.length * 2 >= total)
    throw new DataError(
      folder,
      `has ${problems.length} broken images of ${total}: ${problems[0].text}, …`,
      'download the images again, or save them as JPEG or PNG',
    );
  if (problems.length === 0) return;
  const named = problems.slice(0, namedInNote).map((p) => p.text);
  const more = problems.length > namedInNote ? `, and ${problems.length - namedInNote} more` : '';
  notes.push(`${problems.length} of ${total} images skipped: ${named.join(', ')}${more}.`);
}
