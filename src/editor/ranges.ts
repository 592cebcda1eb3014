import * as vscode from 'vscode';
import type { SourceRange } from '../common/modelSpec';

export function toRange(range: SourceRange): vscode.Range {
  return new vscode.Range(range.startLine, range.startColumn, range.endLine, range.endColumn);
}

/** What is underlined for a range: of a class or a call over many lines only the first, which says enough. */
export function toUnderlined(range: SourceRange): vscode.Range {
  return range.endLine === range.startLine
    ? toRange(range)
    : new vscode.Range(range.startLine, range.startColumn, range.startLine, Number.MAX_SAFE_INTEGER);
}
