import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { byName, hasImages, isImageName, listFolders, listImages } from './listImages';

/** Image files of one class. */
export interface ClassFiles {
  name: string;
  files: string[];
}

/** The parts of a data set of image folders: each a folder of class folders. */
export interface SplitFolders {
  train: string;
  validation: string | null;
  test: string | null;
}

const word = (w: string): RegExp => new RegExp(`(^|[^a-z])(${w})([^a-z]|$)`, 'i');
const trainWord = word('train|training');
const validationWord = word('val|valid|validation|dev');
const testWord = word('test|testing');

/**
 * Finds the parts below a folder: `train`/`training_set` with `val`… and `test`… beside it, or the folder itself as training part.
 * A folder that only wraps another one is looked through.
 */
export async function findSplits(folder: string, depth = 3): Promise<SplitFolders> {
  const names = await listFolders(folder);
  const pick = (pattern: RegExp): string | null => names.find((n) => pattern.test(n)) ?? null;
  const train = pick(trainWord);
  if (train !== null && (await holdsClasses(path.join(folder, train)))) {
    const unwrapped = async (name: string | null): Promise<string | null> => (name === null ? null : unwrap(path.join(folder, name)));
    const [trainFolder, validation, test] = [
      await unwrap(path.join(folder, train)),
      await unwrapped(pick(validationWord)),
      await unwrapped(pick(testWord)),
    ];
    return { train: trainFolder, validation, test };
  }
  const only = depth > 0 ? await onlyWrapped(folder, names) : null;
  return only ? findSplits(only, depth - 1) : { train: folder, validation: null, test: null };
}

/** Follows folders that hold nothing but one other folder of class folders (`seg_train/seg_train/…`). */
async function unwrap(folder: string): Promise<string> {
  const only = await onlyWrapped(folder, await listFolders(folder));
  return only ? unwrap(only) : folder;
}

/** The one subfolder with images, if the images lie in folders of its own and none in `folder` itself. */
async function onlyWrapped(folder: string, names: string[]): Promise<string | null> {
  const withImages: string[] = [];
  for (const name of names) if (await hasImages(path.join(folder, name))) withImages.push(name);
  if (withImages.length !== 1 || (await imagesDirectlyIn(folder)).length > 0) return null;
  const inner = path.join(folder, withImages[0]);
  return (await holdsClasses(inner)) && (await imagesDirectlyIn(inner)).length === 0 ? inner : null;
}

async function holdsClasses(folder: string): Promise<boolean> {
  for (const name of await listFolders(folder)) if (await hasImages(path.join(folder, name))) return true;
  return classesByFileName(await imagesDirectlyIn(folder)) !== null;
}

async function imagesDirectlyIn(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  return entries
    .filter((e) => !e.isDirectory() && isImageName(e.name))
    .map((e) => path.join(folder, e.name))
    .sort(byName);
}

/** The classes of a folder: its subfolders, in the file's order if it gives one; subfolders without images are named in `empty`. */
export async function listClasses(
  folder: string,
  wantedOrder: string[] | null,
): Promise<{ classes: ClassFiles[]; empty: string[]; byFileName: boolean }> {
  const classes: ClassFiles[] = [];
  const empty: string[] = [];
  for (const name of wantedOrder ?? (await listFolders(folder))) {
    const files = await listImages(path.join(folder, name));
    if (files.length > 0) classes.push({ name, files });
    else empty.push(name);
  }
  if (classes.length > 0) return { classes, empty, byFileName: false };
  const named = classesByFileName(await imagesDirectlyIn(folder));
  return { classes: named ?? [], empty, byFileName: named !== null };
}

/** Kaggle's `cat.0.jpg`, `dog.17.jpg` in one folder: the word before the number is the class. Null unless that gives 2 to 20 classes. */
function classesByFileName(files: string[]): ClassFiles[] | null {
  const classes = new Map<string, string[]>();
  for (const file of files) {
    const prefix = /^([a-z]+)[._ -]*\(?\d+\)?\.[a-z]+$/i.exec(path.basename(file))?.[1];
    if (!prefix) return null;
    const members = classes.get(prefix);
    if (members) members.push(file);
    else classes.set(prefix, [file]);
  }
  if (classes.size < 2 || classes.size > 20) return null;
  return [...classes].sort((a, b) => byName(a[0], b[0])).map(([name, members]) => ({ name, files: members }));
}
