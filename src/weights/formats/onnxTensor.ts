import { ByteReader } from '../byteReader';
import { MemorySource, SliceSource, type ByteSource } from '../byteSource';
import { elementType } from '../elementType';
import type { FoundTensor } from '../formatReader';
import { packedData, packedSize } from '../packedBits';
import { varint, type Field, type Message } from '../protobuf';
import { RepeatedValues } from '../repeatedValues';
import { checkedLength, denseData } from '../tensorData';
import { damaged } from '../weightError';

/** TensorProto.DataType of onnx.proto. */
const TYPES = [
  'undefined',
  'float32',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'int32',
  'int64',
  'string',
  'bool',
  'float16',
  'float64',
  'uint32',
  'uint64',
  'complex64',
  'complex128',
  'bfloat16',
  'float8_e4m3fn',
  'float8_e4m3fnuz',
  'float8_e5m2',
  'float8_e5m2fnuz',
  'uint4',
  'int4',
  'float4_e2m1fn',
  'float8_e8m0fnu',
  'uint2',
  'int2',
];

/** Reads a TensorProto: raw bytes, typed fields, or data in another file. */
export function onnxTensor(message: Message, fallbackName: string, openBeside: (name: string) => ByteSource): FoundTensor {
  const shape: number[] = [];
  const fixed = new RepeatedValues();
  const numbers: Field[] = [];
  const external = new Map<string, string>();
  let type = 0;
  let name = '';
  let raw: Field | null = null;
  let isExternal = false;
  for (const f of message.fields()) {
    if (f.number === 1) shape.push(...message.integers(f).map(Number));
    else if (f.number === 2) type = Number(f.value);
    else if (f.number === 4 || f.number === 10) fixed.add(f);
    else if (f.number === 5 || f.number === 7 || f.number === 11) numbers.push(f);
    else if (f.number === 8) name = message.text(f);
    else if (f.number === 9 && f.wire === 2) raw = f;
    else if (f.number === 13) external.set(...keyAndValue(message.message(f)));
    else if (f.number === 14) isExternal = f.value === 1;
  }
  name ||= fallbackName;
  const dtype = TYPES[type] ?? `type ${type}`;
  const length = checkedLength(name, shape);
  const element = elementType(dtype);
  const size = element?.size ?? packedSize(dtype) ?? 0;
  const bytes = Math.ceil(length * size);
  const base = { name, dtype, shape, bytes };
  if (!size) return { ...base, bytes: raw ? raw.end - raw.start : 0, data: `${dtype} values are not decoded` };
  const source = stored();
  if (source.size < bytes) damaged(`tensor ${name} of ${dtype} [${shape.join(', ')}] has ${source.size} bytes instead of ${bytes}`);
  return { ...base, data: element ? denseData(source, 0, length, element) : packedData(source, length, dtype) };

  function stored(): ByteSource {
    if (isExternal) return externalData();
    if (raw) return new SliceSource(message.source, raw.start, raw.end - raw.start, name);
    if (fixed.bytes > 0) return fixed.source(message, name);
    // Values of four or two bits share one number.
    return packNumbers(message, numbers, Math.max(1, size), size < 1 ? bytes : length, name);
  }

  function externalData(): ByteSource {
    const location = external.get('location');
    if (!location) damaged(`tensor ${name} has its data in another file that it does not name`);
    const file = openBeside(location as string);
    const offset = Number(external.get('offset') ?? 0);
    return new SliceSource(file, offset, Number(external.get('length') ?? bytes), `${name} in ${location}`);
  }
}

function keyAndValue(message: Message): [string, string] {
  let [key, value] = ['', ''];
  for (const f of message.fields()) {
    if (f.number === 1) key = message.text(f);
    else if (f.number === 2) value = message.text(f);
  }
  return [key, value];
}

/** int32_data and int64_data hold every number as a varint, whatever its own size. */
function packNumbers(message: Message, fields: Field[], size: number, length: number, name: string): ByteSource {
  const stored = fields.reduce((sum, f) => sum + (f.wire === 0 ? 1 : f.end - f.start), 0);
  // A varint has at least one byte: no more numbers can be there.
  if (stored < length) damaged(`tensor ${name} has fewer than its ${length} values`);
  const out = new Uint8Array(length * size);
  const view = new DataView(out.buffer);
  let at = 0;
  const put = (value: number | bigint): void => {
    if (at + size > out.length) damaged(`tensor ${name} has more than its ${length} values`);
    const low = typeof value === 'bigint' ? value : BigInt(value);
    if (size === 8) view.setBigUint64(at, BigInt.asUintN(64, low), true);
    else if (size === 4) view.setUint32(at, Number(BigInt.asUintN(32, low)), true);
    else if (size === 2) view.setUint16(at, Number(BigInt.asUintN(16, low)), true);
    else out[at] = Number(BigInt.asUintN(8, low));
    at += size;
  };
  for (const f of fields) {
    if (f.wire === 0) put(f.value);
    else for (const r = new ByteReader(message.source, f.start, f.end); r.offset < f.end;) put(varint(r));
  }
  if (at !== out.length) damaged(`tensor ${name} has ${at / size} values instead of ${length}`);
  return new MemorySource(out, name);
}
