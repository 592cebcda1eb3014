import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { LayerInfo, ModelSpec } from '../common/modelSpec';
import type { ModelService } from '../training/modelService';
import { layerAt, modelAt } from '../training/modelAt';
import type { RunSession } from '../training/runSession';
import type { SeedStore } from '../training/seedStore';
import type { TrainingService } from '../training/trainingService';

/** What the views show: a model, and the run that trains it if there is one. */
export interface Subject {
  uri: vscode.Uri | null;
  model: ModelSpec;
  seed: number;
  session: RunSession | null;
}

export interface LayerSelection {
  layer: string;
  filter: number | null;
  /** `editor`: the cursor moved; `view`: somebody clicked. */
  origin: 'editor' | 'view';
}

const signatures = new WeakMap<ModelSpec, string>();

/** Equal for two subjects that look the same: a re-read after typing a comment is no reason to draw everything anew. */
function subjectKey(subject: Subject | null): string {
  if (!subject) return '';
  let signature = signatures.get(subject.model);
  if (signature === undefined) {
    const layers = subject.model.layers.map((l) => ({ ...l, source: null }));
    const { optimizer, loss, epochs, batchSize } = subject.model.training;
    signature = JSON.stringify([subject.model.name, layers, optimizer, loss, epochs, batchSize]);
    signatures.set(subject.model, signature);
  }
  return `${subject.uri?.toString() ?? ''} ${subject.seed} ${signature}`;
}

/**
 * What the side bar is about. It follows the editor's cursor from model to model and from layer to layer; where no model is at the
 * cursor it stays with the active run.
 */
export class SubjectService extends Disposable {
  private subject: Subject | null = null;
  private selected: LayerSelection | null = null;
  private readonly changed = this._register(new Emitter<Subject | null>());
  private readonly selectionChanged = this._register(new Emitter<LayerSelection>());
  readonly onDidChangeSubject = this.changed.event;
  readonly onDidSelectLayer = this.selectionChanged.event;

  constructor(
    private readonly models: ModelService,
    private readonly training: TrainingService,
    private readonly seeds: SeedStore,
  ) {
    super();
    this._register(models.onDidChangeModels((uri) => this.isShown(uri) && this.update()));
    this._register(training.onDidChangeSession(() => this.update()));
    this._register(seeds.onDidChangeSeed((uri) => this.isShown(uri) && this.update()));
    this._register(vscode.window.onDidChangeActiveTextEditor(() => this.update()));
    this._register(vscode.window.onDidChangeTextEditorSelection((e) => e.textEditor === vscode.window.activeTextEditor && this.update()));
    this.update();
  }

  get current(): Subject | null {
    return this.subject;
  }

  get selection(): LayerSelection | null {
    return this.selected;
  }

  /** The layer of that name in what is shown. */
  layer(name: string): LayerInfo | null {
    return this.subject?.model.layers.find((l) => l.name === name) ?? null;
  }

  /** @param filter the kernel within the layer, if one was meant. */
  select(layer: string, filter: number | null, origin: LayerSelection['origin']): void {
    const last = this.selected;
    if (last?.layer === layer && last.filter === filter && last.origin === origin) return;
    this.selected = { layer, filter, origin };
    this.selectionChanged.fire(this.selected);
  }

  private isShown(uri: vscode.Uri): boolean {
    const shown = this.subject?.uri?.toString();
    return !shown || shown === uri.toString() || vscode.window.activeTextEditor?.document.uri.toString() === uri.toString();
  }

  private update(): void {
    const editor = vscode.window.activeTextEditor;
    const state = editor ? this.models.peek(editor.document.uri) : null;
    const position = editor?.selection.active;
    const atCursor = state && position ? modelAt(state.source.models, position.line) : null;
    let next: Subject | null;
    if (state && atCursor) next = this.subjectOf(state.uri, atCursor);
    else if (this.training.session) next = subjectOfSession(this.training.session);
    else next = this.subject?.uri && this.models.peek(this.subject.uri) ? this.refreshed(this.subject.uri, this.subject.model.name) : null;
    const last = this.subject;
    this.subject = next;
    if (subjectKey(next) !== subjectKey(last) || next?.session !== last?.session) {
      if (this.selected && !next?.model.layers.some((l) => l.name === this.selected?.layer)) this.selected = null;
      this.changed.fire(next);
    }
    if (atCursor && position) {
      const layer = layerAt(atCursor, position.line, position.character);
      // A kernel somebody opened stays selected as long as the cursor stays in its layer.
      if (layer && this.selected?.layer !== layer.name) this.select(layer.name, null, 'editor');
    }
  }

  private subjectOf(uri: vscode.Uri, model: ModelSpec): Subject {
    return { uri, model, seed: this.seeds.get(uri), session: this.training.sessionOf(uri, model) };
  }

  private refreshed(uri: vscode.Uri, name: string): Subject | null {
    const models = this.models.peek(uri)?.source.models ?? [];
    const model = models.find((m) => m.name === name) ?? models[0];
    return model ? this.subjectOf(uri, model) : null;
  }
}

/** A run on its own: what it trains, wherever that came from. */
export function subjectOfSession(session: RunSession): Subject {
  const { sourceUri, spec, options } = session.description;
  return { uri: sourceUri ? vscode.Uri.parse(sourceUri) : null, model: spec, seed: options.seed, session };
}
