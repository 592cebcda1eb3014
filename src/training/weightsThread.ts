import { Worker } from 'node:worker_threads';
import { assetPath } from '../base/assets';
import { Channel, type Transport } from '../base/channel';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { Progress, WeightsThreadCalls, WeightsThreadEvents } from '../common/weightsProtocol';

type ThreadChannel = Channel<Record<never, never>, WeightsThreadCalls, Record<never, never>, WeightsThreadEvents>;

const MAX_HEAP_MB = 1024;
const IDLE_MS = 60_000;

/**
 * Reads weight files in a thread of its own, which is started when first needed, ends when nobody asked for a while, and dies alone:
 * a crash fails what was pending, and the next call starts another thread.
 */
export class WeightsThread extends Disposable {
  private worker: Worker | null = null;
  private channel: ThreadChannel | null = null;
  private idle: NodeJS.Timeout | null = null;
  private pending = 0;
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
    try {
      return await this.thread().call(type, params, signal);
    } finally {
      this.pending--;
      if (this.pending === 0 && !this.isDisposed) {
        this.idle = setTimeout(() => this.end(new Error('the thread was idle')), IDLE_MS);
        this.idle.unref();
      }
    }
  }

  private thread(): ThreadChannel {
    if (this.isDisposed) throw new Error('the view was closed');
    if (this.channel) return this.channel;
    const worker = new Worker(this.script(), {
      resourceLimits: { maxOldGenerationSizeMb: this.maxHeapMb },
      stdout: true,
      stderr: true,
      execArgv: [],
    });
    worker.unref();
    worker.stdout.resume();
    worker.stderr.resume();
    const transport: Transport = {
      post: (message, transfer) => worker.postMessage(message, transfer ?? []),
      onMessage(listener) {
        worker.on('message', listener);
        return { dispose: () => void worker.off('message', listener) };
      },
    };
    const died = (error: Error): void => {
      if (worker === this.worker) this.end(error);
    };
    worker.on('error', (error: Error) => died(describeCrash(error)));
    worker.on('exit', (code) => died(new Error(`The thread that reads weight files ended with code ${code}.`)));
    this.worker = worker;
    this.channel = new Channel(transport, {});
    this.channel.on('didProgress', (progress) => this.progressed.fire(progress));
    return this.channel;
  }

  private end(error: Error): void {
    if (this.idle) clearTimeout(this.idle);
    const { worker, channel } = this;
    this.worker = null;
    this.channel = null;
    channel?.rejectAll(error);
    channel?.dispose();
    void worker?.terminate();
  }
}

function describeCrash(error: Error & { code?: string }): Error {
  const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY' || /out of memory|allocation failed/i.test(error.message);
  return new Error(
    isMemory
      ? 'Reading this file ran out of memory; the rest of VS Code is not affected.'
      : `The thread that reads weight files crashed: ${error.message}`,
  );
}
