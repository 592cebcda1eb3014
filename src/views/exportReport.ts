import * as path from 'node:path';
import * as vscode from 'vscode';
import { buildReport } from '../report/buildReport';
import { readRun } from '../report/readRun';
import type { InsightThread } from '../training/insightThread';

/**
 * Writes the report of a run where the person wants it, and offers to open it.
 * @param target where to; asked for when not given
 * @throws Error when the folder holds no run to report, or the file cannot be written.
 */
export async function exportReport(folder: string, insight: InsightThread, target?: vscode.Uri): Promise<vscode.Uri | null> {
  const run = await readRun(folder);
  const name = `${path.basename(folder)}.html`;
  const workspace = vscode.workspace.workspaceFolders?.[0]?.uri;
  const uri =
    target ??
    (await vscode.window.showSaveDialog({
      title: 'Export Report',
      defaultUri: workspace ? vscode.Uri.joinPath(workspace, name) : vscode.Uri.file(path.join(folder, name)),
      filters: { 'Web page': ['html'] },
    }));
  if (!uri) return null;
  const html = await vscode.window.withProgress({ location: vscode.ProgressLocation.Window, title: 'Writing the report' }, () =>
    // The thread takes the values over; the report still needs them.
    buildReport(run, (values, shape) => insight.analyse(values.slice().buffer, shape)),
  );
  await vscode.workspace.fs.writeFile(uri, new TextEncoder().encode(html));
  return uri;
}

/** Says where the report is, with a way to look at it. */
export async function offerReport(uri: vscode.Uri): Promise<void> {
  const open = 'Open in Browser';
  const answer = await vscode.window.showInformationMessage(`The report is in ${vscode.workspace.asRelativePath(uri)}.`, open);
  if (answer === open) await vscode.env.openExternal(uri);
}
