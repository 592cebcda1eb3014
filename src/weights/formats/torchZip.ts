import type { JsonObject } from '../../common/json';
import { ByteReader } from '../byteReader';
import type { FoundFile } from '../formatReader';
import { readPickle } from '../pickle/readPickle';
import type { TorchStorage } from '../pickle/torchPickle';
import { GET_AGAIN, WeightError } from '../weightError';
import type { ZipEntry } from '../zipArchive';
import { torchFile } from './torchFile';

const DATA = /^((?:[^/]+\/)?)data\.pkl$/;

/** PyTorch's archives have one data.pkl, mostly in a folder. */
export function looksLikeTorchZip(entries: ZipEntry[]): boolean {
  return entries.some((e) => DATA.test(e.name));
}

/** What torch.save (since 1.6) and torch.jit.save wrote: a pickle, and one entry per storage. */
export function readTorchZip(entries: ZipEntry[]): FoundFile {
  const prefix = entries.map((e) => DATA.exec(e.name)?.[1]).find((p) => p !== undefined) ?? '';
  const byName = new Map(entries.map((e) => [e.name, e]));
  const text = (name: string): string | null => {
    const entry = byName.get(prefix + name);
    return entry && entry.size <= 256 ? Buffer.from(entry.open().read(0, entry.size)).toString('utf8').trim() : null;
  };
  const isScript = entries.some((e) => e.name === `${prefix}constants.pkl` || e.name.startsWith(`${prefix}code/`));
  const producer: JsonObject = { container: 'zip', version: text('version'), torchscript: isScript };
  const order = text('byteorder');
  if (order) producer.byteorder = order;
  const read = (part: 'data' | 'constants'): FoundFile | null => {
    const entry = byName.get(`${prefix}${part}.pkl`);
    if (!entry) return null;
    const pickle = readPickle(new ByteReader(entry.open()));
    return torchFile(pickle, producer, storagesIn(byName, `${prefix}${part}/`), order === 'big');
  };
  const found = read('data');
  if (!found) throw new WeightError('the archive has no data.pkl', GET_AGAIN);
  if (!isScript || found.tensors.length > 0) return found;
  // A frozen module has its weights among the constants of its code, which calls them CONSTANTS.c0, CONSTANTS.c1, …
  const constants = read('constants');
  if (!constants) return found;
  const tensors = constants.tensors.map((t) => ({ ...t, name: t.name.replace(/^(\d+)/, 'CONSTANTS.c$1') }));
  return { ...constants, tensors };
}

function storagesIn(entries: ReadonlyMap<string, ZipEntry>, folder: string): (key: string) => TorchStorage | null {
  const known = new Map<string, TorchStorage>();
  return (key) => {
    const entry = entries.get(folder + key);
    const storage = known.get(key) ?? (entry && { source: entry.open(), offset: 0, bytes: entry.size });
    if (storage) known.set(key, storage);
    return storage ?? null;
  };
}
