import type { ArrayShape } from '../../common/dataSpec';
import { KnownFiles, folderOf, isInside, normalPath, type DiskEntry, type SourceFiles } from '../imports/sourceFiles';

type Question = 'folder' | 'arrays' | 'columns' | 'text';

interface Answers {
  folder: readonly DiskEntry[];
  arrays: readonly ArrayShape[];
  columns: readonly string[];
  text: string;
}

/** How many different things one reading may ask for. */
const MAX_QUESTIONS = 80;
/** Questions that files asked when they were read last: they are answered before the next reading, which then runs once. */
const asked = new Map<string, string[]>();
const MAX_REMEMBERED = 100;

/**
 * What is really on disk of what a program works with: names in folders, shapes in files of arrays, columns of tables. Only listings and
 * headers are read, inside of the workspace only. The evaluator asks while it runs and goes on without an answer; what was asked is then
 * looked up (`answer`), and the program is run again if something was found.
 */
export class DiskFacts {
  private readonly known: KnownFiles;
  private readonly answers = new Map<string, unknown>();
  private readonly open = new Set<string>();
  private readonly places = new Set<string>();

  constructor(
    /** The model source, absolute. */
    private readonly home: string,
    private readonly files: SourceFiles,
  ) {
    this.known = new KnownFiles(files);
    for (const key of asked.get(home) ?? []) this.open.add(key);
  }

  /** Files and folders that were looked into: when one changes, so may the answers. */
  get paths(): string[] {
    return [...this.places];
  }

  /** What a folder holds, sorted by name as Python sorts; null when there is none, or it is not known yet. */
  folder(written: string): readonly DiskEntry[] | null {
    return this.ask('folder', written);
  }

  /** The folders in a folder: its classes, for those who read images. Null when there are none, or it is not known yet. */
  classes(written: string): string[] | null {
    const names = this.folder(written)?.flatMap((e) => (e.isFolder ? [e.name] : []));
    return names && names.length > 0 ? names : null;
  }

  /** Shapes of the arrays in a .npy or .npz. */
  arrays(written: string): readonly ArrayShape[] | null {
    return this.ask('arrays', written);
  }

  /** Names of a table's columns; their numbers where it has no head. */
  columns(written: string): readonly string[] | null {
    return this.ask('columns', written);
  }

  /** A small text. */
  text(written: string): string | null {
    return this.ask('text', written);
  }

  /** Whether a path is a folder, when the program has listed the one around it; null when that is not known. */
  isFolder(written: string): boolean | null {
    const at = written.replace(/\/+$/, '').lastIndexOf('/');
    const around = this.answers.get(keyOf('folder', at < 0 ? '.' : written.slice(0, at))) as Answers['folder'] | null | undefined;
    if (!around) return null;
    const name = written.replace(/\/+$/, '').slice(at + 1);
    return around.find((e) => e.name === name)?.isFolder ?? null;
  }

  private ask<K extends Question>(what: K, written: string): Answers[K] | null {
    const key = keyOf(what, written);
    const found = this.answers.get(key);
    if (found === undefined && this.answers.size + this.open.size < MAX_QUESTIONS) this.open.add(key);
    return (found as Answers[K] | null | undefined) ?? null;
  }

  /** Looks up what was asked and is still open. Whether anything was found. */
  async answer(): Promise<boolean> {
    const keys = [...this.open];
    this.open.clear();
    const found = await Promise.all(keys.map((key) => this.find(key).catch(() => null)));
    keys.forEach((key, i) => this.answers.set(key, found[i]));
    remember(this.home, [...this.answers.keys()]);
    return found.some((f) => f !== null);
  }

  private async find(key: string): Promise<unknown> {
    const at = key.indexOf(' ');
    const what = key.slice(0, at) as Question;
    const path = await this.locate(key.slice(at + 1));
    if (path === null) return null;
    this.places.add(path);
    switch (what) {
      case 'folder':
        return (await this.files.entries?.(path)) ?? null;
      case 'arrays':
        return (await this.files.arrays?.(path)) ?? null;
      case 'columns':
        return (await this.files.columns?.(path)) ?? null;
      case 'text':
        return this.files.read(path);
    }
  }

  /**
   * Where a path that a program names lies in the workspace: as it stands, from the program's folder, from the workspace's, or by its
   * last parts, since files often name places of another machine (`/content/drive/…/data/train`). Data for training is found in the
   * same way (`data/findData.ts`).
   */
  private async locate(written: string): Promise<string | null> {
    const plain = written.replaceAll('\\', '/');
    const isAbsolute = plain.startsWith('/') || /^[a-z]:\//i.test(plain);
    if (isAbsolute && isInside(this.files.root, normalPath(plain)) && (await this.known.has(normalPath(plain)))) return normalPath(plain);
    const parts = plain.split('/').filter((p) => p !== '' && p !== '.' && p !== '~' && !/^[a-z]:$/i.test(p));
    const bases = [...new Set([folderOf(this.home), this.files.root])];
    if (parts.length === 0) return isAbsolute ? null : bases[0];
    const tails = parts.map((_, from) => parts.slice(from)).filter((tail, i) => (i === 0 && !isAbsolute) || !tail.includes('..'));
    for (const tail of tails) {
      for (const base of bases) {
        const path = normalPath([base, ...tail].join('/'));
        if (path !== base && isInside(this.files.root, path) && (await this.known.has(path))) return path;
      }
    }
    return null;
  }
}

const keyOf = (what: Question, written: string): string => `${what} ${written.replace(/(.)\/+$/, '$1')}`;

function remember(home: string, keys: string[]): void {
  asked.delete(home);
  if (keys.length > 0) asked.set(home, keys);
  for (const oldest of asked.keys()) {
    if (asked.size <= MAX_REMEMBERED) break;
    asked.delete(oldest);
  }
}
