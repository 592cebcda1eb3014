import type { Call } from '../base/channel';
import type { DatasetInfo } from './dataSpec';
import type { KernelAnalysis } from './kernelAnalysis';
import type { LayerInfo } from './modelSpec';
import type { OutputSample } from './outputSample';
import type { ProbeCalls } from './probeProtocol';
import type { EpochRow, MetricsRow, MetricsTable, RunStatus } from './run';

/** What a view shows of a run's model. */
export interface ViewModel {
  name: string;
  sourceFile: string;
  layers: LayerInfo[];
  /** Why the model can be looked at but not trained, and the way out; absent: it can be trained. */
  problem?: string;
  totalParams: number;
  optimizer: { className: string; config: Record<string, unknown> } | null;
  loss: string | null;
  dataset: DatasetInfo | null;
  /** Name of the weight file that the run started from; absent: the initialisers drew everything. */
  loadedFrom?: string;
  /** What makes the run not repeatable, notes of the reader and of the data: shown, never hidden. */
  notes: string[];
}

/** Everything a view needs when it becomes ready or visible. */
export interface Snapshot {
  runId: string | null;
  model: ViewModel | null;
  status: RunStatus | null;
  metrics: MetricsTable;
  /** Encoded frames (common/frame.ts): as drawn by the initialisers, and the newest. */
  firstFrame: ArrayBuffer | null;
  frame: ArrayBuffer | null;
  /** Steps whose frames the run folder holds, ascending. */
  storedSteps: number[];
  selectedLayer: string | null;
  selectedFilter?: number | null;
  /** The seed of the run, or, before one, the seed whose draw `firstFrame` shows. */
  seed?: number;
  /** No worker holds this run any more, but its folder can be continued with `resume`. */
  canContinue?: boolean;
  /** Loss and metrics on the test data, once the run has finished. */
  test?: Record<string, number> | null;
}

/** One kernel through the stored frames. */
export interface KernelHistory {
  steps: number[];
  /** Values of the kernel at each of `steps`, one after the other, each kh × kw × cin long. */
  values: Float32Array | ArrayBuffer;
  /** The steps' gradients and updates in the same order; NaN where a frame does not hold them. */
  gradients: Float32Array | ArrayBuffer;
  updates: Float32Array | ArrayBuffer;
  length: number;
}

/** Calls a view (panel or gallery) makes to the host. */
export interface ViewCalls extends ProbeCalls {
  /** The view is ready (or visible again): answers with the snapshot. */
  hydrate: Call<null, Snapshot>;
  pause: Call<null, null>;
  resume: Call<null, null>;
  stepOnce: Call<null, null>;
  stop: Call<null, null>;
  rewind: Call<null, null>;
  restartWithNewSeed: Call<{ seed: number | null }, null>;
  setLearningRate: Call<{ learningRate: number }, null>;
  /** A stored frame, for the time slider. */
  loadFrame: Call<{ step: number }, ArrayBuffer>;
  loadKernelHistory: Call<{ layer: string; weight: string; filter: number }, KernelHistory>;
  /** What kernels are and how they differ, beside chance; computed apart from the page. `shape` is [kh, kw, cin, filters]. */
  analyseKernels: Call<{ values: ArrayBuffer; shape: number[] }, KernelAnalysis>;
  /** What hidden layers give out on held-out images now, or at the end of a closed run; null while a run is being prepared. */
  sampleOutputs: Call<{ layers: string[] }, OutputSample[] | null>;
  /** With `filter` also the kernel (unit, value) within the layer; the other views follow. */
  selectLayer: Call<{ layer: string; filter?: number | null }, null>;
  revealSource: Call<{ layer: string }, null>;
  acknowledgeFrame: Call<{ step: number }, null>;
  /** Runs a command of this extension, such as Train CNN from an empty state; `step` is what it is about, where it is about one. */
  runCommand: Call<{ command: string; step?: number }, null>;
  /** Lets the person choose where an export goes and writes it. */
  saveFile: Call<{ name: string; bytes: ArrayBuffer }, null>;
}

/** Events from the host to a view. */
export interface ViewEvents {
  didChangeRun: Snapshot;
  didChangeStatus: RunStatus;
  didRecordMetrics: MetricsRow[];
  didFinishEpoch: EpochRow;
  didCaptureFrame: ArrayBuffer;
  didStoreFrames: number[];
  didSelectLayer: { layer: string; filter: number | null };
  didNote: { severity: 'warning' | 'info'; message: string };
}
