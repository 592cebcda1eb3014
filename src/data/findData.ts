import * as os from 'node:os';
import * as path from 'node:path';
import type { DataRef, DataSpec } from '../common/dataSpec';
import { findNamedData } from './findNamedData';
import { byName, listFolders } from './images/listImages';
import { exists } from './readWhole';

/**
 * Looks on the disk for the data a model source names.
 * @param sourceFile absolute path of the model source; paths in it count from its folder
 * @param searchFolders further folders to look in, nearest first: the workspace's, the configured data folder
 * @returns null when the file names nothing or it is not there
 */
export async function findData(spec: DataSpec, sourceFile: string, searchFolders: string[]): Promise<DataRef | null> {
  const folders = [...new Set([path.dirname(sourceFile), ...searchFolders])];
  if (spec.kind === 'named') {
    // torchvision's root='./data' comes first.
    const root = spec.path ? await locate(spec.path, folders) : null;
    const found = await findNamedData(spec.name ?? '', [...(root ? [root] : []), ...folders, kerasCache()]);
    return found === null ? null : { kind: 'path', path: found };
  }
  if (spec.kind === 'unknown' || !spec.path) return null;
  const train = await locate(spec.path, folders);
  if (train === null) return null;
  const validation = spec.validationPath ? await locate(spec.validationPath, folders) : null;
  const test = spec.testPath ? await locate(spec.testPath, folders) : await testBeside(train, validation);
  return { kind: 'path', path: train, ...(validation && { validationPath: validation }), ...(test && { testPath: test }) };
}

/** Where Keras keeps what it downloads. */
export function kerasCache(): string {
  return path.join(process.env.KERAS_HOME ?? path.join(os.homedir(), '.keras'), 'datasets');
}

/**
 * Finds a path written in a file: as it stands, from each of the folders, or by its last parts only, since files often name places of
 * another machine (`/content/drive/…/dataset/training_set`).
 */
async function locate(written: string, folders: string[]): Promise<string | null> {
  const plain = written.replace(/^~(?=[\\/])/, os.homedir());
  if (path.isAbsolute(plain) && (await exists(plain))) return path.normalize(plain);
  const parts = plain.split(/[\\/]+/).filter((p) => p !== '' && p !== '.' && !/^[a-z]:$/i.test(p));
  const isRelative = !path.isAbsolute(plain) && !/^[a-z]:/i.test(plain);
  const tails = isRelative ? [parts] : [];
  for (let from = 0; from < parts.length; from++) {
    const tail = parts.slice(from);
    // `..` can only be followed from the place it was written for.
    if (!tail.includes('..')) tails.push(tail);
  }
  for (const tail of tails) {
    for (const folder of folders) {
      const candidate = path.join(folder, ...tail);
      if (candidate !== folder && (await exists(candidate))) return candidate;
    }
  }
  return null;
}

/** A `test_set` beside `training_set`, if the file does not already validate on it. */
async function testBeside(train: string, validation: string | null): Promise<string | null> {
  if (!/train/i.test(path.basename(train))) return null;
  const parent = path.dirname(train);
  const names = (await listFolders(parent)).filter((n) => /(^|[^a-z])test(ing)?([^a-z]|$)/i.test(n)).sort(byName);
  const found = names.map((n) => path.join(parent, n)).find((p) => p !== validation && p !== train);
  return found ?? null;
}
