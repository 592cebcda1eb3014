import { createHash } from 'node:crypto';
import type { EpochRow, MetricsRow, RunPhase, RunStatus } from '../common/run';
import type { TensorFile } from '../common/safetensors';
import type { StepProfile } from '../common/stepProfile';
import type { CaptureSettings } from '../common/trainingProtocol';
import type { Dataset } from '../data/dataset';
import { isStoredStep } from '../runs/thinFrames';
import type { RunWriter } from '../runs/runWriter';
import { Batches, batchesOf } from './batches';
import { encodeCheckpoint, restoreCheckpoint, type Progress } from './checkpoint';
import { LastStep } from './lastStep';
import { LiveFrames } from './liveFrames';
import type { Network } from './network';
import { notFinite } from './notFinite';
import type { Optimizer } from './optimizers/optimizer';
import type { Parameter } from './parameter';
import type { ProbeState } from './probes/probeState';
import type { ProbeTarget } from './probes/probeTarget';
import { storedState } from './probes/storedState';
import { evaluate } from './evaluate';
import { RunClock } from './runClock';
import { Tally } from './tally';
import type { TrainStep } from './trainStep';
import { GpuFailed } from './webgpu/gpuMemory';
import { Wishes } from './wishes';

/** All steps are captured when they are as slow as this, so that a pause need not wait for another one … */
const SLOW_STEP_MS = 200;
/** … where that costs no more than about a hundredth of the time: so many weights are copied, with what belongs to them, in that. */
const WEIGHTS_PER_MS = 500;
const CHECKPOINT_MS = 2000;
const REPORT_MS = 50;

/** What a trainer says; the worker passes it on. */
export interface TrainerEvents {
  status(status: RunStatus): void;
  metrics(rows: MetricsRow[]): void;
  epoch(row: EpochRow): void;
  frame(frame: ArrayBuffer): void;
  storedFrames(steps: number[]): void;
  test(values: Record<string, number>): void;
  rewound(): void;
  /** The phase or the test result changed: run.json is to be written again. */
  changed(phase: RunPhase, test: Record<string, number> | null): void;
  /** The GPU broke: the run can only go on without it. */
  gpuFailed(reason: string): void;
}

export interface TrainerPlan {
  network: Network;
  optimizer: Optimizer;
  step: TrainStep;
  dataset: Dataset;
  batches: Batches;
  writer: RunWriter;
  batchSize: number;
  epochs: number;
  stepsPerEpoch: number;
  totalSteps: number;
  seed: number;
  backend: string;
  /** Given by the person at the start; null: as the file says. */
  learningRate: number | null;
  /** Gives every weight the value it starts from. */
  setStart(): void;
}

/**
 * Trains one model: runs, pauses, steps, stops, rewinds. Between steps the thread's messages get their turn. Weights and everything
 * else that decides the next step are in checkpoints, so that a run can be killed at any moment and go on to the same bits.
 */
export class Trainer {
  readonly live: LiveFrames;
  private readonly step: TrainStep;
  private readonly tally: Tally;
  private readonly clock = new RunClock();
  private progress: Progress;
  private phase: RunPhase = 'preparing';
  private message: string | null = null;
  private wanted: 'run' | 'pause' | 'stop' = 'run';
  private singleSteps = 0;
  private isRewindWanted = false;
  private wake: (() => void) | null = null;
  private settled: (() => void)[] = [];
  private readonly last: LastStep;
  private readonly frameWishes = new Wishes<string[], ArrayBuffer>();
  private readonly stateWishes = new Wishes<null, ProbeState>();
  private readonly checkpointWishes = new Wishes<null, void>();
  private rows: MetricsRow[] = [];
  private lastReport = 0;
  private lastCheckpoint = performance.now();
  private checkpointCostMs = 0;
  private test: Record<string, number> | null = null;

  constructor(
    private readonly plan: TrainerPlan,
    private readonly events: TrainerEvents,
  ) {
    this.step = plan.step;
    this.tally = new Tally(plan.network.objective.metrics);
    this.last = new LastStep(this.parameters, plan.optimizer.rule.slots);
    this.live = new LiveFrames((frame) => events.frame(frame));
    this.progress = this.freshProgress();
  }

