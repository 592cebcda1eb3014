import * as fs from 'node:fs/promises';
import * as path from 'node:path';
import * as vscode from 'vscode';
import type { RunManifest } from '../common/run';
import { errorText, type Log } from '../log';
import { readManifest } from '../runs/runReader';
import { INTERRUPTED, readHistory } from './runFolders';
import { runRoots } from './runLocation';
import { RunSession } from './runSession';
import type { CreateWorker } from './trainingWorker';

export interface RunEntry {
  folder: string;
  manifest: RunManifest;
}

/** The runs that lie on disk: opens one to look at it or to continue it. */
export class RunLibrary {
  constructor(
    private readonly context: vscode.ExtensionContext,
    private readonly createWorker: CreateWorker,
    private readonly log: Log,
  ) {}

  /** Newest first. Folders that are not runs are passed over. */
  async list(): Promise<RunEntry[]> {
    const roots = new Set(
      [null, ...(vscode.workspace.workspaceFolders ?? []).map((f) => f.uri)].flatMap((uri) => runRoots(uri, this.context)),
    );
    const entries: RunEntry[] = [];
    for (const root of roots) {
      for (const name of await fs.readdir(root).catch(() => [] as string[])) {
        const folder = path.join(root, name);
        const manifest = await readManifest(folder).catch(() => null);
        if (manifest) entries.push({ folder, manifest });
      }
    }
    return entries.sort((a, b) => b.manifest.createdAt.localeCompare(a.manifest.createdAt));
  }

  /** Neither finished, stopped nor failed: a reload or a crash cut it off. */
  async isInterrupted(folder: string): Promise<boolean> {
    const manifest = await readManifest(folder).catch(() => null);
    return manifest !== null && INTERRUPTED.includes(manifest.phase);
  }

  /**
   * A run as its folder tells it, without a worker.
   * @throws Error when the folder holds no readable run.
   */
  async open(folder: string): Promise<RunSession> {
    const manifest = await readManifest(folder).catch((error: unknown) => {
      throw new Error(`${folder} is not a run: ${errorText(error)}. Pick a folder that holds run.json.`);
    });
    const history = await readHistory(folder);
    const session = new RunSession(
      {
        id: path.basename(folder),
        folder,
        spec: manifest.spec,
        sourceUri: sourceUri(manifest.sourceFile)?.toString() ?? null,
        sourceFile: manifest.sourceFile,
        sourceSha256: manifest.sourceSha256,
        data: manifest.data,
        options: manifest.options,
      },
      this.createWorker,
    );
    session.restore(history);
    return session;
  }

  /** Lets the person pick one of the runs here, or a folder elsewhere. Null: called off. */
  async pick(): Promise<RunSession | null> {
    const browse: vscode.QuickPickItem & { folder?: string } = { label: '$(folder-opened) Another folder...', alwaysShow: true };
    const items = (await this.list()).map(({ folder, manifest }) => ({
      label: manifest.modelName,
      description: `${new Date(manifest.createdAt).toLocaleString()} · ${manifest.phase}`,
      detail: `${manifest.sourceFile} · ${manifest.dataset.name} · seed ${manifest.options.seed}`,
      folder,
    }));
    const picked = await vscode.window.showQuickPick([...items, browse], {
      title: 'Open Run',
      matchOnDescription: true,
      matchOnDetail: true,
    });
    if (!picked) return null;
    let folder = picked.folder;
    if (!folder)
      folder = (await vscode.window.showOpenDialog({ canSelectFolders: true, canSelectFiles: false, openLabel: 'Open Run' }))?.[0]?.fsPath;
    if (!folder) return null;
    this.log.info(`opening run ${folder}`);
    return this.open(folder);
  }
}

/** A manifest's source path, absolute or relative to a workspace folder, as a URI. */
function sourceUri(sourceFile: string): vscode.Uri | null {
  if (path.isAbsolute(sourceFile)) return vscode.Uri.file(sourceFile);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  return folder ? vscode.Uri.joinPath(folder, sourceFile) : null;
}
