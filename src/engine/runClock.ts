/** How fast a run goes: step times averaged over about the last twenty steps. */
export class RunClock {
  stepMs = 0;
  private images = 0;

  add(stepMs: number, images: number): void {
    const weight = this.stepMs === 0 ? 1 : 0.05;
    this.stepMs += weight * (stepMs - this.stepMs);
    this.images += weight * (images - this.images);
  }

  get imagesPerSecond(): number {
    return this.stepMs > 0 ? (1000 * this.images) / this.stepMs : 0;
  }

  /** Null before the first step. */
  secondsFor(steps: number): number | null {
    return this.stepMs > 0 ? (steps * this.stepMs) / 1000 : null;
  }
}
