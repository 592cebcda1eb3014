import * as vscode from 'vscode';
import { documentUri } from '../training/notebooks';
import type { ModelService } from '../training/modelService';
import type { Subject } from './subject';

/** Shows a layer's call in its source, without moving the focus away from a view the person works in. */
export async function revealLayer(subject: Subject, layerName: string, models: ModelService): Promise<void> {
  if (!subject.uri) throw new Error('The source of this run is not in the workspace.');
  // The file may have been edited since the run began: its own reading knows today's line.
  const fresh = (await models.findModel(subject.uri, subject.model.name).catch(() => null))?.layers.find((l) => l.name === layerName);
  const range = (fresh ?? subject.model.layers.find((l) => l.name === layerName))?.source;
  if (!range) return;
  const uri = range.file === undefined ? subject.uri : documentUri(subject.uri).with({ path: range.file, fragment: '' });
  const open = vscode.window.visibleTextEditors.find((e) => e.document.uri.toString() === uri.toString());
  const editor = await vscode.window.showTextDocument(uri, {
    viewColumn: open?.viewColumn ?? vscode.ViewColumn.One,
    preserveFocus: true,
  });
  const start = new vscode.Position(range.startLine, range.startColumn);
  editor.selection = new vscode.Selection(start, start);
  editor.revealRange(new vscode.Range(start, start), vscode.TextEditorRevealType.InCenterIfOutsideViewport);
}
