import type { JsonObject } from '../../common/json';
import { parseJson } from '../boundedJson';
import { elementType } from '../elementType';
import type { Convention, FoundFile, FoundTensor, OpenContext } from '../formatReader';
import { checkedLength, denseData } from '../tensorData';
import { damaged } from '../weightError';

/** The limit of the format's own reader. */
const MAX_HEADER = 100_000_000;

const DTYPES: Record<string, string> = {
  F64: 'float64',
  F32: 'float32',
  F16: 'float16',
  BF16: 'bfloat16',
  I64: 'int64',
  I32: 'int32',
  I16: 'int16',
  I8: 'int8',
  U64: 'uint64',
  U32: 'uint32',
  U16: 'uint16',
  U8: 'uint8',
  BOOL: 'bool',
  F8_E4M3: 'float8_e4m3fn',
  F8_E5M2: 'float8_e5m2',
  F8_E4M3FNUZ: 'float8_e4m3fnuz',
  F8_E5M2FNUZ: 'float8_e5m2fnuz',
  F8_E8M0: 'float8_e8m0fnu',
};

/** A SafeTensors file begins with the length of a JSON object. */
export function looksLikeSafetensors(head: Uint8Array, size: number): boolean {
  if (head.length < 9 || head[8] !== 0x7b) return false;
  const length = new DataView(head.buffer, head.byteOffset).getBigUint64(0, true);
  // With a quote behind the brace it is one, however damaged its length is.
  return head[9] === 0x22 || (length >= 2n && length <= BigInt(Math.max(size, MAX_HEADER)));
}

/** SafeTensors (https://github.com/huggingface/safetensors): a JSON header, then the values one after the other. */
export function readSafetensors({ source }: OpenContext): FoundFile {
  const head = source.read(0, 8);
  const headerLength = Number(new DataView(head.buffer, head.byteOffset).getBigUint64(0, true));
  if (headerLength > MAX_HEADER) damaged(`the header at byte 0 claims ${headerLength} bytes, more than SafeTensors allows`);
  if (headerLength > source.size - 8)
    damaged(`the header claims ${headerLength} bytes from byte 8 on, but the file ends at byte ${source.size}`);
  const header = parseJson(source.read(8, headerLength), `the header at byte 8`);
  const tensors: FoundTensor[] = [];
  let producer: JsonObject = {};
  const begin = 8 + headerLength;
  let end = begin;
  for (const [name, entry] of Object.entries(header)) {
    if (name === '__metadata__') {
      producer = { metadata: entry as JsonObject };
      continue;
    }
    const tensor = readEntry(name, entry as JsonObject | null);
    const [from, to] = tensor.range;
    if (begin + to > source.size) damaged(`tensor ${name} ends at byte ${begin + to}, but the file has ${source.size}`);
    end = Math.max(end, begin + to);
    const type = elementType(tensor.dtype);
    const length = checkedLength(name, tensor.shape);
    if (type && to - from !== length * type.size)
      damaged(`tensor ${name} of ${tensor.dtype} [${tensor.shape.join(', ')}] has ${to - from} bytes instead of ${length * type.size}`);
    const data = type ? denseData(source, begin + from, length, type) : `${tensor.dtype} values are not decoded`;
    tensors.push({ name, dtype: tensor.dtype, shape: tensor.shape, bytes: to - from, data });
  }
  const warnings = end < source.size ? [`${source.size - end} bytes after the last tensor belong to none`] : [];
  return { format: 'safetensors', producer, convention: conventionOf(producer, tensors), tensors, warnings };
}

function readEntry(name: string, entry: JsonObject | null): { dtype: string; shape: number[]; range: [number, number] } {
  const isNumbers = (v: unknown): v is number[] => Array.isArray(v) && v.every((n) => Number.isSafeInteger(n) && (n as number) >= 0);
  if (entry === null || typeof entry !== 'object') damaged(`the header's entry ${name} is no object`);
  const { dtype, shape, data_offsets: range } = entry;
  if (typeof dtype !== 'string' || !isNumbers(shape) || !isNumbers(range) || range.length !== 2 || range[0] > range[1])
    damaged(`the header's entry ${name} has no valid dtype, shape and data_offsets`);
  return { dtype: Object.hasOwn(DTYPES, dtype) ? DTYPES[dtype] : dtype, shape, range: [range[0], range[1]] };
}

function conventionOf(producer: JsonObject, tensors: FoundTensor[]): Convention {
  const format = (producer.metadata as JsonObject | undefined)?.format;
  if (format === 'pt') return 'torch';
  if (format === 'tf' || format === 'keras') return 'keras';
  if (tensors.some((t) => /\/kernel(:0)?$/.test(t.name))) return 'keras';
  return tensors.some((t) => /\.weight$/.test(t.name)) ? 'torch' : 'unknown';
}
