import type { JsonObject } from '../../common/json';
import type { WeightGraphNode, WeightLayout, WeightRole } from '../../common/weightFile';
import { elementType } from '../elementType';
import { FlatBuffer, type FlatTable } from '../flatBuffer';
import type { FoundFile, FoundTensor, OpenContext } from '../formatReader';
import { packedData, packedSize } from '../packedBits';
import { checkedLength, denseData } from '../tensorData';
import { damaged } from '../weightError';
import { tfliteOperator } from './tfliteOperator';

/** TensorType of the TFLite schema. */
const TYPES = [
  'float32',
  'float16',
  'int32',
  'uint8',
  'int64',
  'string',
  'bool',
  'int16',
  'complex64',
  'int8',
  'float64',
  'complex128',
  'uint64',
  'resource',
  'variant',
  'uint32',
  'uint16',
  'int4',
  'bfloat16',
  'int2',
  'uint4',
];
const MAX_OBJECTS = 1_000_000;

interface Stored {
  offset: number;
  size: number;
}

interface Node extends WeightGraphNode {
  taken: number[];
  made: number[];
}

export function looksLikeTflite(head: Uint8Array): boolean {
  return head.length >= 8 && String.fromCharCode(...head.subarray(4, 8)) === 'TFL3';
}

/** TensorFlow Lite (tensorflow/compiler/mlir/lite/schema/schema.fbs): all tensors that have values, as stored. */
export function readTflite({ source }: OpenContext): FoundFile {
  const buffer = new FlatBuffer(source);
  const model = buffer.root();
  const producer: JsonObject = { version: model.u32(0), description: model.text(3) };
  const buffers = [...bounded(model.tables(4))].map((b) => storedOf(b));
  // A byte at first, which became too small: the larger of the two counts.
  const codes = [...bounded(model.tables(1))].map((c) => tfliteOperator(Math.max(c.u8(0), c.i32(3)), c.text(1)));
  const tensors: FoundTensor[] = [];
  const graph: WeightGraphNode[] = [];
  let subgraph = 0;
  for (const g of bounded(model.tables(2))) {
    readSubgraph(g, subgraph === 0 ? '' : `${subgraph}/`);
    subgraph++;
  }
  return { format: 'tflite', producer, convention: 'unknown', tensors, graph, warnings: [] };

  function storedOf(b: FlatTable): Stored {
    const { start, length } = b.vector(0, 1);
    // Models over 2 GB keep their data behind the FlatBuffer.
    return length > 0 || b.u64(1) <= 1 ? { offset: start, size: length } : { offset: b.u64(1), size: b.u64(2) };
  }

  function readSubgraph(g: FlatTable, prefix: string): void {
    const names = new Map<number, string>();
    const own: { index: number; tensor: FoundTensor }[] = [];
    let index = 0;
    for (const t of bounded(g.tables(0))) {
      const stored = buffers[t.u32(2)];
      if (stored && stored.size > 0) {
        const name = `${prefix}${index}:${t.text(3)}`;
        names.set(index, name);
        own.push({ index, tensor: readTensor(t, name, stored) });
      }
      index++;
    }
    const nodes = [...bounded(g.tables(3))].map((o, i) => nodeOf(o, `${prefix}${i}`, names));
    const maker = new Map(nodes.flatMap((n) => n.made.map((m) => [m, n.name] as const)));
    const use = new Map<number, { node: Node; place: number }>();
    for (const node of nodes) node.taken.forEach((t, place) => use.has(t) || use.set(t, { node, place }));
    for (const { index: i, tensor } of own) {
      const u = use.get(i);
      tensors.push(u ? { ...tensor, layer: u.node.name, ...useOf(u.node.op, u.place, tensor.shape) } : tensor);
    }
    for (const { name, op, taken, tensors: t } of nodes)
      graph.push({ name, op, inputs: [...new Set(taken.flatMap((k) => maker.get(k) ?? []))], tensors: t });
  }

  function nodeOf(o: FlatTable, number: string, names: Map<number, string>): Node {
    const op = codes[o.u32(0)] ?? damaged(`operator ${number} has a code that the model does not list`);
    const taken = o.integers(1);
    const weights = taken.flatMap((i) => names.get(i) ?? []);
    return { name: `${number}:${op}`, op, taken, made: o.integers(2), inputs: [], tensors: weights };
  }

  function readTensor(t: FlatTable, name: string, { offset, size }: Stored): FoundTensor {
    const dtype = TYPES[t.u8(1)] ?? `type ${t.u8(1)}`;
    const shape = t.integers(0);
    const length = checkedLength(name, shape);
    const base = { name, dtype, shape, bytes: size };
    if (t.field(6) !== null) return { ...base, data: 'sparse values are not decoded' };
    const type = elementType(dtype);
    const each = type?.size ?? packedSize(dtype);
    if (each === null) return { ...base, data: `${dtype} values are not decoded` };
    const needed = Math.ceil(length * each);
    if (needed !== size) damaged(`tensor ${name} of ${dtype} [${shape.join(', ')}] has ${size} bytes instead of ${needed}`);
    return { ...base, data: type ? denseData(source, offset, length, type) : packedData(source, length, dtype, offset) };
  }
}

function* bounded<T>(items: Iterable<T>): Generator<T> {
  let count = 0;
  for (const item of items) {
    if (++count > MAX_OBJECTS) damaged(`the model lists more than ${MAX_OBJECTS} parts`);
    yield item;
  }
}

interface Use {
  role?: WeightRole;
  layout?: WeightLayout;
  layoutReason?: string;
}

function useOf(op: string, place: number, shape: readonly number[]): Use {
  const layoutReason = `the weight of ${op}`;
  if (op === 'CONV_2D' && place === 1 && shape.length === 4) return { role: 'conv kernel', layout: 'OHWI', layoutReason };
  if (op === 'DEPTHWISE_CONV_2D' && place === 1 && shape.length === 4) return { role: 'conv kernel', layout: '1HWO', layoutReason };
  if (op === 'TRANSPOSE_CONV' && place === 1 && shape.length === 4) return { role: 'conv kernel', layout: 'OHWI', layoutReason };
  if (op === 'FULLY_CONNECTED' && place === 1) return { role: 'dense kernel', layout: 'OI', layoutReason };
  if (/^(CONV_2D|DEPTHWISE_CONV_2D|FULLY_CONNECTED)$/.test(op) && place === 2) return { role: 'bias' };
  if (/LSTM|RNN/.test(op)) return shape.length === 2 ? { role: 'recurrent kernel' } : { role: 'bias' };
  if (op === 'EMBEDDING_LOOKUP' && place === 1) return { role: 'embedding' };
  return { role: 'other' };
}
