import type { JsonObject, JsonValue } from '../../common/json';
import { parseJson } from '../boundedJson';
import { elementType } from '../elementType';
import type { FoundFile, FoundTensor } from '../formatReader';
import { torchElementSize } from '../pickle/torchPickle';
import { checkedLength, stridedData } from '../tensorData';
import { damaged } from '../weightError';
import { readZip, type ZipEntry } from '../zipArchive';
import { readTorchZip } from './torchZip';

const CONFIG = /^(.*\/)?data\/weights\/[^/]*weights_config\.json$/;
const STATE = /(^|\/)serialized_state_dict\.pt$/;
const MAX_CONFIG = 256 * 1024 * 1024;

/** torch.export's ScalarType (torch/_export/serde/schema.py). */
const TYPES: Record<number, string> = {
  1: 'uint8',
  2: 'int8',
  3: 'int16',
  4: 'int32',
  5: 'int64',
  6: 'float16',
  7: 'float32',
  8: 'float64',
  9: 'complex32',
  10: 'complex64',
  11: 'complex128',
  12: 'bool',
  13: 'bfloat16',
  28: 'uint16',
  29: 'float8_e4m3fn',
  30: 'float8_e5m2',
  31: 'float8_e4m3fnuz',
  32: 'float8_e5m2fnuz',
  33: 'float8_e8m0fnu',
  34: 'uint32',
  35: 'uint64',
};
const STRIDED = 7;

export function looksLikeTorchExport(entries: ZipEntry[]): boolean {
  return entries.some((e) => CONFIG.test(e.name) || STATE.test(e.name));
}

/** What torch.export.save wrote (.pt2): since 2.9 one entry per weight and a list of them, before that a state dictionary in an entry. */
export async function readTorchExport(entries: ZipEntry[]): Promise<FoundFile> {
  const state = entries.find((e) => STATE.test(e.name));
  if (state) {
    const found = readTorchZip(await readZip(state.open()));
    return { ...found, producer: { ...found.producer, container: 'exported program' } };
  }
  const byName = new Map(entries.map((e) => [e.name, e]));
  const tensors: FoundTensor[] = [];
  for (const entry of entries.filter((e) => CONFIG.test(e.name))) {
    if (entry.size > MAX_CONFIG) damaged(`${entry.name} has ${entry.size} bytes`);
    const { config } = parseJson(entry.open().read(0, entry.size), entry.name);
    const folder = entry.name.replace(/[^/]*$/, '');
    for (const [name, weight] of Object.entries(objectOf(config, entry.name)))
      tensors.push(readWeight(name, objectOf(weight, name), (file) => byName.get(folder + file)));
  }
  const order = [...byName].find(([name]) => /(^|\/)byteorder$/.test(name))?.[1];
  const isBigEndian = order !== undefined && Buffer.from(order.open().read(0, Math.min(order.size, 8))).toString() === 'big';
  if (isBigEndian) damaged('the exported program is big-endian, which is not read');
  return { format: 'pytorch', producer: { container: 'exported program' }, convention: 'torch', tensors, warnings: [] };
}

function readWeight(name: string, weight: JsonObject, find: (file: string) => ZipEntry | undefined): FoundTensor {
  const meta = objectOf(weight.tensor_meta, name);
  const dtype = TYPES[Number(meta.dtype)] ?? `type ${Number(meta.dtype)}`;
  const shape = integers(meta.sizes, name);
  const strides = integers(meta.strides, name);
  const size = torchElementSize(dtype);
  const base = { name, dtype, shape, bytes: checkedLength(name, shape) * size };
  const type = elementType(dtype);
  if (!type) return { ...base, data: `${dtype} values are not decoded` };
  if (weight.use_pickle === true || meta.layout !== STRIDED) return { ...base, data: 'values that are not plain are not decoded' };
  const entry = find(String(weight.path_name));
  if (!entry) return damaged(`tensor ${name} lies in ${String(weight.path_name)}, which the archive does not have`);
  const view = { offset: integers([meta.storage_offset], name)[0], shape, strides };
  return { ...base, data: stridedData(name, entry.open(), 0, Math.floor(entry.size / size), type, view) };
}

function objectOf(value: JsonValue | undefined, what: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) damaged(`${what} is not described by a JSON object`);
  return value as JsonObject;
}

/** Lengths that are numbers, and not symbols of the exported program. */
function integers(value: JsonValue | undefined, name: string): number[] {
  const list = Array.isArray(value) ? value : damaged(`tensor ${name} has no list of lengths`);
  return list.map((item) => {
    const number = objectOf(item, name).as_int;
    return typeof number === 'number' ? number : damaged(`tensor ${name} has a length that is no number`);
  });
}
