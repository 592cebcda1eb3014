import type { JsonObject } from '../../common/json';
import type { WeightGraphNode, WeightLayout, WeightRole } from '../../common/weightFile';
import type { FoundFile, FoundTensor, OpenContext } from '../formatReader';
import type { ByteSource } from '../byteSource';
import { Message, type Field } from '../protobuf';
import { damaged } from '../weightError';
import { onnxTensor } from './onnxTensor';

/** Subgraphs in subgraphs: of If and Loop. */
const MAX_DEPTH = 32;
/** Constants with fewer values are parameters of operations, not weights. */
const LEAST_CONSTANT = 16;

interface Node extends WeightGraphNode {
  outputs: string[];
}

/** ONNX (onnx.proto): initialisers of all graphs, and constants that are large enough to be weights. */
export function readOnnx({ source, openBeside }: OpenContext): FoundFile {
  const model = new Message(source);
  const producer: JsonObject = {};
  const opset: JsonObject = {};
  const found = new Graphs(memoised(openBeside));
  for (const f of model.fields()) {
    if (f.number === 1) producer.ir = Number(f.value);
    else if (f.number === 2) producer.producer = model.text(f);
    else if (f.number === 3) producer.version = model.text(f);
    else if (f.number === 7) found.graph(model.message(f), '', 0);
    else if (f.number === 8) Object.assign(opset, opsetOf(model.message(f)));
  }
  producer.opset = opset;
  return { format: 'onnx', producer, convention: 'torch', ...found.result() };
}

class Graphs {
  private readonly tensors: FoundTensor[] = [];
  private readonly nodes: Node[] = [];
  private readonly warnings: string[] = [];

  constructor(private readonly openBeside: (name: string) => ByteSource) {}

  graph(message: Message, prefix: string, depth: number): void {
    if (depth > MAX_DEPTH) damaged(`the graph has subgraphs nested more than ${MAX_DEPTH} deep`);
    for (const f of message.fields()) {
      if (f.number === 5) this.add(message.message(f), '', prefix);
      else if (f.number === 1) this.node(message.message(f), prefix, depth);
      else if (f.number === 15) this.warnings.push('sparse initialisers are left out');
    }
  }

  result(): Pick<FoundFile, 'tensors' | 'graph' | 'warnings'> {
    const names = new Set(this.tensors.map((t) => t.name));
    const maker = new Map(this.nodes.flatMap((n) => n.outputs.map((o) => [o, n.name] as const)));
    const uses = new Map<string, { node: Node; place: number }>();
    for (const node of this.nodes) node.inputs.forEach((input, place) => uses.has(input) || uses.set(input, { node, place }));
    const tensors = this.tensors.map((t) => {
      const use = uses.get(t.name);
      return use ? { ...t, layer: use.node.name, ...useOf(use.node.op, use.place, t.shape) } : t;
    });
    const graph = this.nodes.map(({ name, op, inputs }) => ({
      name,
      op,
      inputs: [...new Set(inputs.flatMap((i) => maker.get(i) ?? []))],
      tensors: inputs.filter((i) => names.has(i)),
    }));
    return { tensors, graph, warnings: [...new Set(this.warnings)] };
  }

  private add(message: Message, fallback: string, prefix: string, least = 0): boolean {
    const tensor = onnxTensor(message, fallback || `initializer_${this.tensors.length}`, this.openBeside);
    if (tensor.shape.reduce((a, b) => a * b, 1) < least) return false;
    this.tensors.push(prefix ? { ...tensor, name: prefix + tensor.name } : tensor);
    return true;
  }

  private node(message: Message, prefix: string, depth: number): void {
    const node: Node = { name: '', op: '', inputs: [], outputs: [], tensors: [] };
    const attributes: Field[] = [];
    for (const f of message.fields()) {
      if (f.number === 1) node.inputs.push(message.text(f));
      else if (f.number === 2) node.outputs.push(message.text(f));
      else if (f.number === 3) node.name = message.text(f);
      else if (f.number === 4) node.op = message.text(f);
      else if (f.number === 5) attributes.push(f);
    }
    node.name ||= node.outputs[0] ?? `node_${this.nodes.length}`;
    this.nodes.push(node);
    for (const a of attributes) this.attribute(message.message(a), node, prefix, depth);
  }

  /** An attribute may hold a tensor (a constant) or a graph (a branch, a loop's body). */
  private attribute(message: Message, node: Node, prefix: string, depth: number): void {
    for (const f of message.fields()) {
      if (f.number === 5 && f.wire === 2 && node.op === 'Constant')
        this.add(message.message(f), node.outputs[0] ?? '', prefix, LEAST_CONSTANT);
      else if ((f.number === 6 || f.number === 11) && f.wire === 2) this.graph(message.message(f), `${prefix}${node.name}/`, depth + 1);
    }
  }
}

interface Use {
  role?: WeightRole;
  layout?: WeightLayout;
  layoutReason?: string;
}

/** What an operator does with the input in this place. */
function useOf(op: string, place: number, shape: readonly number[]): Use {
  const conv = (layouts: Partial<Record<number, WeightLayout>>): Use => {
    const layout = layouts[shape.length];
    return layout ? { role: 'conv kernel', layout, layoutReason: `the weight of ${op}` } : {};
  };
  if (/^(QLinear)?Conv$|^ConvInteger$/.test(op)) {
    if (place === (op === 'QLinearConv' ? 3 : 1)) return conv({ 3: 'OIK', 4: 'OIHW', 5: 'OIDHW' });
    return shape.length === 1 && place === 2 ? { role: 'bias' } : {};
  }
  if (op === 'ConvTranspose') return place === 1 ? conv({ 3: 'IOK', 4: 'IOHW' }) : { role: 'bias' };
  if (/Normalization$/.test(op)) return { role: 'normalisation' };
  if (op === 'Gemm') return place === 1 ? { role: 'dense kernel' } : place === 2 ? { role: 'bias' } : {};
  if (op === 'MatMul' && shape.length === 2)
    return { role: 'dense kernel', layout: place === 1 ? 'IO' : 'OI', layoutReason: 'a factor of MatMul' };
  if (/^(LSTM|GRU|RNN)$/.test(op)) return { role: place === 3 ? 'bias' : 'recurrent kernel' };
  if (op === 'Gather' && shape.length === 2 && place === 0) return { role: 'embedding' };
  if (op === 'Add' && shape.length === 1) return { role: 'bias' };
  return {};
}

function opsetOf(message: Message): JsonObject {
  let domain = 'ai.onnx';
  let version = 0;
  for (const f of message.fields()) {
    if (f.number === 1) domain = message.text(f) || 'ai.onnx';
    else if (f.number === 2) version = Number(f.value);
  }
  return { [domain]: version };
}

function memoised(open: (name: string) => ByteSource): (name: string) => ByteSource {
  const files = new Map<string, ByteSource>();
  return (name) => {
    const file = files.get(name) ?? open(name);
    files.set(name, file);
    return file;
  };
}
