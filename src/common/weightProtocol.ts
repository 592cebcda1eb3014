import type { Call } from '../base/channel';
import type { Histogram, Statistics } from './stats';
import type { WeightDiff } from './weightDiff';
import type { WeightFileInfo } from './weightFile';

/** An open file, by the number that `open` gave it. */
export interface TensorRef {
  file: number;
  tensor: string;
}

/** Calls the thread that reads weight files answers. All of them end early when they are cancelled. */
export interface WeightCalls {
  /** Opens a file, or the one in a folder; reads its headers only. */
  open: Call<{ path: string }, { file: number; info: WeightFileInfo }>;
  /** Values start … end - 1 as float32, row-major as stored; by default all. The buffer is transferred. */
  read: Call<TensorRef & { start?: number; end?: number }, ArrayBuffer>;
  statistics: Call<TensorRef, Statistics>;
  /** Equal bins over [low, high]. */
  histogram: Call<TensorRef & { bins: number; low: number; high: number }, Histogram>;
  /** Over the values as float32, little-endian. */
  sha256: Call<TensorRef, string>;
  /** Two open files. */
  compare: Call<{ a: number; b: number }, WeightDiff>;
  close: Call<{ file: number }, null>;
}

export interface WeightEvents {
  /** Sent while a call takes longer than half a second; `done` goes from 0 to 1. */
  didProgress: { file: number; tensor: string | null; done: number };
}
