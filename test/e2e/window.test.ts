import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { ROOT, webviewFrame } from '../harness/vscode.mjs';
import { until, Workbench } from './workbench';

const trainAtStart = (folder: string): void => {
  fs.copyFileSync(path.join(ROOT, 'media/sample/mnist_cnn.py'), path.join(folder, 'mnist_cnn.py'));
  fs.mkdirSync(path.join(folder, '.vscode'));
  fs.writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify({ 'kernelscope.trainOnStartup': 'mnist_cnn.py' }));
};

describe('the window', function () {
  this.timeout(180_000);
  let workbench: Workbench;
  afterEach(async () => {
    await workbench?.shot('window-last');
    await workbench?.close();
  });

  it('is reloaded in the middle of a run: the panel comes back and the run goes on from its checkpoint', async () => {
    workbench = await Workbench.open({ file: 'mnist_cnn.py', fill: trainAtStart });
    const { page } = workbench;
    let panel = await webviewFrame(page, '.run-bar');
    const phase = () => panel.locator('.phase').getAttribute('data-phase');
    await until(
      'some steps',
      async () => Number(/step (\d+) of/.exec((await panel.locator('.run-numbers').textContent()) ?? '')?.[1]) > 15,
    );
    const folder = workbench.runFolder();
    await workbench.reload();
    panel = await webviewFrame(page, '.run-bar', 60_000);
    await until('the run is there, paused', async () => (await phase()) === 'paused', 60_000);
    assert.equal(workbench.runFolder(), folder, 'no new run was begun');
    await workbench.shot('reloaded');
    await panel.getByRole('button', { name: 'Continue', exact: true }).click();
    await until('finished', async () => (await phase()) === 'finished', 120_000);
    const rows = fs.readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const steps = rows.map((r) => JSON.parse(r) as { step: number; learningRate?: number }).filter((r) => r.learningRate !== undefined);
    assert.deepEqual(
      steps.map((r) => r.step),
      Array.from({ length: steps.length }, (_, i) => i + 1),
    );
    assert.equal(workbench.runFolder(), folder);
  });

  it('works by keyboard alone: tabs, layers, views, kernels', async () => {
    workbench = await Workbench.open({ file: 'mnist_cnn.py', fill: trainAtStart });
    const { page } = workbench;
    const panel = await webviewFrame(page, '.run-bar');
    await until('training', async () => (await panel.locator('.phase').getAttribute('data-phase')) === 'running');
    const focused = () =>
      panel.evaluate(() => {
        let at: Element | null = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at?.getAttribute('aria-label') ?? at?.textContent?.trim() ?? '';
      });
    const pause = panel.getByRole('button', { name: 'Pause', exact: true });
    await pause.focus();
    await page.keyboard.press('Enter');
    await until('paused', async () => (await panel.locator('.phase').getAttribute('data-phase')) === 'paused');
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      seen.add(await focused());
      await page.keyboard.press('Tab');
    }
    for (const wanted of ['Train one batch, then pause', 'Stop the run', 'Rewind to the same initial weights'])
      assert.ok(seen.has(wanted), `${wanted} is not reached: ${[...seen].join(' | ')}`);
    await panel.locator('.layer-row[data-layer="conv2d_1"]').focus();
    // Past the pooling layer, which has no weights.
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await until('the second conv layer', async () => (await panel.locator('.kernel-title').textContent()) === 'conv2d_2');
    await panel.getByRole('radio', { name: 'Weight', exact: true }).focus();
    await page.keyboard.press('ArrowRight');
    await until('the gradient', async () => panel.getByRole('radio', { name: 'Gradient', exact: true, checked: true }).isVisible());
  });

  it('looks right in high contrast', async () => {
    workbench = await Workbench.open({
      file: 'mnist_cnn.py',
      fill: trainAtStart,
      settings: { 'workbench.colorTheme': 'Default High Contrast' },
    });
    const panel = await webviewFrame(workbench.page, '.run-bar');
    await until('training', async () => Number(/step (\d+) of/.exec((await panel.locator('.run-numbers').textContent()) ?? '')?.[1]) > 5);
    assert.ok(await panel.evaluate(() => document.body.classList.contains('vscode-high-contrast')));
    await workbench.shot('high-contrast');
  });
});
