import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import * as vscode from 'vscode';
import { encodeFrame } from '../../../src/common/frame';
import { encodeTensors } from '../../../src/common/safetensors';
import { api, hoverAt, until, workspaceUri } from './support';

/** A file of weights as a training in PyTorch might leave it. */
function writeWeights(name: string, change = 0): vscode.Uri {
  const uri = workspaceUri(name);
  fs.mkdirSync(path.dirname(uri.fsPath), { recursive: true });
  const kernels = Float32Array.from({ length: 8 * 9 }, (_, i) => Math.sin(i) / 3 + (i < 9 ? change : 0));
  const tensors = [
    { name: 'conv1.weight', shape: [8, 1, 3, 3], values: kernels },
    { name: 'conv1.bias', shape: [8], values: new Float32Array(8) },
  ];
  fs.writeFileSync(uri.fsPath, Buffer.from(encodeTensors(tensors, { format: 'pt' })));
  return uri;
}

describe('weight files', () => {
  const shown = async (what: string) =>
    until(what, async () => (await api()).weightEditors.views.map((v) => v.snapshot).find((s) => s.files.some((f) => f.info ?? f.error)));
  afterEach(async () => {
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await until('no views', async () => (await api()).weightEditors.views.length === 0);
  });

  it('open in the weight editor by themselves', async () => {
    await vscode.commands.executeCommand('vscode.open', writeWeights('w.safetensors'));
    const snapshot = await shown('the file');
    assert.deepEqual([snapshot.mode, snapshot.files[0].info?.format], ['file', 'safetensors']);
    assert.deepEqual(
      snapshot.files[0].info?.tensors.map((t) => [t.name, t.role, t.layout]),
      [
        ['conv1.weight', 'conv kernel', 'OIHW'],
        ['conv1.bias', 'bias', null],
      ],
    );
    const input = vscode.window.tabGroups.activeTabGroup.activeTab?.input;
    assert.ok(input instanceof vscode.TabInputCustom && input.viewType === 'kernelscope.weights');
  });

  it('are read again when they change on disk, even when they are damaged meanwhile', async () => {
    const uri = writeWeights('changing.safetensors');
    await vscode.commands.executeCommand('vscode.open', uri);
    const before = await shown('the file');
    fs.writeFileSync(uri.fsPath, 'no weights');
    const broken = await until('the error', async () => (await api()).weightEditors.views[0].snapshot.files[0].error);
    assert.match(broken, /no weight file|header|bytes/);
    writeWeights('changing.safetensors', 1);
    await until('the file again', async () => (await api()).weightEditors.views[0].snapshot.files[0].info);
    assert.ok((await api()).weightEditors.views[0].snapshot.generation > before.generation);
  });

  it('are no reason to fall over when they are none', async () => {
    const uri = workspaceUri('nothing.h5');
    fs.writeFileSync(uri.fsPath, Buffer.alloc(3000, 7));
    await vscode.commands.executeCommand('vscode.open', uri);
    const { files } = await shown('the error');
    assert.ok(files[0].error && files[0].info === null);
  });

  it('are compared, two at a time', async () => {
    const [a, b] = [writeWeights('a.safetensors'), writeWeights('b.safetensors', 0.5)];
    await vscode.commands.executeCommand('kernelscope.compareWeights', a, [a, b]);
    const snapshot = await shown('the comparison');
    assert.deepEqual([snapshot.mode, snapshot.files.map((f) => f.name)], ['compare', ['a.safetensors', 'b.safetensors']]);
    await until('both', async () => (await api()).weightEditors.views[0].snapshot.files.every((f) => f.info));
  });

  it('make a film, in the order of their numbers', async () => {
    for (const n of [10, 9, 1]) writeWeights(`checkpoints/epoch-${n}.safetensors`, n);
    await vscode.commands.executeCommand('kernelscope.openWeightFilm', workspaceUri('checkpoints'));
    const snapshot = await shown('the film');
    assert.deepEqual(
      [snapshot.mode, snapshot.files.map((f) => f.name)],
      ['film', ['epoch-1.safetensors', 'epoch-9.safetensors', 'epoch-10.safetensors']],
    );
  });

  it('make a film that gets longer when a training adds to its folder', async () => {
    const folder = workspaceUri('growing');
    fs.rmSync(folder.fsPath, { recursive: true, force: true });
    writeWeights('growing/epoch-2.safetensors');
    await vscode.commands.executeCommand('kernelscope.openWeightFilm', folder);
    await shown('the film');
    for (const n of [1, 3]) writeWeights(`growing/epoch-${n}.safetensors`);
    const files = await until('the new files', async () => {
      const [view] = (await api()).weightEditors.views;
      return view.snapshot.files.length === 3 && view.snapshot.files;
    });
    assert.deepEqual(
      files.map((f) => f.name),
      ['epoch-1.safetensors', 'epoch-2.safetensors', 'epoch-3.safetensors'],
    );
  });

  it('come back as a comparison or a film after a reload of the window', async () => {
    const [a, b] = [writeWeights('a.safetensors'), writeWeights('b.safetensors', 0.5)];
    const { weightEditors } = await api();
    const bringBack = (state: unknown): Promise<void> =>
      weightEditors.deserializeWebviewPanel(vscode.window.createWebviewPanel('kernelscope.weightPanel', '', vscode.ViewColumn.One), state);
    const subject = { mode: 'compare', title: 'a and b', paths: [a.fsPath, b.fsPath], names: ['step 0', 'step 9'] };
    await bringBack({ tensor: 'conv1.weight', subject });
    const snapshot = await shown('the comparison');
    assert.deepEqual([snapshot.mode, snapshot.title, snapshot.files.map((f) => f.name)], ['compare', 'a and b', ['step 0', 'step 9']]);
    await bringBack({});
    assert.equal(weightEditors.views.length, 1);
  });

  it('of two moments of a run are compared', async () => {
    const folder = workspaceUri('.kernelscope/runs/moments').fsPath;
    fs.mkdirSync(path.join(folder, 'frames'), { recursive: true });
    const manifest = {
      format: 'kernelscope-run-1',
      createdAt: '2999-01-01T00:00:00Z',
      modelName: 'net',
      options: { seed: 4 },
      phase: 'finished',
    };
    fs.writeFileSync(path.join(folder, 'run.json'), JSON.stringify(manifest));
    for (const step of [0, 7]) {
      const tensors = [{ name: 'weight:conv/kernel', shape: [3, 3, 1, 2], values: new Float32Array(18).fill(step) }];
      const frame = encodeFrame({ step, epoch: 0, loss: 1, learningRate: 0.1, tensors });
      fs.writeFileSync(path.join(folder, 'frames', `${step}.safetensors`), Buffer.from(frame));
    }
    try {
      await (await api()).training.activate(null);
      const compared = vscode.commands.executeCommand('kernelscope.compareMoments');
      // Each choice is of the first item: the newest run, its first frame, the frame after that.
      const snapshot = await until('the comparison', async () => {
        await vscode.commands.executeCommand('workbench.action.acceptSelectedQuickOpenItem');
        return (await api()).weightEditors.views.map((v) => v.snapshot).find((s) => s.mode === 'compare');
      });
      await compared;
      assert.deepEqual([snapshot.title, snapshot.files.map((f) => f.name)], ['net step 0 ↔ net step 7', ['net step 0', 'net step 7']]);
    } finally {
      fs.rmSync(folder, { recursive: true, force: true });
    }
  });

  it('show their first kernels in a hover over their path', async () => {
    writeWeights('models/cat.safetensors');
    const uri = workspaceUri('use_weights.py');
    fs.writeFileSync(uri.fsPath, "a = load_file('models/cat.safetensors')\nb = load_file('models/none.safetensors')\n");
    const document = await vscode.workspace.openTextDocument(uri);
    const text = await hoverAt(document, 'models/cat');
    assert.match(text, /\*\*cat\\\.safetensors\*\* · SafeTensors · 2 tensors · 80 values/);
    assert.match(text, /!\[8 kernels of 3 × 3 × 1 of conv1[^\]]*\]\(data:image\/png;base64,/);
    assert.match(text, /command:kernelscope\.openWeights\?/);
    assert.equal(await hoverAt(document, 'models/none'), '');
  });
});