  private get parameters(): Parameter[] {
    return this.plan.network.built.parameters;
  }

  private freshProgress(): Progress {
    return { step: 0, seconds: 0, epochsRecorded: 0, learningRate: this.plan.learningRate, tally: this.tally.toJSON() };
  }

  /** Plans the steps, so that they run faster; null, or in one sentence why that cannot be. Call before `start`. */
  planSteps(): string | null {
    const { batchSize, dataset } = this.plan;
    const size = dataset.info.inputShape.reduce((a, b) => a * b, 1);
    return this.step.prepare(Math.min(batchSize, dataset.info.trainCount), size);
  }

  /** Where steps spend their time, measured on the batch of the next one, between two steps; nothing changes. */
  async profile(repeats: number): Promise<StepProfile> {
    return this.step.profile(await this.plan.batches.batchOf(this.progress.step), repeats);
  }

  /** Goes on from a checkpoint; call before `start`. */
  restore(file: TensorFile): void {
    this.progress = restoreCheckpoint(file, this.parameters, this.plan.optimizer.rule.slots, this.step.slots);
    this.tally.restore(this.progress.tally);
  }

  /** Begins the loop, which ends when the run has finished, stopped or failed; after `finished` it waits for a rewind. */
  start(isPaused: boolean): void {
    // What was asked for while the run was prepared holds.
    if (isPaused && this.wanted === 'run') this.wanted = 'pause';
    if (this.progress.step === 0) {
      // From the very start there is something to continue from.
      this.saveCheckpoint();
      this.storeFrame(this.currentFrame());
    }
    this.live.offerAtRest(this.currentFrame());
    void this.loop();
  }

  pause(): Promise<void> {
    this.wanted = 'pause';
    return this.nudge();
  }
  resume(): Promise<void> {
    this.wanted = 'run';
    return this.nudge();
  }
  stepOnce(): Promise<void> {
    this.wanted = 'pause';
    this.singleSteps++;
    return this.nudge();
  }
  stop(): Promise<void> {
    this.wanted = 'stop';
    return this.nudge();
  }
  rewind(): Promise<void> {
    this.isRewindWanted = true;
    this.wanted = 'pause';
    return this.nudge();
  }

  /** Holds from the next step on; it is in the checkpoint when this returns, so that a resumed run uses it too. */
  async setLearningRate(learningRate: number): Promise<void> {
    if (!(Number.isFinite(learningRate) && learningRate >= 0)) throw new Error('a learning rate is a number of at least 0, such as 0.001');
    this.progress.learningRate = learningRate;
    if (this.phase !== 'running' || this.step.isAtHand) this.saveCheckpoint();
    // A step that is being computed elsewhere is waited for.
    else await this.checkpointWishes.add(null);
    this.report(true);
  }

  setCapture(settings: CaptureSettings): void {
    this.live.settings = settings;
  }

  /** The newest frame, whole for `layers`; while running, of the next step. */
  captureFrame(layers: string[]): Promise<ArrayBuffer> {
    if (this.phase !== 'running') return Promise.resolve(this.currentFrame(layers));
    return this.frameWishes.add(layers);
  }

  /** SHA-256 over all weights, float32 little-endian, in layer order. */
  async weightsSha256(): Promise<string> {
    const hash = createHash('sha256');
    for (const values of await this.step.weights()) hash.update(new Uint8Array(values.buffer, values.byteOffset, values.byteLength));
    return hash.digest('hex');
  }

  /** What probes look into: a stored step, or the newest; while running, that is the one that comes next, as soon as it has been taken. */
  get probed(): ProbeTarget {
    const { network, dataset, batches, writer } = this.plan;
    const state = (step?: number): Promise<ProbeState> => {
      if (step !== undefined && !(this.phase !== 'running' && this.last.isWhole && step === this.last.step))
        return storedState(writer.folder, step, this.parameters);
      if (this.phase === 'failed') return Promise.reject(new Error('The run has failed, so its last step can’t be looked into.'));
      if (this.phase !== 'running') return Promise.resolve(this.probeState());
      return this.stateWishes.add(null);
    };
    return { network, dataset, batches, state, stepsTaken: this.progress.step };
  }

