import type { Reduction } from '../common/planeReduction';

/** Makes a line of cells out of lines of values, `step` of them and `step` values in each per cell; a NaN counts only among its like. */
export class LineReducer {
  private readonly cells: Float64Array;
  private readonly counts: Uint32Array;

  constructor(
    readonly length: number,
    private readonly step: number,
    private readonly reduction: Reduction,
  ) {
    this.cells = new Float64Array(length).fill(NaN);
    this.counts = new Uint32Array(length);
  }

  /** @param stride From one value of the line to the next, in elements of `values`. */
  add(values: Float32Array, stride: number): void {
    const { cells, counts, step } = this;
    const isMean = this.reduction === 'mean';
    for (let at = 0, cell = 0, left = step; at < values.length && cell < cells.length; at += stride) {
      const v = values[at];
      if (v === v) {
        if (!counts[cell]++) cells[cell] = v;
        else if (isMean) cells[cell] += v;
        else if (Math.abs(v) > Math.abs(cells[cell])) cells[cell] = v;
      }
      if (--left === 0) {
        left = step;
        cell++;
      }
    }
  }

  /** The cells, and a new begin. */
  take(): Float64Array {
    const out = this.reduction === 'mean' ? this.cells.map((sum, i) => sum / Math.max(1, this.counts[i])) : this.cells.slice();
    this.cells.fill(NaN);
    this.counts.fill(0);
    return out;
  }
}
