import * as vscode from 'vscode';
import { Channel, type Handlers } from '../base/channel';
import { Disposable, type DisposableLike } from '../base/disposable';
import type { Event } from '../base/emitter';
import type { HostCalls } from '../common/trainingProtocol';
import type { Snapshot, ViewCalls, ViewEvents } from '../common/panelProtocol';
import { Commands } from '../ids';
import type { Interest } from '../training/captureInterest';
import type { RunSession } from '../training/runSession';
import type { LayerSelection, Subject } from './subject';
import { FramePump } from './framePump';
import { snapshotOf } from './snapshot';
import { webviewTransport } from './webviewTransport';

/** What a view is about; the panel and the gallery have different ones. */
export interface SubjectSource {
  readonly current: Subject | null;
  readonly onDidChangeSubject: Event<Subject | null>;
  readonly selection: LayerSelection | null;
  readonly onDidSelectLayer: Event<LayerSelection>;
  select(layer: string, filter: number | null, origin: LayerSelection['origin']): void;
}

/** What a view asks of the rest of the extension. */
export interface ViewActions {
  /** The frame that the subject's seed draws, before any run. */
  initialFrame(subject: Subject): Promise<ArrayBuffer | null>;
  restartWithNewSeed(session: RunSession | null, seed: number | null): Promise<void>;
  loadFrame(session: RunSession, step: number): Promise<ArrayBuffer>;
  loadKernelHistory(
    session: RunSession,
    params: ViewCalls['loadKernelHistory']['params'],
  ): Promise<ViewCalls['loadKernelHistory']['result']>;
  analyseKernels(params: ViewCalls['analyseKernels']['params']): Promise<ViewCalls['analyseKernels']['result']>;
  revealSource(subject: Subject, layer: string): Promise<void>;
}

export interface Visibility {
  isVisible(): boolean;
  onDidChange(listener: () => void): DisposableLike;
}

/**
 * The host's end of one webview: answers its calls, sends it a whole snapshot when it asks or its subject changes, and streams to it
 * only while it is visible.
 */
export class ViewHost extends Disposable {
  private readonly channel: Channel<ViewCalls, HostCalls, ViewEvents, Record<never, never>>;
  private readonly pump = new FramePump((frame) => this.channel.fire('didCaptureFrame', frame));
  private isHydrated = false;
  private session: RunSession | null = null;
  private sessionListeners: DisposableLike[] = [];
  private interest: Interest | null = null;
  private resetTimer: NodeJS.Timeout | null = null;

  constructor(
    webview: vscode.Webview,
    private readonly visibility: Visibility,
    private readonly subjects: SubjectSource,
    private readonly actions: ViewActions,
  ) {
    super();
    this.channel = this._register(new Channel(webviewTransport(webview), this.handlers()));
    this._register(subjects.onDidChangeSubject(() => this.sendSnapshot()));
    this._register(subjects.onDidSelectLayer((s) => this.didSelect(s)));
    this._register(visibility.onDidChange(() => this.didChangeVisibility()));
    this._register({ dispose: () => this.detach() });
    this._register({ dispose: () => this.resetTimer && clearTimeout(this.resetTimer) });
  }

  /** What the view would be sent now. */
  async snapshot(): Promise<Snapshot> {
    const subject = this.subjects.current;
    const initial = subject && !subject.session?.firstFrame ? await this.actions.initialFrame(subject) : null;
    return snapshotOf(subject, this.subjects.selection, initial);
  }

  private handlers(): Handlers<ViewCalls> {
    const session = () => {
      if (!this.session) throw new Error('Nothing is training. Press Train CNN first.');
      return this.session;
    };
    const done = async (action: Promise<void> | void) => {
      await action;
      return null;
    };
    return {
      hydrate: () => this.hydrate(),
      pause: () => done(session().pause()),
      resume: () => done(session().resume()),
      stepOnce: () => done(session().stepOnce()),
      stop: () => done(session().stop()),
      rewind: () => done(session().rewind()),
      restartWithNewSeed: ({ seed }) => done(this.actions.restartWithNewSeed(this.session, seed)),
      setLearningRate: ({ learningRate }) => done(session().setLearningRate(learningRate)),
      loadFrame: ({ step }) => this.actions.loadFrame(session(), step),
      loadKernelHistory: (params) => this.actions.loadKernelHistory(session(), params),
      analyseKernels: (params) => this.actions.analyseKernels(params),
      gradientSum: (params, signal) => session().probe('gradientSum', params, signal),
      checkGradient: (params, signal) => session().probe('checkGradient', params, signal),
      lossSlice: (params, signal) => session().probe('lossSlice', params, signal),
      kernelSight: (params, signal) => session().probe('kernelSight', params, signal),
      knockOut: (params, signal) => session().probe('knockOut', params, signal),
      mergeKernels: (params, signal) => session().probe('mergeKernels', params, signal),
      activeShare: (params, signal) => session().probe('activeShare', params, signal),
      classActivation: (params, signal) => session().probe('classActivation', params, signal),
      excitement: (params, signal) => session().probe('excitement', params, signal),
      sampleOutputs: ({ layers }) => session().sampleOutputs(layers),
      selectLayer: ({ layer, filter }) => done(this.subjects.select(layer, filter ?? null, 'view')),
      revealSource: ({ layer }) => done(this.subjects.current ? this.actions.revealSource(this.subjects.current, layer) : undefined),
      acknowledgeFrame: ({ step }) => {
        this.pump.acknowledge();
        this.session?.acknowledgeFrame(step);
        return null;
      },
      runCommand: async ({ command, step }) => {
        if (!(Object.values(Commands) as string[]).includes(command)) throw new Error(`views may not run ${command}`);
        await (step === undefined ? vscode.commands.executeCommand(command) : vscode.commands.executeCommand(command, step));
        return null;
      },
      saveFile: ({ name, bytes }) => done(saveFile(name, bytes)),
    };
  }

