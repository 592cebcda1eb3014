import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { DataRef, DatasetInfo } from '../common/dataSpec';
import { decodeFrame } from '../common/frame';
import type { LayerInfo, ModelSpec } from '../common/modelSpec';
import type { OutputSample } from '../common/outputSample';
import {
  preparingStatus,
  type EpochRow,
  type MetricsRow,
  type MetricsTable,
  type RunPhase,
  type RunStatus,
  type TrainOptions,
} from '../common/run';
import type { StartParams, WorkerEvents } from '../common/trainingProtocol';
import type { StepProfile } from '../common/stepProfile';
import { outputSample } from '../insight/healthSample';
import { CaptureInterest } from './captureInterest';
import { LookingThread, type LookingCalls } from './lookingThread';
import type { CreateWorker, TrainingWorker } from './trainingWorker';

/** What a run is, before anything of it has happened. */
export interface RunDescription {
  /** Name of the run folder. */
  id: string;
  folder: string;
  spec: ModelSpec;
  /** URI of the model source; null when the run's source is not known here (a run folder from elsewhere). */
  sourceUri: string | null;
  sourceFile: string;
  sourceSha256: string;
  data: DataRef;
  options: TrainOptions;
}

/** What is on disk of an earlier run. */
export interface RunHistory {
  status: RunStatus;
  dataset: DatasetInfo;
  metrics: MetricsTable;
  firstFrame: ArrayBuffer | null;
  lastFrame: ArrayBuffer | null;
  storedSteps: number[];
  notRepeatable: string[];
  test: Record<string, number> | null;
  canContinue: boolean;
}

export interface RunNote {
  severity: 'warning' | 'info';
  message: string;
}

/** Held-out images on which outputs are looked at: a forward pass as short as a batch. */
const OUTPUT_IMAGES = 64;

/** How long steps are measured, and how many at most. */
const MEASURE_MS = 500;
const MAX_REPEATS = 20;

const LIVE: readonly RunPhase[] = ['preparing', 'running', 'paused'];

/** One run as the host knows it: live in a worker, or read from its folder. All of a run's data is here; views keep only what they show. */
export class RunSession extends Disposable {
  private worker: TrainingWorker | null = null;
  private looking: LookingThread | null = null;
  private latest: ArrayBuffer | null = null;
  private first: ArrayBuffer | null = null;
  private current: RunStatus;
  readonly metrics: MetricsTable = { steps: [], epochs: [] };
  storedSteps: number[] = [];
  dataset: DatasetInfo | null = null;
  notRepeatable: string[] = [];
  notes: string[] = [];
  test: Record<string, number> | null = null;
  /** Where a step spends its time, when that was measured. */
  profile: StepProfile | null = null;
  /** The folder holds a checkpoint to continue from. */
  canContinue = false;
  /** A thread that is being started; whoever wants one meanwhile waits for it. */
  private starting: Promise<void> | null = null;
  private isStopWanted = false;

  private readonly statusChanged = this._register(new Emitter<RunStatus>());
  private readonly metricsRecorded = this._register(new Emitter<MetricsRow[]>());
  private readonly epochFinished = this._register(new Emitter<EpochRow>());
  private readonly frameCaptured = this._register(new Emitter<ArrayBuffer>());
  private readonly framesStored = this._register(new Emitter<number[]>());
  private readonly noted = this._register(new Emitter<RunNote>());
  private readonly stepMeasured = this._register(new Emitter<StepProfile>());
  private readonly reset = this._register(new Emitter<void>());
  readonly onDidChangeStatus = this.statusChanged.event;
  readonly onDidRecordMetrics = this.metricsRecorded.event;
  readonly onDidFinishEpoch = this.epochFinished.event;
  readonly onDidCaptureFrame = this.frameCaptured.event;
  readonly onDidStoreFrames = this.framesStored.event;
  readonly onDidNote = this.noted.event;
  readonly onDidMeasureStep = this.stepMeasured.event;
  /** Everything changed at once (begun, rewound, continued): views ask for a snapshot. */
  readonly onDidReset = this.reset.event;

  /** Who wants live frames, and of which layers. */
  readonly capture = this._register(new CaptureInterest((settings) => void this.worker?.call('setCapture', settings).catch(() => {})));

  constructor(
    readonly description: RunDescription,
    private readonly createWorker: CreateWorker,
  ) {
    super();
    this.current = preparingStatus(description, 'Starting the training thread');
    this._register({
      dispose: () => {
        this.dropWorker();
        this.dropLooking();
      },
    });
  }

