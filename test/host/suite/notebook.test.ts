import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, hoverAt, lensTitles, until, workspaceUri } from './support';

describe('a notebook', function () {
  this.timeout(300_000);
  let notebook: vscode.NotebookDocument;

  before(async () => {
    notebook = await vscode.workspace.openNotebookDocument(workspaceUri('classifier.ipynb'));
    await vscode.window.showNotebookDocument(notebook);
  });
  after(async () => {
    await vscode.commands.executeCommand('kernelscope.stop');
    await (await api()).training.activate(null);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  const cell = (index: number): vscode.TextDocument => notebook.cellAt(index).document;

  it('is read as a whole, and each cell shows its own layers', async () => {
    const { models } = await api();
    const first = await models.read(cell(2));
    assert.equal(first?.source.models.length, 1);
    const [model] = first?.source.models ?? [];
    assert.deepEqual(
      model.layers.map((l) => l.className),
      ['Conv2D', 'MaxPooling2D', 'Flatten', 'Dense'],
    );
    assert.deepEqual(
      model.layers.map((l) => l.source?.startLine ?? null),
      [1, 2, null, null],
    );
    const second = (await models.read(cell(3)))?.source.models[0];
    assert.deepEqual(
      second?.layers.map((l) => l.source?.startLine ?? null),
      [null, null, 0, 1],
    );
    assert.ok((await lensTitles(cell(2))).includes('▶ Train CNN'));
    assert.match(await hoverAt(cell(2), 'Conv2D('), /6 kernels of 3 × 3 × 1/);
  });

  it('is read again when another cell changes', async () => {
    const { models } = await api();
    const edit = new vscode.WorkspaceEdit();
    const filters = cell(1).lineCount - 1;
    edit.replace(cell(1).uri, cell(1).lineAt(filters).range, 'filters = 9');
    await vscode.workspace.applyEdit(edit);
    const model = async () => (await models.read(cell(2)))?.source.models[0];
    await until('nine filters', async () => (await model())?.layers[0].outputShape.at(-1) === 9);
  });

  it('trains, and every cell knows the run', async () => {
    const { training } = await api();
    const folder = await vscode.commands.executeCommand<string | undefined>('kernelscope.trainCnn', cell(2).uri, {
      data: { kind: 'embedded', name: 'digits' },
      limit: 320,
      epochs: 1,
      seed: 3,
    });
    assert.ok(folder);
    await until('finished', () => training.session?.status.phase === 'finished', 120_000);
    assert.match(await hoverAt(cell(3), 'Dense('), /After step 10 of 10/);
  });
});

describe('what a file leaves open', function () {
  this.timeout(300_000);

  it('is assumed in plain sight, and read anew when the person answers', async () => {
    const { models } = await api();
    const document = await vscode.workspace.openTextDocument(workspaceUri('builder.py'));
    await vscode.window.showTextDocument(document);
    const classes = async () => (await models.read(document))?.source.models[0]?.layers.at(-1)?.outputShape.at(-1);
    await until('the model', async () => (await classes()) !== undefined);
    const assumed = await classes();
    const all = new vscode.Range(0, 0, document.lineCount, 0);
    const hints = async () =>
      (await vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', document.uri, all)).flatMap((h) =>
        typeof h.label === 'string' ? [] : h.label,
      );
    const [hint] = await hints();
    assert.equal(hint.value, `= ${assumed} (assumed)`);
    const { source } = (await models.read(document)) ?? {};
    const note = [...(source?.models[0].notes ?? []), ...(source?.notes ?? [])].find((n) => n.assumption);
    assert.ok(note?.assumption);
    await (await api()).assumptions.set(document.uri, note.assumption.key, 7);
    await until('seven classes', async () => (await classes()) === 7);
    assert.equal((await hints())[0].value, '= 7');
  });
});
