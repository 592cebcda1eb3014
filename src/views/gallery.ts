import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Views } from '../ids';
import { pageOf, webviewOptions } from './panel';
import { ViewHost, type SubjectSource, type ViewActions } from './viewHost';

/** The kernel gallery in the side bar. */
export class Gallery extends Disposable implements vscode.WebviewViewProvider {
  private host: ViewHost | null = null;

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly subjects: SubjectSource,
    private readonly actions: ViewActions,
  ) {
    super();
    this._register(vscode.window.registerWebviewViewProvider(Views.gallery, this));
    this._register({ dispose: () => this.host?.dispose() });
  }

  get view(): ViewHost | null {
    return this.host;
  }

  resolveWebviewView(view: vscode.WebviewView): void {
    view.webview.options = webviewOptions(this.extensionUri);
    this.host?.dispose();
    const host = new ViewHost(
      view.webview,
      { isVisible: () => view.visible, onDidChange: (l) => view.onDidChangeVisibility(l) },
      this.subjects,
      this.actions,
    );
    this.host = host;
    view.webview.html = pageOf(view.webview, this.extensionUri, 'gallery', 'Kernels');
    view.onDidDispose(() => {
      host.dispose();
      if (this.host === host) this.host = null;
    });
  }
}