  get id(): string {
    return this.description.id;
  }
  get status(): RunStatus {
    return this.current;
  }
  get firstFrame(): ArrayBuffer | null {
    return this.first;
  }
  get latestFrame(): ArrayBuffer | null {
    return this.latest;
  }
  /** A worker holds the run. */
  get isLive(): boolean {
    return this.worker !== null && LIVE.includes(this.current.phase);
  }

  /** Shows what an earlier run left in its folder. */
  restore(history: RunHistory): void {
    this.current = history.status;
    this.dataset = history.dataset;
    this.metrics.steps = history.metrics.steps;
    this.metrics.epochs = history.metrics.epochs;
    this.first = history.firstFrame;
    this.latest = history.lastFrame;
    this.storedSteps = history.storedSteps;
    this.notRepeatable = history.notRepeatable;
    this.test = history.test;
    this.canContinue = history.canContinue;
    this.reset.fire();
    this.statusChanged.fire(this.current);
  }

  /**
   * Begins the run, or continues it from its folder's checkpoint. While a start is under way, another one is the same.
   * @throws the worker's error, whose message says what is wrong and the way out; the session then is `failed`.
   */
  start(how: { resume: boolean; startPaused: boolean }): Promise<void> {
    this.starting ??= this.startWorker(how).finally(() => (this.starting = null));
    return this.starting;
  }

  private async startWorker(how: { resume: boolean; startPaused: boolean }): Promise<void> {
    this.dropWorker();
    this.dropLooking();
    this.isStopWanted = false;
    if (!how.resume) this.forget();
    this.setStatus({ ...this.current, phase: 'preparing', message: 'Starting the training thread' });
    try {
      const worker = await this.createWorker();
      if (this.isDisposed) return worker.dispose();
      this.attach(worker);
      await worker.call('setCapture', this.capture.settings);
      const starts = worker.call('start', { ...this.startParams(), ...how });
      // Asked for before there was a thread to tell.
      if (this.isStopWanted) worker.call('stop', null).catch(() => {});
      const started = await starts;
      this.dataset = started.dataset;
      this.notRepeatable = started.notRepeatable;
      this.notes = started.notes;
      this.canContinue = true;
      this.setStatus({
        ...this.current,
        totalSteps: started.totalSteps,
        stepsPerEpoch: started.stepsPerEpoch,
        backend: started.backend,
        message: this.current.phase === 'preparing' ? null : this.current.message,
      });
      this.reset.fire();
    } catch (error) {
      this.fail(error instanceof Error ? error : new Error(String(error)));
      throw error;
    }
  }

  async pause(): Promise<void> {
    await this.worker?.call('pause', null);
  }
  /** Goes on after a pause, or from the folder's checkpoint when no worker holds the run any more. */
  async resume(): Promise<void> {
    if (this.isLive) await this.worker?.call('resume', null);
    else await this.start({ resume: true, startPaused: false });
  }
  async stepOnce(): Promise<void> {
    if (!this.isLive) await this.start({ resume: true, startPaused: true });
    await this.worker?.call('stepOnce', null);
  }
  async stop(): Promise<void> {
    this.isStopWanted = true;
    if (this.isLive) await this.worker?.call('stop', null);
  }
  async rewind(): Promise<void> {
    // After its end a thread waits for a rewind; one that was stopped or failed is on its way out and hears nothing any more.
    const isWaiting = this.isLive || this.current.phase === 'finished';
    if (this.worker && isWaiting) await this.worker.call('rewind', null);
    else await this.start({ resume: false, startPaused: true });
  }
  async setLearningRate(learningRate: number): Promise<void> {
    await this.worker?.call('setLearningRate', { learningRate });
  }
  acknowledgeFrame(step: number): void {
    void this.worker?.call('acknowledgeFrame', { step }).catch(() => {});
  }

  /** The newest weights of `layers`, straight from the worker while it lives, else the newest frame kept. */
  async newestFrame(layers: string[]): Promise<ArrayBuffer | null> {
    if (!this.worker || this.current.phase === 'preparing') return this.latest;
    return this.worker.call('captureFrame', { layers }).catch(() => this.latest);
  }

  /** Looks into the network: in the training thread, or loaded from the run's folder. @throws Error that says why that cannot be. */
  async probe<K extends keyof LookingCalls>(
    type: K,
    params: LookingCalls[K]['params'],
    signal?: AbortSignal,
  ): Promise<LookingCalls[K]['result']> {
    if (this.worker && this.current.phase !== 'stopped' && this.current.phase !== 'failed') return this.worker.call(type, params, signal);
    this.looking ??= new LookingThread(this.createWorker, { ...this.startParams(), resume: true, startPaused: true });
    return this.looking.ask(type, params, signal);
  }

