import * as path from 'node:path';
import type { DataRef } from '../../common/dataSpec';
import { DataError } from '../dataError';
import type { DatasetWishes } from '../datasetWishes';
import type { ImageSet, SourceSets } from '../imageSet';
import { interpolationNamed } from '../resize';
import { DecodePool } from './decodePool';
import { FileImageSet } from './fileImageSet';
import { findSplits, listClasses, type ClassFiles, type SplitFolders } from './folderLayout';
import { hasImages, listImages } from './listImages';
import { lookThrough, noteSkipped } from './lookThrough';
import { quickCheck } from './quickCheck';

type PathRef = Extract<DataRef, { kind: 'path' }>;

/**
 * Opens folders of images, one per class. Every file is looked at quickly here; decoding follows in other threads.
 * @returns null when no images lie there
 * @throws DataError for images that do not make a labelled set: no class folders, empty ones, half of them broken.
 */
export async function openImageFolder(ref: PathRef, wanted: DatasetWishes): Promise<SourceSets | null> {
  const folders = await splitFolders(ref, wanted);
  const order = classOrder(wanted);
  const { classes, empty, byFileName } = await listClasses(folders.train, order);
  if (classes.length === 0 && wanted.isLabelled === false) classes.push(...(await unlabelled(folders.train)));
  if (classes.length === 0) return explainNoClasses(folders.train, empty, order);
  const pool = createPool(folders.train, wanted);
  const notes: string[] = [];
  const classNames = classes.map((c) => c.name);
  if (empty.length > 0) notes.push(`No images in ${empty.map((e) => `${e}/`).join(', ')}: left out.`);
  if (byFileName) notes.push(`The classes ${classNames.join(', ')} are taken from the file names.`);
  const open = async (folder: string, members: ClassFiles[]): Promise<FileImageSet> =>
    openPart(await checked(folder, members, wanted, notes), classNames, pool, wanted, notes);
  const other = async (folder: string | null): Promise<ImageSet | undefined> => {
    if (folder === null) return undefined;
    const part = await listClasses(folder, order);
    const known = part.classes.filter((c) => classNames.includes(c.name));
    const unknown = part.classes.filter((c) => !classNames.includes(c.name)).map((c) => c.name);
    if (unknown.length > 0) notes.push(`${path.basename(folder)}: ${unknown.join(', ')} left out, as there is no such class to train on.`);
    if (known.length > 0) return open(folder, known);
    notes.push(`${folder} has no images in folders named like the classes, so it is not used.`);
    return undefined;
  };
  const train = await open(folders.train, classes);
  train.startPrefetch();
  return {
    name: path.basename(folders.train),
    description: `Images in ${folders.train}: ${classes.map((c) => `${c.files.length} ${c.name}`).join(', ')}.`,
    isSynthetic: false,
    classNames,
    train,
    validation: await other(folders.validation),
    test: await other(folders.test),
    valueRange: 255,
    notes,
  };
}

/** Threads that bring pictures to the model's input. @throws DataError for channels that pictures do not have. */
export function createPool(folder: string, { inputShape: [height, width, channels], spec }: DatasetWishes): DecodePool {
  if (!(channels >= 1 && channels <= 4))
    throw new DataError(
      folder,
      `holds pictures, which cannot have the model's ${channels} channels`,
      'give the model an input of 1 or 3 channels',
    );
  const fallback = spec.loader === 'ImageDataGenerator' ? 'nearest' : 'bilinear';
  return new DecodePool({ height, width, channels, interpolation: interpolationNamed(spec.interpolation, fallback) });
}

/** What the choice names wins; else what lies below its path. The file's validation folder is one even if it is called test_set. */
async function splitFolders(ref: PathRef, wanted: DatasetWishes): Promise<SplitFolders> {
  const found = await findSplits(ref.path);
  const named = wanted.spec.validationPath ? path.basename(wanted.spec.validationPath) : null;
  if (ref.validationPath || ref.testPath) {
    const same = ref.testPath === ref.validationPath;
    return { train: found.train, validation: ref.validationPath ?? found.validation, test: same ? null : (ref.testPath ?? found.test) };
  }
  if (!found.validation && found.test && named === path.basename(found.test)) return { ...found, validation: found.test, test: null };
  return found;
}

/** `classes=[…]` of flow_from_directory. */
function classOrder(wanted: DatasetWishes): string[] | null {
  const classes = wanted.spec.extra?.classes;
  return Array.isArray(classes) && classes.length > 1 && classes.every((c) => typeof c === 'string') ? (classes as string[]) : null;
}

/** All images of a folder as one class, for models that learn no labels. */
async function unlabelled(folder: string): Promise<ClassFiles[]> {
  const files = await listImages(folder);
  return files.length > 0 ? [{ name: path.basename(folder), files }] : [];
}

async function explainNoClasses(folder: string, empty: string[], order: string[] | null): Promise<null> {
  const [name] = empty;
  if (order)
    throw new DataError(
      folder,
      `has no images in the folders the file names (${order.join(', ')})`,
      'rename the folders or correct classes=[…]',
    );
  if (await hasImages(folder))
    throw new DataError(
      folder,
      'has images, but no subfolders that say their classes',
      'put the images of each class into a subfolder named after it',
    );
  if (name !== undefined)
    throw new DataError(
      folder,
      `has only empty subfolders (${empty.slice(0, 4).join(', ')}): no JPEG or PNG in them`,
      'add images, or choose another folder',
    );
  return null;
}

/** The files that look whole; the others are noted. */
async function checked(folder: string, classes: ClassFiles[], wanted: DatasetWishes, notes: string[]): Promise<ClassFiles[]> {
  const all = classes.flatMap(({ name, files }) => files.map((file) => ({ name, file })));
  const problemOf = ({ file }: { file: string }): string | null => {
    const problem = quickCheck(file);
    return problem && `${path.relative(folder, file)} ${problem}`;
  };
  const found = await lookThrough(all, problemOf, wanted);
  const good: ClassFiles[] = classes.map(({ name }) => ({ name, files: [] }));
  const byName = new Map(good.map((c) => [c.name, c]));
  for (const { name, file } of found.whole) byName.get(name)?.files.push(file);
  const empty = good.find((c) => c.files.length === 0);
  if (empty)
    throw new DataError(
      path.join(folder, empty.name),
      `has no readable image: ${found.problems.findLast((p) => p.item.name === empty.name)?.text}`,
      'replace its images, or take the folder away',
    );
  noteSkipped(folder, found, notes);
  return good;
}

function openPart(classes: ClassFiles[], classNames: string[], pool: DecodePool, wanted: DatasetWishes, notes: string[]): FileImageSet {
  const labels = classes.flatMap((c) => new Array<number>(c.files.length).fill(classNames.indexOf(c.name)));
  const note = (text: string): void => {
    notes.push(text);
    wanted.onNote?.(text);
  };
  return new FileImageSet(
    wanted.inputShape,
    classes.flatMap((c) => c.files),
    Int32Array.from(labels),
    pool,
    wanted.cacheFolder ?? null,
    note,
  );
}
