import { Disposable } from '../base/disposable';
import type { ProbeCalls } from '../common/probeProtocol';
import type { StartParams, WorkerCalls } from '../common/trainingProtocol';
import type { CreateWorker, TrainingWorker } from './trainingWorker';

/** What a run that nobody trains can be asked. */
export type LookingCalls = ProbeCalls & Pick<WorkerCalls, 'layerActivity'>;

/** Loading a network takes about a second; nobody looks for this long, and the thread goes. */
const IDLE_MS = 120_000;

/** A thread that holds the network of a run which nobody trains, loaded from its folder when somebody first looks into it. */
export class LookingThread extends Disposable {
  private worker: Promise<TrainingWorker> | null = null;
  private idle: ReturnType<typeof setTimeout> | null = null;
  private pending = 0;

  constructor(
    private readonly createWorker: CreateWorker,
    private readonly params: StartParams,
    private readonly idleMs = IDLE_MS,
  ) {
    super();
    this._register({ dispose: () => this.release() });
  }

  /** @throws the thread's error, whose message says why the run cannot be opened or looked into. */
  async ask<K extends keyof LookingCalls>(
    type: K,
    params: LookingCalls[K]['params'],
    signal?: AbortSignal,
  ): Promise<LookingCalls[K]['result']> {
    this.keepAwake();
    this.pending++;
    try {
      const worker = await (this.worker ??= this.open());
      signal?.throwIfAborted();
      return await worker.call(type, params, signal);
    } finally {
      this.pending--;
      this.keepAwake();
    }
  }

  private async open(): Promise<TrainingWorker> {
    const worker = await this.createWorker();
    worker.onDidCrash(() => this.release());
    try {
      await worker.call('open', this.params);
    } catch (error) {
      worker.dispose();
      // The next look tries again: missing images may be back by then.
      this.worker = null;
      throw error;
    }
    if (this.isDisposed) worker.dispose();
    return worker;
  }

  private keepAwake(): void {
    if (this.idle) clearTimeout(this.idle);
    this.idle = this.isDisposed || this.pending > 0 ? null : setTimeout(() => this.release(), this.idleMs);
    this.idle?.unref?.();
  }

  private release(): void {
    if (this.idle) clearTimeout(this.idle);
    this.idle = null;
    const { worker } = this;
    this.worker = null;
    void worker?.then(
      (w) => w.dispose(),
      () => {},
    );
  }
}