  private async hydrate(): Promise<Snapshot> {
    this.isHydrated = true;
    this.attach(this.subjects.current?.session ?? null);
    const snapshot = await this.snapshot();
    // The reply goes out first.
    if (snapshot.selectedLayer) setTimeout(() => void this.sendWhole(snapshot.selectedLayer ?? ''), 0);
    return snapshot;
  }

  /** Several changes in one go (a new run, its first frame) make one snapshot. */
  private sendSnapshot(): void {
    if (!this.isHydrated || !this.visibility.isVisible() || this.resetTimer) return;
    this.resetTimer = setTimeout(() => {
      this.resetTimer = null;
      if (!this.visibility.isVisible()) return;
      this.attach(this.subjects.current?.session ?? null);
      void this.snapshot().then((snapshot) => this.channel.fire('didChangeRun', snapshot));
    }, 20);
  }

  private didSelect({ layer, filter, origin }: LayerSelection): void {
    this.interest?.watch(layer);
    void this.sendWhole(layer);
    if (this.isHydrated && this.visibility.isVisible() && (origin === 'editor' || filter !== null))
      this.channel.fire('didSelectLayer', { layer, filter });
  }

  /**
   * While a run stands still no frame would come with what a newly watched layer has beyond the others (large weights, the optimiser's
   * numbers): it is asked for.
   */
  private async sendWhole(layer: string): Promise<void> {
    const { session } = this;
    if (!session || !this.isHydrated || !this.visibility.isVisible()) return;
    if (session.status.phase === 'running' || session.status.phase === 'preparing') return;
    const frame = await session.newestFrame([layer]);
    if (frame && frame !== session.latestFrame && session === this.session) this.pump.push(frame);
  }

  private didChangeVisibility(): void {
    if (this.visibility.isVisible()) {
      // The page was kept or is loading anew; either way it asks for a snapshot, and until then nothing is sent.
      if (this.isHydrated) this.sendSnapshot();
      this.updateInterest();
    } else {
      this.isHydrated = false;
      this.detach();
    }
  }

  private attach(session: RunSession | null): void {
    this.pump.reset();
    if (session === this.session) return this.updateInterest();
    this.detach();
    this.session = session;
    if (!session) return;
    const fire =
      <K extends keyof ViewEvents & string>(type: K) =>
      (payload: ViewEvents[K]) =>
        this.channel.fire(type, payload);
    this.sessionListeners = [
      session.onDidChangeStatus(fire('didChangeStatus')),
      session.onDidRecordMetrics(fire('didRecordMetrics')),
      session.onDidFinishEpoch(fire('didFinishEpoch')),
      session.onDidStoreFrames(fire('didStoreFrames')),
      session.onDidNote(fire('didNote')),
      session.onDidCaptureFrame((frame) => this.pump.push(frame)),
      session.onDidReset(() => this.sendSnapshot()),
    ];
    this.updateInterest();
  }

  private detach(): void {
    for (const l of this.sessionListeners) l.dispose();
    this.sessionListeners = [];
    this.interest?.dispose();
    this.interest = null;
    this.session = null;
    this.pump.reset();
  }

  private updateInterest(): void {
    if (!this.session || !this.visibility.isVisible()) return;
    if (this.interest) this.interest.watch(this.subjects.selection?.layer ?? null);
    else this.interest = this.session.capture.add(this.subjects.selection?.layer ?? null);
  }
}

async function saveFile(name: string, bytes: ArrayBuffer): Promise<void> {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const target = await vscode.window.showSaveDialog({ defaultUri: folder ? vscode.Uri.joinPath(folder, name) : undefined });
  if (target) await vscode.workspace.fs.writeFile(target, new Uint8Array(bytes));
}
