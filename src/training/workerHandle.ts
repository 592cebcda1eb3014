import { Worker } from 'node:worker_threads';
import { assetPath } from '../base/assets';
import { CancelledError, Channel } from '../base/channel';
import { threadTransport } from '../base/threadTransport';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { HostCalls, HostEvents, WorkerCalls, WorkerData, WorkerEvents } from '../common/trainingProtocol';

const MAX_HEAP_MB = 4096;

/** The thread that trains, as the host and the terminal see it. It dies alone: a crash becomes an error here. */
export class WorkerHandle extends Disposable {
  private readonly channel: Channel<HostCalls, WorkerCalls, HostEvents, WorkerEvents>;
  private readonly crashed = this._register(new Emitter<Error>());
  readonly onDidCrash = this.crashed.event;
  private crash: Error | null = null;

  /** @throws Error when the program has not been built. */
  constructor(script: string = assetPath('worker.js'), maxHeapMb: number = MAX_HEAP_MB, data: WorkerData = { gpuFolders: [] }) {
    super();
    // What an extension host prints belongs to VS Code: the thread's output is taken in and dropped.
    const worker = new Worker(script, {
      resourceLimits: { maxOldGenerationSizeMb: maxHeapMb },
      workerData: data,
      stdout: true,
      stderr: true,
      execArgv: [],
    });
    worker.stdout.resume();
    worker.stderr.resume();
    worker.on('error', (error: Error) => this.fail(describeCrash(error)));
    worker.on('exit', (code) =>
      this.fail(new Error(`The training thread ended with code ${code}. The run can be continued from its folder.`)),
    );
    this._register({ dispose: () => void worker.terminate() });
    this.channel = this._register(new Channel<HostCalls, WorkerCalls, HostEvents, WorkerEvents>(threadTransport(worker), {}));
  }

  /** Rejects with the thread's own error, with the crash when it died, or with CancelledError after disposal. */
  call<K extends keyof WorkerCalls & string>(
    type: K,
    params: WorkerCalls[K]['params'],
    signal?: AbortSignal,
  ): Promise<WorkerCalls[K]['result']> {
    if (this.crash) return Promise.reject(this.crash);
    if (this.isDisposed) return Promise.reject(new CancelledError('the training thread was ended'));
    return this.channel.call(type, params, signal);
  }

  on<K extends keyof WorkerEvents & string>(type: K, listener: (payload: WorkerEvents[K]) => void) {
    return this.channel.on(type, listener);
  }

  private fail(error: Error): void {
    if (this.crash || this.isDisposed) return;
    this.crash = error;
    this.channel.rejectAll(error);
    this.crashed.fire(error);
  }
}

function describeCrash(error: Error & { code?: string }): Error {
  const isMemory = error.code === 'ERR_WORKER_OUT_OF_MEMORY' || /out of memory|allocation failed/i.test(error.message);
  if (isMemory)
    return new Error(
      'The training thread ran out of memory. Use a smaller batch size, smaller images or a smaller model; the run can be continued from its folder.',
    );
  return new Error(`The training thread crashed: ${error.message}. The run can be continued from its folder.`);
}