  private probeState(): ProbeState {
    return this.last.probeState(this.progress.step + 1);
  }

  /** Lets the loop look at what is wanted; resolves when it has acted on it. */
  private nudge(): Promise<void> {
    const done = new Promise<void>((resolve) => this.settled.push(resolve));
    this.wake?.();
    if (this.phase === 'stopped' || this.phase === 'failed') this.settle();
    return done;
  }

  private settle(): void {
    for (const resolve of this.settled.splice(0)) resolve();
  }

  private async loop(): Promise<void> {
    try {
      while (await this.advance()) {
        // Messages of the thread come in between.
        await new Promise((resolve) => setImmediate(resolve));
      }
    } catch (error) {
      if (error instanceof GpuFailed) this.failOnGpu(error.message);
      else this.fail(error instanceof Error ? error.message : String(error));
    }
  }

  /** One turn of the loop: false when the run is over for good. */
  private async advance(): Promise<boolean> {
    if (this.phase === 'failed') return false;
    if (this.isRewindWanted) this.rewindNow();
    const { progress, plan } = this;
    if (this.wanted === 'stop') {
      await this.step.refresh();
      return this.finishAs('stopped');
    }
    if (this.phase === 'finished') return this.sleep();
    const isAtEnd = progress.step >= plan.totalSteps;
    const isOwed =
      progress.step > 0 && progress.step % plan.stepsPerEpoch === 0 && progress.epochsRecorded < progress.step / plan.stepsPerEpoch;
    if (isOwed || (isAtEnd && this.tally.count > 0)) {
      this.setPhase('running');
      await this.finishEpoch();
      return true;
    }
    if (isAtEnd) {
      await this.runTest();
      await this.step.refresh();
      this.finishAs('finished');
      return true;
    }
    const isPausing = this.wanted === 'pause' && this.singleSteps === 0;
    if (isPausing && (progress.step === 0 || this.phase !== 'running' || this.last.isWhole)) {
      if (!this.step.isAtHand) {
        await this.step.refresh();
        // What was asked for meanwhile comes first.
        if (this.wanted !== 'pause' || this.singleSteps > 0 || this.isRewindWanted) return true;
      }
      this.enterPause();
      return this.sleep();
    }
    if (this.phase !== 'running') this.setPhase('running');
    await this.oneStep(isPausing);
    return true;
  }

