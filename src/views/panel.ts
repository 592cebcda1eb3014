import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Views } from '../ids';
import type { SubjectSource, ViewActions } from './viewHost';
import { ViewHost } from './viewHost';
import { webviewHtml, type WebviewPage } from './webviewHtml';

/** The one panel of kernels, gradients and loss, beside the editor. A serializer brings it back after a window reload. */
export class KernelPanel extends Disposable implements vscode.WebviewPanelSerializer {
  private panel: vscode.WebviewPanel | null = null;
  private host: ViewHost | null = null;
  /** A panel of the last window, until its run is back. */
  private returning: vscode.WebviewPanel | null = null;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly subjects: SubjectSource,
    private readonly actions: ViewActions,
    /** Called before a panel from an earlier window is filled: the place to bring its run back. */
    private readonly restore: () => Promise<void>,
  ) {
    super();
    this._register(vscode.window.registerWebviewPanelSerializer(Views.panel, this));
    this._register({ dispose: () => this.panel?.dispose() });
  }

  get isOpen(): boolean {
    return this.panel !== null;
  }

  get isVisible(): boolean {
    return this.panel?.visible ?? false;
  }

  /** The host's end of the open panel. */
  get view(): ViewHost | null {
    return this.host;
  }

  /** Opens the panel beside the code, or brings it to the front, without taking the focus from the editor. */
  show(): void {
    const shown = this.panel ?? this.returning;
    if (shown) return shown.reveal(undefined, true);
    const column = vscode.window.activeTextEditor ? vscode.ViewColumn.Beside : vscode.ViewColumn.Active;
    const panel = vscode.window.createWebviewPanel(Views.panel, 'Kernels', { viewColumn: column, preserveFocus: true }, this.options());
    this.adopt(panel);
  }

  async deserializeWebviewPanel(panel: vscode.WebviewPanel): Promise<void> {
    if (this.panel ?? this.returning) return panel.dispose();
    panel.webview.options = this.options();
    // Meanwhile the person may close it, and a run that begins may want to show it.
    this.returning = panel;
    const closed = panel.onDidDispose(() => (this.returning = null));
    await this.restore();
    closed.dispose();
    if (!this.returning) return;
    this.returning = null;
    this.adopt(panel);
  }

  private adopt(panel: vscode.WebviewPanel): void {
    this.panel = panel;
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, 'media/icons/kernelscope-color.svg');
    const visibility = { isVisible: () => panel.visible, onDidChange: (listener: () => void) => panel.onDidChangeViewState(listener) };
    // The host's end listens before the page can speak.
    this.host = new ViewHost(panel.webview, visibility, this.subjects, this.actions);
    panel.webview.html = pageOf(panel.webview, this.extensionUri, 'panel', 'Kernels');
    panel.onDidDispose(() => {
      this.host?.dispose();
      this.host = null;
      this.panel = null;
    });
  }

  private options(): vscode.WebviewOptions & vscode.WebviewPanelOptions {
    return { ...webviewOptions(this.extensionUri), enableFindWidget: true };
  }
}

export function webviewOptions(extensionUri: vscode.Uri): vscode.WebviewOptions {
  const roots = ['dist', 'media'].map((folder) => vscode.Uri.joinPath(extensionUri, folder));
  return { enableScripts: true, enableForms: false, enableCommandUris: false, localResourceRoots: roots };
}

export function pageOf(webview: vscode.Webview, extensionUri: vscode.Uri, name: WebviewPage['name'], title: string): string {
  const uri = (file: string) => webview.asWebviewUri(vscode.Uri.joinPath(extensionUri, 'dist', file)).toString();
  return webviewHtml({ name, title, cspSource: webview.cspSource, scriptUri: uri(`${name}.js`), styleUri: uri(`${name}.css`) });
}
