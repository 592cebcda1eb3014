import { Disposable } from '../../src/base/disposable';
import { Emitter } from '../../src/base/emitter';
import { decodeFrame, type Frame } from '../../src/common/frame';
import type { LayerInfo } from '../../src/common/modelSpec';
import type { Snapshot, ViewModel } from '../../src/common/panelProtocol';
import type { MetricsTable, RunStatus } from '../../src/common/run';
import type { HostChannel } from '../host/connection';
import { FrameCache } from './frameCache';

/** What changed: the whole run, its state, metrics, the frame shown, the list of stored frames, or the notes. */
export type RunChange = 'run' | 'status' | 'metrics' | 'frame' | 'stored' | 'notes';

export interface SelectionHint {
  layer: string;
  filter: number | null;
}

/** What this page knows of the run: a copy of the host's, complete after `hydrate`, kept up to date by events. */
export class RunData extends Disposable {
  isHydrated = false;
  runId: string | null = null;
  model: ViewModel | null = null;
  status: RunStatus | null = null;
  metrics: MetricsTable = { steps: [], epochs: [] };
  storedSteps: number[] = [];
  /** As drawn by the initialisers. */
  first: Frame | null = null;
  /** The newest. */
  latest: Frame | null = null;
  notes: string[] = [];
  seed: number | null = null;
  canContinue = false;
  /** The layer that the host's views look at, as of the last snapshot. */
  selectedLayer: string | null = null;
  test: Record<string, number> | null = null;
  /** Grows with every new run or rewind, when everything that was derived from frames is void. */
  generation = 0;

  private past: Frame | null = null;
  private wantedStep: number | null = null;
  private readonly cache: FrameCache;
  private readonly changed = this._register(new Emitter<RunChange[]>());
  readonly onDidChange = this.changed.event;
  private readonly selected = this._register(new Emitter<SelectionHint>());
  /** The host says which layer or kernel to look at: the cursor moved, or another view picked one. */
  readonly onDidSelect = this.selected.event;

  constructor(readonly channel: HostChannel) {
    super();
    this.cache = new FrameCache((step) => channel.call('loadFrame', { step }));
    this._register(channel.on('didChangeRun', (snapshot) => this.accept(snapshot)));
    this._register(
      channel.on('didChangeStatus', (status) => {
        this.status = status;
        this.changed.fire(['status']);
      }),
    );
    this._register(
      channel.on('didRecordMetrics', (rows) => {
        this.metrics.steps.push(...rows);
        this.changed.fire(['metrics']);
      }),
    );
    this._register(
      channel.on('didFinishEpoch', (row) => {
        this.metrics.epochs.push(row);
        this.changed.fire(['metrics']);
      }),
    );
    this._register(
      channel.on('didCaptureFrame', (buffer) => {
        this.latest = decodeFrame(buffer);
        if (this.latest.step === 0) this.first ??= this.latest;
        this.changed.fire(this.past ? [] : ['frame']);
      }),
    );
    this._register(
      channel.on('didStoreFrames', (steps) => {
        this.storedSteps = steps;
        this.changed.fire(['stored']);
      }),
    );
    this._register(
      channel.on('didNote', ({ message }) => {
        if (!this.notes.includes(message)) this.notes = [...this.notes, message];
        this.changed.fire(['notes']);
      }),
    );
    this._register(channel.on('didSelectLayer', (hint) => this.selected.fire(hint)));
  }

  async hydrate(): Promise<void> {
    this.accept(await this.channel.call('hydrate', null));
  }

  /** The frame to be looked at: a stored one that was asked for, otherwise the newest. */
  get shown(): Frame | null {
    return this.past ?? this.latest;
  }
  get isPast(): boolean {
    return this.past !== null;
  }
  get isLive(): boolean {
    return this.status !== null && ['preparing', 'running', 'paused'].includes(this.status.phase);
  }
  layer(name: string | null): LayerInfo | null {
    return this.model?.layers.find((l) => l.name === name) ?? null;
  }

  /**
   * Goes to a stored frame, or with null back to the newest. Of several calls in quick succession only the last is shown.
   * @throws Error when the frame can't be read.
   */
  async showStep(step: number | null): Promise<void> {
    this.wantedStep = step;
    if (step === null) {
      if (!this.past) return;
      this.past = null;
    } else {
      const frame = await this.cache.get(step);
      if (this.wantedStep !== step) return;
      this.past = frame;
    }
    this.changed.fire(['frame', 'stored']);
  }

  /** A stored frame without going there. */
  frameAt(step: number): Promise<Frame> {
    return this.cache.get(step);
  }

  private accept(snapshot: Snapshot): void {
    const isOtherRun = snapshot.runId !== this.runId || (snapshot.status?.step ?? 0) < (this.status?.step ?? 0);
    this.isHydrated = true;
    this.runId = snapshot.runId;
    this.model = snapshot.model;
    this.status = snapshot.status;
    this.metrics = snapshot.metrics;
    this.storedSteps = snapshot.storedSteps;
    this.first = snapshot.firstFrame ? decodeFrame(snapshot.firstFrame) : null;
    this.latest = snapshot.frame ? decodeFrame(snapshot.frame) : null;
    this.notes = snapshot.model?.notes ?? [];
    this.seed = snapshot.seed ?? snapshot.status?.seed ?? null;
    this.canContinue = snapshot.canContinue ?? false;
    this.test = snapshot.test ?? null;
    this.selectedLayer = snapshot.selectedLayer;
    if (isOtherRun) {
      this.cache.clear();
      this.past = null;
      this.wantedStep = null;
      this.generation++;
    }
    this.changed.fire(['run', 'status', 'metrics', 'frame', 'stored', 'notes']);
    if (snapshot.selectedLayer) this.selected.fire({ layer: snapshot.selectedLayer, filter: snapshot.selectedFilter ?? null });
  }
}
