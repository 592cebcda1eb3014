import { JoinedSource, MemorySource, SliceSource, type ByteSource } from '../byteSource';
import { crc32c, unmaskCrc } from '../crc32c';
import { elementType } from '../elementType';
import type { FoundFile, FoundTensor } from '../formatReader';
import { Message } from '../protobuf';
import { readSortedTable } from '../sortedTable';
import { checkedLength, denseData, type TensorData } from '../tensorData';
import { damaged, WeightError } from '../weightError';
import { sliceName } from './sliceName';

/** DataType of tensorflow/core/framework/types.proto. */
const TYPES: Record<number, string> = {
  1: 'float32',
  2: 'float64',
  3: 'int32',
  4: 'uint8',
  5: 'int16',
  6: 'int8',
  7: 'string',
  8: 'complex64',
  9: 'int64',
  10: 'bool',
  11: 'int8',
  12: 'uint8',
  13: 'int32',
  14: 'bfloat16',
  15: 'int16',
  16: 'uint16',
  17: 'uint16',
  18: 'complex128',
  19: 'float16',
  22: 'uint32',
  23: 'uint64',
  24: 'float8_e5m2',
  25: 'float8_e4m3fn',
};

interface Entry {
  dtype: string;
  shape: number[];
  shard: number;
  offset: number;
  size: number;
  crc: number | null;
  slices: SliceSpec[];
}

/** Begin and length per axis; a length of -1 takes the whole axis. */
type SliceSpec = [number, number][];

/**
 * A TensorFlow checkpoint of the second version ("tensor bundle"): an index, which is a LevelDB table, and shards of data.
 * Format: tensorflow/core/protobuf/tensor_bundle.proto.
 * @param openShard Opens shard i of n.
 */
export function readTensorBundle(index: ByteSource, openShard: (i: number, n: number) => ByteSource): FoundFile {
  const entries = new Map<string, Entry>();
  const parts = new Map<string, Entry[]>();
  let shardCount = 1;
  let isBigEndian = false;
  for (const { key, value } of readSortedTable(index)) {
    const message = new Message(new MemorySource(value, index.label));
    if (key === '') {
      for (const f of message.fields()) {
        if (f.number === 1 && f.wire === 2)
          throw new WeightError(
            "the file is a checkpoint of TensorFlow's first format (before 0.12)",
            'save it again with a newer TensorFlow',
          );
        if (f.number === 1) shardCount = Number(f.value);
        else if (f.number === 2) isBigEndian = f.value === 1;
      }
    } else if (key.charCodeAt(0) === 0) {
      const name = sliceName(key);
      if (name !== null) parts.set(name, [...(parts.get(name) ?? []), readEntry(message)]);
    } else entries.set(Buffer.from(key, 'latin1').toString('utf8'), readEntry(message));
  }
  const opened = new Map<number, ByteSource>();
  const shard = (i: number): ByteSource => {
    if (!(i >= 0 && i < shardCount)) damaged(`the index refers to shard ${i} of ${shardCount}`);
    const source = opened.get(i) ?? openShard(i, shardCount);
    opened.set(i, source);
    return source;
  };
  const tensors: FoundTensor[] = [];
  let strings = 0;
  for (const [name, entry] of entries) {
    if (entry.dtype === 'string') strings += name === '_CHECKPOINTABLE_OBJECT_GRAPH' ? 0 : 1;
    else tensors.push(tensorOf(name, entry, parts.get(name) ?? [], shard, isBigEndian));
  }
  const warnings = strings ? [`${strings} tensors of strings are left out`] : [];
  return { format: 'tf_checkpoint', producer: { shards: shardCount }, convention: 'keras', tensors, warnings };
}

