import type { DisposableLike } from './disposable';

/** Runs an action at most once per interval, the last request never being lost. */
export class Throttle implements DisposableLike {
  private timer: NodeJS.Timeout | null = null;
  private last = -Infinity;

  constructor(
    private readonly action: () => void,
    private readonly intervalMs: number,
  ) {}

  /** Soon, but not more often than the interval allows. */
  request(): void {
    if (this.timer) return;
    const wait = this.last + this.intervalMs - performance.now();
    if (wait <= 0) this.now();
    else this.timer = setTimeout(() => this.now(), wait);
  }

  /** At once. */
  now(): void {
    this.dispose();
    this.last = performance.now();
    this.action();
  }

  /** Forgets a pending request. */
  dispose(): void {
    if (this.timer) clearTimeout(this.timer);
    this.timer = null;
  }
}
