const STEPS = [1, 1.2, 1.5, 2, 2.5, 3, 4, 5, 6, 8, 10];

/** The next round number at or above `value`, so that a legend reads ±0.15 and not ±0.142133. */
export function niceCeiling(value: number): number {
  if (!(value > 0) || !Number.isFinite(value)) return 0;
  const power = 10 ** Math.floor(Math.log10(value));
  const fits = STEPS.find((s) => s * power >= value * (1 - 1e-7)) ?? 10;
  return Number((fits * power).toPrecision(2));
}

/**
 * One symmetric scale that follows what is drawn without flickering: it is a round number, grows at once, and shrinks only when less
 * than half of it is used.
 */
export class SteadyScale {
  private scale = 0;
  /** Kept whatever is drawn; then values beyond it are drawn in the end colours. */
  held: number | null = null;

  follow(largest: number): number {
    if (this.held !== null) return this.held;
    if (largest > this.scale || largest < this.scale * 0.45) this.scale = niceCeiling(largest);
    return this.scale;
  }

  reset(): void {
    this.scale = 0;
    this.held = null;
  }
}
