import type { JsonObject } from '../../common/json';
import type { ByteSource } from '../byteSource';
import type { FoundFile, OpenContext } from '../formatReader';
import { damaged } from '../weightError';

const MAX_SHARDS = 10_000;

export function looksLikeShardIndex(value: unknown): boolean {
  const map = (value as JsonObject | null)?.weight_map;
  return typeof map === 'object' && map !== null && !Array.isArray(map);
}

/**
 * An index over shards (`model.safetensors.index.json`, `pytorch_model.bin.index.json`, Keras's `model.weights.json`): which tensor, or
 * group of them, is in which file or files.
 * @param read Reads one shard.
 */
export async function readSharded(
  value: JsonObject,
  context: OpenContext,
  read: (source: ByteSource) => Promise<FoundFile>,
): Promise<FoundFile> {
  const map = new Map(Object.entries(value.weight_map as JsonObject).map(([name, file]) => [name, [file].flat().map(String)]));
  const files = [...new Set([...map.values()].flat())].sort();
  if (files.length > MAX_SHARDS) damaged(`the index names ${files.length} files`);
  if (files.length === 0) damaged('the index names no files');
  const shards: FoundFile[] = [];
  for (const file of files) shards.push(await read(context.openBeside(file)));
  const warnings = shards.flatMap((s, i) => s.warnings.map((w) => `${files[i]}: ${w}`));
  const tensors = shards.flatMap((s, i) => s.tensors.filter((t) => map.get(t.name)?.includes(files[i]) ?? true));
  // Keras maps groups of variables: `/layers/dense/vars`.
  const found = new Set(tensors.flatMap((t) => [t.name, `/${t.name.replace(/\/[^/]*$/, '')}`]));
  const missing = [...map.keys()].filter((name) => !found.has(name));
  if (missing.length) warnings.push(`${missing.length} tensors of the index are in no file, such as ${missing[0]}`);
  const order = new Map([...map.keys()].map((name, i) => [name, i]));
  const place = (name: string): number => order.get(name) ?? order.get(`/${name.replace(/\/[^/]*$/, '')}`) ?? order.size;
  tensors.sort((a, b) => place(a.name) - place(b.name));
  const [first] = shards;
  return {
    ...first,
    producer: { ...first.producer, shards: files.length },
    tensors,
    graph: shards.flatMap((s) => s.graph ?? []),
    warnings,
    close: () => shards.forEach((s) => s.close?.()),
  };
}
