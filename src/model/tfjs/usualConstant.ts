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
export function usualConstant(session: KerasSession, module: string, name: string): Value | undefined {
  const told = session.machine.assumptions[name];
  if (typeof told === 'number') return int(told);
  const found = USUAL.find(([pattern]) => pattern.test(name));
  if (!found || !/^[./@~]|^[a-z]/i.test(module)) return undefined;
  const range = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };
  session.inform(
    'assumed-constant',
    `"${name}" comes from the file ${module}, which is not read; ${found[1]} is assumed as ${found[2]}.`,
    range,
  );
  return int(found[1]);
}
