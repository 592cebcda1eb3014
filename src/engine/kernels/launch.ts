import type { Job } from './jobs';

/** Memory that a launch touches: `per` bytes for each item, one after the other; 0 when any item may touch any part. */
export interface Span {
  readonly at: number;
  readonly bytes: number;
  readonly per: number;
}

/** One kernel call: a job, cut into items, with its words and the memory it reads and writes. */
export interface Launch {
  readonly job: Job;
  readonly items: number;
  /** Runs of items that one thread takes at a time. Never a function of the number of threads: sums are kept per chunk. */
  readonly chunks: number;
  /** Integers and addresses; floats through {@link floatWord}. */
  readonly words: readonly number[];
  readonly reads: readonly Span[];
  readonly writes: readonly Span[];
  /** Of `reads`: memory that may be the memory of what is written, because an element is read before it is overwritten. */
  readonly inPlace?: readonly number[];
  /** Bytes that each thread needs for itself. */
  readonly scratch?: number;
  /** Multiplications and additions, roughly: a small launch isn't worth waking threads for. */
  readonly work?: number;
}

const bits = new DataView(new ArrayBuffer(4));

/** The 32-bit word that holds `x` as a float. */
export function floatWord(x: number): number {
  bits.setFloat32(0, x);
  return bits.getInt32(0);
}

/** Memory that every item may touch as a whole. */
export function whole(at: number, bytes: number): Span {
  return { at, bytes, per: 0 };
}

/** Memory of which item i touches only the i-th part. */
export function perItem(at: number, items: number, per: number): Span {
  return { at, bytes: items * per, per };
}

/** Memory of `n` floats of which item i touches only its block of `per` floats; the last block may be smaller. */
export function blocks(at: number, n: number, per: number): Span {
  return { at, bytes: n * 4, per: per * 4 };
}

/** Chunks of `n` images or rows: few enough that partial sums stay cheap, enough to keep several threads busy. */
export function chunksOf(n: number): number {
  return Math.min(n, 8);
}
