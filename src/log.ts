import * as vscode from 'vscode';

/** The extension's output channel; its level follows VS Code's "Developer: Set Log Level". */
export type Log = vscode.LogOutputChannel;

export function createLog(): Log {
  return vscode.window.createOutputChannel('Kernelscope', { log: true });
}

/** An error as one readable line. */
export function errorText(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
