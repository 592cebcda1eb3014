import assert from 'node:assert/strict';
import * as vscode from 'vscode';
import { decodeFrame } from '../../../src/common/frame';
import { Views } from '../../../src/ids';
import type { RunSession } from '../../../src/training/runSession';
import { api, openModel, trainDigits, until } from './support';

const finished = (session: RunSession) => until(`${session.id} is finished`, () => session.status.phase === 'finished', 120_000);

/** Every trained weight of a run, as text. */
async function finalWeights(session: RunSession): Promise<string> {
  const names = session.description.spec.layers.filter((l) => l.params > 0).map((l) => l.name);
  const frame = await session.newestFrame(names);
  assert.ok(frame);
  const { tensors, step } = decodeFrame(frame);
  assert.equal(step, session.status.totalSteps);
  const weights = [...tensors].filter(([name]) => name.startsWith('weight:'));
  assert.ok(weights.length >= 6, [...tensors.keys()].join());
  return JSON.stringify(weights.map(([name, t]) => [name, [...t.values]]));
}

describe('a run outlives its window', function () {
  this.timeout(300_000);
  const request = { epochs: 5, limit: 6400 };

  after(async () => {
    await (await api()).training.activate(null);
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
  });

  it('goes on from its folder with the weights of an undisturbed run', async () => {
    const { training, runs } = await api();
    await openModel('mnist_cnn.py');
    await trainDigits('mnist_cnn.py', request);
    assert.ok(training.session);
    await finished(training.session);
    const undisturbed = await finalWeights(training.session);

    // The thread dies in the middle of its work, as with the extension host: at the first word of some steps, not when somebody looks.
    const stepping = training.onDidChangeStatus((status) => status && status.step >= 20 && training.session?.dispose());
    const folder = await trainDigits('mnist_cnn.py', request);
    const cut = training.session;
    assert.ok(cut);
    await until('some steps', () => cut.status.step >= 20);
    stepping.dispose();
    assert.ok(cut.status.step < cut.status.totalSteps, 'it was cut off before its end');
    assert.equal(await runs.isInterrupted(folder), true);

    const again = await runs.open(folder);
    assert.equal(again.status.phase, 'paused');
    assert.equal(again.canContinue, true);
    assert.ok(again.firstFrame && again.metrics.steps.length > 0);
    await training.activate(again);
    await again.resume();
    await finished(again);
    assert.deepEqual(
      again.metrics.steps.map((r) => r.step),
      Array.from({ length: again.status.totalSteps }, (_, i) => i + 1),
    );
    assert.equal(await finalWeights(again), undisturbed);
  });

  it('lets a panel of the last window come back and show it', async () => {
    const { panel, training } = await api();
    await vscode.commands.executeCommand('workbench.action.closeAllEditors');
    await until('the panel is closed', () => !panel.isOpen);
    const left = vscode.window.createWebviewPanel(Views.panel, 'Kernels', vscode.ViewColumn.One);
    await panel.deserializeWebviewPanel(left);
    assert.ok(panel.isOpen);
    assert.match(left.webview.html, /Content-Security-Policy" content="default-src 'none'/);
    assert.deepEqual(
      left.webview.options.localResourceRoots?.map((u) => u.path.split('/').at(-1)),
      ['dist', 'media'],
    );
    const snapshot = await panel.view?.snapshot();
    assert.equal(snapshot?.runId, training.session?.id);
    assert.equal(snapshot?.metrics.steps.length, training.session?.status.totalSteps);
  });
});
