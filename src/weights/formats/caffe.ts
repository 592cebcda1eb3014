import type { WeightGraphNode, WeightLayout, WeightRole } from '../../common/weightFile';
import { knownElementType } from '../elementType';
import type { FoundFile, FoundTensor, OpenContext } from '../formatReader';
import { Message } from '../protobuf';
import { RepeatedValues } from '../repeatedValues';
import { checkedLength, denseData } from '../tensorData';
import { damaged } from '../weightError';

/** V1LayerParameter.LayerType of caffe.proto, the ones with weights. */
const V1_TYPES: Record<number, string> = { 4: 'Convolution', 14: 'InnerProduct', 39: 'Deconvolution', 9: 'Embed' };

interface Layer {
  name: string;
  type: string;
  bottoms: string[];
  tops: string[];
  blobs: Message[];
}

/** Caffe's NetParameter (caffe.proto): the blobs of all layers, `layer/0`, `layer/1`, … */
export function readCaffe({ source }: OpenContext): FoundFile {
  const net = new Message(source);
  const tensors: FoundTensor[] = [];
  const graph: WeightGraphNode[] = [];
  const maker = new Map<string, string>();
  let name = '';
  for (const f of net.fields()) {
    if (f.number === 1) name = net.text(f);
    if (f.number !== 100 && f.number !== 2) continue;
    const layer = f.number === 100 ? readLayer(net.message(f), [1, 2, 3, 4, 7]) : readLayer(net.message(f), [4, 5, 2, 3, 6]);
    const blobs = layer.blobs.map((blob, i) => ({ ...readBlob(blob, `${layer.name}/${i}`), layer: layer.name }));
    tensors.push(...blobs.map((t, i) => ({ ...t, ...useOf(layer.type, i, t.shape) })));
    const inputs = [...new Set(layer.bottoms.flatMap((b) => maker.get(b) ?? []))];
    graph.push({ name: layer.name, op: layer.type, inputs, tensors: blobs.map((b) => b.name) });
    for (const top of layer.tops) maker.set(top, layer.name);
  }
  return { format: 'caffe', producer: name ? { net: name } : {}, convention: 'torch', tensors, graph, warnings: [] };
}

/** @param numbers Field numbers of name, type, bottom, top and blobs. */
function readLayer(message: Message, [name, type, bottom, top, blobs]: number[]): Layer {
  const layer: Layer = { name: '', type: '', bottoms: [], tops: [], blobs: [] };
  for (const f of message.fields()) {
    if (f.number === name) layer.name = message.text(f);
    else if (f.number === type) layer.type = f.wire === 0 ? (V1_TYPES[Number(f.value)] ?? `type ${f.value}`) : message.text(f);
    else if (f.number === bottom) layer.bottoms.push(message.text(f));
    else if (f.number === top) layer.tops.push(message.text(f));
    else if (f.number === blobs) layer.blobs.push(message.message(f));
  }
  return layer;
}

function readBlob(message: Message, name: string): FoundTensor {
  const old = [0, 0, 0, 0];
  let hasOld = false;
  let shape: number[] | null = null;
  const floats = new RepeatedValues();
  const doubles = new RepeatedValues();
  for (const f of message.fields()) {
    if (f.number >= 1 && f.number <= 4) {
      old[f.number - 1] = Number(f.value);
      hasOld = true;
    } else if (f.number === 5) floats.add(f);
    else if (f.number === 8) doubles.add(f);
    else if (f.number === 7) {
      const inner = message.message(f);
      shape = [];
      for (const dim of inner.fields()) if (dim.number === 1) shape.push(...inner.integers(dim).map(Number));
    }
  }
  const axes = shape ?? (hasOld ? old : []);
  const type = knownElementType(doubles.bytes > 0 ? 'float64' : 'float32');
  const values = doubles.bytes > 0 ? doubles : floats;
  const length = checkedLength(name, axes);
  if (values.bytes !== length * type.size)
    damaged(`the blob ${name} of [${axes.join(', ')}] has ${values.bytes} bytes instead of ${length * type.size}`);
  const data = length === 0 ? { read: () => new Float32Array(0) } : denseData(values.source(message, name), 0, length, type);
  return { name, dtype: type.name, shape: axes, bytes: values.bytes, data };
}

function useOf(type: string, place: number, shape: readonly number[]): { role?: WeightRole; layout?: WeightLayout; layoutReason?: string } {
  const layoutReason = `the weight of a ${type} layer`;
  if (/BatchNorm|^Scale$|^BN$|Normalize/.test(type)) return { role: 'normalisation' };
  if (place > 0) return /Convolution|InnerProduct|Deconvolution/.test(type) ? { role: 'bias' } : { role: 'other' };
  if (/Deconvolution/.test(type) && shape.length === 4) return { role: 'conv kernel', layout: 'IOHW', layoutReason };
  if (/Convolution/.test(type) && shape.length === 4) return { role: 'conv kernel', layout: 'OIHW', layoutReason };
  if (type === 'InnerProduct') return shape.length === 2 ? { role: 'dense kernel', layout: 'OI', layoutReason } : { role: 'dense kernel' };
  return type === 'Embed' ? { role: 'embedding' } : {};
}
