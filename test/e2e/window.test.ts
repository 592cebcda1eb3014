import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { openFile } from '../harness/vscode.mjs';
import { RunPanel } from './runPanel';
import { trainAtStart } from './samples';
import { until } from './until';
import { Workbench } from './workbench';

describe('the window', function () {
  this.timeout(300_000);
  let workbench: Workbench | null = null;
  afterEach(async () => {
    await workbench?.close('window-last');
    workbench = null;
  });

  it('is reloaded in the middle of a run: the panel comes back and the run goes on from its checkpoint', async () => {
    const opened = (workbench = await Workbench.open({ file: 'mnist_cnn.py', fill: trainAtStart }));
    let panel = await RunPanel.find(opened.page);
    await panel.isBeyond(15);
    const folder = opened.runFolder();
    await opened.reload();
    panel = await RunPanel.find(opened.page);
    await panel.isIn('paused');
    assert.equal(opened.runFolder(), folder, 'no new run was begun');
    await opened.shot('reloaded');
    const left = await panel.step();
    await panel.press('Continue');
    await panel.isBeyond(left + 10);
    const last = await panel.pause();
    const rows = fs.readFileSync(path.join(folder, 'metrics.jsonl'), 'utf8').trim().split('\n');
    const steps = rows.map((r) => JSON.parse(r) as { step: number; learningRate?: number }).filter((r) => r.learningRate !== undefined);
    assert.deepEqual(
      steps.map((r) => r.step),
      Array.from({ length: last }, (_, i) => i + 1),
    );
    assert.equal(opened.runFolder(), folder);
  });

  it('works by keyboard alone: tabs, layers, views, kernels', async () => {
    workbench = await Workbench.open({ file: 'mnist_cnn.py', fill: trainAtStart });
    const { keyboard } = workbench.page;
    const panel = await RunPanel.find(workbench.page);
    const { frame } = panel;
    await panel.isBeyond(0);
    const focused = () =>
      frame.evaluate(() => {
        let at: Element | null = document.activeElement;
        while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
        return at?.getAttribute('aria-label') ?? at?.textContent?.trim() ?? '';
      });
    await frame.getByRole('button', { name: 'Pause', exact: true }).focus();
    await keyboard.press('Enter');
    await panel.isIn('paused');
    const seen = new Set<string>();
    for (let i = 0; i < 40; i++) {
      seen.add(await focused());
      await keyboard.press('Tab');
    }
    for (const wanted of ['Train one batch, then pause', 'Stop the run', 'Rewind to the same initial weights'])
      assert.ok(seen.has(wanted), `${wanted} is not reached: ${[...seen].join(' | ')}`);
    await frame.locator('.layer-row[data-layer="conv2d_1"]').focus();
    // Past the pooling layer, which has no weights.
    await keyboard.press('ArrowDown');
    await keyboard.press('ArrowDown');
    await keyboard.press('Enter');
    await until('the second conv layer', async () => (await frame.locator('.kernel-title').textContent()) === 'conv2d_2');
    await frame.getByRole('radio', { name: 'Weight', exact: true }).focus();
    await keyboard.press('ArrowRight');
    await until('the gradient', () => frame.getByRole('radio', { name: 'Gradient', exact: true, checked: true }).isVisible());
  });

  it('keeps the panel’s place: a file that is opened from it comes beside the code', async () => {
    workbench = await Workbench.open({
      file: 'mnist_cnn.py',
      fill(folder) {
        trainAtStart(folder);
        fs.writeFileSync(path.join(folder, 'other.py'), 'x = 1\n');
      },
    });
    const { page } = workbench;
    const panel = await RunPanel.find(page);
    await panel.isBeyond(0);
    await panel.frame.locator('.kernel-title').click();
    await openFile(page, 'other.py');
    const group = page.locator('.editor-group-container', { has: page.locator('.tab[aria-label^="Kernels"]') });
    assert.equal(await group.locator('.tab').count(), 1, 'the file came into the panel’s group');
    await panel.isBeyond(await panel.step());
  });

  it('looks right in high contrast', async () => {
    workbench = await Workbench.open({
      file: 'mnist_cnn.py',
      fill: trainAtStart,
      settings: { 'workbench.colorTheme': 'Default High Contrast' },
    });
    const panel = await RunPanel.find(workbench.page);
    await panel.isBeyond(5);
    assert.ok(await panel.frame.evaluate(() => document.body.classList.contains('vscode-high-contrast')));
    await workbench.shot('high-contrast');
  });
});
