import * as vscode from 'vscode';
import { recentLoss } from '../common/recentLoss';
import { Disposable } from '../base/disposable';
import { Throttle } from '../base/throttle';
import type { ModelSpec } from '../common/modelSpec';
import { onDidChangeConfiguration, readConfiguration } from '../config';
import { Commands } from '../ids';
import type { DataChooser } from '../training/dataChooser';
import type { ModelService } from '../training/modelService';
import type { SeedStore } from '../training/seedStore';
import type { TrainingService } from '../training/trainingService';
import { lensTexts } from './lensTexts';
import { toRange } from './ranges';

/** How often the progress above a training model is written anew. */
const REFRESH_MS = 1000;

/** `▶ Train CNN` above each model with what it will train on, and the run's controls while it trains. */
export class ModelCodeLens extends Disposable implements vscode.CodeLensProvider {
  private readonly changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeCodeLenses = this.changed.event;
  private readonly progress = this._register(new Throttle(() => this.changed.fire(), REFRESH_MS));
  private phase = '';

  constructor(
    private readonly models: ModelService,
    private readonly training: TrainingService,
    private readonly seeds: SeedStore,
    private readonly data: DataChooser,
  ) {
    super();
    this._register(models.onDidChangeModels(() => this.changed.fire()));
    this._register(seeds.onDidChangeSeed(() => this.changed.fire()));
    this._register(data.onDidChangeChoice(() => this.changed.fire()));
    this._register(training.onDidChangeSession(() => this.changed.fire()));
    this._register(training.onDidChangeStatus((s) => this.refresh(s?.phase ?? '')));
    this._register(onDidChangeConfiguration(() => this.changed.fire()));
  }

  async provideCodeLenses(document: vscode.TextDocument): Promise<vscode.CodeLens[]> {
    if (!readConfiguration(document.uri).isCodeLensShown) return [];
    // While a new text is being read the last answer serves, moved along: lenses must not come and go with every key.
    const state = this.models.peek(document.uri) ?? (await this.models.read(document));
    return state?.source.models.flatMap((m) => this.lensesOf(document.uri, m)) ?? [];
  }

  private lensesOf(uri: vscode.Uri, model: ModelSpec): vscode.CodeLens[] {
    const { startLine, startColumn } = model.range;
    const range = toRange({ startLine, startColumn, endLine: startLine, endColumn: startColumn });
    const session = this.training.sessionOf(uri, model);
    const texts = lensTexts({
      model,
      seed: this.seeds.get(uri),
      data: this.data.remembered(uri),
      status: session?.status ?? null,
      loss: recentLoss(session?.metrics.steps ?? []),
    });
    const args: Record<string, unknown[]> = {
      [Commands.trainCnn]: [uri, { modelName: model.name }],
      [Commands.chooseData]: [uri, model.name],
      [Commands.setSeed]: [uri],
    };
    return texts.map(
      ({ title, tooltip, command }) =>
        new vscode.CodeLens(range, { title, tooltip, command: command ?? '', arguments: command ? args[command] : undefined }),
    );
  }

  /** At once when the buttons change, else at leisure. */
  private refresh(phase: string): void {
    if (phase === this.phase) return this.progress.request();
    this.phase = phase;
    this.progress.now();
  }
}
