import { Worker } from 'node:worker_threads';
import { assetPath } from '../base/assets';
import { CancelledError, Channel, type Transport } from '../base/channel';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import { PulseWatch } from './hdf5/pulse';
import { GET_AGAIN, WeightError } from './weightError';
import type { WeightCalls, WeightEvents } from '../common/weightProtocol';

const MAX_HEAP_MB = 2048;
/** How long the HDF5 library may work without reading anything: in a damaged file it can go round in circles. */
const LOOP_LIMIT_MS = 700;
const WATCH_MS = 100;
/** A cancelled call has to end within this time, or its thread is ended. */
const CANCEL_LIMIT_MS = 2_000;

type HostChannel = Channel<Record<never, never>, WeightCalls, Record<never, never>, WeightEvents>;

/**
 * The thread that reads weight files, as the extension and the terminal see it. Files are open for as long as it lives; a file that
 * brings it down or hangs it costs an error, nothing more. Make a new one afterwards.
 */
export class WeightsHandle extends Disposable {
  private readonly channel: HostChannel;
  private readonly ended = this._register(new Emitter<Error>());
  /** It died, or was ended because it did not answer. */
  readonly onDidEnd = this.ended.event;
  private failure: Error | null = null;
  private readonly watch = new PulseWatch(LOOP_LIMIT_MS);
  private watching: NodeJS.Timeout | null = null;
  private pending = 0;

  /** @throws Error when the program has not been built. */
  constructor(script: string = assetPath('weights-worker.js')) {
    super();
    const limits = { maxOldGenerationSizeMb: MAX_HEAP_MB };
    const worker = new Worker(script, {
      workerData: { pulse: this.watch.buffer },
      resourceLimits: limits,
      stdout: true,
      stderr: true,
      execArgv: [],
    });
    worker.stdout.resume();
    worker.stderr.resume();
    const transport: Transport = {
      post: (message, transfer) => worker.postMessage(message, transfer ?? []),
      onMessage(listener) {
        worker.on('message', listener);
        return { dispose: () => void worker.off('message', listener) };
      },
    };
    worker.on('error', (error: Error) =>
      this.fail(new Error(`The thread that reads weight files crashed: ${error.message}. Open the file again.`)),
    );
    worker.on('exit', () => this.fail(new Error('The thread that reads weight files ended. Open the file again.')));
    this._register({ dispose: () => void worker.terminate() });
    this._register({ dispose: () => this.stopWatching() });
    this.channel = this._register(new Channel(transport, {}) as HostChannel);
  }

  /**
   * Rejects with the reader's own error (WeightError's message), with CancelledError when `signal` fires or after disposal, and with
   * what happened when the thread died.
   */
  async call<K extends keyof WeightCalls & string>(
    type: K,
    params: WeightCalls[K]['params'],
    signal?: AbortSignal,
  ): Promise<WeightCalls[K]['result']> {
    if (this.failure) throw this.failure;
    if (this.isDisposed) throw new CancelledError('the thread was ended');
    this.startWatching();
    try {
      return await this.channel.call(type, params, signal);
    } finally {
      if (--this.pending === 0) this.stopWatching();
      if (signal?.aborted) this.checkAlive();
    }
  }

  onProgress(listener: (progress: WeightEvents['didProgress']) => void) {
    return this.channel.on('didProgress', listener);
  }

  private startWatching(): void {
    this.pending++;
    this.watching ??= setInterval(() => {
      if (this.watch.isStuck(performance.now())) this.giveUp('sends the HDF5 library round in circles');
    }, WATCH_MS);
  }

  private stopWatching(): void {
    if (this.watching) clearInterval(this.watching);
    this.watching = null;
  }

  /** A thread that is caught in a loop does not see that it was called off. */
  private checkAlive(): void {
    if (this.failure || this.isDisposed) return;
    const limit = setTimeout(() => this.giveUp('did not stop when it was cancelled'), CANCEL_LIMIT_MS);
    limit.unref();
    // Closing a file that is not open does nothing but answer.
    this.channel.call('close', { file: 0 }).then(
      () => clearTimeout(limit),
      () => clearTimeout(limit),
    );
  }

  private giveUp(why: string): void {
    this.fail(new WeightError(`the file ${why}`, GET_AGAIN));
    this.dispose();
  }

  private fail(error: Error): void {
    if (this.failure || this.isDisposed) return;
    this.failure = error;
    this.channel.rejectAll(error);
    this.ended.fire(error);
  }
}