  private async oneStep(isLastBeforePause: boolean): Promise<void> {
    const { plan, progress } = this;
    const batch = await plan.batches.read(progress.step);
    const started = performance.now();
    const iteration = progress.step + 1;
    const epoch = Math.floor(progress.step / plan.stepsPerEpoch);
    const learningRate = progress.learningRate ?? plan.optimizer.learningRateAt(progress.step);
    const isSingle = this.singleSteps > 0;
    const isFinal = iteration === plan.totalSteps;
    const isStored = isFinal || isStoredStep(iteration, Math.max(10, Math.ceil(plan.totalSteps / 90)));
    const isAtRest = isLastBeforePause || isSingle || isFinal;
    const { stepMs } = this.clock;
    const isCheap = stepMs > SLOW_STEP_MS && this.last.weightCount <= stepMs * WEIGHTS_PER_MS;
    const isWhole = isAtRest || this.stateWishes.count > 0 || isCheap;
    const isLive = this.live.isDue(started);
    // Wishes that come while a step is computed elsewhere wait for the next one.
    const wishes = { frames: this.frameWishes.count, states: this.stateWishes.count };
    const layers = [...this.live.settings.watchedLayers, ...this.frameWishes.all.flat()];
    const interest = { isWhole, isStored, isLive: isLive || wishes.frames > 0, layers };
    const result = await this.step.take(batch, learningRate, iteration, this.last.wishFor(interest));
    if (!result.isFinite) return this.failAt(iteration, result.loss, learningRate);
    const row = new Tally(plan.network.objective.metrics);
    row.add(result.loss, result.measured);
    this.tally.merge(row);
    const elapsed = performance.now() - started;
    this.clock.add(elapsed, batch.count);
    progress.step = iteration;
    progress.seconds += elapsed / 1000;
    this.rows.push({ step: iteration, epoch, seconds: progress.seconds, learningRate, values: row.values() });
    if (isSingle) this.singleSteps--;
    const head = { step: iteration, epoch, loss: result.loss, learningRate };
    this.last.keep(head, result.steps, isWhole);
    const isCheckpointDue =
      this.checkpointWishes.count > 0 || performance.now() - this.lastCheckpoint > Math.max(CHECKPOINT_MS, 50 * this.checkpointCostMs);
    const isFrameDue = isStored || isLive || wishes.frames > 0;
    const isStateDue = wishes.states > 0 && !this.last.isComplete;
    if (isCheckpointDue || isAtRest || isStateDue || (isFrameDue && !this.last.isKept)) await this.step.refresh();
    if (isStored) this.storeFrame(this.currentFrame());
    if (isAtRest) this.live.offerAtRest(this.currentFrame(this.live.settings.watchedLayers));
    else if (isLive || (isWhole && this.live.settings.isLive)) this.live.offer(this.currentFrame(this.live.settings.watchedLayers));
    this.frameWishes.grant((asked) => this.currentFrame(asked), wishes.frames);
    this.stateWishes.grant(() => this.probeState(), wishes.states);
    if (isCheckpointDue) this.saveCheckpoint();
    this.report(isSingle);
    if (isSingle && this.singleSteps === 0 && this.wanted === 'pause') this.enterPause();
  }

  /** The newest state as a frame: the last step's where it was kept, else the weights alone. */
  private currentFrame(layers: string[] = []): ArrayBuffer {
    return this.last.frame(layers, () => {
      const epoch = Math.floor(Math.max(0, this.progress.step - 1) / this.plan.stepsPerEpoch);
      return { step: this.progress.step, epoch, loss: NaN, learningRate: this.learningRate };
    });
  }

  private get learningRate(): number {
    return this.progress.learningRate ?? this.plan.optimizer.learningRateAt(this.progress.step);
  }

  private storeFrame(frame: ArrayBuffer): void {
    this.events.storedFrames(this.plan.writer.writeFrame(this.progress.step, frame));
  }

  private async finishEpoch(): Promise<void> {
    const { progress, plan } = this;
    // A kill during validation then costs the validation only.
    await this.step.refresh();
    this.saveCheckpoint();
    const started = performance.now();
    const values = this.tally.values();
    if (plan.dataset.info.validationCount > 0) {
      const tally = await evaluate(plan.network, batchesOf(plan.dataset, 'validation', plan.batchSize), () => this.wanted === 'stop');
      if (!tally) return;
      Object.assign(values, tally.values('val_'));
    }
    progress.seconds += (performance.now() - started) / 1000;
    const epoch = Math.ceil(progress.step / plan.stepsPerEpoch) - 1;
    const row: EpochRow = { epoch, step: progress.step, seconds: progress.seconds, values };
    this.report(true);
    plan.writer.appendMetrics([row]);
    progress.epochsRecorded = epoch + 1;
    this.tally.reset();
    this.saveCheckpoint();
    this.events.epoch(row);
  }

  private async runTest(): Promise<void> {
    const { plan } = this;
    if (plan.dataset.info.testCount === 0) return;
    const tally = await evaluate(plan.network, batchesOf(plan.dataset, 'test', plan.batchSize), () => this.wanted === 'stop');
    if (!tally) return;
    this.test = tally.values();
    this.events.test(this.test);
  }

  private enterPause(): void {
    if (this.phase === 'paused') return;
    this.saveCheckpoint();
    this.setPhase('paused');
  }

  private finishAs(phase: 'stopped' | 'finished'): boolean {
    this.saveCheckpoint();
    // What it ends with is part of its story, wherever it was stopped.
    if (this.progress.step > 0 && !this.plan.writer.storedSteps.includes(this.progress.step)) this.storeFrame(this.currentFrame());
    if (phase === 'stopped' && this.last.isKept) this.live.offerAtRest(this.currentFrame(this.live.settings.watchedLayers));
    this.setPhase(phase);
    return phase === 'finished';
  }

