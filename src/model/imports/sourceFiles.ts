import type { ArrayShape } from '../../common/dataSpec';

/** A file or folder in a folder. */
export interface DiskEntry {
  name: string;
  isFolder: boolean;
}

/** Files beside the one that is read. Paths are absolute and `/`-separated, on whatever file system they are. */
export interface SourceFiles {
  /** Names of a folder's entries; empty when there is no such folder. */
  list(folder: string): Promise<readonly string[]>;
  /** The text of a file as it is now, in an editor or on disk; null when there is none, or it is too large to be a source. */
  read(path: string): Promise<string | null>;
  /** What a folder holds, sorted by name; null when there is no such folder. */
  entries?(folder: string): Promise<readonly DiskEntry[] | null>;
  /** Shapes of the arrays in a .npy or .npz, from its headers; null when it is none. */
  arrays?(path: string): Promise<readonly ArrayShape[] | null>;
  /** Names of a table's columns, from its first line; null when it is none. */
  columns?(path: string): Promise<readonly string[] | null>;
  /** The folder that imports stay inside of: the workspace's, or the project's. */
  readonly root: string;
}

/** A file larger than this is data or generated: it is not followed. */
export const MAX_IMPORTED_CHARACTERS = 200_000;

/** How much of other files one reading may take in. */
export const MAX_IMPORTED_FILES = 60;
export const MAX_ALL_CHARACTERS = 800_000;

/** `a/b/../c` as `a/c`. */
export function normalPath(path: string): string {
  const parts: string[] = [];
  for (const part of path.split('/')) {
    if (part === '..' && parts.length > 0 && parts.at(-1) !== '') parts.pop();
    else if (part !== '.' && (part !== '' || parts.length === 0)) parts.push(part);
  }
  return parts.join('/');
}

/** The folder of a file or folder; the root's is itself. */
export function folderOf(path: string): string {
  const at = path.lastIndexOf('/');
  return at <= 0 ? path.slice(0, Math.max(at, 0)) : path.slice(0, at);
}

/** A path as it is written from a folder: `models/resnet.py`, `../common/blocks.py`. */
export function pathFrom(folder: string, path: string): string {
  const [from, to] = [folder.split('/'), path.split('/')];
  let same = 0;
  while (same < from.length && same < to.length - 1 && from[same] === to[same]) same++;
  return [...from.slice(same).map(() => '..'), ...to.slice(same)].join('/');
}

/** Whether a path is a folder or lies in it. */
export function isInside(folder: string, path: string): boolean {
  return path === folder || path.startsWith(folder.endsWith('/') ? folder : `${folder}/`);
}

/** Remembers what folders hold while one file is read, and asks for nothing outside of the root. */
export class KnownFiles {
  private readonly folders = new Map<string, Promise<ReadonlySet<string>>>();
  /** Files whose text was taken in, in order. */
  readonly used: string[] = [];
  private characters = 0;

  constructor(private readonly files: SourceFiles) {}

  isInside(path: string): boolean {
    return isInside(this.files.root, path);
  }

  async has(path: string): Promise<boolean> {
    const folder = folderOf(path);
    return (await this.entriesOf(folder)).has(path.slice(folder.length + 1));
  }

  /** Whether a folder holds an entry with a name like this. */
  async holds(folder: string, name: RegExp): Promise<boolean> {
    // Asking its parent first spares asking for folders that are not there.
    return (await this.has(folder)) && [...(await this.entriesOf(folder))].some((entry) => name.test(entry));
  }

  private entriesOf(folder: string): Promise<ReadonlySet<string>> {
    if (!isInside(this.files.root, folder)) return Promise.resolve(new Set());
    let entries = this.folders.get(folder);
    if (!entries) {
      entries = this.files.list(folder).then(
        (names) => new Set(names),
        () => new Set<string>(),
      );
      this.folders.set(folder, entries);
    }
    return entries;
  }

  /** The text of a file; null when it can't or may not be taken in. */
  async read(path: string): Promise<string | null> {
    if (this.used.length >= MAX_IMPORTED_FILES || !(await this.has(path))) return null;
    const text = await this.files.read(path).catch(() => null);
    if (text === null || text.length > MAX_IMPORTED_CHARACTERS || this.characters + text.length > MAX_ALL_CHARACTERS) return null;
    this.characters += text.length;
    this.used.push(path);
    return text;
  }
}
