import type { DataRef, DatasetInfo, DataSpec } from '../common/dataSpec';
import { DataError } from './dataError';
import type { Dataset } from './dataset';
import type { DatasetWishes } from './datasetWishes';
import { embeddedSets } from './embedded/embeddedSets';
import type { ImageSet, SourceSets } from './imageSet';
import { MASKS_WANTED } from './masks/maskWords';
import { openPath } from './openPath';
import { PreparedDataset, type Preparation } from './preparedDataset';
import { interpolationNamed } from './resize';
import { splitSets } from './splits';

/**
 * Opens labelled images for training; what kind they are is told by their content.
 * @throws DataError when there is nothing usable, with what to do about it; the signal's reason when it was called off.
 */
export async function openDataset(ref: DataRef, wanted: DatasetWishes): Promise<Dataset> {
  const { inputShape, signal } = wanted;
  const file = ref.kind === 'path' ? ref.path : `embedded ${ref.name}`;
  const source =
    ref.kind === 'embedded'
      ? embeddedSets(ref.name, inputShape, wanted.classCount ?? null, wanted.masks?.classes ?? null)
      : await openPath(ref, wanted);
  signal?.throwIfAborted();
  if (wanted.masks && !source.train.masks) throw new DataError(file, 'has no masks, which tell the class of every pixel', MASKS_WANTED);
  rejectUnusable(source, file, wanted.isLabelled ?? true);
  const { notes } = source;
  const splits = splitSets(source, wanted, file, notes);
  const count = (set: ImageSet | null): number => set?.labels.length ?? 0;
  const info: DatasetInfo = {
    name: source.name,
    description: source.description,
    isSynthetic: source.isSynthetic,
    inputShape,
    classNames: source.classNames,
    trainCount: count(splits.train),
    validationCount: count(splits.validation),
    testCount: count(splits.test),
    notes,
  };
  return new PreparedDataset(info, splits, prepare(source, wanted, notes));
}

function rejectUnusable(source: SourceSets, file: string, isLabelled: boolean): void {
  const { labels } = source.train;
  if (labels.length === 0) throw new DataError(file, 'has no images to train on', 'choose a folder with one subfolder of images per class');
  if (isLabelled && labels.every((l) => l === labels[0]))
    throw new DataError(
      file,
      `has one class only (${source.classNames[labels[0]] ?? labels[0]}), so there is nothing to tell apart`,
      'add images of a second class, or choose the folder above it',
    );
}

function prepare(source: SourceSets, { spec, inputShape: shape, masks, ownScaling }: DatasetWishes, notes: string[]): Preparation {
  const { preprocessing } = spec;
  const [h, w, c] = source.train.shape;
  if (h !== shape[0] || w !== shape[1])
    notes.push(`The images of ${h} × ${w} pixels are resized to the model's ${shape[0]} × ${shape[1]}.`);
  if (c !== shape[2]) notes.push(`The images' ${channelWords(c)} become the model's ${channelWords(shape[2])}.`);
  return {
    shape,
    ...(masks && { maskShape: masks.shape }),
    interpolation: interpolationNamed(spec.interpolation, 'bilinear'),
    valueRange: source.valueRange,
    factor: factorOf(source, spec, ownScaling ?? null, notes),
    preprocessing,
  };
}

/**
 * What the stored values are multiplied with. A file that loads data and does not scale them feeds 0…255, as Keras would; one that
 * names no data at all says nothing about scaling, and then 0…1 is what its model most likely expects, unless it scales itself. Sets stored
 * as 0…1 (arrays in .npy, say) are taken as they are.
 */
function factorOf(source: SourceSets, spec: DataSpec, ownScaling: string | null, notes: string[]): number {
  if (source.valueRange === 1) return 1;
  const { rescale, mean, std } = spec.preprocessing;
  if (rescale !== null) return rescale;
  if (ownScaling !== null) {
    notes.push(`The model scales pixel values itself (${ownScaling}): it is given 0…255.`);
    return 1;
  }
  if (spec.kind === 'unknown') {
    notes.push('The file names no data and no scaling: pixel values are scaled to 0…1.');
    return 1 / 255;
  }
  if (!mean && !std)
    notes.push(
      'The file does not scale the pixel values: the model sees 0…255, as it would in Keras. Dividing by 255 usually trains better.',
    );
  return 1;
}

function channelWords(channels: number): string {
  return channels === 1 ? 'one grey channel' : `${channels} channels`;
}