function tensorOf(name: string, entry: Entry, parts: Entry[], shard: (i: number) => ByteSource, isBigEndian: boolean): FoundTensor {
  const { dtype, shape } = entry;
  const length = checkedLength(name, shape);
  const type = elementType(dtype);
  const layer = layerOf(name);
  const base = { name, dtype, shape, bytes: length * (type?.size ?? 0), ...(layer ? { layer } : {}) };
  if (!type) return { ...base, bytes: entry.size, data: `${dtype} values are not decoded` };
  if (entry.slices.length > 0) {
    const source = joinSlices(name, entry, parts, type.size, shard);
    return source
      ? { ...base, data: denseData(source, 0, length, type, isBigEndian) }
      : { ...base, data: 'it is partitioned along several axes' };
  }
  if (entry.size !== base.bytes)
    damaged(`tensor ${name} of ${dtype} [${shape.join(', ')}] has ${entry.size} bytes instead of ${base.bytes}`);
  const source = new SliceSource(shard(entry.shard), entry.offset, entry.size, name);
  return { ...base, data: checked(name, denseData(source, 0, length, type, isBigEndian), source, type.size, entry.crc) };
}

/** Compares with the checksum when the values are read from begin to end. */
function checked(name: string, data: TensorData, source: ByteSource, size: number, crc: number | null): TensorData {
  if (crc === null) return data;
  let next = 0;
  let running = 0;
  return {
    read(start, end) {
      if (start === 0) next = running = 0;
      if (start === next) {
        running = crc32c(source.read(start * size, (end - start) * size), running);
        next = end;
        if (end * size === source.size && running !== unmaskCrc(crc)) damaged(`the values of tensor ${name} do not match their checksum`);
      }
      return data.read(start, end);
    },
  };
}

/** A variable partitioned along its first axis: its slices, in order, are the whole. */
function joinSlices(name: string, entry: Entry, parts: Entry[], size: number, shard: (i: number) => ByteSource): ByteSource | null {
  const isFull = (axis: number, [begin, length]: [number, number]): boolean =>
    length === -1 || (begin === 0 && length === entry.shape[axis]);
  if (!entry.slices.every((spec) => spec.every((s, axis) => axis === 0 || isFull(axis, s)))) return null;
  const specs = entry.slices.map((s) => s[0] ?? [0, -1]).sort((a, b) => a[0] - b[0]);
  if (parts.length !== specs.length) damaged(`tensor ${name} has ${parts.length} of its ${specs.length} parts`);
  const row = entry.shape.slice(1).reduce((a, b) => a * b, 1) * size;
  let at = 0;
  const sources = specs.map(([begin, length], i) => {
    const bytes = (length === -1 ? entry.shape[0] : length) * row;
    if (begin * row !== at || parts[i].size !== bytes) damaged(`the parts of tensor ${name} do not fit together`);
    at += bytes;
    return new SliceSource(shard(parts[i].shard), parts[i].offset, bytes, name);
  });
  return new JoinedSource(sources, name);
}

function readEntry(message: Message): Entry {
  const entry: Entry = { dtype: 'unknown', shape: [], shard: 0, offset: 0, size: 0, crc: null, slices: [] };
  for (const f of message.fields()) {
    if (f.number === 1) entry.dtype = TYPES[Number(f.value)] ?? `type ${f.value}`;
    else if (f.number === 2) entry.shape = readShape(message.message(f));
    else if (f.number === 3) entry.shard = Number(f.value);
    else if (f.number === 4) entry.offset = Number(f.value);
    else if (f.number === 5) entry.size = Number(f.value);
    else if (f.number === 6 && f.wire === 5) {
      const bytes = message.source.read(f.start, 4);
      entry.crc = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
    } else if (f.number === 7) entry.slices.push(readSlice(message.message(f)));
  }
  return entry;
}

function readShape(message: Message): number[] {
  const shape: number[] = [];
  for (const f of message.fields()) {
    if (f.number !== 2) continue;
    let size = 0;
    for (const dim of message.message(f).fields()) if (dim.number === 1) size = Number(dim.value);
    shape.push(size);
  }
  return shape;
}

function readSlice(message: Message): SliceSpec {
  const spec: SliceSpec = [];
  for (const f of message.fields()) {
    if (f.number !== 1) continue;
    const extent: [number, number] = [0, -1];
    for (const e of message.message(f).fields()) if (e.number === 1 || e.number === 2) extent[e.number - 1] = Number(e.value);
    spec.push(extent);
  }
  return spec;
}

/** `layer_with_weights-0/kernel/.ATTRIBUTES/VARIABLE_VALUE` belongs to layer_with_weights-0. */
function layerOf(name: string): string | null {
  return /^((?:[^/]+\/)*?layer_with_weights-\d+)\//.exec(name)?.[1] ?? null;
}
