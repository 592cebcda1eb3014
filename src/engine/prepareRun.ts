import type { ModelSpec, OptimizerSpec } from '../common/modelSpec';
import type { RunManifest, RunPhase } from '../common/run';
import type { RunStarted, StartParams } from '../common/trainingProtocol';
import { classCountOf } from '../data/fitLabels';
import { openDataset } from '../data/openDataset';
import { readCheckpoint, readManifest } from '../runs/runReader';
import { RunWriter } from '../runs/runWriter';
import { startBackend } from './backend';
import { Batches } from './batches';
import { buildModel, drawWeights } from './buildModel';
import { decideEngine } from './decideEngine';
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
 * @param gpuFolders where the package that gives access to a GPU may be installed
 * @throws Error with what is wrong and the way out.
 */
export async function prepareRun(
  params: StartParams,
  events: Omit<TrainerEvents, 'changed' | 'gpuFailed'>,
  say: (message: string) => void,
  signal: AbortSignal,
  gpuFolders: readonly string[] = [],
): Promise<PreparedRun> {
  const earlier = params.resume ? await readManifest(params.runFolder).catch(() => null) : null;
  const checkpoint = earlier ? await readCheckpoint(params.runFolder) : null;
  const { spec, data, options } = earlier ?? params;
  say('Starting the engine');
  const wanted = params.options.backend;
  // Our own kernels are there beside a GPU, too.
  const backend = await startBackend(wanted === 'webgpu' ? 'wasm' : wanted);
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
  const setStart = (): void => {
    drawWeights(built.parameters, options.seed);
    given?.values.forEach((values, p) => setValues(p.variable, values));
  };
  if (given) setStart();
  const batches = new Batches(dataset, {
    seed: options.seed,
    batchSize: options.batchSize,
    isShuffled: spec.training.shuffle !== false,
    isAugmented: spec.data.preprocessing.augmentation !== undefined,
  });
  const notes = [...dataset.info.notes, ...objective.notes];
  if (given) notes.push(given.note);
  if (!spec.training.optimizer) notes.push('The file names no optimizer: Adam with its defaults is used.');
  const stepsPerEpoch = stepsIn(spec, batches.perPass, notes);
  const totalSteps = Math.min(options.epochs * stepsPerEpoch, options.maxSteps ?? Infinity);
  const network = new Network(built, objective, geometry);
  say('Choosing the engine');
  const engine = await decideEngine({
    wanted,
    started: backend,
    gpuFolders,
    earlier,
    spec,
    batchSize: options.batchSize,
    network,
    optimizer,
    optimizerSpec,
    batch: () => batches.batchOf(0),
    totalSteps,
    reset: setStart,
  });
  signal.throwIfAborted();
  notes.unshift(...backend.notes, ...engine.notes);
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
    backend: engine.backend,
    ...(engine.gpu && { gpu: engine.gpu }),
    stepsPerEpoch,
    totalSteps,
    notRepeatable: engine.notRepeatable,
    versions: { node: process.version, kernelscope: version },
    phase: 'preparing',
    test: earlier?.test ?? null,
  };
  writer.writeManifest(manifest);
  const changed = (phase: RunPhase, test: Record<string, number> | null): void => {
    Object.assign(manifest, { phase, test });
    writer.writeManifest(manifest);
  };
  const gpuFailed = (failure: string): void => void (manifest.gpu = { name: null, choice: '', ...manifest.gpu, failure });
  const trainer = new Trainer(
    {
      network,
      optimizer,
      step: engine.step,
      dataset,
      batches,
      writer,
      batchSize: options.batchSize,
      epochs: options.epochs,
      stepsPerEpoch,
      totalSteps,
      seed: options.seed,
      backend: engine.backend,
      learningRate: options.learningRate,
      setStart,
    },
    { ...events, changed, gpuFailed },
  );
  if (checkpoint) trainer.restore(checkpoint);
  const unplanned = engine.backend.startsWith('wasm') ? trainer.planSteps() : null;
  if (unplanned) notes.push(`Steps are computed call by call, which is slower: ${unplanned}.`);
  const { notRepeatable } = manifest;
  return { trainer, started: { dataset: dataset.info, stepsPerEpoch, totalSteps, backend: engine.backend, notRepeatable, notes } };
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
