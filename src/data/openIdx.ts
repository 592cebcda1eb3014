import * as path from 'node:path';
import { DataError } from './dataError';
import { parseIdx } from './idx';
import type { IdxFiles } from './idxFiles';
import { ArrayImageSet, type ImageSet, type SourceSets } from './imageSet';
import { namedSets, nameFromPath, type NamedSet } from './namedSets';
import { readWhole } from './readWhole';

/**
 * Opens the images and labels of an MNIST-like set. Without training images the test images are what it trains on.
 * @throws DataError when a file is broken, has no partner, or the counts of images and labels differ.
 */
export async function openIdx(files: IdxFiles, folder: string, name: string | null): Promise<SourceSets> {
  const notes: string[] = [];
  let train = await openPart(files.trainImages, files.trainLabels);
  let test = await openPart(files.testImages, files.testLabels);
  if (!train && test) {
    notes.push('Only the test part (t10k) is there: it is trained on, and nothing is left to test with.');
    [train, test] = [test, null];
  }
  if (!train)
    throw new DataError(folder, 'has no IDX images', 'choose the folder with train-images-idx3-ubyte and train-labels-idx1-ubyte');
  if (test && (test.shape[0] !== train.shape[0] || test.shape[1] !== train.shape[1]))
    throw new DataError(
      files.testImages ?? folder,
      `has images of ${test.shape[0]} × ${test.shape[1]} pixels, the training images have ${train.shape[0]} × ${train.shape[1]}`,
      'keep the files of one data set in a folder',
    );
  const known = namedSet([train, test], nameFromPath(files.trainImages ?? folder) ?? name);
  const classNames = known?.classNames ?? numbered([train, test]);
  rejectStrayLabels(train, files.trainLabels ?? files.testLabels ?? folder, classNames.length);
  if (test) rejectStrayLabels(test, files.testLabels ?? folder, classNames.length);
  return {
    name: known?.title ?? path.basename(folder),
    description: `${known?.title ?? 'Images'} from the IDX files in ${path.dirname(files.trainImages ?? files.testImages ?? folder)}.`,
    isSynthetic: false,
    classNames,
    train,
    test: test ?? undefined,
    valueRange: 255,
    notes,
  };
}

async function openPart(images: string | null, labels: string | null): Promise<ImageSet | null> {
  if (!images) return null;
  if (!labels)
    throw new DataError(
      images,
      'has no labels file beside it',
      `put ${path
        .basename(images)
        .replace(/images/i, 'labels')
        .replace(/idx3/, 'idx1')} into the same folder`,
    );
  const [x, y] = await Promise.all([readWhole(images), readWhole(labels)]);
  const pixels = parseIdx(x, images);
  const classes = parseIdx(y, labels);
  if (pixels.shape.length !== 3 && pixels.shape.length !== 4)
    throw new DataError(images, `holds an array of ${pixels.shape.length} dimension(s), not images`, 'choose the file named …images-idx3…');
  if (classes.shape.length !== 1)
    throw new DataError(labels, `holds an array of ${classes.shape.length} dimensions, not labels`, 'choose the file named …labels-idx1…');
  const [count, height, width, channels = 1] = pixels.shape;
  if (count === 0 || height * width * channels === 0) throw new DataError(images, 'holds no images', 'download the file again');
  if (count !== classes.shape[0])
    throw new DataError(
      labels,
      `has ${classes.shape[0]} labels for the ${count} images of ${path.basename(images)}`,
      'use images and labels of the same part',
    );
  return new ArrayImageSet([height, width, channels], pixels.values, Int32Array.from(classes.values));
}

/** The named set, unless so many labels lie outside it that the files must be another set. */
function namedSet(sets: (ImageSet | null)[], name: string | null): NamedSet | undefined {
  const known = namedSets[name ?? ''];
  if (!known) return undefined;
  let outside = 0;
  let count = 0;
  for (const set of sets) {
    count += set?.labels.length ?? 0;
    for (const label of set?.labels ?? []) if (label >= known.classNames.length) outside++;
  }
  return outside > count / 20 ? undefined : known;
}

function rejectStrayLabels(set: ImageSet, file: string, classCount: number): void {
  const at = set.labels.findIndex((l) => l >= classCount);
  if (at >= 0)
    throw new DataError(
      file,
      `gives image ${at} the label ${set.labels[at]}, outside 0 to ${classCount - 1}`,
      'download the file again, or use the labels that belong to these images',
    );
}

function numbered(sets: (ImageSet | null)[]): string[] {
  let highest = 0;
  for (const set of sets) for (const label of set?.labels ?? []) if (label > highest) highest = label;
  return Array.from({ length: highest + 1 }, (_, i) => String(i));
}
