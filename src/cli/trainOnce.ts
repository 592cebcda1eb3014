import type { EpochRow, MetricsRow, RunStatus } from '../common/run';
import type { RunStarted, StartParams } from '../common/trainingProtocol';
import { WorkerHandle } from '../training/workerHandle';

export interface TrainedRun {
  started: RunStarted;
  status: RunStatus;
  weightsSha256: string;
}

export interface TrainListener {
  status(status: RunStatus): void;
  metrics(rows: MetricsRow[]): void;
  epoch(row: EpochRow): void;
  /** The data is open and the model is built. */
  started(started: RunStarted): void;
}

/**
 * Trains one run in a thread of its own, to its end. `signal` stops it after the step in progress; its folder stays.
 * @throws the thread's error, by name: DataError, ModelError, or a crash.
 */
export async function trainOnce(params: StartParams, listener: TrainListener, signal?: AbortSignal): Promise<TrainedRun> {
  const worker = new WorkerHandle();
  try {
    const ended = new Promise<RunStatus>((resolve, reject) => {
      worker.onDidCrash(reject);
      worker.on('didChangeStatus', (status) => {
        listener.status(status);
        if (status.phase === 'finished' || status.phase === 'stopped' || status.phase === 'failed') resolve(status);
      });
    });
    ended.catch(() => {});
    worker.on('didRecordMetrics', (rows) => listener.metrics(rows));
    worker.on('didFinishEpoch', (row) => listener.epoch(row));
    const stop = (): void => void worker.call('stop', null).catch(() => {});
    signal?.addEventListener('abort', stop);
    const started = await worker.call('start', params);
    listener.started(started);
    const status = await ended;
    signal?.removeEventListener('abort', stop);
    return { started, status, weightsSha256: await worker.call('weightsSha256', null) };
  } finally {
    worker.dispose();
  }
}
