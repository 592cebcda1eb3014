import * as vscode from 'vscode';
import { Commands, DIAGNOSTIC_SOURCE } from '../ids';

/** Ways out of a diagnostic that a command can take: choosing data where the file's own was not found or not said. */
export class NoteFixes implements vscode.CodeActionProvider {
  static readonly metadata: vscode.CodeActionProviderMetadata = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };

  provideCodeActions(document: vscode.TextDocument, _range: vscode.Range, context: vscode.CodeActionContext): vscode.CodeAction[] {
    return context.diagnostics
      .filter((d) => d.source === DIAGNOSTIC_SOURCE && isAboutData(d))
      .map((d) => {
        const action = new vscode.CodeAction('Choose training data...', vscode.CodeActionKind.QuickFix);
        action.diagnostics = [d];
        action.command = { command: Commands.chooseData, title: action.title, arguments: [document.uri] };
        return action;
      });
  }
}

function isAboutData(diagnostic: vscode.Diagnostic): boolean {
  return typeof diagnostic.code === 'string' && /(^|-)data(-|$)/.test(diagnostic.code);
}
