import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { decodeTensors } from '../../src/common/safetensors';
import { layerInsight } from '../../src/insight/layerInsight';
import { activityBar, webviewFrame } from '../harness/vscode.mjs';
import { RunPanel } from './runPanel';
import { trainAtStart } from './samples';
import { eventually, until } from './until';
import { Workbench } from './workbench';

describe('questions in the workbench', function () {
  this.timeout(300_000);
  let workbench: Workbench;
  let panel: RunPanel;
  const text = async (selector: string) => (await panel.frame.locator(selector).first().textContent()) ?? '';

  before(async () => {
    workbench = await Workbench.open({ file: 'mnist_cnn.py', viewport: { width: 1800, height: 1100 }, fill: trainAtStart });
    panel = await RunPanel.find(workbench.page);
    await panel.isBeyond(12);
    await panel.pause();
  });
  after(() => workbench?.close('questions-last'));

  it('answers how the kernels differ, computed apart from the window', async () => {
    await panel.chooseLayer('conv2d_1');
    await panel.frame.locator('.answers').scrollIntoViewIfNeeded();
    const whole = /^32 kernels count as \d+\.\d+ different ones; the random start counted as \d+\.\d+\.$/;
    const short = await until('both analyses', async () => {
      const found = await text('[data-answer="difference"] .answer-short');
      return whole.test(found) && found;
    });
    // The run stands still: its checkpoint holds what is shown.
    const checkpoint = fs.readFileSync(path.join(workbench.runFolder(), 'checkpoint.safetensors'));
    const tensor = decodeTensors(new Uint8Array(checkpoint).buffer).tensors.get('weight:conv2d_1/kernel');
    assert.ok(tensor);
    const { effectiveKernels } = layerInsight(tensor.values, tensor.shape).summary;
    assert.ok(Math.abs(Number(/count as (\d+\.\d+)/.exec(short)?.[1]) - effectiveKernels) < 0.051, `${short} for ${effectiveKernels}`);
    assert.match(await text('[data-answer="origin"] .answer-short'), /^Nobody by hand: GlorotUniform in ±0\.1421/);
    await workbench.shot('questions-answers');
  });

  it('shows what a kernel sees, and that the step went downhill', async () => {
    await panel.openKernel(5);
    for (const id of ['sight', 'downhill']) {
      await panel.unfold(id);
      await panel.frame.locator(`.probe[data-answer="${id}"] .probe-content`).waitFor();
    }
    assert.equal(await panel.frame.locator('.sight-image').count(), 10);
    assert.match(await text('.arithmetic > p'), /^Patch times kernel, number by number: products/);
    assert.match(await text('.probe[data-answer="downhill"] .probe-content > p'), /as a function of this weight alone/);
    await workbench.shot('questions-sight');
  });

  it('brings the optimiser’s numbers of a layer that is chosen while the run is paused', async () => {
    await panel.chooseLayer('dense_1');
    await panel.openKernel(3);
    const verdict = '.inspector [aria-label="One weight’s last step"]';
    await until('the step', async () => /exactly the number the frame holds/.test(await text(verdict)));
    assert.match(await text('.inspector h2'), /unit 3 of dense_1/);
  });

  it('saves the numbers where the person says', async () => {
    const isTable = (file: string) => file.endsWith('.csv');
    for (const file of fs.readdirSync(workbench.folder).filter(isTable)) fs.rmSync(path.join(workbench.folder, file));
    await panel.chooseLayer('conv2d_1');
    await panel.frame.locator('.kernels .export-row button', { hasText: 'CSV' }).click();
    const { page } = workbench;
    const input = page.locator('.quick-input-widget input.input');
    await until('where to save it', async () => (await input.inputValue().catch(() => '')).endsWith('.csv'));
    await page.keyboard.press('Enter');
    const saved = await until('a file', async () => fs.readdirSync(workbench.folder).find(isTable));
    // A file is there before all of its lines are.
    await eventually(async () => {
      const table = fs.readFileSync(path.join(workbench.folder, saved), 'utf8');
      assert.match(table, /^kernel,row,column,channel,weight/);
      assert.equal(table.trim().split('\n').length, 1 + 288);
    });
  });

  it('opens a kernel of the gallery in the panel', async () => {
    if (!(await workbench.page.locator('.pane-header', { hasText: 'Layers' }).isVisible()))
      await activityBar(workbench.page, 'Kernelscope');
    const gallery = await webviewFrame(workbench.page, '.layer-card');
    await until('kernels', async () => (await gallery.locator('.layer-card[data-layer="conv2d_2"] .cell').count()) > 20);
    await gallery.locator('.layer-card[data-layer="conv2d_2"] .cell[data-filter="9"]').click();
    await until('it is open', async () => (await text('.inspector h2')) === 'kernel 9 of conv2d_2');
    assert.equal(await text('.kernel-title'), 'conv2d_2');
    await workbench.shot('questions-gallery');
  });
});
