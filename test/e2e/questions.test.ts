import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Frame } from 'playwright-core';
import { readFrame } from '../../src/runs/runReader';
import { decodeFrame, frameKey } from '../../src/common/frame';
import { layerInsight } from '../../src/insight/layerInsight';
import { activityBar, ROOT, webviewFrame } from '../harness/vscode.mjs';
import { until, Workbench } from './workbench';

describe('questions in the workbench', function () {
  this.timeout(180_000);
  let workbench: Workbench;
  let panel: Frame;
  const text = async (selector: string) => (await panel.locator(selector).first().textContent()) ?? '';

  before(async () => {
    workbench = await Workbench.open({
      file: 'mnist_cnn.py',
      viewport: { width: 1800, height: 1100 },
      fill(folder) {
        fs.copyFileSync(path.join(ROOT, 'media/sample/mnist_cnn.py'), path.join(folder, 'mnist_cnn.py'));
        fs.mkdirSync(path.join(folder, '.vscode'));
        fs.writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify({ 'kernelscope.trainOnStartup': 'mnist_cnn.py' }));
      },
    });
    panel = await webviewFrame(workbench.page, '.run-bar');
    await until('some steps', async () => Number(/step (\d+) of/.exec(await text('.run-numbers'))?.[1]) > 12, 60_000);
    await panel.getByRole('button', { name: 'Pause', exact: true }).click();
    await until('paused', async () => (await panel.locator('.phase').getAttribute('data-phase')) === 'paused');
  });
  after(async () => {
    await workbench?.shot('questions-last');
    await workbench?.close();
  });

  it('answers how the kernels differ, computed apart from the window', async () => {
    await panel.locator('.layer-row[data-layer="conv2d_1"]').click();
    await panel.locator('.answers').scrollIntoViewIfNeeded();
    const whole = /^32 kernels count as \d+\.\d+ different ones; the random start counted as \d+\.\d+\.$/;
    const short = await until('both analyses', async () => {
      const found = await text('[data-answer="difference"] .answer-short');
      return whole.test(found) && found;
    });
    const step = Number(/step (\d+) of/.exec(await text('.run-numbers'))?.[1]);
    const stored = Math.max(...fs.readdirSync(path.join(workbench.runFolder(), 'frames')).map((f) => parseInt(f, 10)));
    if (stored === step) {
      const tensor = decodeFrame(await readFrame(workbench.runFolder(), step)).tensors.get(frameKey('weight', 'conv2d_1', 'kernel'));
      assert.ok(tensor);
      const { effectiveKernels } = layerInsight(tensor.values, tensor.shape).summary;
      assert.ok(short.includes(effectiveKernels.toPrecision(3)), `${short} for ${effectiveKernels}`);
    }
    assert.match(await text('[data-answer="origin"] .answer-short'), /^Nobody by hand: GlorotUniform in ±0\.1421/);
    await workbench.shot('questions-answers');
  });

  it('shows what a kernel sees, and that the step went downhill', async () => {
    await panel.locator('.kernels .atlas-cells [aria-posinset="6"]').click();
    for (const id of ['sight', 'downhill']) {
      await panel.locator(`.probe[data-answer="${id}"] summary`).click();
      await panel.locator(`.probe[data-answer="${id}"] .probe-content`).waitFor({ timeout: 30_000 });
    }
    assert.equal(await panel.locator('.sight-image').count(), 10);
    assert.match(await text('.arithmetic > p'), /^Patch times kernel, number by number: products/);
    assert.match(await text('.probe[data-answer="downhill"] .probe-content > p'), /as a function of this weight alone/);
    await workbench.shot('questions-sight');
  });

  it('brings the optimiser’s numbers of a layer that is chosen while the run is paused', async () => {
    await panel.locator('.layer-row[data-layer="dense_1"]').click();
    await panel.locator('.kernels .atlas-cells [aria-posinset="4"]').click();
    const verdict = '.inspector [aria-label="One weight’s last step"]';
    await until('the step', async () => /exactly the number the frame holds/.test(await text(verdict)));
    assert.match(await text('.inspector h2'), /unit 3 of dense_1/);
    await panel.locator('.layer-row[data-layer="conv2d_1"]').click();
  });

  it('saves the numbers where the person says', async () => {
    await panel.locator('.kernels .export-row button', { hasText: 'CSV' }).click();
    const { page } = workbench;
    await page.locator('.quick-input-widget input').first().waitFor();
    await page.keyboard.press('Enter');
    const saved = await until('a file', async () => fs.readdirSync(workbench.folder).find((f) => f.endsWith('.csv')));
    const table = await until('its content', async () => fs.readFileSync(path.join(workbench.folder, saved), 'utf8'));
    assert.match(table, /^kernel,row,column,channel,weight/);
    assert.equal(table.trim().split('\n').length, 1 + 288);
  });

  it('opens a kernel of the gallery in the panel', async () => {
    await activityBar(workbench.page, 'Kernelscope');
    const gallery = await webviewFrame(workbench.page, '.layer-card');
    await until('kernels', async () => (await gallery.locator('.layer-card[data-layer="conv2d_2"] .cell').count()) > 20);
    await gallery.locator('.layer-card[data-layer="conv2d_2"] .cell[data-filter="9"]').click();
    await until('it is open', async () => (await text('.inspector h2')) === 'kernel 9 of conv2d_2');
    assert.equal(await text('.kernel-title'), 'conv2d_2');
    await workbench.shot('questions-gallery');
  });
});
