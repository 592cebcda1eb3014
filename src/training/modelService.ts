import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { JsonValue } from '../common/json';
import type { ModelSource, ModelSpec } from '../common/modelSpec';
import { errorText, type Log } from '../log';
import type { AssumptionStore } from './assumptionStore';
import { mayDefineModel } from './candidate';
import { DataWatcher } from './dataWatcher';
import { keepLastGood } from './lastGood';
import { cellView, fileKey, notebookOf, notebookText, notebookVersion } from './notebooks';
import { shiftModelSource, type TextEdit } from './shiftRanges';

/** A text to read as a model source. */
export interface SourceRequest {
  text: string;
  /** Tells what kind of source it is, by its ending. */
  path: string;
  assumptions: Record<string, JsonValue>;
  /** Its document, around which lies what it imports. */
  uri: vscode.Uri;
}

/** Reads a text as a model source. Loaded on first use: it brings the parser. */
export type ReadSource = (request: SourceRequest) => Promise<ModelSource>;

/** What is known of one open document. */
export interface ModelState {
  uri: vscode.Uri;
  /** The document version that `source` was read from; its ranges already follow later edits. */
  version: number;
  source: ModelSource;
  /** The text is broken just now; `source` is the last good answer. */
  isStale: boolean;
}

const DEBOUNCE_MS = 150;

/** What sources import. */
const IMPORTED = '**/*.{py,js,mjs,cjs,jsx,ts,mts,tsx}';

/**
 * The models of all open documents. Reading is debounced on change and cached by version; between an edit and its answer the
 * ranges are moved along, so that nothing in the editor flickers or points at the wrong line.
 */
export class ModelService extends Disposable {
  private readonly states = new Map<string, ModelState>();
  /** What every state was read from: the document's version and the round. */
  private readonly current = new WeakMap<ModelState, string>();
  private readonly running = new Map<string, { version: string; done: Promise<ModelState | null> }>();
  private readonly timers = new Map<string, NodeJS.Timeout>();
  /** How often something beside the text of a document changed what it says. */
  private readonly rounds = new Map<string, number>();
  private readonly data = this._register(new DataWatcher((uri) => this.importChanged(uri)));
  private readonly changed = this._register(new Emitter<vscode.Uri>());
  readonly onDidChangeModels = this.changed.event;

  constructor(
    private readonly readSource: ReadSource,
    private readonly assumptions: AssumptionStore,
    private readonly log: Log,
  ) {
    super();
    this._register(vscode.workspace.onDidOpenTextDocument((d) => this.schedule(d, 0)));
    this._register(vscode.workspace.onDidCloseTextDocument((d) => this.forget(d)));
    this._register(vscode.workspace.onDidChangeTextDocument((e) => this.follow(e)));
    this._register(vscode.workspace.onDidChangeNotebookDocument((e) => e.contentChanges.length > 0 && this.scheduleCells(e.notebook)));
    this._register(assumptions.onDidChange((uri) => this.readAgain((d) => fileKey(d.uri) === fileKey(uri), 0)));
    const watcher = this._register(vscode.workspace.createFileSystemWatcher(IMPORTED));
    this._register(watcher.onDidChange((uri) => this.importChanged(uri)));
    // A new file may be what an import was missing.
    this._register(watcher.onDidCreate(() => this.readAgain((d) => this.states.has(d.uri.toString()), DEBOUNCE_MS)));
    this._register(watcher.onDidDelete((uri) => this.importChanged(uri)));
    this._register({ dispose: () => this.timers.forEach((t) => clearTimeout(t)) });
    for (const document of vscode.workspace.textDocuments) this.schedule(document, 0);
  }

  /** What is known now, without waiting. */
  peek(uri: vscode.Uri): ModelState | null {
    return this.states.get(uri.toString()) ?? null;
  }

  /** The models of the document's current text; null when it defines none. */
  async read(document: vscode.TextDocument): Promise<ModelState | null> {
    const key = document.uri.toString();
    const state = this.states.get(key);
    const version = this.versionOf(document);
    if (state && this.current.get(state) === version) return state;
    const running = this.running.get(key);
    if (running?.version === version) return running.done;
    const done = this.readNow(document);
    this.running.set(key, { version, done });
    try {
      return await done;
    } finally {
      if (this.running.get(key)?.done === done) this.running.delete(key);
    }
  }

  /** The model called `name`, or the file's first one. */
  async findModel(uri: vscode.Uri, name?: string): Promise<ModelSpec | null> {
    const models = (await this.read(await vscode.workspace.openTextDocument(uri)))?.source.models ?? [];
    return (name === undefined ? undefined : models.find((m) => m.name === name)) ?? models[0] ?? null;
  }

