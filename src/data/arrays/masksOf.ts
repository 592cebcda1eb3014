import { DataError } from '../dataError';
import type { MaskSet } from '../imageSet';
import { rowSize, type NamedArray } from './namedArray';

/** Whether an array can be masks: [n, rows, columns], or with one channel, or with one per class. */
export function mayBeMasks({ shape }: NamedArray, classes: number): boolean {
  return shape.length === 3 || (shape.length === 4 && (shape[3] === 1 || shape[3] === classes));
}

/**
 * Masks from an array: class indices per pixel, one channel per class, or, for two classes, brightness: 0…255 and 0…1 from the middle on.
 * @throws DataError for a value that is none of the classes.
 */
export function masksOf(array: NamedArray, classes: number, file: string): MaskSet {
  const { shape, values } = array;
  const [, rows, columns] = shape;
  const channels = shape[3] ?? 1;
  const size = rowSize(array);
  let highest = 0;
  for (const v of values) if (v > highest) highest = v;
  const isBrightness = channels === 1 && classes === 2 && (highest > 1 || values.some((v) => v !== 0 && v !== 1));
  const middle = highest > 1 ? 127.5 : 0.5;
  const wrong = channels > 1 || isBrightness ? -1 : values.findIndex((v) => !Number.isInteger(v) || v < 0 || v >= classes);
  if (wrong >= 0)
    throw new DataError(
      file,
      `its ${array.name} gives a pixel of row ${Math.floor(wrong / size)} the class ${values[wrong]}, and the model tells 0 to ${classes - 1} apart`,
      `use masks of those classes, or give the last layer ${highest + 1} channels`,
    );
  return {
    shape: [rows, columns],
    copyTo(index, out) {
      const mask = values.subarray(index * size, (index + 1) * size);
      if (channels === 1) out.set(isBrightness ? mask.map((v) => Number(v > middle)) : mask);
      else for (let p = 0; p < rows * columns; p++) out[p] = largest(mask.subarray(p * channels, (p + 1) * channels));
    },
  };
}

function largest(values: Uint8Array | Float32Array): number {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[best]) best = i;
  return best;
}
