import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import type { ModelSource, Note } from '../common/modelSpec';
import { DIAGNOSTIC_SOURCE } from '../ids';
import type { ModelService } from '../training/modelService';
import { toUnderlined } from './ranges';

const SEVERITY: Record<Note['severity'], vscode.DiagnosticSeverity> = {
  error: vscode.DiagnosticSeverity.Error,
  warning: vscode.DiagnosticSeverity.Warning,
  info: vscode.DiagnosticSeverity.Information,
};

/** Shows everything a reader ignored, guessed or could not read, at its place in the file. */
export class ModelDiagnostics extends Disposable {
  private readonly collection = this._register(vscode.languages.createDiagnosticCollection(DIAGNOSTIC_SOURCE));

  constructor(private readonly models: ModelService) {
    super();
    this._register(models.onDidChangeModels((uri) => this.update(uri)));
  }

  private update(uri: vscode.Uri): void {
    const state = this.models.peek(uri);
    this.collection.set(uri, state ? notesOf(state.source).map(toDiagnostic) : undefined);
  }
}

/**
 * The notes worth showing. A file without a model may be anybody's Python: about such a file nothing is said unless the reader found
 * the beginning of a model and says why it got no further.
 */
export function notesOf(source: ModelSource): Note[] {
  const all = [...source.notes, ...source.models.flatMap((m) => m.notes)];
  const shown = source.models.length > 0 ? all : all.filter((n) => n.severity === 'error' && n.code !== 'syntax-error');
  const seen = new Set<string>();
  return shown.filter((n) => {
    const key = JSON.stringify([n.code, n.message, n.range]);
    return !seen.has(key) && seen.add(key);
  });
}

function toDiagnostic(note: Note): vscode.Diagnostic {
  const diagnostic = new vscode.Diagnostic(toUnderlined(note.range), note.message, SEVERITY[note.severity]);
  diagnostic.source = DIAGNOSTIC_SOURCE;
  diagnostic.code = note.code;
  return diagnostic;
}
