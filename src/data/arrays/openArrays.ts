import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { DataError } from '../dataError';
import type { DatasetWishes } from '../datasetWishes';
import type { ImageSet, MaskSet, SourceSets } from '../imageSet';
import { MASKS_WANTED } from '../masks/maskWords';
import { namedSets, nameFromPath } from '../namedSets';
import { imageShapeOf, imagesOf } from './imagesOf';
import { labelsOf, mayBeLabels } from './labelsOf';
import { masksOf, mayBeMasks } from './masksOf';
import { rowSize, type NamedArray } from './namedArray';
import { readArrays } from './readArrays';

type Part = 'train' | 'validation' | 'test';

/**
 * Opens images and labels stored as arrays: a .npz with x_train, y_train, … under any of the usual names, or a .npy of images with a
 * .npy of labels beside it.
 * @throws DataError when there are no images in it, or no labels that fit.
 */
export async function openArrays(file: string, wanted: DatasetWishes): Promise<SourceSets> {
  const arrays = await readArrays(file, wanted.signal);
  if (arrays.length === 1 && /\.npy$/i.test(file)) arrays.push(...(await arraysBeside(file, wanted.signal)));
  const labels = arrays.filter((a) => isLabelName(a.name) && mayBeLabels(a));
  const images = arrays.filter((a) => !labels.includes(a) && imageShapeOf(a, wanted.inputShape) !== null);
  if (images.length === 0)
    throw new DataError(
      file,
      `holds no images: ${listed(arrays)}`,
      'choose a file with an array of images, such as x_train [n, height, width]',
    );
  const sets = new Map<Part, ImageSet>();
  for (const array of images.sort((a, b) => b.values.length - a.values.length)) {
    const part = partOf(array.name);
    if (sets.has(part)) continue;
    if (wanted.masks) {
      const masks = maskPartner(array, arrays, wanted.masks.classes);
      if (masks) sets.set(part, await setOf(array, null, file, wanted, masksOf(masks, wanted.masks.classes, file)));
      continue;
    }
    const own = partner(array, arrays, labels);
    if (own !== null || wanted.isLabelled === false) sets.set(part, await setOf(array, own, file, wanted));
  }
  const train = sets.get('train') ?? [...sets.values()][0];
  if (!train && wanted.masks) throw new DataError(file, `has no masks for its images: ${listed(arrays)}`, MASKS_WANTED);
  if (!train)
    throw new DataError(
      file,
      `has no labels for its images: ${listed(arrays)}`,
      'add an array with one class per image, such as y_train, or a .npy of labels beside it',
    );
  const test = sets.get('test');
  const known = namedSets[nameFromPath(file) ?? ''];
  const classCount = [...sets.values()].reduce((most, set) => set.labels.reduce((m, l) => Math.max(m, l + 1), most), 0);
  return {
    name: known?.title ?? path.basename(file),
    description: `${known?.title ?? 'Images'} from the arrays in ${file}.`,
    isSynthetic: false,
    classNames: known && known.classNames.length >= classCount ? known.classNames : Array.from({ length: classCount }, (_, i) => String(i)),
    train,
    validation: sets.get('validation'),
    test: test === train ? undefined : test,
    valueRange: valueRangeOf(images[0]),
    notes: [],
  };
}

/** @param labels null: one class for all, for models that learn no labels */
async function setOf(
  array: NamedArray,
  labels: NamedArray | null,
  file: string,
  wanted: DatasetWishes,
  masks?: MaskSet,
): Promise<ImageSet> {
  const shape = imageShapeOf(array, wanted.inputShape);
  if (!shape) throw new DataError(file, `its array ${array.name} holds no images`, 'choose another file');
  return imagesOf(array, labels ? labelsOf(labels, file) : new Int32Array(array.shape[0]), shape, masks);
}

/** The label array that belongs to images: as many rows, and the name that differs least. */
function partner(images: NamedArray, arrays: NamedArray[], labels: NamedArray[]): NamedArray | null {
  const fits = (a: NamedArray): boolean => a !== images && a.shape[0] === images.shape[0] && mayBeLabels(a);
  const named = labels.filter(fits);
  const candidates = named.length > 0 ? named : arrays.filter(fits);
  return candidates.find((a) => partOf(a.name) === partOf(images.name)) ?? candidates[0] ?? null;
}

/** The array with a class per pixel, or with one channel per class, of as many images: the one whose name says so, and of the same part. */
function maskPartner(images: NamedArray, arrays: NamedArray[], classes: number): NamedArray | null {
  const fits = arrays.filter((a) => a !== images && a.shape[0] === images.shape[0] && mayBeMasks(a, classes));
  const named = fits.filter((a) => isLabelName(a.name));
  const candidates = named.length > 0 ? named : fits.filter((a) => rowSize(a) < rowSize(images));
  return candidates.find((a) => partOf(a.name) === partOf(images.name)) ?? candidates[0] ?? null;
}

/** Other .npy files of the folder: labels are often a file of their own. */
async function arraysBeside(file: string, signal?: AbortSignal): Promise<NamedArray[]> {
  const folder = path.dirname(file);
  const names = (await fs.readdir(folder)).filter((n) => /\.npy$/i.test(n) && n !== path.basename(file)).slice(0, 20);
  const arrays: NamedArray[] = [];
  for (const name of names) {
    const [array] = await readArrays(path.join(folder, name), signal).catch(() => []);
    if (array) arrays.push({ ...array, name: path.basename(name, path.extname(name)) });
  }
  return arrays;
}

function isLabelName(name: string): boolean {
  return /(^|[^a-z])(y|lbl|labels?|masks?|targets?|class(es)?|ids?)([^a-z]|$)/i.test(name) || /^(train|test|val|valid)y$/i.test(name);
}

function partOf(name: string): Part {
  if (/test|t10k/i.test(name)) return 'test';
  return /val|dev/i.test(name) ? 'validation' : 'train';
}

function listed(arrays: readonly NamedArray[]): string {
  const few = arrays.slice(0, 6).map((a) => `${a.name} [${a.shape.join(', ')}]`);
  return few.length > 0 ? few.join(', ') + (arrays.length > 6 ? ', …' : '') : 'no arrays of numbers';
}

/** 1 for images stored as 0…1, else 255. */
function valueRangeOf({ values }: NamedArray): number {
  if (values instanceof Uint8Array) return 255;
  for (let i = 0; i < Math.min(values.length, 2_000_000); i++) if (values[i] > 1) return 255;
  return 1;
}
