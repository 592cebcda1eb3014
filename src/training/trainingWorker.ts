import type { DisposableLike } from '../base/disposable';
import type { Event } from '../base/emitter';
import type { WorkerCalls, WorkerEvents } from '../common/trainingProtocol';

/** What a run needs of the thread that trains; `WorkerHandle` is the real one. */
export interface TrainingWorker extends DisposableLike {
  call<K extends keyof WorkerCalls & string>(
    type: K,
    params: WorkerCalls[K]['params'],
    signal?: AbortSignal,
  ): Promise<WorkerCalls[K]['result']>;
  on<K extends keyof WorkerEvents & string>(type: K, listener: (payload: WorkerEvents[K]) => void): DisposableLike;
  /** The thread died (out of memory, say); nothing more will come from it. */
  readonly onDidCrash: Event<Error>;
}

export type CreateWorker = () => Promise<TrainingWorker>;
