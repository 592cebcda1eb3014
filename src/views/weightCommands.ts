import * as path from 'node:path';
import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Commands, Views } from '../ids';
import { errorText, type Log } from '../log';
import { checkpointPaths } from './checkpointFiles';
import type { MomentChooser } from './momentChooser';
import { WeightEditors } from './weightEditor';

/** The commands that open weight files. */
export class WeightCommands extends Disposable {
  readonly editors: WeightEditors;

  constructor(
    extensionUri: vscode.Uri,
    private readonly log: Log,
    private readonly moments: MomentChooser,
  ) {
    super();
    this.editors = this._register(new WeightEditors(extensionUri, log, (file) => this.compare(file)));
    this.add(Commands.openWeights, (uri?: vscode.Uri) => this.openWeights(uri));
    this.add(Commands.compareWeights, (uri?: vscode.Uri, selected?: vscode.Uri[]) => this.compareSelected(uri, selected));
    this.add(Commands.compareMoments, (step?: number) => this.compareMoments(step));
    this.add(Commands.openWeightFilm, (uri?: vscode.Uri) => this.openFilm(uri));
  }

  private add(id: string, run: (...args: never[]) => Promise<void>): void {
    this._register(
      vscode.commands.registerCommand(id, async (...args: unknown[]) => {
        try {
          await (run as (...args: unknown[]) => Promise<void>)(...args);
        } catch (error) {
          this.log.error(`${id}: ${errorText(error)}`);
          void vscode.window.showErrorMessage(errorText(error));
        }
      }),
    );
  }

  private async openWeights(uri?: vscode.Uri): Promise<void> {
    const file = uri?.fsPath ?? (await ask('Open Weight File', null));
    if (file) await vscode.commands.executeCommand('vscode.openWith', vscode.Uri.file(file), Views.weightEditorOptional);
  }

  private async compareSelected(uri?: vscode.Uri, selected: vscode.Uri[] = []): Promise<void> {
    const files = [...new Set((selected.length > 0 ? selected : uri ? [uri] : activeFile()).map((u) => u.fsPath))];
    if (files.length > 2) throw new Error(`${files.length} files are selected; a comparison takes two.`);
    const first = files[0] ?? (await ask('First File of the Comparison', null));
    if (first) await this.compare(first, files[1]);
  }

  private async compare(first: string, second?: string): Promise<void> {
    const other = second ?? (await ask(`Compare ${path.basename(first)} With`, path.dirname(first)));
    if (!other) return;
    this.editors.show({ mode: 'compare', title: `${path.basename(first)} ↔ ${path.basename(other)}`, paths: [first, other] });
  }

  private async compareMoments(step?: number): Promise<void> {
    const chosen = await this.moments.choose(typeof step === 'number' ? step : null);
    if (!chosen) return;
    const names = chosen.map((m) => m.name);
    this.editors.show({ mode: 'compare', title: names.join(' ↔ '), paths: chosen.map((m) => m.path), names });
  }

  private async openFilm(uri?: vscode.Uri): Promise<void> {
    const folder = uri?.fsPath ?? (await askForFolder());
    if (!folder) return;
    const paths = await checkpointPaths(folder);
    if (paths.length === 0)
      throw new Error(`${folder} holds no weight files. Choose a folder with checkpoints, such as epoch-1.h5, epoch-2.h5, …`);
    this.editors.show({ mode: 'film', title: path.basename(folder), paths });
  }
}

function activeFile(): vscode.Uri[] {
  const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
  return input instanceof vscode.TabInputCustom && input.uri.scheme === 'file' ? [input.uri] : [];
}

async function ask(title: string, folder: string | null): Promise<string | null> {
  const defaultUri = folder ? vscode.Uri.file(folder) : vscode.workspace.workspaceFolders?.[0]?.uri;
  const chosen = await vscode.window.showOpenDialog({ title, defaultUri, canSelectMany: false, openLabel: 'Open' });
  return chosen?.[0]?.fsPath ?? null;
}

async function askForFolder(): Promise<string | null> {
  const defaultUri = vscode.workspace.workspaceFolders?.[0]?.uri;
  const options = { title: 'Folder of Checkpoints', defaultUri, canSelectFiles: false, canSelectFolders: true, openLabel: 'Open as Film' };
  return (await vscode.window.showOpenDialog(options))?.[0]?.fsPath ?? null;
}