  /**
   * Measures where a step spends its time, for about as long as a person hardly notices.
   * @throws Error when no thread holds the network, or where steps can't be measured.
   */
  async measureStep(): Promise<StepProfile> {
    const { worker, description, current } = this;
    if (!worker || current.phase === 'preparing') throw new Error('No run is in memory to be measured. Train or continue it first.');
    const stepMs = current.imagesPerSecond > 0 ? (1000 * description.options.batchSize) / current.imagesPerSecond : MEASURE_MS;
    // A measured repetition computes the step twice: kernel by kernel, and as it is trained.
    const repeats = Math.max(1, Math.min(MAX_REPEATS, Math.round(MEASURE_MS / (2 * stepMs))));
    this.profile = await worker.call('profile', { repeats });
    this.stepMeasured.fire(this.profile);
    return this.profile;
  }

  /**
   * What layers give out on held-out images now, or at the end of a run that is closed; null while it is being prepared.
   * @throws Error that says why the network cannot be looked into.
   */
  async sampleOutputs(layers: string[]): Promise<OutputSample[] | null> {
    if (this.current.phase === 'preparing') return null;
    const activity = await this.probe('layerActivity', { layers, images: OUTPUT_IMAGES });
    return activity.layers.flatMap((a) => {
      const layer = this.layer(a.layer);
      return (layer && outputSample(a, layer)) ?? [];
    });
  }

  private startParams(): Omit<StartParams, 'resume' | 'startPaused'> {
    const { folder, spec, sourceFile, sourceSha256, data, options } = this.description;
    return { runFolder: folder, spec, sourceFile, sourceSha256, data, options };
  }

  layer(name: string): LayerInfo | null {
    return this.description.spec.layers.find((l) => l.name === name) ?? null;
  }

  private attach(worker: TrainingWorker): void {
    this.worker = worker;
    const on = <K extends keyof WorkerEvents & string>(type: K, listener: (payload: WorkerEvents[K]) => void) =>
      worker.on(type, (payload) => {
        if (this.worker === worker) listener(payload);
      });
    on('didChangeStatus', (status) => this.setStatus(status));
    on('didRecordMetrics', (rows) => {
      if (rows.length === 0) return;
      // A run continued from its checkpoint repeats the steps that came after it.
      dropFrom(this.metrics.steps, rows[0].step);
      dropFrom(this.metrics.epochs, rows[0].step);
      for (const row of rows) this.metrics.steps.push(row);
      this.metricsRecorded.fire(rows);
    });
    on('didFinishEpoch', (row) => {
      this.metrics.epochs.push(row);
      this.epochFinished.fire(row);
    });
    on('didCaptureFrame', (frame) => {
      if (!this.first && decodeFrame(frame).step === 0) this.first = frame;
      this.latest = frame;
      this.frameCaptured.fire(frame);
    });
    on('didStoreFrames', (steps) => {
      this.storedSteps = steps;
      this.framesStored.fire(steps);
    });
    on('didFinishTest', (values) => {
      this.test = values;
      this.reset.fire();
    });
    on('didNote', (note) => {
      this.notes.push(note.message);
      this.noted.fire(note);
    });
    on('didRewind', () => {
      this.forget();
      this.reset.fire();
    });
    worker.onDidCrash((error) => {
      if (this.worker === worker) this.fail(error);
    });
  }

  /** The run begins anew: what it has come to is gone, its first draw stays. */
  private forget(): void {
    this.metrics.steps = [];
    this.metrics.epochs = [];
    this.latest = this.first;
    this.test = null;
  }

  private setStatus(status: RunStatus): void {
    this.current = status;
    this.statusChanged.fire(status);
    // A finished run needs no thread: what the views show is here and in the folder.
    if (status.phase === 'stopped' || status.phase === 'failed') this.releaseLater();
  }

  private fail(error: Error): void {
    this.dropWorker();
    this.setStatus({ ...this.current, phase: 'failed', message: error.message, secondsLeft: null });
  }

  /** The worker may still be flushing files when it reports its end. */
  private releaseLater(): void {
    const worker = this.worker;
    setTimeout(() => {
      if (worker && this.worker === worker && !LIVE.includes(this.current.phase)) this.dropWorker();
    }, 2000);
  }

  private dropLooking(): void {
    this.looking?.dispose();
    this.looking = null;
  }

  private dropWorker(): void {
    const worker = this.worker;
    this.worker = null;
    worker?.dispose();
  }
}

/** Removes the rows at the end that are of `step` or later; rows ascend by step. */
function dropFrom(rows: { step: number }[], step: number): void {
  while (rows.length > 0 && rows[rows.length - 1].step >= step) rows.pop();
}