  private async readNow(document: vscode.TextDocument): Promise<ModelState | null> {
    const key = document.uri.toString();
    const version = this.versionOf(document);
    const notebook = notebookOf(document);
    const text = notebook ? notebookText(notebook) : document.getText();
    if (!mayDefineModel(document.languageId, text)) {
      this.remove(document);
      return null;
    }
    const started = performance.now();
    const fresh = await this.readDocument(document, notebook, text).catch((error: unknown) => {
      this.log.error(`reading ${document.uri.toString()}: ${errorText(error)}`);
      return null;
    });
    this.log.debug(
      `read ${document.uri.path} version ${version}: ${fresh?.models.length ?? 'no'} models, ${(performance.now() - started).toFixed(1)} ms`,
    );
    // A newer text has come meanwhile: its own reading will answer.
    if (this.versionOf(document) !== version || document.isClosed || !fresh) return this.peek(document.uri);
    const previous = this.states.get(key);
    const state: ModelState = { uri: document.uri, version: document.version, ...keepLastGood(previous?.source ?? null, fresh) };
    this.current.set(state, version);
    this.states.set(key, state);
    this.didChange(document);
    return state;
  }

  private async readDocument(document: vscode.TextDocument, notebook: vscode.NotebookDocument | null, text: string): Promise<ModelSource> {
    const { uri } = document;
    const source = await this.readSource({
      text,
      path: notebook?.uri.path ?? sourcePath(document),
      assumptions: this.assumptions.get(uri),
      uri,
    });
    const cell = notebook?.getCells().findIndex((c) => c.document === document) ?? -1;
    return cell >= 0 ? cellView(source, cell) : source;
  }

  /** Something else than its text changed what a document says: an answer of the person, a file that it imports. */
  private readAgain(isMeant: (document: vscode.TextDocument) => boolean, delay: number): void {
    for (const document of vscode.workspace.textDocuments) {
      if (!isMeant(document)) continue;
      const key = document.uri.toString();
      this.rounds.set(key, (this.rounds.get(key) ?? 0) + 1);
      this.schedule(document, delay);
    }
  }

  private importChanged(uri: vscode.Uri): void {
    const isImporting = (d: vscode.TextDocument) => this.peek(d.uri)?.source.imports?.includes(uri.path) ?? false;
    this.readAgain((d) => d.uri.path !== uri.path && isImporting(d), DEBOUNCE_MS);
  }

  /** Of a notebook's cell, all cells count. */
  private versionOf(document: vscode.TextDocument): string {
    const notebook = notebookOf(document);
    return `${notebook ? notebookVersion(notebook) : document.version}/${this.rounds.get(document.uri.toString()) ?? 0}`;
  }

  /** A change in one cell can change what the others say. */
  private scheduleCells(notebook: vscode.NotebookDocument): void {
    for (const cell of notebook.getCells()) this.schedule(cell.document, DEBOUNCE_MS);
  }

  private schedule(document: vscode.TextDocument, delay: number): void {
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.set(
      key,
      setTimeout(() => {
        this.timers.delete(key);
        if (!document.isClosed) void this.read(document);
      }, delay),
    );
  }

  private follow(event: vscode.TextDocumentChangeEvent): void {
    if (event.contentChanges.length === 0) return;
    this.importChanged(event.document.uri);
    const state = this.states.get(event.document.uri.toString());
    if (state) state.source = shiftModelSource(state.source, event.contentChanges.map(asEdit));
    const notebook = notebookOf(event.document);
    if (notebook) this.scheduleCells(notebook);
    else this.schedule(event.document, DEBOUNCE_MS);
  }

  private forget(document: vscode.TextDocument): void {
    const key = document.uri.toString();
    clearTimeout(this.timers.get(key));
    this.timers.delete(key);
    this.remove(document);
  }

  private remove(document: vscode.TextDocument): void {
    if (this.states.delete(document.uri.toString())) this.didChange(document);
  }

  private didChange(document: vscode.TextDocument): void {
    this.data.watch([...this.states.values()]);
    this.changed.fire(document.uri);
  }
}

/** Readers tell sources apart by their endings; a new document and a notebook's cell have their language only. */
function sourcePath(document: vscode.TextDocument): string {
  const { path } = document.uri;
  return document.languageId === 'python' && !/\.pyw?$/i.test(path) ? `${path}.py` : path;
}

function asEdit(change: vscode.TextDocumentContentChangeEvent): TextEdit {
  const { start, end } = change.range;
  return { startLine: start.line, startColumn: start.character, endLine: end.line, endColumn: end.character, text: change.text };
}
