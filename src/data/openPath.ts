import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { DataRef } from '../common/dataSpec';
import { DataError, describeIoError } from './dataError';
import type { DatasetWishes } from './datasetWishes';
import { looksLikeIdx } from './idx';
import { findIdxFiles, findIdxFilesByContent } from './idxFiles';
import { openImageFolder } from './images/openImageFolder';
import type { SourceSets } from './imageSet';
import { openIdx } from './openIdx';
import { readHead } from './readWhole';

type PathRef = Extract<DataRef, { kind: 'path' }>;

/**
 * Tells by content what lies at a path and opens it: the one place where formats are told apart.
 * @throws DataError when nothing known lies there.
 */
export async function openPath(ref: PathRef, wanted: DatasetWishes): Promise<SourceSets> {
  let isFolder: boolean;
  try {
    isFolder = (await fs.stat(ref.path)).isDirectory();
  } catch (error) {
    throw new DataError(ref.path, describeIoError(error), 'check the path, or choose another folder or the embedded data');
  }
  return isFolder ? openFolder(ref, wanted) : openFile(ref, wanted);
}

async function openFolder(ref: PathRef, wanted: DatasetWishes): Promise<SourceSets> {
  const idx = (await findIdxFiles(ref.path)) ?? (await findIdxFilesByContent(ref.path));
  if (idx) return openIdx(idx, ref.path, wanted.spec.name ?? null);
  const images = await openImageFolder(ref, wanted);
  if (images) return images;
  throw new DataError(
    ref.path,
    'holds no data that is understood',
    'choose a folder with one subfolder of images per class, or with the MNIST files',
  );
}

async function openFile(ref: PathRef, wanted: DatasetWishes): Promise<SourceSets> {
  const head = await readHead(ref.path, 16);
  if (looksLikeIdx(head)) {
    const folder = path.dirname(ref.path);
    const idx = (await findIdxFiles(folder)) ?? (await findIdxFilesByContent(folder));
    if (idx) return openIdx(idx, folder, wanted.spec.name ?? null);
  }
  throw new DataError(ref.path, 'is no data file that is understood', 'choose a folder of images, MNIST files, a .npz, .npy or .csv file');
}
