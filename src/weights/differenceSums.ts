import type { Difference } from '../common/weightDiff';

/** Adds up differences of pairs of values; one set of sums per kernel, or one for all. */
export class DifferenceSums {
  private readonly squares: Float64Array;
  private readonly reference: Float64Array;
  private readonly counts: Float64Array;
  private readonly largest: Float64Array;
  private readonly unequal: Uint8Array;
  notFinite = 0;

  constructor(readonly size: number) {
    this.squares = new Float64Array(size);
    this.reference = new Float64Array(size);
    this.counts = new Float64Array(size);
    this.largest = new Float64Array(size);
    this.unequal = new Uint8Array(size);
  }

  /** @param step Values that follow each other in the same kernel; `first` is the place of the first pair in its tensor. */
  add(a: Float32Array, b: Float32Array, first: number, step: number): void {
    const { size, squares, reference, counts, largest, unequal } = this;
    let kernel = Math.floor(first / step) % size;
    let left = step - (first % step);
    for (let i = 0; i < a.length; i++) {
      const [x, y] = [a[i], b[i]];
      const d = y - x;
      if (Number.isFinite(d)) {
        counts[kernel]++;
        squares[kernel] += d * d;
        reference[kernel] += x * x;
        const size = d < 0 ? -d : d;
        if (size > largest[kernel]) largest[kernel] = size;
        if (d !== 0) unequal[kernel] = 1;
      } else if (!Object.is(x, y)) {
        unequal[kernel] = 1;
        this.notFinite++;
      }
      if (--left === 0) {
        left = step;
        if (++kernel === size) kernel = 0;
      }
    }
  }

  of(kernel: number): Difference {
    return this.difference(kernel, kernel + 1);
  }

  total(): Difference {
    return this.difference(0, this.size);
  }

  private difference(from: number, to: number): Difference {
    let [squares, reference, count, maxAbs, isEqual] = [0, 0, 0, 0, true];
    for (let k = from; k < to; k++) {
      squares += this.squares[k];
      reference += this.reference[k];
      count += this.counts[k];
      maxAbs = Math.max(maxAbs, this.largest[k]);
      if (this.unequal[k]) isEqual = false;
    }
    const rms = count ? Math.sqrt(squares / count) : 0;
    const relative = squares === 0 ? 0 : reference === 0 ? Infinity : Math.sqrt(squares / reference);
    return { maxAbs, rms, relative, isEqual };
  }
}
