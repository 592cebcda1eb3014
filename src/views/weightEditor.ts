import * as path from 'node:path';
import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { Views } from '../ids';
import type { WeightsSubject } from '../common/weightsViewProtocol';
import type { Log } from '../log';
import { pageOf, webviewOptions } from './panel';
import { savedSubject } from './savedSubject';
import { WeightsView } from './weightsView';

/** Opens weight files: one in a read-only editor, two beside each other, a folder of them as a film. */
export class WeightEditors extends Disposable implements vscode.CustomReadonlyEditorProvider, vscode.WebviewPanelSerializer {
  private readonly open = new Set<WeightsView>();

  constructor(
    private readonly extensionUri: vscode.Uri,
    private readonly log: Log,
    /** Asks for the other file of a comparison. */
    private readonly compareWith: (file: string) => Promise<void>,
  ) {
    super();
    this._register(vscode.window.registerWebviewPanelSerializer(Views.weightPanel, this));
    for (const id of [Views.weightEditor, Views.weightEditorOptional])
      this._register(
        vscode.window.registerCustomEditorProvider(id, this, {
          supportsMultipleEditorsPerDocument: true,
          webviewOptions: { enableFindWidget: true },
        }),
      );
  }

  /** The host's ends of the views that are open. */
  get views(): WeightsView[] {
    return [...this.open];
  }

  openCustomDocument(uri: vscode.Uri): vscode.CustomDocument {
    return { uri, dispose: () => {} };
  }

  resolveCustomEditor(document: vscode.CustomDocument, panel: vscode.WebviewPanel): void {
    const { uri } = document;
    if (uri.scheme !== 'file')
      throw new Error(`Weight files are read from a disk; ${uri.scheme}: is none. Save the file to a folder first.`);
    this.adopt(panel, { mode: 'file', title: path.basename(uri.fsPath), paths: [uri.fsPath] });
  }

  /** A comparison or a film, in a tab of its own. */
  show(subject: WeightsSubject): void {
    const panel = vscode.window.createWebviewPanel(Views.weightPanel, subject.title, vscode.ViewColumn.Active, {
      ...webviewOptions(this.extensionUri),
      enableFindWidget: true,
    });
    this.adoptTab(panel, subject);
  }

  /** Brings a comparison or a film back after a reload of the window; without its page's memory there is nothing to bring back. */
  async deserializeWebviewPanel(panel: vscode.WebviewPanel, state: unknown): Promise<void> {
    const subject = await savedSubject(state);
    if (subject) this.adoptTab(panel, subject);
    else panel.dispose();
  }

  private adoptTab(panel: vscode.WebviewPanel, subject: WeightsSubject): void {
    panel.iconPath = vscode.Uri.joinPath(this.extensionUri, 'media/icons/kernelscope-color.svg');
    this.adopt(panel, subject);
  }

  private adopt(panel: vscode.WebviewPanel, subject: WeightsSubject): void {
    panel.webview.options = webviewOptions(this.extensionUri);
    // The host's end listens before the page can speak.
    const view = new WeightsView(panel.webview, subject, this.compareWith, this.log);
    this.open.add(view);
    panel.onDidDispose(() => {
      this.open.delete(view);
      view.dispose();
    });
    panel.webview.html = pageOf(panel.webview, this.extensionUri, 'weights', subject.title);
  }
}
