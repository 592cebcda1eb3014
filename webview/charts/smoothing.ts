/**
 * Exponential moving average with the start's bias taken out (as TensorBoard smooths): with weight s, a point counts s^k after k more
 * points. Extends `out` from where it ends, so that new points cost no recalculation.
 */
export class Smoother {
  private last = 0;
  private weightSum = 0;
  readonly values: (number | null)[] = [];

  /** @param weight 0 (none) … below 1. */
  constructor(readonly weight: number) {}

  push(value: number | null): void {
    if (value === null || !Number.isFinite(value)) {
      this.values.push(null);
      return;
    }
    this.last = this.last * this.weight + (1 - this.weight) * value;
    this.weightSum = this.weightSum * this.weight + (1 - this.weight);
    this.values.push(this.last / this.weightSum);
  }
}
