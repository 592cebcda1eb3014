import * as path from 'node:path';
import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Emitter } from '../base/emitter';
import type { DataRef, DataSpec } from '../common/dataSpec';
import type { ModelSpec } from '../common/modelSpec';
import { readConfiguration } from '../config';
import { dataSpecName, embeddedFor } from './dataNames';
import { diskPath } from './notebooks';
import { PerFile } from './perFile';

/** Looks for the data a file names in folders on disk; null when it is not there. */
export type FindData = (spec: DataSpec, folders: string[]) => Promise<DataRef | null>;

interface DataPick extends vscode.QuickPickItem {
  choose(): Promise<DataRef | null>;
}

/** Decides which images a file is trained on: what it names, if that is there, else what the person picks, remembered per file. */
export class DataChooser extends Disposable {
  private readonly choices: PerFile<DataRef>;
  private readonly changed = this._register(new Emitter<vscode.Uri>());
  readonly onDidChangeChoice = this.changed.event;

  constructor(
    memory: vscode.Memento,
    private readonly find: FindData,
  ) {
    super();
    this.choices = new PerFile(memory, 'kernelscope.data');
  }

  /** What the person chose for this file earlier. */
  remembered(uri: vscode.Uri): DataRef | null {
    return this.choices.get(uri) ?? null;
  }

  async remember(uri: vscode.Uri, data: DataRef | undefined): Promise<void> {
    await this.choices.set(uri, data);
    this.changed.fire(uri);
  }

  /** The data to train on, asking only when nothing was chosen before and the file's own data is not found. Null: called off. */
  async resolve(uri: vscode.Uri, model: ModelSpec): Promise<DataRef | null> {
    const chosen = this.remembered(uri);
    if (chosen) return chosen;
    const found = await this.find(model.data, this.folders(uri));
    if (found) return found;
    return this.ask(uri, model, missingText(model.data));
  }

  /** The same without ever asking: the embedded set stands in for what is not there. */
  async resolveSilently(uri: vscode.Uri, model: ModelSpec): Promise<DataRef> {
    const known = this.remembered(uri) ?? (await this.find(model.data, this.folders(uri)));
    return known ?? { kind: 'embedded', name: embeddedFor(model) };
  }

  /** Asks, whatever is there, and remembers the answer. Null: called off. */
  async ask(uri: vscode.Uri, model: ModelSpec, placeHolder: string): Promise<DataRef | null> {
    const picked = await vscode.window.showQuickPick(await this.picks(uri, model), {
      title: `Train ${model.name} on`,
      placeHolder,
      ignoreFocusOut: true,
      matchOnDescription: true,
    });
    const data = (await picked?.choose()) ?? null;
    if (data) await this.remember(uri, data);
    return data;
  }

  private async picks(uri: vscode.Uri, model: ModelSpec): Promise<DataPick[]> {
    const found = await this.find(model.data, this.folders(uri));
    const embedded = (name: 'digits' | 'shapes', detail: string): DataPick => ({
      label: `$(beaker) Embedded ${name}`,
      description: 'synthetic, needs no files',
      detail,
      choose: async () => ({ kind: 'embedded', name }),
    });
    const both = [
      embedded('digits', 'Ten digits drawn by a program, with random strokes, slant and noise. Not MNIST.'),
      embedded('shapes', 'Coloured shapes drawn by a program.'),
    ];
    if (embeddedFor(model) === 'shapes') both.reverse();
    const picks: DataPick[] = [];
    if (found?.kind === 'path') {
      picks.push({
        label: `$(check) ${dataSpecName(model.data)}`,
        description: 'as the file says',
        detail: found.path,
        choose: async () => found,
      });
    }
    picks.push({
      label: '$(folder-opened) Pick a folder...',
      description: 'images per class, images with masks, or MNIST IDX files',
      detail: 'One sub-folder of JPEG or PNG images per class; images/ beside masks/; the IDX files, or CIFAR batches.',
      choose: () => this.browse(uri, true),
    });
    picks.push({ label: '$(file) Pick a file...', description: 'IDX, .npz, .npy or CSV', choose: () => this.browse(uri, false) });
    picks.push(...both);
    return picks;
  }

  private async browse(uri: vscode.Uri, isFolder: boolean): Promise<DataRef | null> {
    const folder = vscode.workspace.getWorkspaceFolder(uri)?.uri;
    const [picked] =
      (await vscode.window.showOpenDialog({
        canSelectFolders: isFolder,
        canSelectFiles: !isFolder,
        canSelectMany: false,
        openLabel: 'Train on This',
        defaultUri: folder?.scheme === 'file' ? folder : undefined,
      })) ?? [];
    if (!picked) return null;
    if (picked.scheme !== 'file') {
      void vscode.window.showErrorMessage('Training reads its images from a disk; pick a local folder.');
      return null;
    }
    return { kind: 'path', path: picked.fsPath };
  }

  /** Where named data is looked for, nearest first: beside the file, in its workspace folder, in the configured folder. */
  private folders(uri: vscode.Uri): string[] {
    const folders: string[] = [];
    const file = diskPath(uri);
    if (file) folders.push(path.dirname(file));
    const workspace = vscode.workspace.getWorkspaceFolder(uri) ?? vscode.workspace.workspaceFolders?.[0];
    if (workspace?.uri.scheme === 'file') folders.push(workspace.uri.fsPath);
    const { dataFolder } = readConfiguration(uri);
    if (dataFolder) folders.push(dataFolder);
    return [...new Set(folders)];
  }
}

function missingText(spec: DataSpec): string {
  if (spec.kind === 'unknown') return 'The file does not say which images it trains on. Choose them:';
  return `${dataSpecName(spec)} was not found in the workspace. Choose what to train on:`;
}
