import type { SourceRange } from '../../common/modelSpec';
import type { KerasSession } from '../keras/session';
import { int, type Value } from '../python/value';

/** Sizes that example programs keep in another file, by their names. */
const USUAL: [RegExp, number, string][] = [
  [/^(IMAGE|IMG|INPUT)_?(H|HEIGHT|W|WIDTH)$/i, 28, 'the side of the images'],
  [/^(IMAGE|IMG)_?(SIZE|DIM|PIXELS?)$/i, 784, 'the number of pixels'],
  [/^(IMAGE|IMG|NUM|N)?_?CHANNELS$/i, 1, 'the number of channels'],
  [/^(NUM|N|NB)_?(OUTPUT_?)?(CLASSES|LABELS|CATEGORIES|DATASET_ELEMENTS_CLASSES)$/i, 10, 'the number of classes'],
];

/** A value for a constant that is imported from a file that is not read; undefined for other names. */
export function usualConstant(session: KerasSession, module: string, name: string, site: SourceRange): Value | undefined {
  const found = USUAL.find(([pattern]) => pattern.test(name));
  if (!found) return undefined;
  const value = session.assume(name, found[1], `"${name}", ${found[2]}, comes from the file ${module}, which is not read`, site);
  return typeof value === 'number' ? int(value) : undefined;
}
