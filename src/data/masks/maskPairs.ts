import * as path from 'node:path';
import { byName, listFolders, listImages } from '../images/listImages';

/** An image and the picture of its classes. */
export interface MaskPair {
  image: string;
  mask: string;
}

const IMAGES = /^(images?|imgs?|photos?|pictures?|inputs?|x|jpegimages|leftimg8bit)$/i;
const MASKS = /^(masks?|labels?|annotations?|segmentations?(class)?|segs?|targets?|ground_?truths?|gts?|y|gtfine)$/i;
const TRAIN = /^train(ing)?(_set)?$/i;
const VALIDATION = /^(val|valid|validation|dev)(_set)?$/i;
const TEST = /^test(ing)?(_set)?$/i;

/** Pairs of a folder that holds images/ and masks/, matched by name; null when it does not. */
async function pairsIn(folder: string): Promise<MaskPair[] | null> {
  const names = await listFolders(folder);
  const [images, masks] = [names.find((n) => IMAGES.test(n)), names.find((n) => MASKS.test(n))];
  if (!images || !masks) return null;
  return pairUp(path.join(folder, images), path.join(folder, masks));
}

/**
 * Finds pairs below a folder: in itself, or in parts of it, as `train/images` and `train/masks`, or `images/train` and `masks/train`.
 * @returns null when no such folders are there
 */
export async function findPairs(folder: string): Promise<{ train: MaskPair[]; validation: MaskPair[]; test: MaskPair[] } | null> {
  const names = await listFolders(folder);
  const part = async (pattern: RegExp): Promise<MaskPair[] | null> => {
    const name = names.find((n) => pattern.test(n));
    return name === undefined ? null : pairsIn(path.join(folder, name));
  };
  const train = await part(TRAIN);
  if (train) return { train, validation: (await part(VALIDATION)) ?? [], test: (await part(TEST)) ?? [] };
  const all = await pairsIn(folder);
  if (!all) return null;
  const images = path.join(folder, names.find((n) => IMAGES.test(n)) ?? '');
  const of = (pattern: RegExp): MaskPair[] => all.filter((p) => pattern.test(path.relative(images, p.image).split(path.sep)[0]));
  const [validation, test] = [of(VALIDATION), of(TEST)];
  return { train: all.filter((p) => !validation.includes(p) && !test.includes(p)), validation, test };
}

/** Images and masks of the same name, whatever they end in: `17.jpg` and `17.png`, `17_mask.png` or `17_segmentation.png`. */
async function pairUp(images: string, masks: string): Promise<MaskPair[]> {
  const key = (folder: string, file: string): string => {
    const { dir, name } = path.parse(path.relative(folder, file));
    return path
      .join(dir, name.replace(/[_-](masks?|labels?|seg(mentation)?|gt|ground_?truth|leftimg8bit|gtfine_labelids)$/i, ''))
      .toLowerCase();
  };
  const byKey = new Map((await listImages(masks)).map((file) => [key(masks, file), file]));
  const pairs: MaskPair[] = [];
  for (const image of await listImages(images)) {
    const mask = byKey.get(key(images, image));
    if (mask) pairs.push({ image, mask });
  }
  return pairs.sort((a, b) => byName(a.image, b.image));
}
