import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import type { ModelSource } from '../common/modelSpec';

/** Programs: watched for all documents together. */
const PROGRAM = /\.(?:pyw?|ipynb|[mc]?[jt]sx?|html?)$/i;

interface Reading {
  uri: vscode.Uri;
  source: ModelSource;
}

/** Watches the folders and files of data that model sources were read with. */
export class DataWatcher extends Disposable {
  private readonly watchers = new Map<string, vscode.Disposable>();

  constructor(private readonly didChange: (uri: vscode.Uri) => void) {
    super();
    this._register({ dispose: () => this.watchers.forEach((w) => w.dispose()) });
  }

  /** Watches what these readings looked into, and nothing else any more. */
  watch(readings: readonly Reading[]): void {
    const wanted = new Map<string, vscode.Uri>();
    for (const { uri, source } of readings)
      for (const path of source.imports ?? [])
        if (!PROGRAM.test(path)) wanted.set(`${uri.scheme}:${path}`, uri.with({ path, fragment: '', query: '' }));
    for (const [id, watcher] of this.watchers) {
      if (wanted.has(id)) continue;
      watcher.dispose();
      this.watchers.delete(id);
    }
    for (const [id, uri] of wanted) if (!this.watchers.has(id)) this.watchers.set(id, this.watchPath(uri));
  }

  /** A file by itself, a folder by the names in it. */
  private watchPath(uri: vscode.Uri): vscode.Disposable {
    const at = uri.path.lastIndexOf('/');
    const parent = uri.with({ path: uri.path.slice(0, at) || '/' });
    const name = uri.path.slice(at + 1).replace(/[*?[\]{}]/g, '[$&]');
    const patterns = [new vscode.RelativePattern(parent, name), new vscode.RelativePattern(uri, '*')];
    const watchers = patterns.flatMap((pattern) => {
      const watcher = vscode.workspace.createFileSystemWatcher(pattern);
      return [watcher, watcher.onDidChange(this.didChange), watcher.onDidCreate(this.didChange), watcher.onDidDelete(this.didChange)];
    });
    return vscode.Disposable.from(...watchers);
  }
}
