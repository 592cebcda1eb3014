import * as vscode from 'vscode';
import { Commands, DIAGNOSTIC_SOURCE, InternalCommands } from '../ids';
import type { ModelService } from '../training/modelService';
import { notesOf } from './diagnostics';

/** Ways out of a diagnostic that a command can take: choosing data where the file's own was not found or not said. */
export class NoteFixes implements vscode.CodeActionProvider {
  static readonly metadata: vscode.CodeActionProviderMetadata = { providedCodeActionKinds: [vscode.CodeActionKind.QuickFix] };

  constructor(private readonly models: ModelService) {}

  provideCodeActions(document: vscode.TextDocument, _range: vscode.Range, context: vscode.CodeActionContext): vscode.CodeAction[] {
    return [...this.assumptionFixes(document, context), ...dataFixes(document, context)];
  }

  /** The value that was assumed can be given. */
  private assumptionFixes(document: vscode.TextDocument, context: vscode.CodeActionContext): vscode.CodeAction[] {
    const state = this.models.peek(document.uri);
    const notes = state ? notesOf(state.source) : [];
    return context.diagnostics.flatMap((d) => {
      const assumption = notes.find((n) => n.assumption && n.message === d.message && n.range.startLine === d.range.start.line)?.assumption;
      if (d.source !== DIAGNOSTIC_SOURCE || !assumption) return [];
      const action = new vscode.CodeAction(`Give ${assumption.key.split('.').at(-1)} a value...`, vscode.CodeActionKind.QuickFix);
      action.diagnostics = [d];
      action.isPreferred = true;
      action.command = { command: InternalCommands.setAssumption, title: action.title, arguments: [document.uri, assumption] };
      return [action];
    });
  }
}

function dataFixes(document: vscode.TextDocument, context: vscode.CodeActionContext): vscode.CodeAction[] {
  return context.diagnostics
    .filter((d) => d.source === DIAGNOSTIC_SOURCE && isAboutData(d))
    .map((d) => {
      const action = new vscode.CodeAction('Choose training data...', vscode.CodeActionKind.QuickFix);
      action.diagnostics = [d];
      action.command = { command: Commands.chooseData, title: action.title, arguments: [document.uri] };
      return action;
    });
}

function isAboutData(diagnostic: vscode.Diagnostic): boolean {
  return typeof diagnostic.code === 'string' && /(^|-)data(-|$)/.test(diagnostic.code);
}
