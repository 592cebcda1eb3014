import type { DiskEntry } from '../imports/sourceFiles';

/** Folders of examples are large; smaller ones are listed again every time. */
const MIN_ENTRIES = 500;
/** A folder that changed a moment ago may change again without a new time. */
const SETTLED_MILLISECONDS = 2000;
const MAX_FOLDERS = 40;

const known = new Map<string, { changed: number; entries: readonly DiskEntry[] }>();

/**
 * What a folder holds, sorted by name as Python sorts, remembered while the folder stays as it is, so that typing does not list a hundred thousand images again and again.
 * @param id of the folder, on whatever file system
 * @param changed when an entry was last added or taken away, in milliseconds
 */
export async function folderEntries(id: string, changed: number, list: () => Promise<readonly DiskEntry[]>): Promise<readonly DiskEntry[]> {
  const last = known.get(id);
  if (last?.changed === changed) return last.entries;
  const entries = [...(await list())].sort((a, b) => (a.name < b.name ? -1 : 1));
  known.delete(id);
  if (entries.length >= MIN_ENTRIES && Date.now() - changed > SETTLED_MILLISECONDS) {
    if (known.size >= MAX_FOLDERS) known.clear();
    known.set(id, { changed, entries });
  }
  return entries;
}
