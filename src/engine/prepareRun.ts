import type { ModelSpec, OptimizerSpec } from '../common/modelSpec';
import type { RunManifest, RunPhase } from '../common/run';
import type { RunStarted, StartParams } from '../common/trainingProtocol';
import { classCountOf } from '../data/fitLabels';
import { openDataset } from '../data/openDataset';
import { readCheckpoint, readManifest } from '../runs/runReader';
import { RunWriter } from '../runs/runWriter';
import { haveSameArithmetic, startBackend } from './backend';
import { adaptedStatistics } from './adaptNormalization';
import { Batches } from './batches';
import { buildModel, drawWeights } from './buildModel';
import { readInitialWeights } from './initialWeights';
import { refuseIfTooLarge } from './memoryEstimate';
import { inputGeometry, outputUnits } from './modelShapes';
import { Network } from './network';
import { decideObjective, lastActivation } from './objective';
import { Optimizer } from './optimizers/optimizer';
import { setValues } from './tensorMemory';
import { Trainer, type TrainerEvents } from './trainer';
import { version } from '../../package.json';

export interface PreparedRun {
  trainer: Trainer;
  started: RunStarted;
}

/**
 * Gets everything ready for a run: backend, data, model, folder; continues the folder's checkpoint if asked to.
 * @param say what is being done, for the status
 * @throws Error with what is wrong and the way out.
 */
export async function prepareRun(
  params: StartParams,
  events: Omit<TrainerEvents, 'changed'>,
  say: (message: string) => void,
  signal: AbortSignal,
): Promise<PreparedRun> {
  const earlier = params.resume ? await readManifest(params.runFolder).catch(() => null) : null;
  const checkpoint = earlier ? await readCheckpoint(params.runFolder) : null;
  const { spec, data, options } = earlier ?? params;
  say('Starting the engine');
  const backend = await startBackend(params.options.backend);
  signal.throwIfAborted();
  const geometry = inputGeometry(spec);
  const optimizerSpec = spec.training.optimizer ?? assumedOptimizer;
  const optimizer = new Optimizer(optimizerSpec);
  refuseIfTooLarge(spec, options.batchSize, optimizer.rule.slots.length, backend.name);
  say('Opening the images');
  const dataset = await openDataset(data, {
    inputShape: geometry.imageShape,
    spec: spec.data,
    limit: options.limit,
    seed: options.seed,
    validationSplit: spec.training.validationSplit,
    classCount: classCountOf(outputUnits(spec), spec.training.loss?.name ?? '', lastActivation(spec)),
    onProgress: (done, total) => say(`Reading image ${done} of ${total}`),
    signal,
  });
  const objective = decideObjective(spec, dataset.info);
  say('Building the model');
  const built = await buildModel(spec, options.seed, objective.split);
  signal.throwIfAborted();
  const { initialWeights } = options;
  const given = initialWeights ? await readInitialWeights(initialWeights, spec.layers, built.parameters, signal) : null;
  const network = new Network(built, objective, geometry);
  const adapted = await adaptedStatistics(spec, network, dataset, signal);
  const setStart = (): void => {
    drawWeights(built.parameters, options.seed);
    for (const [p, values] of [...adapted, ...(given?.values ?? [])]) setValues(p.variable, values);
  };
  if (given || adapted.size > 0) setStart();
  const batches = new Batches(dataset, {
    seed: options.seed,
    batchSize: options.batchSize,
    isShuffled: spec.training.shuffle !== false,
    isAugmented: spec.data.preprocessing.augmentation !== undefined,
  });
  const notes = [...backend.notes, ...dataset.info.notes, ...objective.notes];
  if (given) notes.push(given.note);
  if (!spec.training.optimizer) notes.push('The file names no optimizer: Adam with its defaults is used.');
  const stepsPerEpoch = stepsIn(spec, batches.perPass, notes);
  optimizer.stepsPerEpoch = stepsPerEpoch;
  const totalSteps = Math.min(options.epochs * stepsPerEpoch, options.maxSteps ?? Infinity);
  const writer = new RunWriter(params.runFolder);
  writer.truncateAfter(checkpoint ? (JSON.parse(checkpoint.metadata.progress) as { step: number }).step : -1);
  const manifest: RunManifest = {
    format: 'kernelscope-run-1',
    createdAt: earlier?.createdAt ?? new Date().toISOString(),
    kernelscopeVersion: version,
    modelName: spec.name,
    sourceFile: params.sourceFile,
    sourceSha256: params.sourceSha256,
    spec,
    data,
    dataset: dataset.info,
    options,
    backend: backend.name,
    stepsPerEpoch,
    totalSteps,
    notRepeatable: changeOfBackend(earlier, backend.name),
    versions: { node: process.version, kernelscope: version },
    phase: 'preparing',
    test: earlier?.test ?? null,
  };
  writer.writeManifest(manifest);
  const changed = (phase: RunPhase, test: Record<string, number> | null): void => {
    Object.assign(manifest, { phase, test });
    writer.writeManifest(manifest);
  };
  const trainer = new Trainer(
    {
      network,
      optimizer,
      dataset,
      batches,
      writer,
      batchSize: options.batchSize,
      epochs: options.epochs,
      stepsPerEpoch,
      totalSteps,
      seed: options.seed,
      backend: backend.name,
      learningRate: options.learningRate,
      setStart,
    },
    { ...events, changed },
  );
  if (checkpoint) trainer.restore(checkpoint);
  const unplanned = backend.name === 'cpu' ? null : trainer.planSteps();
  if (unplanned) notes.push(`Steps are computed call by call, which is slower: ${unplanned}.`);
  const { notRepeatable } = manifest;
  return { trainer, started: { dataset: dataset.info, stepsPerEpoch, totalSteps, backend: backend.name, notRepeatable, notes } };
}

const assumedOptimizer: OptimizerSpec = { className: 'Adam', config: { learning_rate: 0.001 } };

/** An epoch is one pass over the images, or what the file says if that is less. */
function stepsIn(spec: ModelSpec, perPass: number, notes: string[]): number {
  const wanted = spec.training.stepsPerEpoch;
  if (wanted === null || wanted <= 0) return perPass;
  if (wanted > perPass)
    notes.push(`The file asks for ${wanted} steps per epoch; the images make ${perPass} batches, so an epoch is one pass over them.`);
  return Math.min(wanted, perPass);
}

/** Two backends round differently. */
function changeOfBackend(earlier: RunManifest | null, backend: string): string[] {
  if (!earlier || haveSameArithmetic(earlier.backend, backend)) return earlier?.notRepeatable ?? [];
  return [...earlier.notRepeatable, `begun on the backend ${earlier.backend}, continued on ${backend}, which rounds differently`];
}
