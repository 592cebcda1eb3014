import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { looksLikeIdx } from './idx';
import { readHead } from './readWhole';

/** The files of an MNIST-like set. */
export interface IdxFiles {
  trainImages: string | null;
  trainLabels: string | null;
  testImages: string | null;
  testLabels: string | null;
}

/** `train-images-idx3-ubyte`, `train-images.idx3-ubyte.gz`, `emnist-letters-train-labels-idx1-ubyte`, … */
const usualName = /^(.*?)[-._]?(images|labels)[-._]idx([13])[-._]ubyte(\.gz)?$/i;

/** Folders people keep the files in, tried before all others. */
const usualFolders = ['mnist', 'MNIST', 'raw', 'data', 'dataset', 'datasets', 'MNIST_data', 'fashion', 'fashion-mnist', 'FashionMNIST'];
const skippedFolders = new Set(['node_modules', '__pycache__', 'venv', 'site-packages']);
const maxFolders = 400;
const maxDepth = 3;

/** Which part of a set a file with one of the usual names is, or null. */
export function idxRole(fileName: string): keyof IdxFiles | null {
  const match = usualName.exec(fileName);
  if (!match || (match[2].toLowerCase() === 'images') !== (match[3] === '3')) return null;
  const isTest = /t10k|test/i.test(match[1]);
  return `${isTest ? 'test' : 'train'}${match[2].toLowerCase() === 'images' ? 'Images' : 'Labels'}`;
}

/**
 * Looks for IDX files with the usual names in a folder and up to three levels below; the shallowest win, files of one folder and
 * plain ones before .gz. Null if there are no training or test images.
 */
export async function findIdxFiles(folder: string): Promise<IdxFiles | null> {
  let level = [folder];
  let visited = 0;
  for (let depth = 0; depth <= maxDepth && level.length > 0; depth++) {
    const next: string[] = [];
    const found: IdxFiles = { trainImages: null, trainLabels: null, testImages: null, testLabels: null };
    for (const dir of level) {
      if (++visited > maxFolders) return null;
      const entries = await fs.readdir(dir, { withFileTypes: true }).catch(() => []);
      for (const e of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
        const role = idxRole(e.name);
        if (e.isDirectory()) {
          if (!e.name.startsWith('.') && !skippedFolders.has(e.name)) next.push(path.join(dir, e.name));
        } else if (role && !found[role]) found[role] = path.join(dir, e.name);
      }
    }
    if (found.trainImages ?? found.testImages) return found;
    // Kaggle's copies lie in folders named like the file itself; others in mnist/, MNIST/raw, …
    const rank = (d: string): number => (idxRole(path.basename(d)) ? -1 : usualFolders.indexOf(path.basename(d)) >>> 0);
    level = next.sort((a, b) => rank(a) - rank(b));
  }
  return null;
}

/** Pairs the IDX files of one folder by what is in them when their names say nothing: images have three dimensions, labels one. */
export async function findIdxFilesByContent(folder: string): Promise<IdxFiles | null> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  const images: string[] = [];
  const labels: string[] = [];
  for (const e of entries.filter((f) => f.isFile()).slice(0, 50)) {
    const head = await readHead(path.join(folder, e.name), 4);
    if (looksLikeIdx(head)) (head[3] === 1 ? labels : images).push(path.join(folder, e.name));
  }
  const isTest = (f: string): boolean => /t10k|test/i.test(path.basename(f));
  const pick = (files: string[], test: boolean): string | null => files.find((f) => isTest(f) === test) ?? null;
  if (images.length === 0) return null;
  return {
    trainImages: pick(images, false),
    trainLabels: pick(labels, false),
    testImages: pick(images, true),
    testLabels: pick(labels, true),
  };
}
