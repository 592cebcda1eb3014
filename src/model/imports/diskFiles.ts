import type { Dirent } from 'node:fs';
import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import { folderEntries } from '../disk/folderMemory';
import { MAX_IMPORTED_CHARACTERS, folderOf, isInside, type DiskEntry, type SourceFiles } from './sourceFiles';

/** What lies in the top folder of a project, one of these at least. */
const PROJECT = new Set(['.git', 'pyproject.toml', 'setup.py', 'setup.cfg', 'requirements.txt', 'package.json', 'environment.yml']);
const MAX_LEVELS = 6;

/**
 * The files around a model source on disk. Imports are followed inside of the working folder if the file lies in it, else inside of the
 * project that the file belongs to, told by what such folders hold; at least beside the file.
 * @param headers how headers of data files are read
 */
export async function diskFiles(
  file: string,
  workingFolder: string,
  headers: Pick<SourceFiles, 'arrays' | 'columns'> = {},
): Promise<SourceFiles> {
  const folder = folderOf(toSlashes(path.resolve(file)));
  const working = toSlashes(workingFolder);
  return {
    root: isInside(working, folder) && working !== '' ? working : await projectFolder(folder),
    ...headers,
    list: (at) => fs.readdir(at || '/').catch(() => []),
    entries: async (at) => {
      const stat = await fs.stat(at || '/').catch(() => null);
      return stat?.isDirectory() ? folderEntries(at || '/', stat.mtimeMs, () => entriesOf(at || '/')) : null;
    },
    read: async (at) => {
      const stat = await fs.stat(at);
      return stat.isFile() && stat.size <= MAX_IMPORTED_CHARACTERS * 2 ? fs.readFile(at, 'utf8') : null;
    },
  };
}

/** What a folder holds; links count as what they lead to. */
async function entriesOf(folder: string): Promise<DiskEntry[]> {
  const entries = await fs.readdir(folder, { withFileTypes: true });
  const isFolder = async (e: Dirent) =>
    e.isSymbolicLink() ? (await fs.stat(path.join(folder, e.name)).catch(() => null))?.isDirectory() === true : e.isDirectory();
  return Promise.all(entries.map(async (e) => ({ name: e.name, isFolder: await isFolder(e) })));
}

async function projectFolder(folder: string): Promise<string> {
  let package_ = folder;
  let at = folder;
  for (let level = 0; level < MAX_LEVELS && at !== ''; level++, at = folderOf(at)) {
    const entries = await fs.readdir(at).catch((): string[] => []);
    if (entries.some((e) => PROJECT.has(e))) return at;
    // A package is imported from the folder around it.
    if (entries.includes('__init__.py')) package_ = folderOf(at);
  }
  return package_;
}

function toSlashes(file: string): string {
  return file.replaceAll(path.sep, '/');
}
