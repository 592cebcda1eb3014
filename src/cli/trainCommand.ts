import { createHash } from 'node:crypto';
import * as path from 'node:path';
import type { EpochRow, RunManifest, TrainOptions } from '../common/run';
import { readManifest, readMetrics } from '../runs/runReader';
import { runName } from '../runs/runName';
import { trainOptions } from '../training/trainDefaults';
import { chooseData } from './chooseData';
import { chooseModel } from './chooseModel';
import { parseCommand } from './options';
import { profileTable } from './profileTable';
import { metricText, ProgressBar } from './progressBar';
import { readModelFile } from './readFile';
import { askedOptions, DEFAULT_SEED, trainFlags, trainUsage } from './trainArguments';
import type { WorkerHandle } from '../training/workerHandle';
import { trainOnce, workerFor } from './trainOnce';
import { UserError } from './userError';

const usage = `train FILE ${trainUsage} [--run DIR] [--profile] [--json]`;

/** Steps that --profile measures. */
const PROFILED_STEPS = 20;

/** `kernelscope train`: trains a file's model; a folder that holds an unfinished run of it is continued. */
export const trainCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parse(args);
    const [file] = positionals;
    const asked = askedOptions(values);
    // It loads while the file is read.
    const worker = workerFor(file);
    try {
      return await train(file, values, asked, worker);
    } finally {
      worker.dispose();
    }
  },
};

const parse = (args: string[]) =>
  parseCommand(args, usage, 1, { ...trainFlags, run: { type: 'string' }, profile: { type: 'boolean', default: false } });

/** Reads the file, trains in the thread and prints what came out. @returns the exit code */
async function train(
  file: string,
  values: ReturnType<typeof parse>['values'],
  asked: Partial<TrainOptions>,
  worker: WorkerHandle,
): Promise<number> {
  const read = await readModelFile(file);
  const spec = chooseModel(file, read, values.model);
  const folder = path.resolve(values.run ?? path.join('.kernelscope', 'runs', runName(new Date(), spec.name)));
  const sourceSha256 = createHash('sha256').update(read.text).digest('hex');
  const earlier = values.run === undefined ? null : await readManifest(folder).catch(() => null);
  if (earlier) refuseOtherRun(values.run ?? folder, earlier, { sourceSha256, modelName: spec.name, asked });
  const data = earlier?.data ?? (await chooseData(file, spec, values.data));
  const options = earlier
    ? { ...earlier.options, ...(asked.backend && { backend: asked.backend }) }
    : trainOptions(spec, asked, { seed: DEFAULT_SEED, backend: 'auto' });
  const trained = await trainOnce(
    file,
    worker,
    { runFolder: folder, spec, sourceFile: read.path, sourceSha256, data, options, resume: earlier !== null, startPaused: false },
    new ProgressBar(),
    values.profile ? { atEnd: () => worker.call('profile', { repeats: PROFILED_STEPS }) } : {},
  );
  const { status } = trained;
  const manifest = await readManifest(folder);
  const { epochs, steps } = await readMetrics(folder);
  const trainedImages = options.batchSize * steps.length;
  const seconds = steps.at(-1)?.seconds ?? 0;
  const result = {
    run: folder,
    backend: trained.started.backend,
    seed: options.seed,
    steps: status.step,
    epochs: epochs.map(epochJson),
    test: manifest.test && { loss: manifest.test.loss ?? null, accuracy: manifest.test.accuracy ?? null },
    imagesPerSecond: seconds > 0 ? Math.round((trainedImages / seconds) * 10) / 10 : 0,
    weightsSha256: trained.weightsSha256,
    ...(trained.atEnd && { profile: trained.atEnd }),
  };
  if (values.json) console.log(JSON.stringify(result));
  else console.log([...(trained.atEnd ? [profileTable(trained.atEnd)] : []), summary(result, manifest)].join('\n'));
  if (status.phase !== 'stopped') return 0;
  console.error(
    `stopped at step ${status.step} of ${status.totalSteps}; go on with: kernelscope train ${file} --run ${values.run ?? path.relative('.', folder)}`,
  );
  return 130;
}

function epochJson(row: EpochRow, index: number, rows: EpochRow[]) {
  const { loss, accuracy, val_loss: valLoss, val_accuracy: valAccuracy } = row.values;
  return {
    loss: loss ?? null,
    accuracy: accuracy ?? null,
    valLoss: valLoss ?? null,
    valAccuracy: valAccuracy ?? null,
    seconds: Number((row.seconds - (rows[index - 1]?.seconds ?? 0)).toFixed(3)),
  };
}

function summary(result: { run: string; weightsSha256: string; imagesPerSecond: number }, manifest: RunManifest): string {
  const test = manifest.test && Object.entries(manifest.test).map(([name, value]) => `${name} ${metricText(value)}`);
  return [
    ...(test ? [`test: ${test.join(', ')}`] : []),
    `${result.imagesPerSecond} images/s`,
    `weights sha256 ${result.weightsSha256}`,
    `run ${result.run}`,
  ].join('\n');
}

/** @throws UserError when the folder's run is another one than asked for. */
function refuseOtherRun(
  folder: string,
  earlier: RunManifest,
  wanted: { sourceSha256: string; modelName: string; asked: Partial<TrainOptions> },
): void {
  const other = 'choose another folder for a new run';
  if (earlier.sourceSha256 !== wanted.sourceSha256 || earlier.modelName !== wanted.modelName)
    throw new UserError(folder, 1, `holds a run of ${earlier.modelName} of ${earlier.sourceFile}, whose text was another; ${other}`);
  for (const [name, value] of Object.entries(wanted.asked)) {
    const had = earlier.options[name as keyof TrainOptions];
    if (name !== 'backend' && value !== had) throw new UserError(folder, 1, `holds a run with ${name} ${had}, not ${value}; ${other}`);
  }
}
