import * as fs from 'node:fs/promises';
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
import { checkpointPaths, sortedPaths } from './checkpointFiles';
import { distinctNames } from './distinctNames';
import { webviewTransport } from './webviewTransport';

/**
 * Files are asked for their time of change so often: the editor's own watchers begin some time after they are made, nobody is told
 * when, and what changes before is never told.
 */
const POLL_MS = 1000;
/** A file is written in several goes: it is opened again when nothing changed for so long. */
const SETTLE_MS = 250;
/** A file that can't be read right after it changed may still be being written. */
const RETRIES = 4;
const RETRY_MS = 400;

/** The host's end of one view of weight files: passes its calls to a thread of its own and opens files again when they change. */
export class WeightsView extends Disposable {
  private readonly thread = this._register(new WeightsThread());
  private readonly channel: Channel<WeightsViewCalls, Record<never, never>, WeightsViewEvents, Record<never, never>>;
  private files: ViewedFile[];
  /** Of the files as they were read last. */
  private readonly versions = new Map<ViewedFile, string | null>();
  private readonly timers = new Map<ViewedFile, NodeJS.Timeout>();
  private generation = 0;

  constructor(
    webview: vscode.Webview,
    private readonly subject: WeightsSubject,
    compareWith: (file: string) => Promise<void>,
    private readonly log: Log,
  ) {
    super();
    this.files = viewedFiles(subject.paths, subject.names);
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
    // A film may have thousands of files: its page asks for those that it shows.
    const files = this.files.map((f, i) => (mode === 'film' && i > 0 ? { ...f, info: null, error: null } : { ...f }));
    return { mode, title, files, generation: this.generation };
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
    this.versions.set(file, await versionOf(file.path));
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

  /** Asks every file that was opened, now and then, whether it is still the one that was read, and a film's folder for more. */
  private watch(): void {
    const look = async (): Promise<void> => {
      for (const file of this.files) {
        if (this.timers.has(file) || !(file.info ?? file.error)) continue;
        const version = await versionOf(file.path);
        if (version !== this.versions.get(file) && !this.isDisposed) this.didChange(file, version);
      }
      if (this.subject.mode === 'film') await this.lookForFiles();
    };
    // A slow disk may take longer than the time between two looks.
    const lookAgain = (): void => {
      timer = setTimeout(() => void look().finally(() => this.isDisposed || lookAgain()), POLL_MS);
    };
    let timer: NodeJS.Timeout;
    lookAgain();
    this._register({ dispose: () => clearTimeout(timer) });
  }

  /** A training that goes on adds to the film. */
  private async lookForFiles(): Promise<void> {
    const paths = await checkpointPaths(path.dirname(this.subject.paths[0]));
    const known = new Map(this.files.map((f) => [f.path, f]));
    if (this.isDisposed || paths.every((p) => known.has(p))) return;
    // What was deleted stays: whoever looks at it is told.
    const all = sortedPaths([...new Set([...known.keys(), ...paths])]);
    this.files = viewedFiles(all).map((f) => Object.assign(known.get(f.path) ?? f, { name: f.name }));
    this.tellOfChange();
  }

  private didChange(file: ViewedFile, version: string | null, delay = SETTLE_MS, retries = RETRIES): void {
    this.timers.set(
      file,
      setTimeout(() => void this.reopen(file, version, retries), delay),
    );
  }

  /** @param seen the version that was there when the wait began */
  private async reopen(file: ViewedFile, seen: string | null, retries: number): Promise<void> {
    const version = await versionOf(file.path);
    if (this.isDisposed) return;
    if (version !== seen) return this.didChange(file, version);
    await this.open(file);
    if (this.isDisposed) return;
    if (file.error && retries > 0) return this.didChange(file, version, RETRY_MS, retries - 1);
    this.timers.delete(file);
    this.tellOfChange();
  }

  private tellOfChange(): void {
    this.generation++;
    this.channel.fire('didChange', this.snapshot);
  }
}

function viewedFiles(paths: readonly string[], names: readonly string[] = distinctNames(paths)): ViewedFile[] {
  return paths.map((p, i) => ({ name: names[i], path: p, bytes: null, info: null, error: null }));
}

/** Changes whenever a file is written, replaced, deleted or made; null where there is none. */
function versionOf(file: string): Promise<string | null> {
  return fs.stat(file, { bigint: true }).then(
    ({ mtimeNs, size, ino }) => `${mtimeNs} ${size} ${ino}`,
    () => null,
  );
}
