import * as path from 'node:path';
import * as vscode from 'vscode';
import { savedRun } from '../runs/savedRun';
import type { RunSession } from '../training/runSession';
import { saveFormats, saveModel, type SaveFormat } from '../weights/write/saveModel';

/**
 * Saves a run's newest weights as a file that other programs read; asks for the format and the place.
 * @throws Error when the run has no weights to save yet.
 */
export async function saveWeights(session: RunSession): Promise<void> {
  const items = (Object.keys(saveFormats) as SaveFormat[]).map((format) => ({
    label: saveFormats[format].title,
    description: saveFormats[format].ending.replace(/^\//, ''),
    detail: saveFormats[format].how,
    format,
  }));
  const picked = await vscode.window.showQuickPick(items, { title: `Save the weights of ${session.description.spec.name}` });
  if (!picked) return;
  // What is on the screen is what is saved: a running thread writes its newest state first.
  if (session.isLive) await session.pause();
  const model = await savedRun(session.description.folder);
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri;
  const isFolder = picked.format === 'tfjs';
  const name = isFolder ? `${model.name}-tfjs/model.json` : `${model.name}${saveFormats[picked.format].ending}`;
  const target = await vscode.window.showSaveDialog({
    defaultUri: folder ? vscode.Uri.joinPath(folder, name) : undefined,
    saveLabel: 'Save Weights',
  });
  if (!target) return;
  const files = await saveModel(model, picked.format, path.posix.basename(target.path));
  const parent = vscode.Uri.joinPath(target, '..');
  // The shards lie beside model.json, whatever that one is called.
  await vscode.workspace.fs.writeFile(target, files[0].bytes);
  for (const file of files.slice(1)) await vscode.workspace.fs.writeFile(vscode.Uri.joinPath(parent, file.name), file.bytes);
  void vscode.window.showInformationMessage(`Saved ${model.tensors.length} weights. ${saveFormats[picked.format].how}`);
}
