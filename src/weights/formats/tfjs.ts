import type { JsonObject, JsonValue } from '../../common/json';
import { JoinedSource, type ByteSource } from '../byteSource';
import { decodeElements, knownElementType, type ElementType } from '../elementType';
import type { FoundFile, FoundTensor, OpenContext } from '../formatReader';
import { checkedLength, denseData, type TensorData } from '../tensorData';
import { damaged, WeightError } from '../weightError';
import { tfjsGraph } from './tfjsGraph';

const MAX_SHARDS = 100_000;

interface Group {
  paths: string[];
  weights: JsonObject[];
}

interface Quantization {
  type: ElementType;
  min: number;
  scale: number;
}

/** The groups of a weights manifest, or null when the JSON is none. */
function manifestOf(value: unknown): Group[] | null {
  const list = Array.isArray(value) ? value : (value as JsonObject | null)?.weightsManifest;
  if (!Array.isArray(list) || list.length === 0) return null;
  const groups = list as JsonObject[];
  const isGroup = (g: JsonObject | null): boolean => Array.isArray(g?.paths) && Array.isArray(g?.weights);
  return groups.every(isGroup) ? (groups as unknown as Group[]) : null;
}

export function looksLikeTfjs(value: unknown): boolean {
  return manifestOf(value) !== null;
}

/** TensorFlow.js: model.json with its weights manifest, or a manifest alone, and the shards beside it. */
export function readTfjs(value: unknown, { openBeside }: OpenContext): FoundFile {
  const groups = manifestOf(value) as Group[];
  const tensors = groups.flatMap((g) => readGroup(g, openBeside));
  if (Array.isArray(value))
    return { format: 'tfjs', producer: { format: 'weights manifest only' }, convention: 'keras', tensors, warnings: [] };
  const model = value as JsonObject;
  const producer: JsonObject = {};
  for (const key of ['format', 'generatedBy', 'convertedBy']) if (typeof model[key] === 'string') producer[key] = model[key];
  const topology = (model.modelTopology ?? {}) as JsonObject;
  if (typeof topology.keras_version === 'string') producer.keras_version = topology.keras_version;
  return { format: 'tfjs', producer, convention: 'keras', ...tfjsGraph(topology, tensors), warnings: [] };
}

function readGroup(group: Group, openBeside: (name: string) => ByteSource): FoundTensor[] {
  if (group.paths.length > MAX_SHARDS) damaged(`the manifest names ${group.paths.length} shards`);
  const shards = group.paths.map((p) => {
    if (typeof p !== 'string') damaged('the manifest names a shard that is no path');
    return openBeside(decodePath(p));
  });
  const source = new JoinedSource(shards, shards.length === 1 ? shards[0].label : 'the shards');
  let offset = 0;
  return group.weights.map((w) => {
    const tensor = readWeight(w, source, offset);
    offset += tensor.bytes;
    return tensor;
  });
}

function readWeight(entry: JsonObject | null, source: ByteSource, offset: number): FoundTensor {
  const { name, dtype, shape } = entry ?? {};
  if (typeof name !== 'string' || typeof dtype !== 'string' || !Array.isArray(shape))
    damaged('a weight in the manifest has no name, dtype and shape');
  const axes = shape as number[];
  const length = checkedLength(name, axes);
  if (dtype === 'string') {
    const bytes = stringBytes(source, offset, length);
    return { name, dtype, shape: axes, bytes, data: 'strings are not decoded' };
  }
  if (dtype === 'complex64') return { name, dtype, shape: axes, bytes: length * 8, data: 'complex64 values are not decoded' };
  const stored = quantization(name, entry?.quantization ?? null);
  const known = ['float32', 'int32', 'bool', 'uint8', 'float16', 'int8', 'uint16', 'int16', 'int64', 'float64'].includes(dtype);
  if (!known) damaged(`weight ${name} has the dtype ${dtype}`);
  const type = knownElementType(dtype);
  const bytes = length * (stored?.type.size ?? type.size);
  if (offset + bytes > source.size) damaged(`weight ${name} ends at byte ${offset + bytes} of its shards, which have ${source.size} bytes`);
  const data = stored ? dequantized(source, offset, stored, dtype === 'int32') : denseData(source, offset, length, type);
  return { name, dtype, shape: axes, bytes, data };
}

function quantization(name: string, value: JsonValue): Quantization | null {
  if (value === null || typeof value !== 'object' || Array.isArray(value)) return null;
  const { dtype, min, scale } = value;
  if (dtype === 'float16') return { type: knownElementType('float16'), min: 0, scale: 1 };
  if ((dtype !== 'uint8' && dtype !== 'uint16') || typeof min !== 'number' || typeof scale !== 'number')
    damaged(`weight ${name} is quantised in a way that is not known`);
  return { type: knownElementType(dtype as string), min: min as number, scale: scale as number };
}

/** value = q × scale + min, in double precision, rounded once. */
function dequantized(source: ByteSource, offset: number, { type, min, scale }: Quantization, isInteger: boolean): TensorData {
  return {
    read(start, end) {
      const out = decodeElements(type, source.read(offset + start * type.size, (end - start) * type.size));
      if (type.name === 'float16') return out;
      for (let i = 0; i < out.length; i++) {
        const value = out[i] * scale + min;
        out[i] = isInteger ? Math.round(value) : value;
      }
      return out;
    },
  };
}

/** Every string stands behind its length, in four bytes. */
function stringBytes(source: ByteSource, offset: number, length: number): number {
  if (length * 4 > source.size) damaged(`${length} strings do not fit the shards' ${source.size} bytes`);
  let at = offset;
  for (let i = 0; i < length; i++) {
    const head = source.read(at, 4);
    at += 4 + new DataView(head.buffer, head.byteOffset, 4).getUint32(0, true);
  }
  return at - offset;
}

function decodePath(path: string): string {
  if (/^[a-z]+:\/\//i.test(path))
    throw new WeightError(`the manifest names a shard on the network (${path.slice(0, 80)})`, 'put it beside the file');
  return path;
}
