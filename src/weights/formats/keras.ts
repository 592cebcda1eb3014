import type { JsonObject, JsonValue } from '../../common/json';
import { parseJson } from '../boundedJson';
import { MemorySource, type ByteSource } from '../byteSource';
import type { FoundFile, FoundTensor } from '../formatReader';
import { WeightError } from '../weightError';
import type { ZipEntry } from '../zipArchive';
import { readHdf5 } from './hdf5';
import { kerasGraph } from './kerasGraph';

/** A packed HDF5 file has to be unpacked into memory. */
const MAX_UNPACKED = 1024 * 1024 * 1024;

/** A .keras file of Keras 3: its topology and weights in a zip archive. */
export function looksLikeKerasZip(entries: ZipEntry[]): boolean {
  return entries.some((e) => e.name === 'config.json') && entries.some((e) => e.name.endsWith('.weights.h5'));
}

export async function readKerasZip(entries: ZipEntry[]): Promise<FoundFile> {
  const json = (name: string): JsonObject => {
    const entry = entries.find((e) => e.name === name);
    if (!entry) return {};
    if (entry.size > 256 * 1024 * 1024) throw new WeightError(`${name} has ${entry.size} bytes`, 'give a file that Keras saved');
    return parseJson(entry.open().read(0, entry.size), name);
  };
  const weights = entries.filter((e) => e.name.endsWith('.weights.h5'));
  if (weights.length > 1)
    throw new WeightError(`the archive holds weights in ${weights.length} files`, 'unpack it and open its files one by one');
  const found = await readHdf5(randomAccess(weights[0]));
  const graph = found.graph?.length ? found.graph : kerasGraph(json('config.json'), found.tensors);
  // HDF5 sorts groups by name; the topology knows the order.
  const place = new Map(graph.map((node, k) => [node.name, k]));
  const rank = (t: FoundTensor): number => place.get(t.layer ?? '') ?? graph.length;
  const tensors = [...found.tensors].sort((a, b) => rank(a) - rank(b));
  const producer = { ...found.producer, ...shortValues(json('metadata.json')) };
  return { ...found, format: 'keras_v3', convention: 'keras', producer, tensors, graph };
}

function randomAccess(entry: ZipEntry): ByteSource {
  if (!entry.isCompressed) return entry.open();
  if (entry.size > MAX_UNPACKED)
    throw new WeightError(`${entry.name} has ${entry.size} bytes and is packed`, 'unpack the archive and open that file');
  return new MemorySource(entry.open().read(0, entry.size), entry.name);
}

function shortValues(object: JsonObject): JsonObject {
  const isShort = (v: JsonValue): boolean => typeof v !== 'object' && String(v).length <= 200;
  return Object.fromEntries(Object.entries(object).filter(([, v]) => isShort(v)));
}
