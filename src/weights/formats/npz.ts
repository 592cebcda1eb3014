import type { FoundFile, FoundTensor } from '../formatReader';
import type { ZipEntry } from '../zipArchive';
import { looksLikeNpy, npyTensors } from './npy';

/** Files that numpy.savez wrote: a zip archive of .npy files. */
export function readNpz(entries: ZipEntry[]): FoundFile {
  const tensors: FoundTensor[] = [];
  const warnings: string[] = [];
  for (const entry of entries) {
    const source = entry.open();
    const name = entry.name.replace(/\.npy$/, '');
    if (!looksLikeNpy(source.read(0, Math.min(16, source.size)))) {
      warnings.push(`the entry ${entry.name} is no array`);
      continue;
    }
    const found = npyTensors(source, name, name);
    for (const tensor of found.tensors) tensors.push(tensor);
    for (const warning of found.warnings) warnings.push(warning);
  }
  return { format: 'npy_npz', producer: {}, convention: 'unknown', tensors, warnings };
}
