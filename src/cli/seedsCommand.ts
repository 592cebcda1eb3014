import { createHash } from 'node:crypto';
import * as os from 'node:os';
import * as path from 'node:path';
import { decodeFrame, frameKey } from '../common/frame';
import type { ModelSpec, LayerInfo } from '../common/modelSpec';
import type { LayerActivity } from '../common/trainingProtocol';
import { compareAcrossSeeds, comparedLayers, type AcrossSeeds, type SeedRun } from '../insight/acrossSeeds';
import { readFrame, readManifest, readMetrics } from '../runs/runReader';
import { runName } from '../runs/runName';
import { listFrames } from '../runs/runWriter';
import type { WorkerHandle } from '../training/workerHandle';
import { trainOptions } from '../training/trainDefaults';
import { chooseData } from './chooseData';
import { chooseModel } from './chooseModel';
import { parseCommand, wholeNumber } from './options';
import { ProgressBar } from './progressBar';
import { readModelFile } from './readFile';
import { askedOptions, DEFAULT_SEED, trainFlags, trainUsage } from './trainArguments';
import { trainOnce } from './trainOnce';
import { UserError } from './userError';

const usage = `seeds FILE --seeds N ${trainUsage} [--json]`;

/** Images on which the layers of two runs are compared. */
const IMAGES = 500;
/** Each thread trains on several cores already. */
const CORES_PER_RUN = 4;

/** `kernelscope seeds`: trains the same model with several seeds and says which kernels the runs share. */
export const seedsCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 1, { ...trainFlags, seeds: { type: 'string' } });
    const [file] = positionals;
    const count = wholeNumber('seeds', values.seeds, 2) ?? 3;
    const asked = askedOptions(values);
    const read = await readModelFile(file);
    const spec = chooseModel(file, read, values.model);
    const layers = comparedLayers(spec);
    if (layers.length === 0)
      throw new UserError(file, spec.range.startLine + 1, `${spec.name} has no conv layer to compare; seeds needs one`);
    const data = await chooseData(file, spec, values.data);
    const sourceSha256 = createHash('sha256').update(read.text).digest('hex');
    const bar = new ProgressBar();
    const root = path.resolve('.kernelscope', 'runs');
    let images = 0;
    const trainSeed = async (seed: number): Promise<SeedRun> => {
      const options = { ...trainOptions(spec, asked, { seed, backend: 'auto' }), seed };
      const runFolder = path.join(root, `${runName(new Date(), spec.name)}-seed-${seed}`);
      const params = { runFolder, spec, sourceFile: read.path, sourceSha256, data, options, resume: false, startPaused: false };
      const ask = (worker: WorkerHandle) => worker.call('layerActivity', { layers: layers.map((l) => l.name), images: IMAGES });
      const { atStart, atEnd } = await trainOnce(file, params, bar, { atStart: ask, atEnd: ask });
      if (!atStart || !atEnd) throw new Error('the layers were not asked for their outputs');
      images = atEnd.images;
      return {
        seed,
        accuracy: await accuracyOf(runFolder),
        kernels: await finalKernels(runFolder, layers),
        activity: byLayer(atEnd.layers),
        untrained: byLayer(atStart.layers),
      };
    };
    const first = asked.seed ?? DEFAULT_SEED;
    const seeds = Array.from({ length: count }, (_, i) => first + i);
    const atOnce = os.availableParallelism() >= 2 * CORES_PER_RUN ? 2 : 1;
    const runs = await inTurn(seeds, atOnce, trainSeed);
    const result = compareAcrossSeeds(spec, runs, images);
    if (values.json) console.log(JSON.stringify(toJson(result, seeds)));
    else console.log(toText(spec, result));
    return 0;
  },
};

function byLayer(activity: readonly LayerActivity[]): Map<string, LayerActivity> {
  return new Map(activity.map((l) => [l.layer, l]));
}

/** Runs `work` over the items, `atOnce` at a time; the results are in the items' order. */
async function inTurn<T, R>(items: readonly T[], atOnce: number, work: (item: T) => Promise<R>): Promise<R[]> {
  const results = new Array<R>(items.length);
  let next = 0;
  const lane = async (): Promise<void> => {
    for (let i = next++; i < items.length; i = next++) results[i] = await work(items[i]);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
  return results;
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

function toJson({ accuracy, layers, images, summary }: AcrossSeeds, seeds: number[]) {
  return { seeds, accuracy: accuracy?.values ?? [], images, layers: layers.map(({ partners: _, ...rest }) => rest), summary };
}

function toText(spec: ModelSpec, { layers, images, summary }: AcrossSeeds): string {
  const lines = layers.map((l) => {
    const weights = l.matchedCosine
      ? `kernels ${l.matchedCosine.mean.toFixed(2)} (chance ${l.matchedCosine.chanceMean.toFixed(2)}, 95 % ${l.matchedCosine.chance95.toFixed(2)}), ${l.inEverySeed} in every run`
      : 'kernels not compared (its inputs cannot be lined up)';
    return `${l.name} [${l.shape.join(', ')}]: ${weights}; outputs ${l.matchedActivation.mean.toFixed(2)} (untrained ${l.matchedActivation.untrained.toFixed(2)}), CKA ${l.cka.toFixed(3)} (untrained ${l.ckaUntrained.toFixed(3)}) on ${images} images`;
  });
  return [`${spec.name}: ${summary}`, ...lines].join('\n');
}
