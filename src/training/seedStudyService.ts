import { createHash } from 'node:crypto';
import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { ModelSpec } from '../common/modelSpec';
import type { TrainOptions } from '../common/run';
import type { SeedRunProgress, SeedsState } from '../common/seedsProtocol';
import { comparedLayers } from '../insight/acrossSeeds';
import { readConfiguration } from '../config';
import { errorText, type Log } from '../log';
import type { DataChooser } from './dataChooser';
import { dataRefName } from './dataNames';
import type { InsightThread, SeedComparison } from './insightThread';
import type { ModelService } from './modelService';
import { newRunFolder } from './runLocation';
import { studySeeds, type SeedStudy, type StudiedRun } from './seedStudy';
import type { SeedStore } from './seedStore';
import { trainOptions } from './trainDefaults';
import type { TrainListeners } from './trainToEnd';
import type { CreateWorker } from './trainingWorker';
import { requireTrainable } from './requireTrainable';

/** What a comparison is asked for; the rest comes from the file, the settings and the person. */
export interface SeedStudyAsked extends Partial<TrainOptions> {
  seeds: number;
  modelName?: string;
}

/** Trains a file's model with several seeds in the background, then compares them. One comparison at a time; the last one stays to be looked at. */
export class SeedStudyService extends Disposable {
  private shown: SeedsState | null = null;
  private folders = new Map<number, string>();
  private stop: AbortController | null = null;
  private readonly changed = this._register(new Emitter<'progress' | 'state'>());
  /** `progress`: only phase, message and runs are different. */
  readonly onDidChange = this.changed.event;

  constructor(
    private readonly models: ModelService,
    private readonly seeds: SeedStore,
    private readonly data: DataChooser,
    private readonly insight: InsightThread,
    private readonly context: vscode.ExtensionContext,
    private readonly createWorker: CreateWorker,
    private readonly log: Log,
  ) {
    super();
    this._register({ dispose: () => this.cancel() });
  }

  get state(): SeedsState | null {
    return this.shown;
  }
  get isBusy(): boolean {
    return this.stop !== null;
  }
  folderOf(seed: number): string | null {
    return this.folders.get(seed) ?? null;
  }

  /** Ends the training after the steps in progress; what is finished by then is compared. */
  cancel(): void {
    this.stop?.abort();
  }

  /**
   * The model of a file, if its kernels can be compared across seeds.
   * @throws Error with the way out when they cannot.
   */
  async modelOf(uri: vscode.Uri, modelName?: string): Promise<ModelSpec> {
    const spec = await this.models.findModel(uri, modelName);
    const file = vscode.workspace.asRelativePath(uri);
    if (!spec) throw new Error(`No model was found in ${file}. Open a file that builds a convolutional network, or the sample.`);
    requireTrainable(spec, uri);
    if (comparedLayers(spec).length === 0)
      throw new Error(`${spec.name} in ${file} has no Conv2D layer, so there are no kernels to compare.`);
    return spec;
  }

