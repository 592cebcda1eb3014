import type { ModelSpec } from '../common/modelSpec';
import type { StartParams } from '../common/trainingProtocol';
import { classCountOf } from '../data/fitLabels';
import type { Dataset } from '../data/dataset';
import type { DatasetWishes } from '../data/datasetWishes';
import { openDataset } from '../data/openDataset';
import { ASSUMED_OPTIMIZER } from '../insight/optimizerRules';
import { startBackend } from './backend';
import { Batches } from './batches';
import { buildModel } from './buildModel';
import { refuseIfTooLarge } from './memoryEstimate';
import { inputGeometry, maskGeometry, outputUnits, targetsOf } from './modelShapes';
import { Network } from './network';
import { decideObjective, lastActivation } from './objective';
import { Optimizer } from './optimizers/optimizer';
import { ownScaling } from './ownScaling';

/** What is to be prepared. */
export interface NetworkRequest extends Pick<StartParams, 'spec' | 'data' | 'options'> {
  /** Name of the backend that the run began on: its arithmetic is kept. */
  earlier?: string;
}

/** A model with its images, its weights drawn from the seed. */
export interface PreparedNetwork {
  backend: Awaited<ReturnType<typeof startBackend>>;
  network: Network;
  optimizer: Optimizer;
  dataset: Dataset;
  batches: Batches;
  notes: string[];
}

/**
 * Starts the engine, opens the images and builds the model; nothing is written.
 * @param say what is being done, for the status
 * @throws Error with what is wrong and the way out.
 */
export async function prepareNetwork(
  { spec, data, options, earlier }: NetworkRequest,
  say: (message: string) => void,
  signal: AbortSignal,
): Promise<PreparedNetwork> {
  say('Starting the engine');
  // Our own kernels are there beside a GPU, too.
  const backend = await startBackend(options.backend === 'webgpu' ? 'wasm' : options.backend, earlier);
  signal.throwIfAborted();
  const geometry = inputGeometry(spec);
  const optimizer = new Optimizer(spec.training.optimizer ?? ASSUMED_OPTIMIZER);
  refuseIfTooLarge(spec, options.batchSize, optimizer.rule.slots.length, backend.name);
  const targets = targetsOf(spec);
  const isLabelled = targets === 'labels';
  say('Opening the images');
  const dataset = await openDataset(data, {
    inputShape: geometry.imageShape,
    spec: spec.data,
    limit: options.limit,
    seed: options.seed,
    validationSplit: spec.training.validationSplit,
    classCount: isLabelled ? classCountOf(outputUnits(spec), spec.training.loss?.name ?? '', lastActivation(spec)) : null,
    isLabelled,
    ownScaling: ownScaling(spec),
    ...(targets === 'masks' && { masks: masksWanted(spec) }),
    onProgress: (done, total) => say(`Reading image ${done} of ${total}`),
    signal,
  });
  const objective = decideObjective(spec, dataset.info);
  say('Building the model');
  const built = await buildModel(spec, options.seed, objective.split);
  signal.throwIfAborted();
  const batches = new Batches(dataset, {
    seed: options.seed,
    batchSize: options.batchSize,
    isShuffled: spec.training.shuffle !== false,
    isAugmented: spec.data.preprocessing.augmentation !== undefined,
  });
  const notes = [...backend.notes, ...dataset.info.notes, ...objective.notes];
  return { backend, network: new Network(built, objective, geometry), optimizer, dataset, batches, notes };
}

/** One value per pixel tells two classes apart. */
function masksWanted(spec: ModelSpec): DatasetWishes['masks'] {
  const { shape, channels } = maskGeometry(spec);
  return { shape, classes: Math.max(2, channels) };
}
