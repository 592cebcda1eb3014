import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { api, hoverAt, lensTitles, lineOf, openModel, openText, until } from './support';

const isOurs = (d: vscode.Diagnostic) => d.source === 'kernelscope';

describe('in the editor, before training', () => {
  let editor: vscode.TextEditor;
  before(async () => {
    editor = await openModel('mnist_cnn.py');
    await (await api()).seeds.set(editor.document.uri, 7);
  });

  it('reads the model with the line of every layer', async () => {
    const { models } = await api();
    const model = models.peek(editor.document.uri)?.source.models[0];
    assert.equal(model?.name, 'classifier');
    const conv = model.layers.filter((l) => l.className === 'Conv2D');
    assert.deepEqual(
      conv.map((l) => l.weights[0].shape),
      [
        [3, 3, 1, 8],
        [3, 3, 8, 12],
      ],
    );
    assert.deepEqual(
      conv.map((l) => l.source?.startLine),
      [lineOf(editor.document, 'Conv2D(8'), lineOf(editor.document, 'Conv2D(12')],
    );
    assert.equal(model.totalParams, 80 + 876 + 3010);
  });

  it('offers to train above the model, with data, epochs and seed', async () => {
    assert.deepEqual((await lensTitles(editor.document)).slice(0, 4), ['▶ Train CNN', 'MNIST', '2 epochs, batch 32', 'seed 7']);
  });

  it('hovers with the kernels as they will be drawn', async () => {
    const text = await hoverAt(editor.document, 'Conv2D(8');
    assert.match(text, /\*\*Conv2D\*\*/);
    assert.match(text, /!\[8 kernels of 3 × 3 × 1 weights[^\]]*seed 7[^\]]*\]\(data:image\/png;base64,[^)|]+\|width=\d+,height=\d+\)/);
    assert.match(text, /`\[3, 3, 1, 8\]`/);
    assert.match(text, /80 parameters/);
    // √(6 / (9 + 72)) = 0.2722
    assert.match(text, /[Gg]lorot/);
    assert.match(text, /0\.272/);
    assert.match(text, /command:kernelscope\.openLayer\?/);
    assert.equal(await hoverAt(editor.document, 'Conv2D(8'), text, 'the same seed draws the same');
  });

  it('draws other kernels with another seed', async () => {
    const { seeds } = await api();
    const picture = (text: string) => /base64,([^)|]+)/.exec(text)?.[1];
    const first = picture(await hoverAt(editor.document, 'Conv2D(8'));
    await seeds.set(editor.document.uri, 8);
    const second = picture(await hoverAt(editor.document, 'Conv2D(8'));
    await seeds.set(editor.document.uri, 7);
    assert.ok(first && second && first !== second);
  });

  it('hovers over dense and pooling layers too', async () => {
    assert.match(await hoverAt(editor.document, 'Dense(10'), /\*\*Dense\*\*[^]*data:image\/png[^]*`\[300, 10\]`/);
    assert.match(await hoverAt(editor.document, 'MaxPooling2D(pool_size'), /no parameters/);
    assert.equal(await hoverAt(editor.document, 'mnist.load_data'), '');
  });

  it('lists the layers in the tree and follows the cursor', async () => {
    const { layers, subjects } = await api();
    await vscode.window.showTextDocument(editor.document);
    const line = lineOf(editor.document, 'Conv2D(12');
    editor.selection = new vscode.Selection(line, 5, line, 5);
    const selected = await until('the layer at the cursor is selected', () => {
      const name = subjects.selection?.layer;
      return name !== undefined && subjects.layer(name)?.source?.startLine === line && name;
    });
    const items = layers.getChildren().map((l) => layers.getTreeItem(l));
    assert.ok(items.some((i) => i.label === selected));
    const conv = items.find((i) => i.label === selected);
    assert.equal(conv?.description, '11×11×12 · 876 params');
    assert.equal(layers.description, 'classifier · as drawn');
    assert.match(String(conv.contextValue), /withSource/);
  });

  it('keeps two models of one file apart', async () => {
    const two = await openModel('two_models.py');
    const { models, subjects } = await api();
    assert.deepEqual(
      models.peek(two.document.uri)?.source.models.map((m) => m.name),
      ['small', 'large'],
    );
    for (const [text, name] of [
      ['Conv2D(4', 'small'],
      ['Conv2D(16', 'large'],
    ]) {
      const line = lineOf(two.document, text);
      two.selection = new vscode.Selection(line, 6, line, 6);
      await until(`${name} is shown`, () => subjects.current?.model.name === name);
    }
    assert.match(await hoverAt(two.document, 'Conv2D(4'), /[Hh]e normal|HeNormal/);
  });

  it('reports what it cannot read at its line', async () => {
    const odd = await openText(
      'from tensorflow.keras import Sequential\nfrom tensorflow.keras.layers import Conv2D, Flatten, Dense\n' +
        'model = Sequential([\n    Conv2D(4, 3, input_shape=(8, 8, 1), no_such_argument=3),\n    Flatten(),\n    Dense(2),\n])\n',
    );
    const found = await until('a diagnostic', () => {
      const all = vscode.languages.getDiagnostics(odd.document.uri).filter(isOurs);
      return all.find((d) => d.message.includes('no_such_argument'));
    });
    assert.equal(found.range.start.line, 3);
    assert.ok(found.code, 'has a code');
  });

  it('underlines the first line of what is long, and puts what was assumed there', async () => {
    const torch = await openText(
      'import torch.nn as nn\n\nclass Net(nn.Module):\n    def __init__(self):\n        super().__init__()\n' +
        '        self.conv = nn.Conv2d(1, 4, 3)\n        self.fc = nn.Linear(4 * 26 * 26, 10)\n\n' +
        '    def forward(self, x):\n        return self.fc(self.conv(x).flatten(1))\n',
    );
    const found = await until('a diagnostic', () => vscode.languages.getDiagnostics(torch.document.uri).find(isOurs));
    const line = lineOf(torch.document, 'class Net');
    assert.deepEqual([found.range.start.line, found.range.end.line], [line, line]);
    const all = new vscode.Range(0, 0, torch.document.lineCount, 0);
    const uri = torch.document.uri;
    const hints = await vscode.commands.executeCommand<vscode.InlayHint[]>('vscode.executeInlayHintProvider', uri, all);
    const hint = hints.find((h) => typeof h.label !== 'string' && /^input_shape = .*assumed/.test(h.label[0].value));
    assert.deepEqual(hint?.position, torch.document.lineAt(line).range.end);
  });

  it('keeps the last good answer while the text is broken, and its lines right', async () => {
    const text = (await vscode.workspace.openTextDocument(editor.document.uri)).getText();
    const draft = await openText(text);
    const { models } = await api();
    const line = lineOf(draft.document, 'Conv2D(12');
    await draft.edit((e) => {
      e.insert(new vscode.Position(0, 0), '# one more line\n');
      e.insert(new vscode.Position(line, 'classifier.add('.length), 'Dense(((');
    });
    const conv = () => models.peek(draft.document.uri)?.source.models[0]?.layers.filter((l) => l.className === 'Conv2D');
    assert.equal(conv()?.[1]?.source?.startLine, line + 1, 'at once');
    const state = await models.read(draft.document);
    assert.equal(state?.version, draft.document.version);
    assert.equal(conv()?.[1]?.source?.startLine, line + 1, 'after reading the broken text');
    assert.ok((await lensTitles(draft.document)).includes('▶ Train CNN'));
  });
});
