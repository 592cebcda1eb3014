import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, openModel, until, workspaceUri } from './support';

const TRAIN = 'from lib_model import build\n\nnet = build(4)\nnet.compile("sgd", "mse")\n';
const model = (filters: number) => `from tensorflow.keras import Sequential
from tensorflow.keras.layers import Conv2D

def build(classes):
    return Sequential([Conv2D(${filters}, 3, input_shape=(8, 8, 1)), Conv2D(classes, 3)])
`;

const write = (name: string, text: string) => vscode.workspace.fs.writeFile(workspaceUri(name), new TextEncoder().encode(text));

describe('a file that imports its model', function () {
  this.timeout(300_000);
  let editor: vscode.TextEditor;

  before(async () => {
    await write('lib_model.py', model(6));
    await write('lib_train.py', TRAIN);
    editor = await openModel('lib_train.py');
  });
  after(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    for (const name of ['lib_train.py', 'lib_model.py']) await vscode.workspace.fs.delete(workspaceUri(name));
  });

  const filters = async (): Promise<unknown> => (await api()).models.peek(editor.document.uri)?.source.models[0]?.layers[0].config.filters;

  it('is read with it, and says where the layers are', async () => {
    const [net] = (await api()).models.peek(editor.document.uri)?.source.models ?? [];
    assert.equal(net?.name, 'net');
    assert.equal(net.range.startLine, 2);
    assert.equal(net.layers[0].source?.file, workspaceUri('lib_model.py').path);
    const told = await until('a diagnostic', () =>
      vscode.languages.getDiagnostics(editor.document.uri).find((d) => d.code === 'imported-layers'),
    );
    assert.match(told.message, /lib_model\.py/);
    assert.equal(told.range.start.line, 2);
  });

  it('is read again when the imported file changes on disk', async () => {
    assert.equal(await filters(), 6);
    await write('lib_model.py', model(7));
    await until('seven filters', async () => (await filters()) === 7);
  });

  it('is read again while the imported file is typed in, before it is saved', async () => {
    const other = await vscode.workspace.openTextDocument(workspaceUri('lib_model.py'));
    const edit = new vscode.WorkspaceEdit();
    const at = other.getText().indexOf('7, 3');
    edit.replace(other.uri, new vscode.Range(other.positionAt(at), other.positionAt(at + 1)), '9');
    await vscode.workspace.applyEdit(edit);
    assert.ok(other.isDirty);
    await until('nine filters', async () => (await filters()) === 9);
    await other.save();
  });
});
