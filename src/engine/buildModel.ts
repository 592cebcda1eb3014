import { ModelError } from '../common/modelError';
import * as tfc from '@tensorflow/tfjs-core';
import * as tfl from '@tensorflow/tfjs-layers';
import type { LayerInfo, ModelSpec } from '../common/modelSpec';
import { drawWeight } from '../insight/initializers';
import { adaptTopology } from './adaptTopology';
import { ActivityLosses } from './layers/activityLosses';
import { fuseRelu } from './layers/fuseRelu';
import { markLayers } from './layers/markLayers';
import type { NoiseClock } from './layers/noiseLayer';
import { registerLayers } from './layers/registerLayers';
import { allLayers } from './layers/wrappers';
import type { Parameter } from './parameter';
import { setValues } from './tensorMemory';

export interface BuiltModel {
  model: tfl.LayersModel;
  /** In the spec's order of layers and weights. */
  parameters: Parameter[];
  /** The last activation, which the model leaves to the loss; null: the model ends as the file says. */
  removedActivation: 'softmax' | 'sigmoid' | null;
  /** What the model's noise layers are drawn from. */
  clock: NoiseClock;
  /** Sum of all regularisation terms; null when there are none. */
  regularization: (() => tfc.Scalar) | null;
  /** What the layers' outputs add to the loss. */
  activity: ActivityLosses;
}

/**
 * Builds a model spec as a TF.js model, its weights drawn from the seed.
 * @param split take this activation off the last layer, if it is there
 * @throws Error naming the layer, when TF.js cannot build it.
 */
export async function buildModel(spec: ModelSpec, seed: number, split: 'softmax' | 'sigmoid' | null): Promise<BuiltModel> {
  registerLayers();
  const shapes = new Map(spec.layers.map((l) => [l.name.split('/').at(-1)!, l.outputShape]));
  const { topology, removedActivation, activity } = adaptTopology(spec.topology, split, shapes, spec.dialect);
  const model = await deserialise(spec, topology);
  const layers = new Map(flatten(model.layers, '').map((l) => [l.path, l.layer]));
  const clock: NoiseClock = { seed, step: 0 };
  for (const layer of allLayers([...layers.values()])) if ('clock' in layer) layer.clock = clock;
  fuseRelu(model, [...layers.values()]);
  const watched = ActivityLosses.watch(layers, activity);
  markLayers(layers);
  const trained = new Set(model.trainableWeights);
  const parameters = spec.layers.flatMap((info) => parametersOf(info, layers.get(info.name), trained));
  const count = [...layers.values()].reduce((n, l) => n + l.weights.length, 0);
  if (count !== parameters.length)
    throw new Error(`${spec.name} was read with ${parameters.length} weights but built with ${count}; please report this file`);
  drawWeights(parameters, seed);
  const regularization = regularizationOf([...layers.values()]);
  return { model, parameters, removedActivation, clock, regularization, activity: watched };
}

/** Gives every weight the value that its initialiser draws for this seed. */
export function drawWeights(parameters: Parameter[], seed: number): void {
  for (const p of parameters) setValues(p.variable, drawWeight(p.spec, seed, p.layer));
}

async function deserialise(spec: ModelSpec, topology: ModelSpec['topology']): Promise<tfl.LayersModel> {
  try {
    return await tfl.models.modelFromJSON({ modelTopology: topology } as unknown as Parameters<typeof tfl.models.modelFromJSON>[0]);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    const unknown = /Unknown (\w+): (\w+)/.exec(message);
    if (unknown)
      throw new ModelError(
        `${spec.name} cannot be trained here: the ${unknown[1]} ${unknown[2]} is not supported; replace it by one that is`,
      );
    throw new ModelError(`${spec.name} cannot be built: ${message.split('\n')[0]}`);
  }
}

function flatten(layers: tfl.layers.Layer[], prefix: string): { path: string; layer: tfl.layers.Layer }[] {
  return layers.flatMap((layer) =>
    layer instanceof tfl.LayersModel
      ? flatten(layer.layers, `${prefix}${layer.name}/`)
      : [{ path: `${prefix}${layer.name}`, layer: layer as tfl.layers.Layer }],
  );
}

function parametersOf(info: LayerInfo, layer: tfl.layers.Layer | undefined, trained: Set<tfl.LayerVariable>): Parameter[] {
  if (info.weights.length === 0) return [];
  if (!layer) throw new Error(`layer ${info.name} is missing in the built model; please report this file`);
  const free = [...layer.weights];
  return info.weights.map((spec) => {
    // TF.js numbers names that occur twice; the name as given is the last part of the original one.
    const named = free.findIndex((v) => v.originalName.split('/').at(-1) === spec.name);
    const same = named >= 0 ? named : free.findIndex((v) => String(v.shape) === String(spec.shape));
    const [found] = same >= 0 ? free.splice(same, 1) : [];
    if (!found || String(found.shape) !== String(spec.shape))
      throw new Error(
        `${info.name}/${spec.name} was read with shape [${spec.shape.join(', ')}] but built as [${found?.shape.join(', ') ?? 'nothing'}]; please report this file`,
      );
    return {
      layer: info.name,
      name: spec.name,
      className: info.className,
      spec,
      size: spec.shape.reduce((a, b) => a * b, 1),
      isTrained: trained.has(found),
      variable: found.read() as tfc.Variable,
      constraint: found.constraint ?? null,
    };
  });
}

function regularizationOf(layers: tfl.layers.Layer[]): (() => tfc.Scalar) | null {
  const terms = layers.flatMap((l) => l.losses);
  if (terms.length === 0) return null;
  return () => tfc.addN(terms.map((term) => term() as tfc.Scalar)) as tfc.Scalar;
}
