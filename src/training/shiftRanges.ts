import type { ModelSource, SourceRange } from '../common/modelSpec';

/** One replacement in a text: the old stretch (zero-based, end exclusive) and what stands there now. */
export interface TextEdit {
  startLine: number;
  startColumn: number;
  endLine: number;
  endColumn: number;
  text: string;
}

/**
 * Moves a range along with an edit, so that an answer read from the old text still points at the right lines of the new one.
 * Text inserted at the very start of a range moves it; text inside makes it grow.
 */
export function shiftRange(range: SourceRange, edit: TextEdit): SourceRange {
  const start = shiftPosition(range.startLine, range.startColumn, edit, true);
  const end = shiftPosition(range.endLine, range.endColumn, edit, false);
  const isEmpty = start.line > end.line || (start.line === end.line && start.column > end.column);
  const { line, column } = isEmpty ? start : end;
  return { ...range, startLine: start.line, startColumn: start.column, endLine: line, endColumn: column };
}

function shiftPosition(line: number, column: number, edit: TextEdit, isStart: boolean): { line: number; column: number } {
  const isBefore = (l: number, c: number) => line < l || (line === l && (isStart ? column < c : column <= c));
  if (isBefore(edit.startLine, edit.startColumn)) return { line, column };
  const lines = edit.text.split('\n');
  const last = lines[lines.length - 1].length;
  const newEndLine = edit.startLine + lines.length - 1;
  const newEndColumn = lines.length === 1 ? edit.startColumn + last : last;
  if (line < edit.endLine || (line === edit.endLine && column < edit.endColumn)) {
    return isStart ? { line: edit.startLine, column: edit.startColumn } : { line: newEndLine, column: newEndColumn };
  }
  if (line === edit.endLine) return { line: newEndLine, column: newEndColumn + column - edit.endColumn };
  return { line: line + newEndLine - edit.endLine, column };
}

/** `source` with every range moved by `edits`, which are applied in the given order. */
export function shiftModelSource(source: ModelSource, edits: readonly TextEdit[]): ModelSource {
  if (edits.length === 0) return source;
  const move = (range: SourceRange): SourceRange =>
    range.cell === undefined && range.file === undefined ? edits.reduce(shiftRange, range) : range;
  const maybe = (range: SourceRange | null): SourceRange | null => (range ? move(range) : null);
  return {
    ...source,
    notes: source.notes.map((n) => ({ ...n, range: move(n.range) })),
    models: source.models.map((m) => ({
      ...m,
      range: move(m.range),
      layers: m.layers.map((l) => ({ ...l, source: maybe(l.source) })),
      training: { ...m.training, compileRange: maybe(m.training.compileRange), fitRange: maybe(m.training.fitRange) },
      data: { ...m.data, range: maybe(m.data.range) },
      notes: m.notes.map((n) => ({ ...n, range: move(n.range) })),
    })),
  };
}
