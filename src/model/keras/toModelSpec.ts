import type { LayerInfo, ModelSpec, Note, Shape, SourceRange, TrainingSpec, WeightSpec } from '../../common/modelSpec';
import type { AugmentationSpec, DataSpec } from '../../common/dataSpec';
import { augmentationOf } from './augmentationLayers';
import { lossOf } from './compileAndFit';
import type { Layer } from './layer';
import { FunctionalModel, KerasModel } from './model';
import type { SymbolicTensor } from './tensor';
import { topologyOf } from './topologyOf';
import { untrainableReason } from './untrainable';

const NOWHERE = { startLine: 0, startColumn: 0, endLine: 0, endColumn: 0 };

/** What is known of a model, as the rest of the program sees it. */
export function toModelSpec(model: KerasModel, name: string, given: Note[], data: DataSpec | null): ModelSpec {
  const augmented = augmentationOf(model);
  const notes = [...given, ...augmented.notes, ...untrainableLayers(model, model.source ?? NOWHERE)];
  const layers = flatten(model, '');
  const unique = new Set<WeightSpec>();
  for (const l of layers) for (const w of l.weights) unique.add(w);
  const isBuilt = model.obstacle === null && model.outputs.every((t) => t.shape !== null);
  const hasError = notes.some((n) => n.severity === 'error');
  return {
    name,
    dialect: model.session.dialect,
    range: model.home ?? model.source ?? NOWHERE,
    topology: topologyOf(model),
    layers,
    totalParams: [...unique].reduce((s, w) => s + count(w.shape), 0),
    inputShapes: model.inputs.map((t) => t.shape ?? [null]),
    outputShapes: model.outputs.map((t) => t.shape ?? [null]),
    training: trainingOf(model),
    data: withAugmentation(data ?? { kind: 'unknown', preprocessing: { rescale: null }, range: null }, augmented.augmentation),
    notes,
    trainable: isBuilt && !hasError,
  };
}

function withAugmentation(data: DataSpec, more: AugmentationSpec): DataSpec {
  if (Object.keys(more).length === 0) return data;
  const { preprocessing } = data;
  return { ...data, preprocessing: { ...preprocessing, augmentation: { ...preprocessing.augmentation, ...more } } };
}

/** A note for every layer that keeps the model from being trained. */
function untrainableLayers(model: KerasModel, fallback: SourceRange): Note[] {
  return model.layers.flatMap((layer): Note[] => {
    if (layer instanceof KerasModel && !layer.isOpaque) return untrainableLayers(layer, layer.source ?? fallback);
    const reason = untrainableReason(layer);
    if (reason === null) return [];
    const message = `${layer.className} "${layer.name}" is shown but can't be trained: ${reason}.`;
    return [{ severity: 'error', code: 'untrainable-layer', message, range: layer.source ?? fallback }];
  });
}

function flatten(model: KerasModel, prefix: string): LayerInfo[] {
  const nodes = model instanceof FunctionalModel ? model.network : [];
  return model.layers.flatMap((layer): LayerInfo[] => {
    if (layer instanceof KerasModel && !layer.isOpaque) return flatten(layer, `${prefix}${layer.name}/`);
    const node = nodes.find((n) => n.layer === layer) ?? nodeIn(model, layer);
    return [layerInfo(layer, prefix, node?.inputs ?? [], node?.outputs[0]?.shape ?? null)];
  });
}

/** The use of a layer that belongs to this sequential model: the one its output hangs on. */
function nodeIn(model: KerasModel, layer: Layer): { inputs: SymbolicTensor[]; outputs: SymbolicTensor[] } | undefined {
  let tensor = model.outputs.at(0);
  while (tensor && tensor.node.layer !== layer) tensor = tensor.node.inputs.at(0);
  return tensor?.node ?? layer.nodes[0];
}

function layerInfo(layer: Layer, prefix: string, inputs: SymbolicTensor[], outputShape: Shape | null): LayerInfo {
  const weights = layer.weights ?? [];
  return {
    name: `${prefix}${layer.name}`,
    className: layer.className,
    config: { name: layer.name, trainable: layer.trainable, ...layer.config },
    inputs: inputs.map((t) => `${prefix}${t.node.layer.name}`),
    outputShape: outputShape ?? [null],
    params: weights.reduce((s, w) => s + count(w.shape), 0),
    trainableParams: weights.filter((w) => w.trainable).reduce((s, w) => s + count(w.shape), 0),
    weights,
    source: layer.source,
  };
}

function trainingOf(model: KerasModel): TrainingSpec {
  const { compileInfo, fitInfo } = model;
  const losses = compileInfo ? model.outputs.map(({ node }, i) => lossOf(compileInfo, i, node.layer.name)) : [];
  return {
    optimizer: compileInfo?.optimizer ?? null,
    loss: losses[0]?.loss ?? null,
    ...(losses.length > 1 && { outputLosses: losses }),
    metrics: compileInfo?.metrics ?? [],
    epochs: fitInfo?.epochs ?? null,
    batchSize: fitInfo?.batchSize ?? null,
    validationSplit: fitInfo?.validationSplit ?? null,
    stepsPerEpoch: fitInfo?.stepsPerEpoch ?? null,
    validationSteps: fitInfo?.validationSteps ?? null,
    shuffle: fitInfo?.shuffle ?? null,
    compileRange: compileInfo?.range ?? null,
    fitRange: fitInfo?.range ?? null,
  };
}

function count(shape: number[]): number {
  return shape.reduce((p, n) => p * n, 1);
}
