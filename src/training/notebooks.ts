import * as vscode from 'vscode';
import type { ModelSource, SourceRange } from '../common/modelSpec';

const CELL = 'vscode-notebook-cell';

/** One file for VS Code's many documents of a notebook: what is remembered per file is the same in every cell. */
export function fileKey(uri: vscode.Uri): string {
  return uri.scheme === CELL ? `${CELL}:${uri.path}` : uri.toString();
}

/** A file, or the notebook that a cell belongs to. */
export function documentUri(uri: vscode.Uri): vscode.Uri {
  if (uri.scheme !== CELL) return uri;
  return vscode.workspace.notebookDocuments.find((n) => n.uri.path === uri.path)?.uri ?? uri;
}

/** The path on disk of a file or of the notebook that a cell belongs to; null when it is on no disk. */
export function diskPath(uri: vscode.Uri): string | null {
  if (uri.scheme === 'file') return uri.fsPath;
  const notebook = uri.scheme === CELL ? vscode.workspace.notebookDocuments.find((n) => n.uri.path === uri.path)?.uri : undefined;
  return notebook?.scheme === 'file' ? notebook.fsPath : null;
}

/** The open notebook that a document is a cell of. */
export function notebookOf(document: vscode.TextDocument): vscode.NotebookDocument | null {
  if (document.uri.scheme !== CELL) return null;
  return vscode.workspace.notebookDocuments.find((n) => n.getCells().some((c) => c.document === document)) ?? null;
}

/** Changes with every change of any cell. */
export function notebookVersion(notebook: vscode.NotebookDocument): number {
  return notebook.getCells().reduce((sum, cell) => sum + cell.document.version, notebook.cellCount * 1_000_000);
}

/** The notebook as it is on the screen, in Jupyter's format, for the reader of such files. */
export function notebookText(notebook: vscode.NotebookDocument): string {
  const cells = notebook.getCells().map((cell) => ({
    cell_type: cell.kind === vscode.NotebookCellKind.Code && cell.document.languageId === 'python' ? 'code' : 'markdown',
    metadata: {},
    source: cell.document.getText(),
  }));
  return JSON.stringify({ cells, metadata: { language_info: { name: 'python' } }, nbformat: 4, nbformat_minor: 5 });
}

/**
 * What a notebook's source says about one of its cells, as if that cell were a file: models that begin or have layers in it, and the
 * notes at its lines. Layers of other cells stay in their models, without a place.
 */
export function cellView(source: ModelSource, cell: number): ModelSource {
  const here = (range: SourceRange | null): SourceRange | null => {
    // What an imported file holds is the same for every cell.
    if (range?.file !== undefined) return range;
    if (range?.cell !== cell) return null;
    const { cell: _, ...plain } = range;
    return plain;
  };
  const notes = (all: ModelSource['notes']): ModelSource['notes'] =>
    all.flatMap((note) => {
      const range = here(note.range);
      return range ? [{ ...note, range }] : [];
    });
  return {
    ...source,
    notes: notes(source.notes),
    models: source.models.flatMap((model) => {
      const layers = model.layers.map((l) => ({ ...l, source: here(l.source) }));
      const range = here(model.range) ?? layers.find((l) => l.source && l.source.file === undefined)?.source;
      if (!range) return [];
      const { compileRange, fitRange } = model.training;
      const training = { ...model.training, compileRange: here(compileRange), fitRange: here(fitRange) };
      return [{ ...model, range, layers, training, data: { ...model.data, range: here(model.data.range) }, notes: notes(model.notes) }];
    }),
  };
}
