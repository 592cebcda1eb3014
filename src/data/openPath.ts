import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import type { DataRef } from '../common/dataSpec';
import { openArrays } from './arrays/openArrays';
import { openCifar } from './arrays/openCifar';
import { openCsv } from './arrays/openCsv';
import { DataError, describeIoError } from './dataError';
import type { DatasetWishes } from './datasetWishes';
import { looksLikeIdx } from './idx';
import { findIdxFiles, findIdxFilesByContent } from './idxFiles';
import { hasImages } from './images/listImages';
import { openImageFolder } from './images/openImageFolder';
import type { SourceSets } from './imageSet';
import { openMaskFolder } from './masks/openMaskFolder';
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
  const masks = wanted.masks ? await openMaskFolder(ref, wanted) : null;
  if (masks) return masks;
  const idx = (await findIdxFiles(ref.path)) ?? (await findIdxFilesByContent(ref.path));
  if (idx) return openIdx(idx, ref.path, wanted.spec.name ?? null);
  const cifar = await openCifar(ref.path);
  if (cifar) return cifar;
  const arrays = (await hasImages(ref.path)) ? null : await arrayFileIn(ref.path);
  if (arrays) return openFile({ ...ref, path: arrays }, wanted);
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
  if (isArrays(head)) return openArrays(ref.path, wanted);
  if (isText(head)) return openCsv(ref.path, wanted);
  throw new DataError(ref.path, 'is no data file that is understood', 'choose a folder of images, MNIST files, a .npz, .npy or .csv file');
}

/** A NumPy array, a zip (.npz), HDF5 or a pickle. */
function isArrays(head: Uint8Array): boolean {
  const text = new TextDecoder('latin1').decode(head);
  return text.startsWith('\x93NUMPY') || text.startsWith('PK\x03\x04') || text.startsWith('\x89HDF') || head[0] === 0x80;
}

function isText(head: Uint8Array): boolean {
  return head.length > 0 && head.every((b) => b >= 32 || b === 9 || b === 10 || b === 13);
}

/** The one data file of a folder that holds neither MNIST files nor images: a training one first. */
async function arrayFileIn(folder: string): Promise<string | null> {
  const names = (await fs.readdir(folder)).filter((n) => /\.(npz|npy|csv)$/i.test(n)).sort();
  const best =
    names.find((n) => /train/i.test(n) && !/label|(^|_)y/i.test(n)) ?? names.find((n) => !/label|(^|_)y|test|submission/i.test(n));
  return best ? path.join(folder, best) : null;
}
