import type { ModelSpec } from '../common/modelSpec';
import type { RunManifest, RunPhase } from '../common/run';
import type { RunStarted, StartParams } from '../common/trainingProtocol';
import { readCheckpoint, readManifest } from '../runs/runReader';
import { RunWriter } from '../runs/runWriter';
import { adaptedStatistics } from './adaptNormalization';
import { drawWeights } from './buildModel';
import { decideEngine } from './decideEngine';
import { readInitialWeights } from './initialWeights';
import { ASSUMED_OPTIMIZER } from '../insight/optimizerRules';
import { prepareNetwork } from './prepareNetwork';
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
  const { backend, network, optimizer, dataset, batches, notes } = await prepareNetwork(
    { spec, data, options: { ...options, backend: params.options.backend }, earlier: earlier?.backend },
    say,
    signal,
  );
  const { parameters } = network.built;
  const { initialWeights } = options;
  const given = initialWeights ? await readInitialWeights(initialWeights, spec.layers, parameters, signal) : null;
  const adapted = await adaptedStatistics(spec, network, dataset, signal);
  const setStart = (): void => {
    drawWeights(parameters, options.seed);
    for (const [p, values] of [...adapted, ...(given?.values ?? [])]) setValues(p.variable, values);
  };
  if (given || adapted.size > 0) setStart();
  if (given) notes.push(given.note);
  if (!spec.training.optimizer) notes.push('The file names no optimizer: Adam with its defaults is used.');
  const stepsPerEpoch = stepsIn(spec, batches.perPass, notes);
  optimizer.stepsPerEpoch = stepsPerEpoch;
  const totalSteps = Math.min(options.epochs * stepsPerEpoch, options.maxSteps ?? Infinity);
  say('Choosing the engine');
  const engine = await decideEngine({
    wanted: params.options.backend,
    started: backend,
    gpuFolders,
    earlier,
    spec,
    batchSize: options.batchSize,
    network,
    optimizer,
    optimizerSpec: spec.training.optimizer ?? ASSUMED_OPTIMIZER,
    batch: () => batches.batchOf(0),
    totalSteps,
    reset: setStart,
  });
  signal.throwIfAborted();
  notes.unshift(...engine.notes);
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

/** An epoch is one pass over the images, or what the file says if that is less. */
function stepsIn(spec: ModelSpec, perPass: number, notes: string[]): number {
  const wanted = spec.training.stepsPerEpoch;
  if (wanted === null || wanted <= 0) return perPass;
  if (wanted > perPass)
    notes.push(
      `The file asks for ${wanted} steps per epoch; the images make ${perPass === 1 ? 'one batch' : `${perPass} batches`}, so an epoch is one pass over them.`,
    );
  return Math.min(wanted, perPass);
}
