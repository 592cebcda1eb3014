import * as os from 'node:os';
import type { DataRef } from '../common/dataSpec';
import { decodeFrame, frameKey } from '../common/frame';
import type { LayerInfo, ModelSpec } from '../common/modelSpec';
import type { TrainOptions } from '../common/run';
import type { LayerActivity } from '../common/trainingProtocol';
import { comparedLayers, type SeedRun } from '../insight/acrossSeeds';
import { readFrame, readManifest, readMetrics } from '../runs/runReader';
import { listFrames } from '../runs/runWriter';
import { trainToEnd, type TrainListeners } from './trainToEnd';
import type { CreateWorker, TrainingWorker } from './trainingWorker';

/** Held-out images on which the layers of two runs are compared. */
export const COMPARED_IMAGES = 500;
/** Each thread trains on several cores already. */
const CORES_PER_RUN = 4;

export interface SeedStudyRequest {
  spec: ModelSpec;
  sourceFile: string;
  sourceSha256: string;
  data: DataRef;
  /** Everything but the seed. */
  options: TrainOptions;
  seeds: readonly number[];
  folderFor(seed: number): Promise<string>;
  createWorker: CreateWorker;
  listenersFor?(seed: number): TrainListeners;
  /** A run is through and its folder complete. */
  didFinish?(run: StudiedRun): void;
  /** Ends the study after the steps in progress; runs that were cut short do not count. */
  stop?: AbortSignal;
}

export interface StudiedRun extends SeedRun {
  folder: string;
}

export interface SeedStudy {
  /** In the order of the seeds asked for; fewer when the study was stopped. */
  runs: StudiedRun[];
  images: number;
}

/** How many runs are trained side by side here. */
export function runsAtOnce(cores = os.availableParallelism()): number {
  return cores >= 2 * CORES_PER_RUN ? 2 : 1;
}

/**
 * Trains the same model on the same data with several seeds, and keeps of each run what a comparison needs.
 * @throws RangeError when the model has no conv layer to compare; the first run's error when one fails, after which no other begins.
 */
export async function studySeeds(request: SeedStudyRequest): Promise<SeedStudy> {
  const layers = comparedLayers(request.spec);
  if (layers.length === 0) throw new RangeError(`${request.spec.name} has no conv layer whose kernels could be compared`);
  const broken = new AbortController();
  const stop = AbortSignal.any([broken.signal, ...(request.stop ? [request.stop] : [])]);
  let images = 0;
  const results = await inTurn(request.seeds, runsAtOnce(), async (seed) => {
    if (stop.aborted) return null;
    try {
      const trained = await trainSeed(request, seed, layers, stop);
      if (!trained) return null;
      images = trained.images;
      request.didFinish?.(trained.run);
      return trained.run;
    } catch (error) {
      const isCalledOff = stop.aborted;
      broken.abort();
      if (isCalledOff) return null;
      throw error;
    }
  });
  return { runs: results.filter((r) => r !== null), images };
}

async function trainSeed(request: SeedStudyRequest, seed: number, layers: readonly LayerInfo[], stop: AbortSignal) {
  const { spec, sourceFile, sourceSha256, data } = request;
  const runFolder = await request.folderFor(seed);
  const options = { ...request.options, seed };
  const params = { runFolder, spec, sourceFile, sourceSha256, data, options, resume: false, startPaused: false };
  const ask = (worker: TrainingWorker) => worker.call('layerActivity', { layers: layers.map((l) => l.name), images: COMPARED_IMAGES });
  const listeners = request.listenersFor?.(seed);
  const { status, atStart, atEnd } = await trainToEnd(request.createWorker, params, listeners, { atStart: ask, atEnd: ask }, stop);
  if (status.phase === 'stopped' && stop.aborted) return null;
  if (!atStart || !atEnd) throw new Error('the layers were not asked for their outputs');
  const run: StudiedRun = {
    seed,
    folder: runFolder,
    accuracy: await accuracyOf(runFolder),
    kernels: await finalKernels(runFolder, layers),
    activity: byLayer(atEnd.layers),
    untrained: byLayer(atStart.layers),
  };
  return { run, images: atEnd.images };
}

/** Runs `work` over the items, `atOnce` at a time; the results are in the items' order. */
async function inTurn<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]);
  };
  const lanes = await Promise.allSettled(Array.from({ length: atOnce }, lane));
  const failed = lanes.find((l) => l.status === 'rejected');
  if (failed) throw failed.reason;
  return results;
}

function byLayer(activity: readonly LayerActivity[]): Map<string, LayerActivity> {
  return new Map(activity.map((l) => [l.layer, l]));
}

/** Of the test set, else of the last validation. */
async function accuracyOf(folder: string): Promise<number | null> {
  const { test } = await readManifest(folder);
  const last = (await readMetrics(folder)).epochs.at(-1);
  return test?.accuracy ?? last?.values.val_accuracy ?? null;
}

async function finalKernels(folder: string, layers: readonly LayerInfo[]): Promise<Map<string, Float32Array>> {
  const frame = decodeFrame(await readFrame(folder, listFrames(folder).at(-1) ?? 0));
  const kernels = new Map<string, Float32Array>();
  for (const { name } of layers) {
    const kernel = frame.tensors.get(frameKey('weight', name, 'kernel'));
    if (!kernel) throw new Error(`the last frame in ${folder} does not hold the kernel of ${name}`);
    kernels.set(name, kernel.values);
  }
  return kernels;
}
