import * as vscode from 'vscode';
import type { TrainOptions } from './common/run';
import { Settings } from './ids';

/** Typed reads of this extension's settings. Nothing is cached: VS Code already does. */
export interface Configuration {
  /** Absolute folder searched for data sets, or null. */
  dataFolder: string | null;
  seed: number;
  backend: TrainOptions['backend'];
  /** A folder with the npm package `webgpu`, or null. */
  webgpuModule: string | null;
  maxFramesPerSecond: number;
  isCodeLensShown: boolean;
  isHoverShown: boolean;
  /** Workspace-relative path of a model file, or null. */
  trainOnStartup: string | null;
}

export function readConfiguration(scope?: vscode.Uri): Configuration {
  const all = vscode.workspace.getConfiguration(undefined, scope ?? null);
  const dataFolder = all.get<string>(Settings.dataFolder, '').trim();
  const seed = all.get<number>(Settings.seed, 1);
  const backend = all.get<string>(Settings.backend, 'auto');
  return {
    dataFolder: dataFolder || null,
    seed: Number.isFinite(seed) ? seed : 1,
    backend: backend === 'wasm' || backend === 'wasm-portable' || backend === 'webgpu' || backend === 'cpu' ? backend : 'auto',
    webgpuModule: all.get<string>(Settings.webgpuModule, '').trim() || null,
    maxFramesPerSecond: Math.min(60, Math.max(1, all.get<number>(Settings.maxFramesPerSecond, 30))),
    isCodeLensShown: all.get<boolean>(Settings.codeLens, true),
    isHoverShown: all.get<boolean>(Settings.hover, true),
    trainOnStartup: all.get<string>(Settings.trainOnStartup, '').trim() || null,
  };
}

/** Calls `listener` when a setting of this extension changes. */
export function onDidChangeConfiguration(listener: () => void): vscode.Disposable {
  return vscode.workspace.onDidChangeConfiguration((e) => {
    if (e.affectsConfiguration('kernelscope')) listener();
  });
}
