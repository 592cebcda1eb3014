import * as path from 'node:path';
import * as vscode from 'vscode';
import { readConfiguration } from '../config';
import { gpuFolders } from './gpuFolders';

/** Where the command installs GPU support. */
export function gpuStorage(context: vscode.ExtensionContext): string {
  return path.join(context.globalStorageUri.fsPath, 'webgpu');
}

/** Folders that may hold GPU support, which is native code: a workspace's only when it is trusted. */
export function installedGpuFolders(context: vscode.ExtensionContext): string[] {
  const workspaces = vscode.workspace.isTrusted ? (vscode.workspace.workspaceFolders ?? []).filter((f) => f.uri.scheme === 'file') : [];
  return gpuFolders([readConfiguration().webgpuModule, gpuStorage(context), ...workspaces.map((f) => f.uri.fsPath)]);
}