  private async sleep(): Promise<boolean> {
    this.settle();
    const before = this.wanted;
    await new Promise<void>((resolve) => (this.wake = resolve));
    this.wake = null;
    if (this.phase === 'finished' && !this.isRewindWanted) {
      // Nothing is left to run: only a rewind or a stop changes anything.
      if (this.wanted !== 'stop') this.wanted = before;
      this.singleSteps = 0;
    }
    return true;
  }

  private rewindNow(): void {
    const { plan } = this;
    this.isRewindWanted = false;
    this.singleSteps = 0;
    plan.setStart();
    this.step.resetSlots();
    this.tally.reset();
    this.progress = this.freshProgress();
    this.rows = [];
    this.last.forget();
    this.test = null;
    plan.writer.truncateAfter(-1);
    this.saveCheckpoint();
    this.phase = 'preparing';
    this.events.rewound();
    this.storeFrame(this.currentFrame());
    this.live.offerAtRest(this.currentFrame());
  }

  private failAt(step: number, loss: number, learningRate: number): void {
    // Frames that waited for the views are older than the last good weights.
    this.live.offerAtRest(this.currentFrame(this.live.settings.watchedLayers));
    this.fail(notFinite(step, loss, learningRate, this.plan.optimizer.learningRateAt(step - 1)));
  }

  /** What the checkpoint holds is from before. */
  private failOnGpu(reason: string): void {
    this.events.gpuFailed(reason);
    this.fail(`${reason}. Continue the run: it goes on from its last checkpoint on WebAssembly.`);
  }

  private fail(message: string): void {
    this.wanted = 'stop';
    for (const wishes of [this.frameWishes, this.stateWishes, this.checkpointWishes]) wishes.refuse(new Error(message));
    this.message = message;
    this.setPhase('failed');
  }

  private setPhase(phase: RunPhase): void {
    this.phase = phase;
    if (phase !== 'failed') this.message = null;
    // What is said is in the folder by then: whoever hears of the end may read it.
    this.events.changed(phase, this.test);
    this.report(true);
    if (phase !== 'running') {
      this.stateWishes.grant(() => this.probeState());
      this.frameWishes.grant((layers) => this.currentFrame(layers));
    }
    if (phase !== 'running' || this.wanted === 'run') this.settle();
  }

  private saveCheckpoint(): void {
    const started = performance.now();
    // What the checkpoint has seen must be on disk before it.
    this.report(true);
    this.progress.tally = this.tally.toJSON();
    this.plan.writer.writeCheckpoint(encodeCheckpoint(this.progress, this.parameters, this.plan.optimizer.rule.slots, this.step.slots));
    this.lastCheckpoint = performance.now();
    this.checkpointCostMs = this.lastCheckpoint - started;
    this.checkpointWishes.grant(() => undefined);
  }

  /** Hands on metrics and status, at most every `REPORT_MS` unless forced. */
  private report(isForced: boolean): void {
    const now = performance.now();
    if (!isForced && now - this.lastReport < REPORT_MS) return;
    this.lastReport = now;
    if (this.rows.length > 0) {
      this.plan.writer.appendMetrics(this.rows);
      this.events.metrics(this.rows);
      this.rows = [];
    }
    this.events.status(this.status());
  }

  status(): RunStatus {
    const { plan, progress } = this;
    return {
      phase: this.phase,
      step: progress.step,
      totalSteps: plan.totalSteps,
      epoch: Math.min(plan.epochs - 1, Math.floor(progress.step / plan.stepsPerEpoch)),
      epochs: plan.epochs,
      stepsPerEpoch: plan.stepsPerEpoch,
      imagesPerSecond: this.clock.imagesPerSecond,
      secondsLeft: this.phase === 'running' ? this.clock.secondsFor(plan.totalSteps - progress.step) : null,
      learningRate: this.learningRate,
      seed: plan.seed,
      backend: plan.backend,
      message: this.message,
    };
  }
}
