import type { Call } from '../base/channel';
import type { AcrossSeeds } from './seedComparison';

export interface SeedRunProgress {
  seed: number;
  phase: 'waiting' | 'training' | 'finished' | 'cut short';
  step: number;
  totalSteps: number;
  loss: number | null;
  /** On the test data, else on the last validation; null until the run is through or where the model has no accuracy. */
  accuracy: number | null;
}

export interface SeedsProgress {
  phase: 'training' | 'comparing' | 'done' | 'cancelled' | 'failed';
  /** What went wrong and the way out; null otherwise. */
  message: string | null;
  runs: SeedRunProgress[];
}

/** The kernels of one layer of all compared runs, lined up with those of the first. */
export interface ComparedKernels {
  name: string;
  /** [kh, kw, cin, filters] */
  shape: number[];
  /** Float32, run after run, each in `shape`. */
  values: ArrayBuffer;
}

/** Everything the panel of a comparison shows. */
export interface SeedsState extends SeedsProgress {
  modelName: string;
  sourceFile: string;
  /** What every run has in common: data, epochs, batch size, optimiser. */
  conditions: string;
  /** Seeds of the runs that are compared, and what came out. */
  comparison: { seeds: number[]; result: AcrossSeeds; kernels: ComparedKernels[] } | null;
}

/** Calls the panel makes to the host. */
export interface SeedsCalls {
  /** null: nothing has been compared yet. */
  hydrate: Call<null, SeedsState | null>;
  cancel: Call<null, null>;
  /** Shows one of the runs in the kernel panel. */
  openRun: Call<{ seed: number }, null>;
  /** Asks how many seeds and begins anew. */
  compareAgain: Call<null, null>;
  copyText: Call<{ text: string }, null>;
}

/** Events from the host to the panel. */
export interface SeedsEvents {
  didProgress: SeedsProgress;
  didChangeState: SeedsState;
}
