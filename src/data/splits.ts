import type { DataSpec } from '../common/dataSpec';
import { DataError } from './dataError';
import { ImageSubset, type ImageSet, type SourceSets } from './imageSet';
import type { SplitSets } from './preparedDataset';

/** Share of the training images held out for validation when the file says nothing. */
const defaultValidation = 0.1;

export interface SplitWishes {
  spec: DataSpec;
  /** `fit(validation_split=…)`. */
  validationSplit: number | null;
  /** At most this many training images. */
  limit: number | null;
}

/**
 * Divides a source into training, validation and test images, as the file's own loader would; what is decided here and not by the
 * file is said in `notes`.
 * @throws DataError when nothing is left to train on.
 */
export function splitSets(source: SourceSets, wishes: SplitWishes, file: string, notes: string[]): SplitSets {
  const { spec, limit } = wishes;
  const test = source.test ?? null;
  let train = source.train;
  let validation = source.validation ?? null;
  const split = wishes.validationSplit ?? spec.validationSplit ?? null;
  if (!validation && spec.validationOn === 'test' && test) {
    validation = test;
    notes.push('The file validates on the test images, so the test figures are not independent of choices made while watching them.');
  } else if (!validation && split !== 0) {
    if (split === null)
      notes.push(`No validation data is named: the last ${defaultValidation * 100} % of the training images serve as such.`);
    const parts = holdOut(train, split ?? defaultValidation, wishes.validationSplit === null ? (spec.loader ?? 'arrays') : 'arrays');
    if (parts.validation.length === 0) notes.push('There are too few images to hold some out for validation.');
    else [train, validation] = [new ImageSubset(train, parts.train), new ImageSubset(source.train, parts.validation)];
  }
  if (train.labels.length === 0)
    throw new DataError(file, 'leaves no images to train on after its validation split', 'lower validation_split or add images');
  if (limit !== null && limit < train.labels.length) {
    notes.push(`Limited to ${limit} of ${train.labels.length} training images.`);
    train = firstOf(train, limit, source.classNames.length);
    if (validation && validation.labels.length > limit) validation = firstOf(validation, limit, source.classNames.length);
  }
  return { train, validation, test };
}

/**
 * Which images train and which validate. `fit` and image_dataset_from_directory take the last ones; the folder's order is by class
 * there, so each class gives its last ones (Keras shuffles with the file's seed first; the share is the same). ImageDataGenerator
 * takes the first of every class.
 */
function holdOut(all: ImageSet, share: number, loader: NonNullable<DataSpec['loader']>): { train: number[]; validation: number[] } {
  const train: number[] = [];
  const validation: number[] = [];
  const { labels } = all;
  if (loader === 'arrays' && !isGrouped(labels)) {
    // Keras: int(n * (1 - validation_split))
    const at = Math.floor(labels.length * (1 - share));
    for (let i = 0; i < labels.length; i++) (i < at ? train : validation).push(i);
    return { train, validation };
  }
  const sizes = new Map<number, number>();
  for (const label of labels) sizes.set(label, (sizes.get(label) ?? 0) + 1);
  const seen = new Map<number, number>();
  labels.forEach((label, i) => {
    const nth = seen.get(label) ?? 0;
    seen.set(label, nth + 1);
    const size = sizes.get(label) ?? 0;
    const held = Math.floor(size * share);
    const isHeld = loader === 'ImageDataGenerator' ? nth < held : nth >= size - held;
    (isHeld ? validation : train).push(i);
  });
  return { train, validation };
}

/** The first `count` images; where they lie class by class, the first of each class in proportion. */
function firstOf(all: ImageSet, count: number, classCount: number): ImageSet {
  const { labels } = all;
  if (!isGrouped(labels))
    return new ImageSubset(
      all,
      Array.from({ length: count }, (_, i) => i),
    );
  const byClass = Array.from({ length: classCount }, () => [] as number[]);
  labels.forEach((label, i) => byClass[label]?.push(i));
  // One of each class in turn until there are enough.
  const chosen: number[] = [];
  for (let nth = 0; chosen.length < count && nth < labels.length; nth++)
    for (const members of byClass) if (nth < members.length && chosen.length < count) chosen.push(members[nth]);
  return new ImageSubset(
    all,
    chosen.sort((a, b) => a - b),
  );
}

/** Whether the images lie class by class, as they do when folders are read one after the other. */
function isGrouped(labels: Int32Array): boolean {
  let changes = 0;
  const classes = new Set<number>();
  for (let i = 0; i < labels.length; i++) {
    if (i === 0 || labels[i] !== labels[i - 1]) changes++;
    classes.add(labels[i]);
  }
  return changes === classes.size && labels.length > 2 * classes.size;
}
