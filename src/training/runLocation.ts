import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { runName } from '../runs/runName';

/**
 * The folders in which runs may lie, the first one being where new runs of `uri` go: `.kernelscope/runs` of its workspace folder when
 * that is a trusted folder on disk, else the extension's own storage.
 */
export function runRoots(uri: vscode.Uri | null, context: vscode.ExtensionContext): string[] {
  const own = path.join((context.storageUri ?? context.globalStorageUri).fsPath, 'runs');
  const shared = path.join(context.globalStorageUri.fsPath, 'runs');
  const folder = (uri && vscode.workspace.getWorkspaceFolder(uri)) ?? (uri ? undefined : vscode.workspace.workspaceFolders?.[0]);
  const inWorkspace = folder?.uri.scheme === 'file' ? path.join(folder.uri.fsPath, '.kernelscope', 'runs') : null;
  const roots = inWorkspace ? (vscode.workspace.isTrusted ? [inWorkspace, own, shared] : [own, inWorkspace, shared]) : [own, shared];
  return [...new Set(roots)];
}

/** Makes the folder of a new run, `<root>/<time>-<model>`. */
export async function newRunFolder(
  uri: vscode.Uri,
  modelName: string,
  context: vscode.ExtensionContext,
): Promise<{ id: string; folder: string }> {
  const [root] = runRoots(uri, context);
  const name = runName(new Date(), modelName);
  await fs.mkdir(root, { recursive: true });
  for (let i = 1; ; i++) {
    const id = i === 1 ? name : `${name}-${i}`;
    const folder = path.join(root, id);
    try {
      await fs.mkdir(folder);
      return { id, folder };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    }
  }
}
