import type { Call } from '../base/channel';
import type { DataRef, DatasetInfo } from './dataSpec';
import type { ModelSpec } from './modelSpec';
import type { ProbeCalls } from './probeProtocol';
import type { EpochRow, MetricsRow, RunStatus, TrainOptions } from './run';
import type { StepProfile } from './stepProfile';

/** What the worker is born with. */
export interface WorkerData {
  /** Folders in which the npm package `webgpu` may be installed. Nothing is loaded from elsewhere. */
  gpuFolders: readonly string[];
}

/** What the worker needs to begin, or to continue a run folder from its checkpoint. */
export interface StartParams {
  /** Absolute path of the run folder; made if it is not there. */
  runFolder: string;
  spec: ModelSpec;
  sourceFile: string;
  sourceSha256: string;
  data: DataRef;
  options: TrainOptions;
  /** Continue from the folder's checkpoint. */
  resume: boolean;
  /** Begin paused, at step 0, with frame 0 captured. */
  startPaused: boolean;
}

export interface RunStarted {
  dataset: DatasetInfo;
  stepsPerEpoch: number;
  totalSteps: number;
  backend: string;
  notRepeatable: string[];
  notes: string[];
}

/** What one layer makes of a set of images. */
export interface LayerActivity {
  layer: string;
  units: number;
  /** X Xᵀ, images × images, X being all outputs of the layer per image. */
  gram: Float32Array;
  /** samples × units: outputs at positions drawn at random, the same for every run with these images. */
  samples: Float32Array;
}

export interface CaptureSettings {
  /** No view is visible: no live frames (frames for the run folder are still kept). */
  isLive: boolean;
  maxFramesPerSecond: number;
  /** These layers are captured whatever their size, with `before` and the optimiser's slots. */
  watchedLayers: string[];
}

/** Calls the training worker answers. */
export interface WorkerCalls extends ProbeCalls {
  start: Call<StartParams, RunStarted>;
  /** Loads a run's network from its folder only to be looked into: this thread then answers probes, and writes nothing. */
  open: Call<StartParams, null>;
  pause: Call<null, null>;
  resume: Call<null, null>;
  /** One batch, then paused. */
  stepOnce: Call<null, null>;
  /** Ends the run; what is written stays. */
  stop: Call<null, null>;
  /** Back to step 0 with the same initialisation and seed, paused; earlier metrics and frames of this run are dropped. */
  rewind: Call<null, null>;
  setLearningRate: Call<{ learningRate: number }, null>;
  setCapture: Call<CaptureSettings, null>;
  /** The newest frame now, complete for `watchedLayers`. The buffer is transferred. */
  captureFrame: Call<{ layers: string[] }, ArrayBuffer>;
  /** SHA-256 over all weights now: float32 little-endian, layer by layer in the model's order. */
  weightsSha256: Call<null, string>;
  /** Which GPU the run would be trained on. */
  describeGpu: Call<null, { name: string; isSoftware: boolean }>;
  /** Where a step spends its time, measured between two steps; changes nothing. Not on a GPU. */
  profile: Call<{ repeats: number }, StepProfile>;
  /** What layers make of up to `images` images of the test set (or validation set) now. Waits for the step in progress. */
  layerActivity: Call<{ layers: string[]; images: number }, { images: number; layers: LayerActivity[] }>;
  /** The view has drawn the last frame: the next may come. */
  acknowledgeFrame: Call<{ step: number }, null>;
}

/** Events from the training worker. */
export interface WorkerEvents {
  didChangeStatus: RunStatus;
  /** Coalesced, never dropped, in order. */
  didRecordMetrics: MetricsRow[];
  didFinishEpoch: EpochRow;
  /** An encoded frame (common/frame.ts), transferred. */
  didCaptureFrame: ArrayBuffer;
  /** A stored frame was added to or thinned from the run folder: the steps that are there now. */
  didStoreFrames: number[];
  didFinishTest: Record<string, number>;
  /** Something the person should know while the run goes on. */
  didNote: { severity: 'warning' | 'info'; message: string };
  /** The worker needs the person to see rewound: views drop what they have. */
  didRewind: null;
}

export type HostCalls = Record<never, never>;
export type HostEvents = Record<never, never>;
