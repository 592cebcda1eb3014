/**
 * Sends frames to one view, the newest only, and the next only after the last was drawn. A view that loses an acknowledgement
 * (a reload, say) is not silent forever: after `patienceMs` the next frame goes out all the same.
 */
export class FramePump {
  private waiting: ArrayBuffer | null = null;
  private sentAt: number | null = null;

  constructor(
    private readonly send: (frame: ArrayBuffer) => void,
    private readonly patienceMs = 1000,
    private readonly now: () => number = () => performance.now(),
  ) {}

  push(frame: ArrayBuffer): void {
    if (this.sentAt !== null && this.now() - this.sentAt < this.patienceMs) {
      this.waiting = frame;
      return;
    }
    this.post(frame);
  }

  acknowledge(): void {
    this.sentAt = null;
    const next = this.waiting;
    this.waiting = null;
    if (next) this.post(next);
  }

  /** Forgets what is on its way: the view is gone or starts anew. */
  reset(): void {
    this.sentAt = null;
    this.waiting = null;
  }

  private post(frame: ArrayBuffer): void {
    this.waiting = null;
    this.sentAt = this.now();
    this.send(frame);
  }
}
