import * as path from 'node:path';
import * as vscode from 'vscode';

/** The sample that comes with the extension, copied to where the person may edit it. */
export class SampleModel {
  constructor(private readonly context: vscode.ExtensionContext) {}

  /** Opens the sample's model file; a copy made earlier keeps the person's edits. */
  async open(): Promise<vscode.TextEditor> {
    const from = vscode.Uri.joinPath(this.context.extensionUri, 'media', 'sample');
    const to = vscode.Uri.joinPath(this.context.globalStorageUri, 'sample');
    const files = (await vscode.workspace.fs.readDirectory(from)).map(([name]) => name);
    const model = files.find((f) => path.extname(f) === '.py');
    if (!model) throw new Error('The sample is missing from the installed extension; reinstall Kernelscope.');
    for (const name of files) {
      await vscode.workspace.fs
        .copy(vscode.Uri.joinPath(from, name), vscode.Uri.joinPath(to, name), { overwrite: false })
        .then(undefined, () => {});
    }
    return vscode.window.showTextDocument(vscode.Uri.joinPath(to, model));
  }
}
