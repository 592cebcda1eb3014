import type { KernelAnalysis } from '../../src/common/kernelAnalysis';
import type { HostChannel } from '../host/connection';

interface Request {
  key: string;
  values: Float32Array;
  shape: number[];
}

const KEPT = 12;

/**
 * Analyses of kernels that the host makes, in another thread, when asked. One at a time: of what is asked for meanwhile only the newest
 * per kind (`now`, `start`) is made, so that a fast run never builds up a queue.
 */
export class AnalysisCache {
  private readonly done = new Map<string, KernelAnalysis | Error>();
  private readonly waiting = new Map<string, Request>();
  private isBusy = false;
  /** When the last answer came, by performance.now(). */
  lastAnswer = -Infinity;

  constructor(
    private readonly channel: HostChannel,
    private readonly didAnswer: () => void,
  ) {}

  /** @returns what is known, an Error if the host refused; null: ask, or wait. */
  get(key: string): KernelAnalysis | Error | null {
    return this.done.get(key) ?? null;
  }

  ask(kind: 'now' | 'start', request: Request): void {
    if (this.done.has(request.key)) return;
    this.waiting.set(kind, request);
    void this.next();
  }

  private async next(): Promise<void> {
    const [first] = this.waiting;
    if (this.isBusy || !first) return;
    const [kind, { key, values, shape }] = first;
    this.waiting.delete(kind);
    if (this.done.has(key)) return this.next();
    this.isBusy = true;
    try {
      this.keep(key, await this.channel.call('analyseKernels', { values: values.slice().buffer, shape }));
    } catch (error) {
      this.keep(key, error as Error);
    }
    this.isBusy = false;
    this.lastAnswer = performance.now();
    this.didAnswer();
    return this.next();
  }

  private keep(key: string, answer: KernelAnalysis | Error): void {
    this.done.set(key, answer);
    for (const oldest of this.done.keys()) {
      if (this.done.size <= KEPT) break;
      this.done.delete(oldest);
    }
  }
}
