import type { JsonObject, JsonValue } from '../../common/json';
import type { KerasTopology } from '../../common/modelSpec';
import { isAugmenting } from './augmentationLayers';
import type { Layer } from './layer';
import { FunctionalModel, KerasModel, SequentialModel } from './model';
import type { LayerNode, SymbolicTensor } from './tensor';

/**
 * A model as Keras 2's `to_json` writes it, in the form TF.js reads. Layers that augment images are left out: the data set does their
 * work (see `augmentationOf`).
 */
export function topologyOf(model: KerasModel): KerasTopology {
  return model instanceof FunctionalModel ? functional(model) : sequential(model as SequentialModel);
}

function layerConfig(layer: Layer): JsonObject {
  return { name: layer.name, trainable: layer.trainable, dtype: 'float32', ...layer.config };
}

function classAndConfig(layer: Layer): { class_name: string; config: JsonObject } {
  if (layer instanceof KerasModel && !layer.isOpaque) return topologyOf(layer);
  const config = layerConfig(layer);
  // Of a layer in a wrapper its own configuration is kept; a model's would not say its layers.
  if (layer.inner instanceof KerasModel) config.layer = topologyOf(layer.inner) as unknown as JsonValue;
  return { class_name: layer.className, config };
}

function sequential(model: SequentialModel): KerasTopology {
  const shape = model.inputs[0]?.shape ?? null;
  const kept = model.layers.filter((l) => !isAugmenting(l));
  const layers = kept.map((layer, i): JsonObject => {
    const entry = classAndConfig(layer);
    const isFirst = i === 0 && shape !== null && !(layer instanceof KerasModel);
    return { class_name: entry.class_name, config: isFirst ? { ...entry.config, batch_input_shape: shape } : entry.config };
  });
  return { class_name: 'Sequential', config: { name: model.name, layers } };
}

function functional(model: FunctionalModel): KerasTopology {
  const nodes = model.network.filter((n) => !isAugmenting(n.layer));
  const byLayer = new Map<Layer, LayerNode[]>();
  for (const node of nodes) byLayer.set(node.layer, [...(byLayer.get(node.layer) ?? []), node]);
  // Node indices count the uses of a layer inside this model, in the order in which they were made.
  for (const [layer, used] of byLayer) used.sort((a, b) => layer.nodes.indexOf(a) - layer.nodes.indexOf(b));
  const reference = (given: SymbolicTensor): [string, number, number] => {
    let t = given;
    while (isAugmenting(t.node.layer) && t.node.inputs.length > 0) [t] = t.node.inputs;
    const { layer } = t.node;
    // A model inside a model has a first node of its own, before its uses.
    const first = layer instanceof KerasModel && !layer.isOpaque ? 1 : 0;
    return [layer.name, (byLayer.get(layer)?.indexOf(t.node) ?? 0) + first, t.index];
  };
  const kept = model.layers.filter((l) => !isAugmenting(l));
  const layers = kept.map((layer): JsonObject => {
    const inbound: JsonValue[] = (byLayer.get(layer) ?? [])
      .filter((node) => node.inputs.length > 0 && !model.inputs.some((t) => t.node === node))
      .map((node) => node.inputs.map((t): JsonValue => [...reference(t), {}]));
    return { ...classAndConfig(layer), name: layer.name, inbound_nodes: inbound };
  });
  return {
    class_name: 'Functional',
    config: {
      name: model.name,
      trainable: model.trainable,
      layers,
      input_layers: model.inputs.map((t): JsonValue => reference(t)),
      output_layers: model.outputs.map((t): JsonValue => reference(t)),
    },
  };
}
