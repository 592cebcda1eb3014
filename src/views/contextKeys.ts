import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { ContextKeys } from '../ids';
import type { ModelService } from '../training/modelService';

/** Keeps the `when` clauses of the editor's title and the palette true. */
export class EditorContext extends Disposable {
  private hasModel: boolean | null = null;

  constructor(private readonly models: ModelService) {
    super();
    this._register(vscode.window.onDidChangeActiveTextEditor(() => this.update()));
    this._register(models.onDidChangeModels(() => this.update()));
    this.update();
  }

  private update(): void {
    const uri = vscode.window.activeTextEditor?.document.uri;
    const hasModel = uri ? (this.models.peek(uri)?.source.models.length ?? 0) > 0 : false;
    if (hasModel === this.hasModel) return;
    this.hasModel = hasModel;
    void vscode.commands.executeCommand('setContext', ContextKeys.hasModel, hasModel);
  }
}
