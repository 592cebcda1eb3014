import { Worker } from 'node:worker_threads';
import { assetPath } from '../base/assets';
import { Channel } from '../base/channel';
import { threadTransport } from '../base/threadTransport';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { Progress, WeightsThreadCalls, WeightsThreadEvents } from '../common/weightsProtocol';
import { PulseWatch } from './hdf5/pulse';
import { GET_AGAIN, WeightError } from './weightError';

type ThreadChannel = Channel<Record<never, never>, WeightsThreadCalls, Record<never, never>, WeightsThreadEvents>;

const MAX_HEAP_MB = 1024;
const IDLE_MS = 60_000;
/** Headers are read in well under a second; what takes longer than this is caught in a damaged file. */
const OPEN_LIMIT_MS = 30_000;
/** A cancelled call has to let others through within this time, or its thread is ended. */
const CANCEL_LIMIT_MS = 2_000;
/** How long the HDF5 library may work without reading anything: in a damaged file it can go round in circles. */
const LOOP_LIMIT_MS = 500;
const WATCH_MS = 100;

/**
 * Reads weight files in a thread of its own, which is started when first needed, ends when nobody asked for a while, and dies alone:
 * a crash fails what was pending, and the next call starts another thread.
 */
export class WeightsThread extends Disposable {
  private worker: Worker | null = null;
  private channel: ThreadChannel | null = null;
  private idle: NodeJS.Timeout | null = null;
  private pending = 0;
  private pulse = new PulseWatch(LOOP_LIMIT_MS);
  private watching: NodeJS.Timeout | null = null;
  private readonly progressed = this._register(new Emitter<Progress>());
  readonly onDidProgress = this.progressed.event;

  constructor(
    private readonly script = () => assetPath('weights-worker.js'),
    private readonly maxHeapMb = MAX_HEAP_MB,
  ) {
    super();
    this._register({ dispose: () => this.end(new Error('the view was closed')) });
  }

  /** Rejects with what is wrong with the file, with the crash when the thread died, or with CancelledError when `signal` fires. */
  async call<K extends keyof WeightsThreadCalls & string>(
    type: K,
    params: WeightsThreadCalls[K]['params'],
    signal?: AbortSignal,
  ): Promise<WeightsThreadCalls[K]['result']> {
    if (this.idle) clearTimeout(this.idle);
    this.pending++;
    this.watching ??= setInterval(() => this.pulse.isStuck(performance.now()) && this.end(hung()), WATCH_MS);
    const limit = type === 'open' ? setTimeout(() => this.end(hung()), OPEN_LIMIT_MS) : undefined;
    try {
      return await this.thread().call(type, params, signal);
    } finally {
      clearTimeout(limit);
      this.pending--;
      if (signal?.aborted) this.checkAlive();
      if (this.pending === 0) this.stopWatching();
      if (this.pending === 0 && !this.isDisposed) {
        this.idle = setTimeout(() => this.end(new Error('the thread was idle')), IDLE_MS);
        this.idle.unref();
      }
    }
  }

  /** A thread that is caught in a loop does not see that it was called off. */
  private checkAlive(): void {
    const { channel } = this;
    if (!channel) return;
    const limit = setTimeout(() => channel === this.channel && this.end(hung()), CANCEL_LIMIT_MS);
    limit.unref();
    // Closing a file that is not open does nothing but answer.
    channel.call('close', { path: '' }).then(
      () => clearTimeout(limit),
      () => clearTimeout(limit),
    );
  }

  private thread(): ThreadChannel {
    if (this.isDisposed) throw new Error('the view was closed');
    if (this.channel) return this.channel;
    this.pulse = new PulseWatch(LOOP_LIMIT_MS);
    const worker = new Worker(this.script(), {
      workerData: { pulse: this.pulse.buffer },
      resourceLimits: { maxOldGenerationSizeMb: this.maxHeapMb },
      stdout: true,
      stderr: true,
      execArgv: [],
    });
    worker.unref();
    worker.stdout.resume();
    worker.stderr.resume();
    const died = (error: Error): void => {
      if (worker === this.worker) this.end(error);
    };
    worker.on('error', (error: Error) => died(describeCrash(error)));
    worker.on('exit', (code) => died(new Error(`The thread that reads weight files ended with code ${code}.`)));
    this.worker = worker;
    this.channel = new Channel(threadTransport(worker), {});
    this.channel.on('didProgress', (progress) => this.progressed.fire(progress));
    return this.channel;
  }

  private stopWatching(): void {
    if (this.watching) clearInterval(this.watching);
    this.watching = null;
  }

  private end(error: Error): void {
    if (this.idle) clearTimeout(this.idle);
    this.stopWatching();
    const { worker, channel } = this;
    this.worker = null;
    this.channel = null;
    channel?.rejectAll(error);
    channel?.dispose();
    void worker?.terminate();
  }
}

/** The caller hears what is wrong with the file, as for any damaged one. */
function hung(): Error {
  return new WeightError('reading the file did not come to an end', GET_AGAIN);
}

function describeCrash(error: Error & { code?: string }): Error {
  const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY' || /out of memory|allocation failed/i.test(error.message);
  return new Error(
    isMemory
      ? 'Reading this file ran out of memory; the rest of VS Code is not affected.'
      : `The thread that reads weight files crashed: ${error.message}`,
  );
}