  /**
   * Resolves when everything is compared, cancelled or failed; the state says which.
   * @returns false when the person called it off before it began.
   * @throws Error when a comparison is under way already or the model cannot be compared.
   */
  async compare(uri: vscode.Uri, asked: SeedStudyAsked): Promise<boolean> {
    if (this.isBusy) throw new Error('A comparison of seeds is under way. Wait for it, or cancel it in its panel.');
    const document = await vscode.workspace.openTextDocument(uri);
    const spec = await this.modelOf(uri, asked.modelName);
    const data = await this.data.resolve(uri, spec);
    if (!data) return false;
    const stop = (this.stop = new AbortController());
    const first = asked.seed ?? this.seeds.get(uri);
    const options = trainOptions(spec, asked, { seed: first, backend: readConfiguration(uri).backend });
    const seeds = Array.from({ length: asked.seeds }, (_, i) => first + i);
    const sourceFile = vscode.workspace.asRelativePath(uri, false);
    this.folders = new Map();
    const runs = seeds.map((seed): SeedRunProgress => ({ seed, phase: 'waiting', step: 0, totalSteps: 0, loss: null, accuracy: null }));
    const conditions = conditionsText(spec, options, dataRefName(data));
    this.shown = { modelName: spec.name, sourceFile, conditions, phase: 'training', message: null, runs, comparison: null };
    this.changed.fire('state');
    this.log.info(`comparing ${spec.name} of ${sourceFile} across seeds ${seeds.join(', ')}`);
    try {
      const study = await studySeeds({
        spec,
        sourceFile,
        sourceSha256: createHash('sha256').update(document.getText()).digest('hex'),
        data,
        options,
        seeds,
        folderFor: async (seed) => {
          const { folder } = await newRunFolder(uri, `${spec.name}-seed-${seed}`, this.context);
          this.folders.set(seed, folder);
          return folder;
        },
        createWorker: this.createWorker,
        listenersFor: (seed) => this.listenersOf(runs.find((r) => r.seed === seed)),
        didFinish: (run) => this.didFinish(run),
        stop: stop.signal,
      });
      await this.finish(spec, study, stop.signal.aborted);
    } catch (error) {
      this.log.error(`comparing seeds: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
      this.end('failed', errorText(error));
    } finally {
      this.stop = null;
      this.changed.fire('state');
    }
    return true;
  }

  private async finish(spec: ModelSpec, { runs, images }: SeedStudy, isCancelled: boolean): Promise<void> {
    if (!this.shown) return;
    const enough = runs.length >= 2;
    if (enough) {
      Object.assign(this.shown, { phase: 'comparing' });
      this.changed.fire('progress');
      const plain = runs.map(({ folder: _, ...run }) => run);
      const comparison = await this.insight.compareSeeds({ spec, runs: plain, images });
      this.shown.comparison = packed(runs, comparison);
    }
    if (!isCancelled) return this.end('done', null);
    this.end(
      'cancelled',
      enough ? `Cancelled: ${runs.length} finished runs are compared.` : 'Cancelled: two finished runs are needed to compare.',
    );
  }

  private listenersOf(run: SeedRunProgress | undefined): TrainListeners {
    if (!run) return {};
    const update = (part: Partial<SeedRunProgress>) => {
      Object.assign(run, part);
      this.changed.fire('progress');
    };
    return {
      didStart: ({ totalSteps }) => update({ phase: 'training', totalSteps }),
      didChangeStatus: ({ step }) => update({ phase: 'training', step }),
      didRecordMetrics: (rows) => update({ loss: rows.at(-1)?.values.loss ?? null }),
    };
  }

  private didFinish({ seed, accuracy }: StudiedRun): void {
    const run = this.shown?.runs.find((r) => r.seed === seed);
    if (run) Object.assign(run, { phase: 'finished', accuracy });
    this.changed.fire('progress');
  }

  private end(phase: SeedsState['phase'], message: string | null): void {
    if (!this.shown) return;
    for (const run of this.shown.runs) if (run.phase !== 'finished') run.phase = 'cut short';
    Object.assign(this.shown, { phase, message });
  }
}

/** Each layer's kernels of all runs in one buffer, as webviews take them fastest. */
function packed(runs: readonly StudiedRun[], { result, kernels }: SeedComparison): SeedsState['comparison'] {
  const compared = kernels.map(({ name, shape, kernels: perRun }) => {
    const size = perRun[0].length;
    const values = new Float32Array(size * perRun.length);
    perRun.forEach((k, r) => values.set(k, r * size));
    return { name, shape, values: values.buffer };
  });
  return { seeds: runs.map((r) => r.seed), result, kernels: compared };
}

function conditionsText(spec: ModelSpec, options: TrainOptions, data: string): string {
  const optimizer = spec.training.optimizer?.className ?? 'the default optimiser';
  const limits = [
    options.limit === null ? null : `at most ${options.limit.toLocaleString('en-US')} images`,
    options.maxSteps === null ? null : `at most ${options.maxSteps.toLocaleString('en-US')} steps`,
  ].filter((t) => t !== null);
  const epochs = `${options.epochs} ${options.epochs === 1 ? 'epoch' : 'epochs'}`;
  return [data, `${epochs}, batches of ${options.batchSize}`, optimizer, ...limits].join(' · ');
}
