import { CancelledError } from '../base/channel';
import type { EpochRow, MetricsRow, RunStatus } from '../common/run';
import type { RunStarted, StartParams } from '../common/trainingProtocol';
import type { CreateWorker, TrainingWorker } from './trainingWorker';

/** What is asked of the thread while it holds the network: before the first step, and after the last. */
export interface Questions<T> {
  atStart?: (worker: TrainingWorker) => Promise<T>;
  atEnd?: (worker: TrainingWorker) => Promise<T>;
}

/** Who wants to know how it goes. */
export interface TrainListeners {
  didStart?(started: RunStarted): void;
  didChangeStatus?(status: RunStatus): void;
  didRecordMetrics?(rows: MetricsRow[]): void;
  didFinishEpoch?(row: EpochRow): void;
}

export interface TrainedRun<T> {
  started: RunStarted;
  /** `finished` or `stopped`. */
  status: RunStatus;
  weightsSha256: string;
  atStart: T | null;
  atEnd: T | null;
}

/** Training itself failed (the loss is no number any more, say); the message says why and what to do. */
export class TrainingFailed extends Error {
  override name = 'TrainingFailed';
}

/**
 * Trains one run in a thread of its own, to its end. The thread is gone when this returns; the run's folder stays.
 * @param stop ends the run after the step in progress: it then counts as `stopped`
 * @throws TrainingFailed, or the thread's own error when it would not start or crashed.
 */
export async function trainToEnd<T = never>(
  createWorker: CreateWorker,
  params: StartParams,
  listeners: TrainListeners = {},
  questions: Questions<T> = {},
  stop: AbortSignal = new AbortController().signal,
): Promise<TrainedRun<T>> {
  const startPaused = params.startPaused || questions.atStart !== undefined;
  const worker = await createWorker();
  if (stop.aborted) {
    worker.dispose();
    throw new CancelledError('training was called off');
  }
  const askToStop = (): void => void worker.call('stop', null).catch(() => {});
  stop.addEventListener('abort', askToStop);
  try {
    const ended = new Promise<RunStatus>((resolve, reject) => {
      worker.onDidCrash(reject);
      worker.on('didChangeStatus', (status) => {
        listeners.didChangeStatus?.(status);
        if (status.phase === 'finished' || status.phase === 'stopped' || status.phase === 'failed') resolve(status);
      });
    });
    ended.catch(() => {});
    worker.on('didRecordMetrics', (rows) => listeners.didRecordMetrics?.(rows));
    worker.on('didFinishEpoch', (row) => listeners.didFinishEpoch?.(row));
    const started = await worker.call('start', { ...params, startPaused });
    listeners.didStart?.(started);
    const atStart = questions.atStart ? await questions.atStart(worker) : null;
    if (startPaused && !stop.aborted) await worker.call('resume', null);
    const status = await ended;
    if (status.phase === 'failed') throw new TrainingFailed(status.message ?? 'training failed');
    const weightsSha256 = await worker.call('weightsSha256', null);
    return { started, status, weightsSha256, atStart, atEnd: questions.atEnd ? await questions.atEnd(worker) : null };
  } finally {
    stop.removeEventListener('abort', askToStop);
    worker.dispose();
  }
}
