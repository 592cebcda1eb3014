import { Worker } from 'node:worker_threads';
import { assetPath } from '../base/assets';
import { Channel, type Call } from '../base/channel';
import { threadTransport } from '../base/threadTransport';
import { Disposable } from '../base/disposable';
import type { KernelAnalysis } from '../common/kernelAnalysis';
import type { ModelSpec } from '../common/modelSpec';
import type { AcrossSeeds, LinedUpLayer } from '../common/seedComparison';
import type { SeedRun } from '../insight/acrossSeeds';

/** Calls the insight thread answers. */
export interface InsightCalls {
  /** @see layerInsight */
  analyse: Call<{ values: ArrayBuffer; shape: number[] }, KernelAnalysis>;
  /** @see compareAcrossSeeds, lineUpKernels */
  compareSeeds: Call<SeedComparisonParams, SeedComparison>;
}

export interface SeedComparisonParams {
  spec: ModelSpec;
  runs: SeedRun[];
  images: number;
}

export interface SeedComparison {
  result: AcrossSeeds;
  /** The kernels of all runs in the order of the first run's. */
  kernels: LinedUpLayer[];
}

type ThreadChannel = Channel<Record<never, never>, InsightCalls, Record<never, never>, Record<never, never>>;

/** An analysis of more weights than this takes longer than anybody waits. */
const MAX_VALUES = 8_000_000;
const IDLE_MS = 30_000;
const MAX_HEAP_MB = 1024;

/** Analyses kernels in a thread of its own, which is started when first needed and ends when nobody asked for a while. */
export class InsightThread extends Disposable {
  private worker: Worker | null = null;
  private channel: ThreadChannel | null = null;
  private idle: NodeJS.Timeout | null = null;
  private pending = 0;

  constructor(private readonly script = () => assetPath('insight-worker.js')) {
    super();
    this._register({ dispose: () => this.end(new Error('the extension is closing')) });
  }

  /**
   * @param shape [kh, kw, cin, filters]
   * @throws RangeError when the values are not the shape's or too many; Error when the thread dies.
   */
  async analyse(values: ArrayBuffer, shape: number[]): Promise<KernelAnalysis> {
    const count = shape.reduce((a, b) => a * b, 1);
    if (shape.length !== 4 || values.byteLength !== count * 4 || count === 0)
      throw new RangeError(`${values.byteLength} bytes are no kernels of shape [${shape.join(', ')}]`);
    if (count > MAX_VALUES)
      throw new RangeError(
        `${count.toLocaleString('en-US')} weights are too many to be compared with one another (limit ${MAX_VALUES.toLocaleString('en-US')})`,
      );
    return this.ask('analyse', { values, shape }, [values]);
  }

  /** @throws RangeError for fewer than two runs; Error when the thread dies. */
  compareSeeds(params: SeedComparisonParams): Promise<SeedComparison> {
    return this.ask('compareSeeds', params);
  }

  private async ask<K extends keyof InsightCalls & string>(
    type: K,
    params: InsightCalls[K]['params'],
    transfer: ArrayBuffer[] = [],
  ): Promise<InsightCalls[K]['result']> {
    if (this.idle) clearTimeout(this.idle);
    this.pending++;
    try {
      return await this.thread().call(type, params, undefined, transfer);
    } finally {
      this.pending--;
      if (this.pending === 0 && !this.isDisposed) {
        this.idle = setTimeout(() => this.end(new Error('the thread was idle')), IDLE_MS);
        this.idle.unref();
      }
    }
  }

  private thread(): ThreadChannel {
    if (this.channel) return this.channel;
    const worker = new Worker(this.script(), { resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB }, execArgv: [] });
    worker.unref();
    const died = (error: Error) => worker === this.worker && this.end(error);
    worker.on('error', (error: Error) => died(new Error(`The analysis failed: ${error.message}.`)));
    worker.on('exit', () => died(new Error('The analysis ended unexpectedly; ask again.')));
    this.worker = worker;
    this.channel = new Channel(threadTransport(worker), {});
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
