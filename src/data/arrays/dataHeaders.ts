import * as fs from 'node:fs/promises';
import type { ArrayShape } from '../../common/dataSpec';
import { openWeights } from '../../weights/openWeights';

/** Bytes in which the first line of a table has to end. */
const MAX_LINE = 256 * 1024;
const MAX_REMEMBERED = 50;
const known = new Map<string, { state: string; shapes: ArrayShape[] | null }>();

/** Names and shapes of the arrays in a .npy or .npz, from its headers; null when it can't be read. Remembered until the file changes. */
export async function arrayShapes(file: string): Promise<ArrayShape[] | null> {
  if (!/\.np[yz]$/i.test(file)) return null;
  const { size, mtimeMs } = await fs.stat(file);
  const state = `${size} ${mtimeMs}`;
  const last = known.get(file);
  if (last?.state === state) return last.shapes;
  const reader = await openWeights(file).catch(() => null);
  const shapes = reader?.info.tensors.map(({ name, shape }) => ({ name, shape })) ?? null;
  reader?.close();
  if (known.size >= MAX_REMEMBERED) known.clear();
  known.set(file, { state, shapes });
  return shapes;
}

/** Names of a comma-separated table's columns, from its first line; their numbers where that holds values already. Null when it is none. */
export async function tableColumns(file: string): Promise<string[] | null> {
  const handle = await fs.open(file);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(MAX_LINE), 0, MAX_LINE, 0);
    const text = buffer.toString('utf8', 0, bytesRead).replace(/^\uFEFF/, '');
    const end = /\r?\n/.exec(text)?.index ?? (bytesRead < MAX_LINE ? text.length : -1);
    if (end <= 0 || text.includes('\0')) return null;
    const cells = text.slice(0, end).match(/(?:"(?:[^"]|"")*"|[^,"])*(?:,|$)/g) ?? [];
    // The pattern also matches nothing at the end.
    const names = cells.slice(0, -1).map((c) => c.replace(/,$/, '').trim().replace(/^"|"$/g, ''));
    return names.every((n) => n !== '' && !Number.isNaN(Number(n))) ? names.map((_, i) => String(i)) : names;
  } finally {
    await handle.close();
  }
}
