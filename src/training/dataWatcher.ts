import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import type { ModelSource } from '../common/modelSpec';

/** Programs: watched for all documents together. */
const PROGRAM = /\.(?:pyw?|ipynb|[mc]?[jt]sx?|html?)$/i;

/** How often paths are asked for their time of change: the editor's watchers begin late, and not on every disk. */
const POLL_MS = 1500;
/** Paths that are asked at most. */
const MAX_POLLED = 64;

interface Reading {
  uri: vscode.Uri;
  source: ModelSource;
}

/** Watches the folders and files of data that model sources were read with. */
export class DataWatcher extends Disposable {
  private readonly watchers = new Map<string, vscode.Disposable>();
  /** The times of change that were found last; null where nothing was. */
  private readonly times = new Map<string, number | null>();
  private wanted = new Map<string, vscode.Uri>();

  constructor(private readonly didChange: (uri: vscode.Uri) => void) {
    super();
    this._register({ dispose: () => this.watchers.forEach((w) => w.dispose()) });
    const timer = setInterval(() => void this.poll(), POLL_MS);
    this._register({ dispose: () => clearInterval(timer) });
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
      this.times.delete(id);
    }
    this.wanted = wanted;
    void this.poll();
    for (const [id, uri] of wanted) if (!this.watchers.has(id)) this.watchers.set(id, this.watchPath(uri));
  }

  private async poll(): Promise<void> {
    for (const [id, uri] of [...this.wanted].slice(0, MAX_POLLED)) {
      const time = await vscode.workspace.fs.stat(uri).then(
        ({ mtime }) => mtime,
        () => null,
      );
      const before = this.times.get(id);
      if (this.wanted.has(id)) this.times.set(id, time);
      if (before !== undefined && before !== time) this.didChange(uri);
    }
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
