import * as vscode from 'vscode';
import type { SourceRange } from '../common/modelSpec';
import { errorText, type Log } from '../log';
import { PlacedError } from '../training/placedError';

/** Says what went wrong with a command, and leads to the line in the way, or else to the log. */
export async function showError(id: string, error: unknown, log: Log): Promise<void> {
  log.error(`${id}: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`);
  if (error instanceof PlacedError) {
    const there = `Go to Line ${error.range.startLine + 1}`;
    if ((await vscode.window.showErrorMessage(errorText(error), there)) === there) await goTo(error.uri, error.range);
  } else if ((await vscode.window.showErrorMessage(errorText(error), 'Show Log')) === 'Show Log') log.show();
}

async function goTo(uri: vscode.Uri, { startLine, startColumn }: SourceRange): Promise<void> {
  const start = new vscode.Position(startLine, startColumn);
  await vscode.window.showTextDocument(uri, { selection: new vscode.Range(start, start) });
}
