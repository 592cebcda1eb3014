import type { DataRef, DatasetInfo } from './dataSpec';
import type { ModelSpec } from './modelSpec';

/** What the person chose for a run; where absent, the file's own values and then Keras's defaults hold. */
export interface TrainOptions {
  seed: number;
  epochs: number;
  batchSize: number;
  learningRate: number | null;
  /** Stop after this many steps in all; null: no limit. */
  maxSteps: number | null;
  /** Use at most this many training images; null: all. */
  limit: number | null;
  backend: 'auto' | 'wasm' | 'wasm-portable' | 'webgpu' | 'cpu';
  /** Absolute path of a weight file whose values replace the drawn ones at the start; absent or null: none. */
  initialWeights?: string | null;
}

export type RunPhase = 'preparing' | 'running' | 'paused' | 'finished' | 'stopped' | 'failed';

export interface RunStatus {
  phase: RunPhase;
  step: number;
  totalSteps: number;
  /** Zero-based epoch in progress. */
  epoch: number;
  epochs: number;
  stepsPerEpoch: number;
  imagesPerSecond: number;
  secondsLeft: number | null;
  learningRate: number;
  seed: number;
  /** What computes: `wasm-simd-threads`, `webgpu`, `cpu`, … */
  backend: string;
  /** For `preparing` what is being done, for `failed` what went wrong and the way out. */
  message: string | null;
}

/** The status of a run whose first step has yet to be prepared. */
export function preparingStatus({ options, spec }: { options: TrainOptions; spec: ModelSpec }, message: string): RunStatus {
  return {
    phase: 'preparing',
    step: 0,
    totalSteps: 0,
    epoch: 0,
    epochs: options.epochs,
    stepsPerEpoch: 0,
    imagesPerSecond: 0,
    secondsLeft: null,
    learningRate: options.learningRate ?? Number(spec.training.optimizer?.config.learning_rate ?? NaN),
    seed: options.seed,
    backend: options.backend,
    message,
  };
}

/** One training step's line in metrics.jsonl. Metric names are Keras's: `loss`, `accuracy`, … */
export interface MetricsRow {
  step: number;
  epoch: number;
  /** Seconds since the run began, pauses not counted. */
  seconds: number;
  learningRate: number;
  values: Record<string, number>;
}

/** One epoch's line. Validation metrics carry Keras's `val_` prefix; absent without validation data. */
export interface EpochRow {
  epoch: number;
  step: number;
  seconds: number;
  values: Record<string, number>;
}

/** What a run remembers of the GPU. */
export interface GpuRecord {
  /** As its driver calls it; null when none was found. */
  name: string | null;
  /** Why it was chosen, or why not. */
  choice: string;
  /** What broke it during the run, which then goes on without it; null: nothing did. */
  failure: string | null;
}

/** run.json: everything needed to know what the run was and to continue it. */
export interface RunManifest {
  format: 'kernelscope-run-1';
  /** ISO 8601 */
  createdAt: string;
  kernelscopeVersion: string;
  modelName: string;
  /** Workspace-relative or absolute path of the model source, and the SHA-256 of its text. */
  sourceFile: string;
  sourceSha256: string;
  spec: ModelSpec;
  data: DataRef;
  dataset: DatasetInfo;
  options: TrainOptions;
  backend: string;
  /** About the GPU; absent where the run had nothing to do with one. */
  gpu?: GpuRecord;
  stepsPerEpoch: number;
  totalSteps: number;
  /** What keeps the run from being repeatable bit for bit; empty if nothing does. */
  notRepeatable: string[];
  versions: Record<string, string>;
  /** Changed on every change of phase. */
  phase: RunPhase;
  test: Record<string, number> | null;
}

/** What the views keep per run; also what a view gets in its snapshot. */
export interface MetricsTable {
  steps: MetricsRow[];
  epochs: EpochRow[];
}
