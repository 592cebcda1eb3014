import * as vscode from 'vscode';
import { Disposable } from '../base/disposable';
import { InternalCommands } from '../ids';
import type { AssumptionStore } from '../training/assumptionStore';
import type { ModelService } from '../training/modelService';
import { openAssumptions } from '../training/openAssumptions';
import { answerText } from '../training/parseAnswer';
import { notesOf } from './diagnostics';

/** `= 10` after what the file leaves open: the value that was assumed, or that the person gave. */
export class AssumptionHints extends Disposable implements vscode.InlayHintsProvider {
  private readonly changed = this._register(new vscode.EventEmitter<void>());
  readonly onDidChangeInlayHints = this.changed.event;

  constructor(
    private readonly models: ModelService,
    private readonly store: AssumptionStore,
  ) {
    super();
    this._register(models.onDidChangeModels(() => this.changed.fire()));
    this._register(store.onDidChange(() => this.changed.fire()));
  }

  provideInlayHints(document: vscode.TextDocument, range: vscode.Range): vscode.InlayHint[] {
    const state = this.models.peek(document.uri);
    if (!state) return [];
    return openAssumptions(notesOf(state.source)).flatMap(({ assumption, message, range: at }) => {
      // Behind a class or function as a whole, the value would seem to belong to its last line.
      const isLong = at.endLine > at.startLine;
      const position = isLong ? document.lineAt(at.startLine).range.end : new vscode.Position(at.endLine, at.endColumn);
      if (!range.contains(position)) return [];
      const told = this.store.get(document.uri)[assumption.key];
      const name = isLong ? `${assumption.key.split('.').at(-1)} ` : '';
      const part = new vscode.InlayHintLabelPart(
        `${name}= ${answerText(told ?? assumption.value)}${told === undefined ? ' (assumed)' : ''}`,
      );
      part.tooltip = `${message} Click to change it.`;
      part.command = { title: 'Change', command: InternalCommands.setAssumption, arguments: [document.uri, assumption] };
      const hint = new vscode.InlayHint(position, [part]);
      hint.paddingLeft = true;
      return [hint];
    });
  }
}
