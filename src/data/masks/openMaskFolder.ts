import * as path from 'node:path';
import type { DataRef } from '../../common/dataSpec';
import { DataError } from '../dataError';
import type { DatasetWishes } from '../datasetWishes';
import { DecodePool } from '../images/decodePool';
import { FileImageSet } from '../images/fileImageSet';
import { lookThrough, noteSkipped } from '../images/lookThrough';
import { createPool } from '../images/openImageFolder';
import { quickCheck } from '../images/quickCheck';
import type { ImageSet, SourceSets } from '../imageSet';
import { KeptMasks } from './keptMasks';
import { findPairs, type MaskPair } from './maskPairs';

type PathRef = Extract<DataRef, { kind: 'path' }>;

/** Masks that are looked into to tell whether they hold class numbers or brightness. */
const LOOKED_INTO = 12;

/**
 * Opens a folder of images and, in a folder beside them and under the same names, masks: grey pictures whose values are classes, or dark and
 * bright where there are two of them.
 * @returns null when there are no two such folders
 * @throws DataError when no image has a mask, or the masks hold other classes than the model tells apart.
 */
export async function openMaskFolder(ref: PathRef, wanted: DatasetWishes): Promise<SourceSets | null> {
  const { masks } = wanted;
  const found = await findPairs(ref.path);
  if (!found || !masks) return null;
  if (found.train.length === 0)
    throw new DataError(
      ref.path,
      'has no image with a mask of the same name',
      'name masks like their images, such as images/17.jpg and masks/17.png',
    );
  const notes: string[] = [];
  const pool = createPool(ref.path, wanted);
  const maskPool = new DecodePool({ height: masks.shape[0], width: masks.shape[1], channels: 1, interpolation: 'nearest' });
  const isBrightness = await holdBrightness(found.train, masks.classes, maskPool);
  const classesIn = (file: string, values: Uint8Array): Uint8Array => {
    if (isBrightness) return values.map((v) => Number(v > 127));
    const wrong = values.find((v) => v >= masks.classes);
    if (wrong === undefined) return values;
    throw new DataError(
      file,
      `has pixels of the class ${wrong}, and the model tells 0 to ${masks.classes - 1} apart`,
      `give the last layer ${wrong + 1} channels, or masks of those classes (colour pictures are no masks: their values must be class numbers)`,
    );
  };
  const problemIn = (file: string): string | null => {
    const problem = quickCheck(file);
    return problem && `${path.relative(ref.path, file)} ${problem}`;
  };
  const open = async (pairs: MaskPair[]): Promise<ImageSet> => {
    const found = await lookThrough(pairs, ({ image, mask }) => problemIn(image) ?? problemIn(mask), wanted);
    noteSkipped(ref.path, found, notes);
    const { whole } = found;
    const kept = new KeptMasks(
      masks.shape,
      whole.length,
      async (index, out) => {
        const { mask } = whole[index];
        out.set(classesIn(mask, await maskPool.decode(mask, true)));
      },
      () => maskPool.dispose(),
    );
    const files = whole.map((p) => p.image);
    const note = (text: string): void => {
      notes.push(text);
      wanted.onNote?.(text);
    };
    return new FileImageSet(wanted.inputShape, files, new Int32Array(files.length), pool, wanted.cacheFolder ?? null, note, kept);
  };
  const other = (pairs: MaskPair[]): Promise<ImageSet> | undefined => (pairs.length > 0 ? open(pairs) : undefined);
  return {
    name: path.basename(ref.path),
    description: `Images with masks in ${ref.path}: ${found.train.length} to train on.`,
    isSynthetic: false,
    classNames: [path.basename(ref.path)],
    train: await open(found.train),
    validation: await other(found.validation),
    test: await other(found.test),
    valueRange: 255,
    notes,
  };
}

/** Two classes are told by dark and bright, unless the masks hold the numbers 0 and 1. */
async function holdBrightness(pairs: readonly MaskPair[], classes: number, pool: DecodePool): Promise<boolean> {
  if (classes !== 2) return false;
  const every = Math.max(1, Math.floor(pairs.length / LOOKED_INTO));
  const some = pairs.filter((_, i) => i % every === 0).slice(0, LOOKED_INTO);
  const masks = await Promise.allSettled(some.map((p) => pool.decode(p.mask, true)));
  const highest = Math.max(0, ...masks.map((m) => (m.status === 'fulfilled' ? m.value.reduce((most, v) => Math.max(most, v), 0) : 0)));
  return highest !== 1;
}
