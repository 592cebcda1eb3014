import * as path from 'node:path';
import { findIdxFiles } from './idxFiles';
import { byName, listFolders } from './images/listImages';
import { nameFromPath } from './namedSets';
import { exists } from './readWhole';

/** Files and folders that hold a named set, below a folder one looks in, as Keras and torchvision name them. */
const places: Record<string, string[] | undefined> = {
  mnist: ['mnist.npz'],
  fashion_mnist: ['fashion-mnist', 'fashion_mnist.npz'],
  cifar10: [
    'cifar-10-batches-py',
    'cifar-10-batches-py-target/cifar-10-batches-py',
    'cifar-10-batches-bin',
    'cifar10/cifar-10-batches-py',
    'cifar-10',
  ],
  cifar100: ['cifar-100-python', 'cifar-100-python-target/cifar-100-python', 'cifar-100-binary', 'cifar-100'],
};

/** Folders in which such files often lie. */
const containers = ['', 'data', 'dataset', 'datasets', 'input'];

/**
 * Looks for a data set known by name (`mnist`, `fashion_mnist`, `cifar10`, `cifar100`) in some folders, in their order.
 * @returns the file or folder to open, or null
 */
export async function findNamedData(name: string, folders: string[]): Promise<string | null> {
  for (const folder of folders) {
    for (const container of containers) {
      for (const place of places[name] ?? []) {
        const candidate = path.join(folder, container, place);
        if (await exists(candidate)) return candidate;
      }
    }
    if (name === 'mnist' || name === 'fashion_mnist') {
      const found = await findIdxOf(name, folder);
      if (found) return found;
    }
  }
  return null;
}

/** The folder of the IDX files of this set, and not of one of the sets that took over MNIST's file names. */
async function findIdxOf(name: string, folder: string): Promise<string | null> {
  const candidates = [folder];
  // Two sets side by side, as torchvision has MNIST/raw and FashionMNIST/raw: each is looked at by itself.
  for (const container of containers)
    for (const sub of await listFolders(path.join(folder, container)))
      if (/mnist/i.test(sub)) candidates.push(path.join(folder, container, sub));
  for (const candidate of candidates.sort((a, b) => Number(isOf(name, b)) - Number(isOf(name, a)) || byName(a, b))) {
    const files = await findIdxFiles(candidate);
    const file = files?.trainImages ?? files?.testImages;
    if (file && isOf(name, file)) return path.dirname(file);
  }
  return null;
}

/** Files whose path names no set are MNIST itself. */
function isOf(name: string, file: string): boolean {
  if (/emnist|kmnist|qmnist/i.test(file)) return false;
  return (nameFromPath(file) ?? 'mnist') === name;
}
