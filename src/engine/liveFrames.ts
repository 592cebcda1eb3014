import type { CaptureSettings } from '../common/trainingProtocol';

/**
 * Lets frames out to the views: the newest only after the last was shown, and not more often than asked for. Steps in between are
 * not even captured.
 */
export class LiveFrames {
  private current: CaptureSettings = { isLive: false, maxFramesPerSecond: 30, watchedLayers: [] };
  private isAwaiting = false;
  private lastSent = -Infinity;
  private waiting: ArrayBuffer | null = null;

  constructor(private readonly send: (frame: ArrayBuffer) => void) {}

  get settings(): CaptureSettings {
    return this.current;
  }

  /** Whoever looks anew has nothing to acknowledge. */
  set settings(settings: CaptureSettings) {
    this.current = settings;
    this.reset();
  }

  /** Whether a frame captured now would go out. */
  isDue(now: number): boolean {
    return this.current.isLive && !this.isAwaiting && now - this.lastSent >= 1000 / this.current.maxFramesPerSecond;
  }

  /** A frame at rest (the start, a pause, the end): goes out at once, whether anybody looks or not. */
  offerAtRest(frame: ArrayBuffer): void {
    this.reset();
    this.deliver(frame);
  }

  /** The newest frame: goes out now, or when the last one was shown. */
  offer(frame: ArrayBuffer): void {
    if (!this.current.isLive) return;
    if (this.isAwaiting) this.waiting = frame;
    else this.deliver(frame);
  }

  acknowledge(): void {
    this.isAwaiting = false;
    const next = this.waiting;
    this.waiting = null;
    if (next && this.current.isLive) this.deliver(next);
  }

  reset(): void {
    this.isAwaiting = false;
    this.waiting = null;
  }

  private deliver(frame: ArrayBuffer): void {
    this.isAwaiting = true;
    this.lastSent = performance.now();
    this.send(frame);
  }
}
