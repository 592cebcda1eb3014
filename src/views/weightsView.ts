import * as path from 'node:path';
import * as vscode from 'vscode';
import { Channel, type Handlers } from '../base/channel';
import { Disposable } from '../base/disposable';
import type { TensorRef } from '../common/weightsProtocol';
import type {
  FileTensor,
  ViewedFile,
  WeightsSnapshot,
  WeightsSubject,
  WeightsViewCalls,
  WeightsViewEvents,
} from '../common/weightsViewProtocol';
import { errorText, type Log } from '../log';
import { WeightsThread } from '../weights/weightsThread';
import { distinctNames } from './distinctNames';
import { webviewTransport } from './webviewTransport';

/** A file is written in several goes: it is opened again when nothing changed for so long. */
const SETTLE_MS = 250;
/** A file that can't be read right after it changed may still be being written. */
const RETRIES = 4;
const RETRY_MS = 400;

/** The host's end of one view of weight files: passes its calls to a thread of its own and opens files again when they change. */
export class WeightsView extends Disposable {
  private readonly thread = this._register(new WeightsThread());
  private readonly channel: Channel<WeightsViewCalls, Record<never, never>, WeightsViewEvents, Record<never, never>>;
  private readonly files: ViewedFile[];
  private readonly timers = new Map<number, NodeJS.Timeout>();
  private generation = 0;

  constructor(
    webview: vscode.Webview,
    private readonly subject: WeightsSubject,
    compareWith: (file: string) => Promise<void>,
    private readonly log: Log,
  ) {
    super();
    const names = subject.names ?? distinctNames(subject.paths);
    this.files = subject.paths.map((p, i) => ({ name: names[i], path: p, bytes: null, info: null, error: null }));
    const pathOf = (file: number): string => {
      const found = this.files[file];
      if (!found) throw new RangeError(`there is no file ${file} in this view`);
      return found.path;
    };
    const refOf = ({ file, tensor }: FileTensor): TensorRef => ({ path: pathOf(file), tensor });
    const handlers: Handlers<WeightsViewCalls> = {
      hydrate: () => this.hydrate(),
      openFile: ({ file }) => this.openFile(file),
      values: ({ file, ...rest }, signal) => this.thread.call('read', { ...rest, path: pathOf(file) }, signal),
      kernels: ({ file, ...rest }, signal) => this.thread.call('kernels', { ...rest, path: pathOf(file) }, signal),
      plane: ({ file, minus, ...rest }, signal) =>
        this.thread.call('plane', { ...rest, path: pathOf(file), minus: minus && refOf(minus) }, signal),
      summarise: ({ file, ...rest }, signal) => this.thread.call('summarise', { ...rest, path: pathOf(file) }, signal),
      difference: ({ a, b, job }, signal) => this.thread.call('difference', { a: refOf(a), b: refOf(b), job }, signal),
      reload: async () => {
        for (const file of this.files) Object.assign(file, { info: null, error: null });
        this.generation++;
        return this.hydrate();
      },
      compareWith: async () => (await compareWith(this.files[0].path), null),
    };
    this.channel = this._register(new Channel(webviewTransport(webview), handlers));
    this._register(this.thread.onDidProgress((progress) => this.channel.fire('didProgress', progress)));
    this._register({ dispose: () => this.timers.forEach((t) => clearTimeout(t)) });
    this.watch();
  }

  /** What the view shows now, for tests. */
  get snapshot(): WeightsSnapshot {
    const { mode, title } = this.subject;
    return { mode, title, files: this.files.map((f) => ({ ...f })), generation: this.generation };
  }

  private async hydrate(): Promise<WeightsSnapshot> {
    const first = this.subject.mode === 'film' ? this.files.slice(0, 1) : this.files;
    await Promise.all(first.map((_, i) => this.openFile(i)));
    return this.snapshot;
  }

  private async openFile(index: number): Promise<ViewedFile> {
    const file = this.files[index];
    if (!file) throw new RangeError(`there is no file ${index} in this view`);
    if (!file.info) await this.open(file);
    return { ...file };
  }

  private async open(file: ViewedFile): Promise<void> {
    try {
      const started = performance.now();
      const { info, bytes } = await this.thread.call('open', { path: file.path });
      Object.assign(file, { info, bytes, error: null });
      this.log.info(`${file.path}: ${info.format}, ${info.tensors.length} tensors in ${(performance.now() - started).toFixed(0)} ms`);
    } catch (error) {
      Object.assign(file, { info: null, error: errorText(error) });
      this.log.warn(`${file.path}: ${errorText(error)}`);
    }
  }

  private watch(): void {
    const folders = new Map<string, number[]>();
    this.files.forEach((f, i) => folders.set(path.dirname(f.path), [...(folders.get(path.dirname(f.path)) ?? []), i]));
    for (const [folder, indices] of folders) {
      const single = indices.length === 1 ? path.basename(this.files[indices[0]].path) : '*';
      const watcher = this._register(
        vscode.workspace.createFileSystemWatcher(new vscode.RelativePattern(vscode.Uri.file(folder), escapeGlob(single))),
      );
      const didChange = (uri: vscode.Uri): void => {
        const index = indices.find((i) => this.files[i].path === uri.fsPath);
        if (index !== undefined) this.didChange(index);
      };
      this._register(watcher.onDidChange(didChange));
      this._register(watcher.onDidCreate(didChange));
      this._register(watcher.onDidDelete(didChange));
    }
  }

  private didChange(index: number, retries = RETRIES): void {
    clearTimeout(this.timers.get(index));
    this.timers.set(
      index,
      setTimeout(() => void this.reopen(index, retries), retries === RETRIES ? SETTLE_MS : RETRY_MS),
    );
  }

  private async reopen(index: number, retries: number): Promise<void> {
    const file = this.files[index];
    if (!file.info && !file.error) return;
    await this.open(file);
    if (this.isDisposed) return;
    if (file.error && retries > 0) return this.didChange(index, retries - 1);
    this.generation++;
    this.channel.fire('didChange', this.snapshot);
  }
}

function escapeGlob(name: string): string {
  return name === '*' ? name : name.replace(/[[\]{}*?]/g, '[$&]');
}
