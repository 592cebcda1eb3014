import * as fs from 'node:fs/promises';
import * as path from 'node:path';

/** Names that Keras's loaders take for images; what is in them is looked at later. */
const imageName = /\.(jpe?g|jfif|png|bmp|gif|tiff?|webp|ppm)$/i;

export function isImageName(name: string): boolean {
  return imageName.test(name) && !name.startsWith('.');
}

/** As Python's sorted() orders names: by code point. */
export function byName(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The subfolders of a folder, sorted, hidden ones left out. */
export async function listFolders(folder: string): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  const names: string[] = [];
  for (const e of entries) {
    if (e.name.startsWith('.') || e.name === '__MACOSX') continue;
    if (e.isDirectory() || (e.isSymbolicLink() && (await isFolder(path.join(folder, e.name))))) names.push(e.name);
  }
  return names.sort(byName);
}

async function isFolder(p: string): Promise<boolean> {
  return (await fs.stat(p).catch(() => null))?.isDirectory() ?? false;
}

/** All image files below a folder, sorted as Keras sorts them (folder by folder, by name), at most `depth` levels down. */
export async function listImages(folder: string, depth = 6): Promise<string[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  const files = entries.filter((e) => !e.isDirectory() && isImageName(e.name)).map((e) => e.name);
  const found = files.sort(byName).map((name) => path.join(folder, name));
  if (depth > 0) for (const sub of await listFolders(folder)) found.push(...(await listImages(path.join(folder, sub), depth - 1)));
  return found;
}

/** Whether any image lies in a folder or below it. */
export async function hasImages(folder: string, depth = 6): Promise<boolean> {
  const entries = await fs.readdir(folder, { withFileTypes: true }).catch(() => []);
  if (entries.some((e) => !e.isDirectory() && isImageName(e.name))) return true;
  if (depth > 0) for (const sub of await listFolders(folder)) if (await hasImages(path.join(folder, sub), depth - 1)) return true;
  return false;
}
