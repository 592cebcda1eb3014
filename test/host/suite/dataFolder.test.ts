import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, openModel, until, workspaceUri } from './support';

const TRAIN = `import os
from tensorflow.keras import Sequential
from tensorflow.keras.layers import Dense

model = Sequential([Dense(len(os.listdir("photos/train")), input_shape=(4,))])
`;

describe('a file whose classes are folders', function () {
  this.timeout(60_000);
  let editor: vscode.TextEditor;
  const make = (name: string) => vscode.workspace.fs.createDirectory(workspaceUri(`photos/train/${name}`));

  before(async () => {
    await vscode.workspace.fs.writeFile(workspaceUri('folders_train.py'), new TextEncoder().encode(TRAIN));
    for (const name of ['ant', 'bee', 'cat']) await make(name);
    editor = await openModel('folders_train.py');
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const name of ['folders_train.py', 'photos']) await vscode.workspace.fs.delete(workspaceUri(name), { recursive: true });
  });

  const units = async (): Promise<unknown> => (await api()).models.peek(editor.document.uri)?.source.models[0]?.outputShapes[0]?.at(-1);

  it('has as many as there are, and says where it looked', async () => {
    assert.equal(await units(), 3);
    const told = await until('a diagnostic', () =>
      vscode.languages.getDiagnostics(editor.document.uri).find((d) => d.code === 'read-from-disk'),
    );
    assert.match(told.message, /"photos\/train" has 3 entries on disk/);
    assert.equal(told.range.start.line, 4);
  });

  it('is read again when another one is made', async () => {
    await make('dog');
    await until('four classes', async () => (await units()) === 4);
  });
});
