import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { DataError } from '../dataError';
import type { DatasetWishes } from '../datasetWishes';
import type { ImageSet, SourceSets } from '../imageSet';
import { nameFromPath, namedSets } from '../namedSets';
import { readWhole } from '../readWhole';
import { flatShape, imagesOf } from './imagesOf';
import { labelsOf } from './labelsOf';
import { readCsv, type NumberTable } from './readCsv';

const LABEL = /^(label|class|target|y|digit|emotion)$/i;

/**
 * Opens a table with one image per row: a column of labels and one column per pixel, as Kaggle's digit-recognizer has it
 * (`label,pixel0,…`) or as mnist_train.csv has it, the label first and no header. A test table of the same layout beside it is used.
 * @throws DataError when the columns are no image, or the labels no classes.
 */
export async function openCsv(file: string, wanted: DatasetWishes): Promise<SourceSets> {
  const train = await openTable(file, wanted);
  if (!train)
    throw new DataError(
      file,
      'has no column of labels',
      'choose the table with labels: a column called label, or the label first in every row',
    );
  const other = await testTable(file);
  const test = other ? await openTable(other, wanted).catch(() => null) : null;
  const known = namedSets[nameFromPath(file) ?? ''];
  const classCount = [train, test].reduce((most, set) => (set ? set.labels.reduce((m, l) => Math.max(m, l + 1), most) : most), 0);
  return {
    name: known?.title ?? path.basename(file),
    description: `Images from the table ${file}, one per row.`,
    isSynthetic: false,
    classNames: known && known.classNames.length >= classCount ? known.classNames : Array.from({ length: classCount }, (_, i) => String(i)),
    train,
    test: test ?? undefined,
    valueRange: 255,
    notes: [],
  };
}

/** Null when the table has no labels. */
async function openTable(file: string, wanted: DatasetWishes): Promise<ImageSet | null> {
  const table = readCsv(await readWhole(file), file);
  const [rows, width] = table.shape;
  const column = labelColumn(table, wanted);
  if (column === null) return null;
  const found = flatShape(width - 1, wanted.inputShape);
  if (!found)
    throw new DataError(
      file,
      `has ${width - 1} values per row beside the label, which make no image`,
      `use ${wanted.inputShape.join(' × ')} values for this model, or a square number`,
    );
  const { values } = table;
  const labels = labelsOf(
    { name: table.columns?.[column] ?? 'first column', shape: [rows], values: pick(values, rows, width, column) },
    file,
  );
  const pixels = values instanceof Uint8Array ? new Uint8Array(rows * (width - 1)) : new Float32Array(rows * (width - 1));
  for (let row = 0; row < rows; row++) {
    pixels.set(values.subarray(row * width, row * width + column), row * (width - 1));
    pixels.set(values.subarray(row * width + column + 1, (row + 1) * width), row * (width - 1) + column);
  }
  return imagesOf({ name: file, shape: [rows, width - 1], values: pixels }, labels, found);
}

/** The named one; else the first or last, if the others make an image and all of them together do not. */
function labelColumn(table: NumberTable, wanted: DatasetWishes): number | null {
  const [rows, width] = table.shape;
  const named = table.columns?.findIndex((c) => LABEL.test(c)) ?? -1;
  if (named >= 0) return named;
  if (flatShape(width, wanted.inputShape) || !flatShape(width - 1, wanted.inputShape)) return null;
  const isLabels = (column: number): boolean => pick(table.values, rows, width, column).every((v) => Number.isInteger(v) && v < 1000);
  return isLabels(0) ? 0 : isLabels(width - 1) ? width - 1 : null;
}

function pick(values: Uint8Array | Float32Array, rows: number, width: number, column: number): Float32Array {
  return Float32Array.from({ length: rows }, (_, row) => values[row * width + column]);
}

async function testTable(file: string): Promise<string | null> {
  const name = path.basename(file);
  if (!/train/i.test(name)) return null;
  const wanted = name.replace(/train(ing)?/i, 'test').toLowerCase();
  const found = (await fs.readdir(path.dirname(file))).find((n) => n.toLowerCase() === wanted);
  return found ? path.join(path.dirname(file), found) : null;
}
