import * as path from 'node:path';
import type { StartParams } from '../common/trainingProtocol';
import { gpuFolders } from '../training/gpuFolders';
import { TrainingFailed, trainToEnd, type Questions, type TrainedRun, type TrainListeners } from '../training/trainToEnd';
import { WorkerHandle } from '../training/workerHandle';
import type { ProgressBar } from './progressBar';
import { UserError } from './userError';

/**
 * Trains one run in a thread of its own, to its end, and shows its progress. Ctrl+C stops it after the step in progress; its folder stays.
 * @param file the model source as the person named it, for errors
 * @param worker the thread, which is gone afterwards
 * @throws UserError for what the person can change, another error otherwise.
 */
export function trainOnce<T = never>(
  file: string,
  worker: WorkerHandle,
  params: StartParams,
  bar: ProgressBar,
  questions: Questions<T> = {},
): Promise<TrainedRun<T>> {
  return untilInterrupted(file, params.spec, bar, (stop) =>
    trainToEnd(async () => worker, params, listenersOf(bar, params), questions, stop),
  );
}

/** A thread that finds GPU support where it is installed for the person or beside the file. */
export function workerFor(file: string): WorkerHandle {
  return new WorkerHandle(undefined, undefined, { gpuFolders: gpuFolders([process.cwd(), path.dirname(path.resolve(file))]) });
}

/** Tells a bar how a run goes. */
export function listenersOf(bar: ProgressBar, { spec, options }: Pick<StartParams, 'spec' | 'options'>): TrainListeners {
  return {
    didStart(started) {
      bar.say(
        `${spec.name}: ${started.dataset.name}, ${started.dataset.trainCount} training images, seed ${options.seed}, ${started.backend}`,
      );
      for (const note of started.notes) bar.say(`note: ${note}`);
      for (const reason of started.notRepeatable) bar.say(`not repeatable bit for bit: ${reason}`);
    },
    didChangeStatus: (status) => bar.update(status),
    didRecordMetrics: (rows) => bar.setLoss(rows.at(-1)?.values.loss ?? NaN),
    didFinishEpoch: (row) => bar.epoch(row),
  };
}

/** Does something that trains until it is through or the person presses Ctrl+C; errors become the person's, where they are. */
export async function untilInterrupted<T>(
  file: string,
  spec: StartParams['spec'],
  bar: ProgressBar,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  const controller = new AbortController();
  const stop = (): void => controller.abort();
  process.once('SIGINT', stop);
  try {
    return await work(controller.signal);
  } catch (error) {
    if (error instanceof TrainingFailed) throw new UserError(file, (spec.training.compileRange ?? spec.range).startLine + 1, error.message);
    throw asUserError(error, file, spec.range.startLine + 1);
  } finally {
    bar.clear();
    process.off('SIGINT', stop);
  }
}

/** What the thread refused, as the person's error; anything else stays an internal failure. */
function asUserError(error: unknown, file: string, line: number): unknown {
  if (!(error instanceof Error)) return error;
  if (error.name === 'DataError') {
    const [, where, message] = /^(.*?): (.*)$/s.exec(error.message) ?? [null, file, error.message];
    return new UserError(where ?? file, 1, message);
  }
  if (error.name === 'GpuFailed') return new UserError('kernelscope', 1, `${error.message}; train with --backend wasm`);
  if (error.name === 'GpuUnavailable') return new UserError('kernelscope', 1, error.message);
  return error.name === 'ModelError' ? new UserError(file, line, error.message) : error;
}
