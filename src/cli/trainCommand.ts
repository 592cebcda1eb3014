import { createHash } from 'node:crypto';
import * as path from 'node:path';
import type { EpochRow, RunManifest, TrainOptions } from '../common/run';
import { readManifest, readMetrics } from '../runs/runReader';
import { runName } from '../runs/runName';
import { trainOptions } from '../training/trainDefaults';
import { chooseData } from './chooseData';
import { chooseModel } from './chooseModel';
import { parseCommand, wholeNumber } from './options';
import { ProgressBar } from './progressBar';
import { readModelFile } from './readFile';
import { trainOnce } from './trainOnce';
import { UserError } from './userError';

const usage =
  'train FILE [--data PATH|embedded] [--model NAME] [--epochs N] [--batch-size N] [--steps N] [--seed N] [--limit N] [--learning-rate X] [--run DIR] [--backend auto|wasm|cpu] [--json]';

const DEFAULT_SEED = 1;
const text = { type: 'string' } as const;

/** `kernelscope train`: trains a file's model; a folder that holds an unfinished run of it is continued. */
export const trainCommand = {
  usage,
  async run(args: string[]): Promise<number> {
    const { values, positionals } = parseCommand(args, usage, 1, {
      data: text,
      model: text,
      epochs: text,
      'batch-size': text,
      steps: text,
      seed: text,
      limit: text,
      'learning-rate': text,
      run: text,
      backend: text,
      json: { type: 'boolean', default: false },
    });
    const [file] = positionals;
    const asked: Partial<TrainOptions> = dropNull({
      epochs: wholeNumber('epochs', values.epochs, 1),
      batchSize: wholeNumber('batch-size', values['batch-size'], 1),
      maxSteps: wholeNumber('steps', values.steps, 1),
      seed: wholeNumber('seed', values.seed, 0),
      limit: wholeNumber('limit', values.limit, 1),
      learningRate: positiveNumber('learning-rate', values['learning-rate']),
      backend: backendNamed(values.backend),
    });
    const read = await readModelFile(file);
    const spec = chooseModel(file, read, values.model);
    const folder = path.resolve(values.run ?? path.join('.kernelscope', 'runs', runName(new Date(), spec.name)));
    const sourceSha256 = createHash('sha256').update(read.text).digest('hex');
    const earlier = values.run === undefined ? null : await readManifest(folder).catch(() => null);
    if (earlier) refuseOtherRun(values.run ?? folder, earlier, { sourceSha256, modelName: spec.name, asked });
    const data = earlier?.data ?? (await chooseData(file, spec, values.data));
    const options = earlier?.options ?? trainOptions(spec, asked, { seed: DEFAULT_SEED, backend: 'auto' });
    const bar = new ProgressBar();
    const interrupt = new AbortController();
    const onInterrupt = (): void => interrupt.abort();
    process.once('SIGINT', onInterrupt);
    const trained = await trainOnce(
      { runFolder: folder, spec, sourceFile: read.path, sourceSha256, data, options, resume: earlier !== null, startPaused: false },
      {
        status: (status) => bar.update(status),
        metrics: (rows) => bar.setLoss(rows.at(-1)?.values.loss ?? NaN),
        epoch: (row) => bar.epoch(row),
        started: ({ dataset, backend, notes, notRepeatable }) => {
          bar.say(`${spec.name}: ${dataset.name}, ${dataset.trainCount} training images, seed ${options.seed}, ${backend}`);
          for (const note of notes) bar.say(`note: ${note}`);
          for (const reason of notRepeatable) bar.say(`not repeatable bit for bit: ${reason}`);
        },
      },
      interrupt.signal,
    ).catch((error: unknown) => {
      bar.clear();
      throw asUserError(error, file, spec.range.startLine + 1);
    });
    process.off('SIGINT', onInterrupt);
    bar.clear();
    const { status } = trained;
    if (status.phase === 'failed')
      throw new UserError(file, (spec.training.compileRange ?? spec.range).startLine + 1, status.message ?? 'training failed');
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
    };
    if (values.json) console.log(JSON.stringify(result));
    else console.log(summary(result, manifest));
    return status.phase === 'stopped' ? 130 : 0;
  },
};

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
  const test = manifest.test && Object.entries(manifest.test).map(([name, value]) => `${name} ${value.toFixed(4)}`);
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

/** What the thread refused, as the person's error; anything else stays an internal failure. */
function asUserError(error: unknown, file: string, line: number): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'DataError') {
    const [, where, message] = /^(.*?): (.*)$/s.exec(error.message) ?? [null, file, error.message];
    return new UserError(where ?? file, 1, message);
  }
  return error.name === 'ModelError' || error.name === 'TrainingCrash' ? new UserError(file, line, error.message) : error;
}

function positiveNumber(name: string, value: string | undefined): number | null {
  if (value === undefined) return null;
  const number = Number(value);
  if (!(number > 0 && Number.isFinite(number))) throw new UserError('kernelscope', 1, `--${name} is ${value}; give a number above 0`);
  return number;
}

function backendNamed(value: string | undefined): TrainOptions['backend'] | null {
  if (value === undefined || value === 'auto' || value === 'wasm' || value === 'cpu') return value ?? null;
  throw new UserError('kernelscope', 1, `--backend is ${value}; give auto, wasm or cpu`);
}

function dropNull<T extends Record<string, unknown>>(values: T): { [K in keyof T]?: NonNullable<T[K]> } {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => value !== null)) as { [K in keyof T]?: NonNullable<T[K]> };
}
