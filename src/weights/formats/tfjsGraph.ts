import type { JsonObject, JsonValue } from '../../common/json';
import type { WeightGraphNode, WeightLayout } from '../../common/weightFile';
import type { FoundTensor } from '../formatReader';
import { kerasGraph } from './kerasGraph';

const CONV: Record<string, WeightLayout> = {
  Conv2D: 'HWIO',
  _FusedConv2D: 'HWIO',
  DepthwiseConv2dNative: 'HWIM',
  FusedDepthwiseConv2dNative: 'HWIM',
  Conv2DBackpropInput: 'HWOI',
  Conv3D: 'DHWIO',
};
const WEIGHT_OPS = new Set(['Const', 'VariableV2', 'VarHandleOp', 'Placeholder']);

/** The graph of a TF.js model, and what its operations say of the weights they take. */
export function tfjsGraph(topology: JsonObject, tensors: FoundTensor[]): { tensors: FoundTensor[]; graph: WeightGraphNode[] } {
  if (!Array.isArray(topology.node)) {
    // A layers model: `layer/weight`.
    const named = tensors.map((t) => ({ ...t, layer: t.name.replace(/\/[^/]*$/, '') }));
    return { tensors: named, graph: kerasGraph(topology, named) };
  }
  const weights = new Set(tensors.map((t) => t.name));
  const nodes = topology.node.filter((n): n is JsonObject => typeof n === 'object' && n !== null && !Array.isArray(n));
  const user = new Map<string, { node: JsonObject; place: number }>();
  const graph: WeightGraphNode[] = [];
  for (const node of nodes) {
    const inputs = inputsOf(node.input);
    inputs.forEach((input, place) => user.has(input) || user.set(input, { node, place }));
    if (WEIGHT_OPS.has(String(node.op))) continue;
    const own = inputs.filter((i) => weights.has(i));
    graph.push({ name: String(node.name), op: String(node.op), inputs: inputs.filter((i) => !weights.has(i)), tensors: own });
  }
  const described = tensors.map((t) => {
    const use = user.get(t.name);
    if (!use) return t;
    const op = String(use.node.op);
    const layout = use.place === 1 && t.shape.length >= 4 ? CONV[op] : undefined;
    const layer = String(use.node.name);
    if (layout) return { ...t, layer, role: 'conv kernel' as const, layout, layoutReason: `the filter of ${op}` };
    const isBias = t.shape.length === 1 && t.dtype === 'float32' && (op === 'BiasAdd' || op.startsWith('_Fused') || op === 'AddV2');
    return isBias ? { ...t, layer, role: 'bias' as const } : { ...t, layer };
  });
  return { tensors: described, graph };
}

/** Names of nodes, without the number of the output and the mark of a control input. */
function inputsOf(value: JsonValue | undefined): string[] {
  return Array.isArray(value) ? value.map((v) => String(v).replace(/^\^/, '').replace(/:\d+$/, '')) : [];
}
