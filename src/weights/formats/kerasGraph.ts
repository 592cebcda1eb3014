import type { JsonObject, JsonValue } from '../../common/json';
import type { WeightGraphNode } from '../../common/weightFile';
import type { FoundTensor } from '../formatReader';

const MAX_NODES = 100_000;

const isObject = (v: JsonValue | undefined): v is JsonObject => typeof v === 'object' && v !== null && !Array.isArray(v);

/** The layers of a Keras topology, in its order, with the tensors that belong to them. */
export function kerasGraph(topology: JsonObject, tensors: readonly FoundTensor[]): WeightGraphNode[] {
  const byLayer = new Map<string, string[]>();
  for (const t of tensors) if (t.layer) byLayer.set(t.layer, [...(byLayer.get(t.layer) ?? []), t.name]);
  const nodes: WeightGraphNode[] = [];
  visit(isObject(topology.model_config) ? topology.model_config : topology, 0);
  return nodes;

  function visit(model: JsonObject, depth: number): void {
    // Keras 1 keeps the layers of a Sequential directly in its config.
    const config = model.config;
    const layers = Array.isArray(config) ? config : isObject(config) && Array.isArray(config.layers) ? config.layers : [];
    let before: string[] = [];
    for (const layer of layers) {
      if (!isObject(layer) || nodes.length >= MAX_NODES) continue;
      const inner = isObject(layer.config) ? layer.config : {};
      const name = String(layer.name ?? inner.name ?? '');
      const stated = layer.inbound_nodes === undefined ? null : inboundNames(layer.inbound_nodes);
      const inputs = stated ?? before;
      nodes.push({ name, op: String(layer.class_name ?? ''), inputs, tensors: byLayer.get(name) ?? [] });
      before = [name];
      if (depth < 16 && (Array.isArray(inner.layers) || Array.isArray(layer.config))) visit(layer, depth + 1);
    }
  }
}

/** Layers that a layer takes its input from: Keras 2 lists them, Keras 3 hides them in its arguments. */
function inboundNames(nodes: JsonValue): string[] {
  const names = new Set<string>();
  const visit = (value: JsonValue, depth: number): void => {
    if (depth > 12 || names.size > 1000) return;
    if (Array.isArray(value)) {
      const [name, node, tensor] = value;
      if (typeof name === 'string' && typeof node === 'number' && typeof tensor === 'number') names.add(name);
      else for (const v of value) visit(v, depth + 1);
    } else if (isObject(value)) {
      if (Array.isArray(value.keras_history)) visit(value.keras_history, depth + 1);
      else for (const v of Object.values(value)) visit(v, depth + 1);
    }
  };
  visit(nodes, 0);
  return [...names];
}
