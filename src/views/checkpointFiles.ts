import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** Files that hold weights by themselves; shards and data files that belong to another one are left out. */
const WEIGHTS = /\.(h5|hdf5|keras|safetensors|npz|npy|pt|pth|th|ckpt|pkl|onnx|tflite|gguf|caffemodel|bin|state_dict)$|\.index$/i;
const PART = /-\d{5}-of-\d{5}\.|\.data-\d{5}-of-\d{5}$/i;
const by = new Intl.Collator('en', { numeric: true, sensitivity: 'base' });

/** The checkpoints among the names in a folder, in the order in which they were made as far as their numbers tell. */
export function checkpointFiles(names: readonly string[]): string[] {
  return names.filter((n) => WEIGHTS.test(n) && !PART.test(n) && !n.startsWith('.')).sort((a, b) => by.compare(a, b));
}

/** The checkpoints in a folder by their paths; none where it can't be read. */
export async function checkpointPaths(folder: string): Promise<string[]> {
  const names = await fs.readdir(folder).catch(() => []);
  return checkpointFiles(names).map((n) => path.join(folder, n));
}

/** Paths in the order in which checkpoints were made, as far as their numbers tell. */
export function sortedPaths(paths: readonly string[]): string[] {
  return [...paths].sort((a, b) => by.compare(a, b));
}
