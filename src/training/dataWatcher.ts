import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import type { ModelSource } from '../common/modelSpec';

/** Programs: watched for all documents together. */
const PROGRAM = /\.(?:pyw?|ipynb|[mc]?[jt]sx?|html?)$/i;

const POLL_MS = 1500;

interface Reading {
  uri: vscode.Uri;
  source: ModelSource;
}

/**
 * Watches the folders and files of data that model sources were read with. They are asked for their time of change now and then: the
 * editor's own watchers begin some time after they are made, nobody is told when, and what changes before is never told.
 */
export class DataWatcher extends Disposable {
  private wanted = new Map<string, vscode.Uri>();
  /** The times of change that were found last; null where nothing was. */
  private readonly times = new Map<string, number | null>();
  private timer: NodeJS.Timeout | null = null;
  /** A slow disk may take longer than the time between two looks. */
  private isLooking = false;

  /** @param didChange is told of the folder or file itself */
  constructor(private readonly didChange: (uri: vscode.Uri) => void) {
    super();
    this._register({ dispose: () => this.watch([]) });
  }

  /** Watches what these readings looked into, and nothing else any more. */
  watch(readings: readonly Reading[]): void {
    const before = this.wanted;
    this.wanted = new Map();
    for (const { uri, source } of readings)
      for (const path of source.imports ?? [])
        if (!PROGRAM.test(path)) this.wanted.set(`${uri.scheme}:${path}`, uri.with({ path, fragment: '', query: '' }));
    for (const id of before.keys()) if (!this.wanted.has(id)) this.times.delete(id);
    for (const [id, uri] of this.wanted) if (!before.has(id)) void this.look(id, uri);
    if (this.wanted.size > 0) this.timer ??= setInterval(() => void this.lookAtAll(), POLL_MS);
    else if (this.timer) {
      clearInterval(this.timer);
      this.timer = null;
    }
  }

  private async lookAtAll(): Promise<void> {
    if (this.isLooking) return;
    this.isLooking = true;
    try {
      for (const [id, uri] of this.wanted) await this.look(id, uri);
    } finally {
      this.isLooking = false;
    }
  }

  /** Tells of a path whose time of change is another one than at the last look. */
  private async look(id: string, uri: vscode.Uri): Promise<void> {
    const time = await vscode.workspace.fs.stat(uri).then(
      ({ mtime }) => mtime,
      () => null,
    );
    if (!this.wanted.has(id)) return;
    const before = this.times.get(id);
    this.times.set(id, time);
    if (before !== undefined && before !== time) this.didChange(uri);
  }
}
