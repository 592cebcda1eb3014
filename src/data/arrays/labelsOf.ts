import { DataError } from '../dataError';
import { rowSize, type NamedArray } from './namedArray';

/** Whether an array can be class labels: one number per row, or one-hot rows. */
export function mayBeLabels(array: NamedArray): boolean {
  return array.shape.length === 1 || (array.shape.length === 2 && (array.shape[1] === 1 || isOneHot(array)));
}

/**
 * Class indices of label rows.
 * @throws DataError when they are no classes.
 */
export function labelsOf(array: NamedArray, file: string): Int32Array {
  const { values } = array;
  const width = rowSize(array);
  if (width > 1) return Int32Array.from({ length: array.shape[0] }, (_, row) => values.subarray(row * width, (row + 1) * width).indexOf(1));
  const at = values.findIndex((v) => !Number.isInteger(v) || v < 0 || v > 100_000);
  if (at >= 0)
    throw new DataError(
      file,
      `its ${array.name} gives row ${at} the value ${values[at]}, which is no class (0, 1, 2, …)`,
      'use data with a whole number per class',
    );
  return Int32Array.from(values);
}

function isOneHot({ shape, values }: NamedArray): boolean {
  const [rows, width] = shape;
  if (width < 2) return false;
  // A few rows tell enough; labels are checked as a whole when they are read.
  for (let row = 0; row < Math.min(rows, 200); row++) {
    let ones = 0;
    for (let i = row * width; i < (row + 1) * width; i++) {
      if (values[i] !== 0 && values[i] !== 1) return false;
      ones += values[i];
    }
    if (ones !== 1) return false;
  }
  return true;
}
