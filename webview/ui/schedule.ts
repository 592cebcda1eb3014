/** Gathers reasons to draw and draws once per animation frame. */
export class DrawSchedule<Reason extends string> {
  private reasons = new Set<Reason>();
  private handle: number | null = null;

  constructor(private readonly draw: (reasons: ReadonlySet<Reason>) => void) {}

  request(...reasons: Reason[]): void {
    for (const r of reasons) this.reasons.add(r);
    this.handle ??= requestAnimationFrame(() => {
      this.handle = null;
      const due = this.reasons;
      this.reasons = new Set();
      this.draw(due);
    });
  }
}
