import type { DiskEntry } from '../../imports/sourceFiles';
import { array } from '../arrayValue';
import type { Machine } from '../machine';
import { FALSE, NONE, bool, list, str, stringOf, tuple, unknown, type Arguments, type Value } from '../value';

/** More names than this are examples, not classes: their number is known, but not one by one. */
const MAX_NAMES = 64;

/** The names of a folder as a program gets them. */
function namesOf(entries: readonly DiskEntry[], prefix = ''): Value {
  const isFew = entries.length <= MAX_NAMES || (entries.every((e) => e.isFolder) && entries.length <= 1024);
  return isFew ? list(entries.map((e) => str(`${prefix}${e.name}`))) : array([entries.length]);
}

function noteRead(machine: Machine, folder: string, count: number, args: Arguments): void {
  machine.note('info', 'read-from-disk', `"${folder}" has ${count} ${count === 1 ? 'entry' : 'entries'} on disk now.`, args.site);
}

function listFolder(args: Arguments, machine: Machine): Value {
  const given = args.positional[0] ?? args.keywords.get('path') ?? str('.');
  const folder = stringOf(given);
  if (folder === null) return given.kind === 'unknown' ? given : unknown('the names in a folder');
  const entries = machine.disk?.folder(folder);
  if (!entries) return unknown(`what the folder "${folder}" holds, which is not there`);
  noteRead(machine, folder, entries.length, args);
  return namesOf(entries);
}

/** `os.walk(folder)`: its first step only. */
function walk(args: Arguments, machine: Machine): Value {
  const folder = stringOf(args.positional[0] ?? args.keywords.get('top'));
  const entries = folder === null ? null : machine.disk?.folder(folder);
  if (folder === null || !entries) return unknown('what a folder holds');
  noteRead(machine, folder, entries.length, args);
  const part = (isFolder: boolean) => namesOf(entries.filter((e) => e.isFolder === isFolder));
  return list([tuple([str(folder), part(true), part(false)])]);
}

/** `glob.glob('folder/*.jpg')`, with wildcards in the last part only. */
function glob(args: Arguments, machine: Machine): Value {
  const pattern = stringOf(args.positional[0] ?? args.keywords.get('pathname'));
  const parts = /^(.*?)\/?([^/]*[*?[][^/]*)(\/?)$/.exec(pattern ?? '');
  if (!parts || /[*?[]/.test(parts[1])) return unknown('the files that match a pattern');
  const [, folder, last, slash] = parts;
  const entries = machine.disk?.folder(folder || '.');
  if (!entries) return unknown(`what the folder "${folder || '.'}" holds, which is not there`);
  const regExp = new RegExp(
    `^${last
      .replace(/[.+^${}()|\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
  );
  const found = entries.filter((e) => (!slash || e.isFolder) && !e.name.startsWith('.') && regExp.test(e.name));
  noteRead(machine, folder || '.', entries.length, args);
  return namesOf(found, folder ? `${folder}/` : '');
}

/** Whether something is there: told of what stands in a folder that the program listed, else read as if it is not. */
const isThere =
  (test: (isFolder: boolean) => boolean) =>
  (args: Arguments, machine: Machine): Value => {
    const path = stringOf(args.positional[0] ?? NONE);
    const isFolder = path === null ? null : (machine.disk?.isFolder(path) ?? null);
    return isFolder === null ? FALSE : bool(test(isFolder));
  };

/** Functions of the standard library about files and folders: names are read from disk, nothing is changed. */
export const fileFunctions: Record<string, (args: Arguments, machine: Machine) => Value> = {
  'os.listdir': listFolder,
  'tensorflow.io.gfile.listdir': listFolder,
  'os.walk': walk,
  'glob.glob': glob,
  'tensorflow.io.gfile.glob': glob,
  'os.path.exists': isThere(() => true),
  'os.path.isfile': isThere((isFolder) => !isFolder),
  'os.path.isdir': isThere((isFolder) => isFolder),
};
