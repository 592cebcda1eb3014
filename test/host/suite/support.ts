import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import type { KernelscopeApi } from '../../../src/testApi';

export const EXTENSION = 'kernelscope.kernelscope';

export async function api(): Promise<KernelscopeApi> {
  const extension = vscode.extensions.getExtension<KernelscopeApi>(EXTENSION);
  assert.ok(extension, `${EXTENSION} is not installed`);
  return extension.activate();
}

export function workspaceUri(name: string): vscode.Uri {
  const folder = vscode.workspace.workspaceFolders?.[0];
  assert.ok(folder, 'no workspace folder');
  return vscode.Uri.joinPath(folder.uri, name);
}

/** Opens a file of the workspace and waits until its models are read. */
export async function openModel(name: string): Promise<vscode.TextEditor> {
  const editor = await vscode.window.showTextDocument(workspaceUri(name), { viewColumn: vscode.ViewColumn.One });
  await (await api()).models.read(editor.document);
  return editor;
}

/** A new Python file with this text. */
export async function openText(content: string): Promise<vscode.TextEditor> {
  const document = await vscode.workspace.openTextDocument({ language: 'python', content });
  const editor = await vscode.window.showTextDocument(document, { viewColumn: vscode.ViewColumn.One });
  await (await api()).models.read(document);
  return editor;
}

export function lineOf(document: vscode.TextDocument, text: string): number {
  for (let i = 0; i < document.lineCount; i++) if (document.lineAt(i).text.includes(text)) return i;
  throw new Error(`no line with ${text}`);
}

/** The Markdown of this extension's hover at the first place with `text`. */
export async function hoverAt(document: vscode.TextDocument, text: string): Promise<string> {
  const line = lineOf(document, text);
  const position = new vscode.Position(line, document.lineAt(line).text.indexOf(text) + 1);
  const hovers = await vscode.commands.executeCommand<vscode.Hover[]>('vscode.executeHoverProvider', document.uri, position);
  return hovers.flatMap((h) => h.contents.map((c) => (typeof c === 'string' ? c : c.value))).join('\n\n');
}

export async function lensTitles(document: vscode.TextDocument): Promise<string[]> {
  const lenses = await vscode.commands.executeCommand<vscode.CodeLens[]>('vscode.executeCodeLensProvider', document.uri, 100);
  return lenses.map((l) => l.command?.title ?? '');
}

/** Waits until `check` gives something. */
export async function until<T>(
  what: string,
  check: () => T | null | undefined | false | Promise<T | null | undefined | false>,
  timeoutMs = 60_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error(`waited ${timeoutMs} ms in vain until ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Trains a file of the workspace on the embedded digits and returns the run folder. */
export async function trainDigits(name: string, request: Record<string, unknown> = {}): Promise<string> {
  const folder = await vscode.commands.executeCommand<string | undefined>('kernelscope.trainCnn', workspaceUri(name), {
    data: { kind: 'embedded', name: 'digits' },
    seed: 7,
    limit: 6400,
    ...request,
  });
  const failure = (await api()).training.session?.status.message;
  assert.ok(folder, `training did not begin: ${failure}`);
  return folder;
}
