import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { DataRef } from '../common/dataSpec';
import type { ModelSpec } from '../common/modelSpec';
import type { RunPhase, RunStatus, TrainOptions } from '../common/run';
import { onDidChangeConfiguration, readConfiguration } from '../config';
import { ContextKeys } from '../ids';
import { errorText, type Log } from '../log';
import type { DataChooser } from './dataChooser';
import type { ModelService } from './modelService';
import { fileKey } from './notebooks';
import { newRunFolder } from './runLocation';
import { RunSession, type RunDescription } from './runSession';
import type { SeedStore } from './seedStore';
import { trainOptions } from './trainDefaults';
import type { CreateWorker } from './trainingWorker';
import { requireTrainable } from './requireTrainable';

/** What a caller fixes beforehand; the rest comes from the file, the settings and the person. */
export interface TrainRequest extends Partial<TrainOptions> {
  modelName?: string;
  data?: DataRef;
  startPaused?: boolean;
}

/** The active run: begins it, ends it, and tells who listens. There is one at a time; its folder stays when the next begins. */
export class TrainingService extends Disposable {
  private active: RunSession | null = null;
  private readonly sessionChanged = this._register(new Emitter<RunSession | null>());
  private readonly statusChanged = this._register(new Emitter<RunStatus | null>());
  /** Another run is shown, or none. */
  readonly onDidChangeSession = this.sessionChanged.event;
  /** Of the active run, whichever it is. */
  readonly onDidChangeStatus = this.statusChanged.event;
  private phase: RunPhase | 'none' = 'none';

  constructor(
    private readonly models: ModelService,
    private readonly seeds: SeedStore,
    private readonly data: DataChooser,
    private readonly context: vscode.ExtensionContext,
    private readonly createWorker: CreateWorker,
    private readonly log: Log,
  ) {
    super();
    this._register({ dispose: () => this.active?.dispose() });
    this._register(onDidChangeConfiguration(() => this.active?.capture.setMaxFramesPerSecond(readConfiguration().maxFramesPerSecond)));
  }

  get session(): RunSession | null {
    return this.active;
  }

  /** The active run, if it trains this model of this file. */
  sessionOf(uri: vscode.Uri, model: ModelSpec): RunSession | null {
    const d = this.active?.description;
    return d?.sourceUri && fileKey(vscode.Uri.parse(d.sourceUri)) === fileKey(uri) && d.spec.name === model.name ? this.active : null;
  }

  /**
   * Trains a model of a file, asking for data if the file's own is not there.
   * @returns the run, or null when the person called it off.
   * @throws Error, with the way out in its message, when the model cannot be trained or the worker refuses.
   */
  async train(uri: vscode.Uri, request: TrainRequest = {}): Promise<RunSession | null> {
    const document = await vscode.workspace.openTextDocument(uri);
    const spec = await this.models.findModel(uri, request.modelName);
    if (!spec)
      throw new Error(
        `No model was found in ${vscode.workspace.asRelativePath(uri)}. Open a file that builds a Keras model, or the sample.`,
      );
    requireTrainable(spec, uri);
    const data = request.data ?? (await this.data.resolve(uri, spec));
    if (!data) return null;
    const options = trainOptions(spec, request, { seed: this.seeds.get(uri), backend: readConfiguration(uri).backend });
    if (options.seed !== this.seeds.get(uri)) await this.seeds.set(uri, options.seed);
    const { id, folder } = await newRunFolder(uri, spec.name, this.context);
    const description: RunDescription = {
      id,
      folder,
      spec,
      sourceUri: uri.toString(),
      sourceFile: vscode.workspace.asRelativePath(uri, false),
      sourceSha256: createHash('sha256').update(document.getText()).digest('hex'),
      data,
      options,
    };
    this.log.info(`training ${spec.name} of ${description.sourceFile}, seed ${options.seed}, into ${folder}`);
    const session = new RunSession(description, this.createWorker);
    await this.activate(session);
    await session.start({ resume: false, startPaused: request.startPaused ?? false });
    return session;
  }

  /** The same model, data and options again, drawn with another seed. */
  async restartWithNewSeed(seed: number | null): Promise<RunSession | null> {
    const last = this.active?.description;
    if (!last?.sourceUri) throw new Error('There is no run to restart. Press Train CNN first.');
    const next = seed ?? last.options.seed + 1;
    return this.train(vscode.Uri.parse(last.sourceUri), { ...last.options, seed: next, modelName: last.spec.name, data: last.data });
  }

  /** Shows a session in place of the active one, which is ended first; its folder stays. */
  async activate(session: RunSession | null): Promise<void> {
    const previous = this.active;
    this.active = session;
    session?.capture.setMaxFramesPerSecond(readConfiguration().maxFramesPerSecond);
    session?.onDidChangeStatus((status) => {
      if (this.active === session) this.announce(status);
    });
    session?.onDidNote((note) => this.log[note.severity === 'warning' ? 'warn' : 'info'](`${session.id}: ${note.message}`));
    this.sessionChanged.fire(session);
    this.announce(session?.status ?? null);
    if (previous && previous !== session) {
      await previous.stop().catch((error: unknown) => this.log.warn(`stopping ${previous.id}: ${errorText(error)}`));
      previous.dispose();
    }
  }

  private announce(status: RunStatus | null): void {
    const phase = status?.phase ?? 'none';
    if (phase !== this.phase) {
      this.phase = phase;
      this.log.info(`run ${this.active?.id ?? ''}: ${phase}${status?.message ? `, ${status.message}` : ''}`);
      void vscode.commands.executeCommand('setContext', ContextKeys.phase, phase);
      void vscode.commands.executeCommand('setContext', ContextKeys.hasRun, status !== null);
    }
    this.statusChanged.fire(status);
  }
}
