import type { RunStatus } from '../common/run';
import type { RunStarted, StartParams } from '../common/trainingProtocol';
import { WorkerHandle } from '../training/workerHandle';
import type { ProgressBar } from './progressBar';
import { UserError } from './userError';

/** What is asked of the thread while it holds the network: before the first step, and after the last. */
export interface Questions<T> {
  atStart?: (worker: WorkerHandle) => Promise<T>;
  atEnd?: (worker: WorkerHandle) => Promise<T>;
}

export interface TrainedRun<T> {
  started: RunStarted;
  status: RunStatus;
  weightsSha256: string;
  atStart: T | null;
  atEnd: T | null;
}

/**
 * Trains one run in a thread of its own, to its end, and shows its progress. Ctrl+C stops it after the step in progress; its folder stays.
 * @param file the model source as the person named it, for errors
 * @throws UserError for what the person can change, another error otherwise.
 */
export async function trainOnce<T = never>(
  file: string,
  params: StartParams,
  bar: ProgressBar,
  questions: Questions<T> = {},
): Promise<TrainedRun<T>> {
  const { spec, options } = params;
  const startPaused = params.startPaused || questions.atStart !== undefined;
  const worker = new WorkerHandle();
  const stop = (): void => void worker.call('stop', null).catch(() => {});
  process.once('SIGINT', stop);
  try {
    const ended = new Promise<RunStatus>((resolve, reject) => {
      worker.onDidCrash(reject);
      worker.on('didChangeStatus', (status) => {
        bar.update(status);
        if (status.phase === 'finished' || status.phase === 'stopped' || status.phase === 'failed') resolve(status);
      });
    });
    ended.catch(() => {});
    worker.on('didRecordMetrics', (rows) => bar.setLoss(rows.at(-1)?.values.loss ?? NaN));
    worker.on('didFinishEpoch', (row) => bar.epoch(row));
    const started = await worker.call('start', { ...params, startPaused });
    bar.say(
      `${spec.name}: ${started.dataset.name}, ${started.dataset.trainCount} training images, seed ${options.seed}, ${started.backend}`,
    );
    for (const note of started.notes) bar.say(`note: ${note}`);
    for (const reason of started.notRepeatable) bar.say(`not repeatable bit for bit: ${reason}`);
    const atStart = questions.atStart ? await questions.atStart(worker) : null;
    if (startPaused) await worker.call('resume', null);
    const status = await ended;
    if (status.phase === 'failed')
      throw new UserError(file, (spec.training.compileRange ?? spec.range).startLine + 1, status.message ?? 'training failed');
    const weightsSha256 = await worker.call('weightsSha256', null);
    return { started, status, weightsSha256, atStart, atEnd: questions.atEnd ? await questions.atEnd(worker) : null };
  } catch (error) {
    throw asUserError(error, file, spec.range.startLine + 1);
  } finally {
    bar.clear();
    process.off('SIGINT', stop);
    worker.dispose();
  }
}

/** What the thread refused, as the person's error; anything else stays an internal failure. */
function asUserError(error: unknown, file: string, line: number): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'DataError') {
    const [, where, message] = /^(.*?): (.*)$/s.exec(error.message) ?? [null, file, error.message];
    return new UserError(where ?? file, 1, message);
  }
  return error.name === 'ModelError' ? new UserError(file, line, error.message) : error;
}
