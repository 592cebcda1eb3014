import * as vscode from 'vscode';
import { Channel } from '../base/channel';
import { Disposable } from '../base/disposable';
import { Throttle } from '../base/throttle';
import type { SeedsCalls, SeedsEvents } from '../common/seedsProtocol';
import type { HostCalls } from '../common/trainingProtocol';
import { Commands, Views } from '../ids';
import type { SeedStudyService } from '../training/seedStudyService';
import { pageOf, webviewOptions } from './panel';
import { webviewTransport } from './webviewTransport';

/** Progress is looked at, not watched. */
const PROGRESS_MS = 200;

/** The panel of a comparison across seeds: how its runs go, then what they have in common. Closing it ends nothing. */
export class SeedsPanel extends Disposable {
  private panel: vscode.WebviewPanel | null = null;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly study: SeedStudyService,
    /** Shows a run in the kernel panel. */
    private readonly openRun: (folder: string) => Promise<void>,
  ) {
    super();
    this._register({ dispose: () => this.panel?.dispose() });
  }

  get isOpen(): boolean {
    return this.panel !== null;
  }

  show(): void {
    if (this.panel) return this.panel.reveal(undefined, true);
    const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const options = { ...webviewOptions(this.extensionUri), enableFindWidget: true };
    const panel = vscode.window.createWebviewPanel(Views.seeds, 'Seeds Compared', { viewColumn: column, preserveFocus: true }, options);
    this.panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, 'media/icons/kernelscope-color.svg');
    const channel = new Channel<SeedsCalls, HostCalls, SeedsEvents, Record<never, never>>(webviewTransport(panel.webview), {
      hydrate: () => this.study.state,
      cancel: () => {
        this.study.cancel();
        return null;
      },
      openRun: async ({ seed }) => {
        const folder = this.study.folderOf(seed);
        if (!folder) throw new Error(`There is no folder of a run with seed ${seed}.`);
        await this.openRun(folder);
        return null;
      },
      compareAgain: async () => {
        await vscode.commands.executeCommand(Commands.compareSeeds);
        return null;
      },
      copyText: async ({ text }) => {
        await vscode.env.clipboard.writeText(text);
        return null;
      },
    });
    const progress = new Throttle(() => {
      const { state } = this.study;
      // A hidden page drops messages, and asks for everything when it is back.
      if (state && panel.visible) channel.fire('didProgress', { phase: state.phase, message: state.message, runs: state.runs });
    }, PROGRESS_MS);
    const listening = this.study.onDidChange((what) => {
      if (what === 'progress') return progress.request();
      progress.dispose();
      if (this.study.state && panel.visible) channel.fire('didChangeState', this.study.state);
    });
    panel.webview.html = pageOf(panel.webview, this.extensionUri, 'seeds', 'Seeds Compared');
    panel.onDidDispose(() => {
      for (const part of [listening, progress, channel]) part.dispose();
      this.panel = null;
    });
  }
}
