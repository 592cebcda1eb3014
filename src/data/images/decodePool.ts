import * as os from 'node:os';
import { Worker } from 'node:worker_threads';
import { assetPath } from '../../base/assets';
import type { DecodeReply, DecodeRequest } from './decodeWorker';
import type { ImageTarget } from './fitImage';

interface Job {
  file: string;
  resolve(pixels: Uint8Array): void;
  reject(error: Error): void;
}

/** An image that cannot be decoded: its own fault, not that of the decoding threads. */
export class BrokenImageError extends Error {
  constructor(problem: string) {
    super(problem);
    this.name = 'BrokenImageError';
  }
}

/** Requests a thread holds at once, so that it never waits for the next. */
const depth = 3;
/** Each has a decoder and the pictures in work of its own in memory. */
const MAX_THREADS = 8;

/** Decodes images in threads of its own: those somebody waits for first, then those that will be wanted later. */
export class DecodePool {
  private readonly urgent: Job[] = [];
  private readonly later: Job[] = [];
  private readonly running = new Map<number, { job: Job; worker: Worker }>();
  private readonly workers: Worker[] = [];
  private nextId = 0;
  private readonly script = assetPath('decode-worker.js');
  private isDisposed = false;

  /** @param threads how many decode at once; as many as the machine has cores when not given: until all is decoded, training waits for it */
  constructor(
    private readonly target: ImageTarget,
    private readonly threads = Math.min(MAX_THREADS, os.availableParallelism()),
  ) {}

  /** Pixels as fitImage gives them. Rejects with BrokenImageError, or another error when the thread died or the pool was disposed of. */
  decode(file: string, isUrgent: boolean): Promise<Uint8Array> {
    if (this.isDisposed) return Promise.reject(new Error('the data set was closed'));
    return new Promise((resolve, reject) => {
      (isUrgent ? this.urgent : this.later).push({ file, resolve, reject });
      this.pump();
    });
  }

  dispose(): void {
    this.isDisposed = true;
    for (const worker of this.workers) void worker.terminate();
    const open = [...this.urgent, ...this.later, ...[...this.running.values()].map((r) => r.job)];
    this.running.clear();
    for (const job of open) job.reject(new Error('the data set was closed'));
  }

  private pump(): void {
    if (this.isDisposed) return;
    while (this.running.size < this.threads * depth) {
      const job = this.urgent.shift() ?? this.later.shift();
      if (!job) return;
      const worker = this.pickWorker();
      const id = this.nextId++;
      this.running.set(id, { job, worker });
      // A thread keeps the program alive only while it works.
      worker.ref();
      worker.postMessage({ id, file: job.file, target: this.target } satisfies DecodeRequest);
    }
  }

  /** The least busy thread; a new one while there are fewer than allowed. */
  private pickWorker(): Worker {
    const load = new Map(this.workers.map((w) => [w, 0]));
    for (const { worker } of this.running.values()) load.set(worker, (load.get(worker) ?? 0) + 1);
    const idle = [...load].sort((a, b) => a[1] - b[1])[0];
    if (idle && (idle[1] === 0 || this.workers.length >= this.threads)) return idle[0];
    const worker = new Worker(this.script);
    worker.on('message', (reply: DecodeReply) => this.settle(reply));
    worker.on('error', (error) => this.lose(worker, error));
    this.workers.push(worker);
    return worker;
  }

  private settle(reply: DecodeReply): void {
    const entry = this.running.get(reply.id);
    this.running.delete(reply.id);
    if (entry && ![...this.running.values()].some((r) => r.worker === entry.worker)) entry.worker.unref();
    if ('pixels' in reply) entry?.job.resolve(reply.pixels);
    else entry?.job.reject(new BrokenImageError(reply.problem));
    this.pump();
  }

  /** A thread died (out of memory on a giant picture, say): its images fail, the others go on in another thread. */
  private lose(worker: Worker, error: Error): void {
    this.workers.splice(this.workers.indexOf(worker), 1);
    for (const [id, entry] of this.running) {
      if (entry.worker !== worker) continue;
      this.running.delete(id);
      entry.job.reject(error);
    }
    this.pump();
  }
}
