import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Frame } from 'playwright-core';
import { signedColor } from '../../src/common/colorMap';
import { decodeTensors } from '../../src/common/safetensors';
import type { RunManifest } from '../../src/common/run';
import { activityBar, hoverText, ROOT, runCommand, webviewFrame } from '../harness/vscode.mjs';
import { tilePixels } from './tilePixels';
import { until, Workbench } from './workbench';

describe('Train CNN in the workbench', function () {
  this.timeout(180_000);
  let workbench: Workbench;
  let panel: Frame;

  before(async () => {
    workbench = await Workbench.open({
      file: 'mnist_cnn.py',
      fill(folder) {
        fs.cpSync(path.join(ROOT, 'media/sample'), folder, { recursive: true });
        fs.mkdirSync(path.join(folder, '.vscode'));
        fs.writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify({ 'kernelscope.trainOnStartup': 'mnist_cnn.py' }));
      },
    });
  });
  after(async () => {
    await workbench?.shot('train-last');
    await workbench?.close();
  });

  const phase = () => panel.locator('.phase').getAttribute('data-phase');
  const step = async () => Number(/step (\d+) of/.exec((await panel.locator('.run-numbers').textContent()) ?? '')?.[1]);
  const weightsNow = () => {
    const file = fs.readFileSync(path.join(workbench.runFolder(), 'checkpoint.safetensors'));
    return decodeTensors(new Uint8Array(file).buffer);
  };

  /** The tile of one kernel on the screen is what the checkpoint's weights look like on the legend's scale. */
  async function assertTilesAre(layer: string, filters: number[]): Promise<void> {
    const high = await panel.locator('.kernels .legend-high').textContent();
    const scale = Number(high?.replace('+', '').replace('−', '-'));
    assert.ok(scale > 0, `legend ${high}`);
    const kernel = weightsNow().tensors.get(`weight:${layer}/kernel`);
    assert.ok(kernel);
    const [rows, columns, , count] = kernel.shape;
    for (const filter of filters) {
      const drawn = await tilePixels(panel, filter, rows, columns);
      drawn.forEach((colour, i) => {
        const expected = signedColor(kernel.values[i * count + filter], scale, 'dark');
        const distance = Math.max(...colour.map((c, k) => Math.abs(c - expected[k])));
        assert.ok(distance <= 2, `${layer} kernel ${filter} cell ${i}: drawn ${colour}, weights say ${expected}`);
      });
    }
  }

  it('opens the panel beside the code and trains when the window opens', async () => {
    panel = await webviewFrame(workbench.page, '.run-bar');
    await until('training', async () => (await phase()) === 'running' && (await step()) > 3);
    assert.match((await panel.locator('.data-line').textContent()) ?? '', /synthetic/i);
    await workbench.shot('train-running');
  });

  it('pauses, and shows the kernels of that very step', async () => {
    await panel.getByRole('button', { name: 'Pause', exact: true }).click();
    await until('paused', async () => (await phase()) === 'paused');
    const paused = await step();
    assert.ok(paused > 0);
    const checkpoint = JSON.parse(weightsNow().metadata.progress) as { step: number };
    assert.equal(checkpoint.step, paused);
    await panel.locator('.layer-row[data-layer="conv2d_1"]').click();
    await until('the tiles of this step', async () => (await panel.locator('.time-where').textContent())?.includes(String(paused)));
    await assertTilesAre('conv2d_1', [0, 1, 7, 31]);
  });

  it('trains one batch when asked to', async () => {
    const before = await step();
    await panel.getByRole('button', { name: 'Train one batch, then pause' }).click();
    await until('one step more', async () => (await phase()) === 'paused' && (await step()) === before + 1);
    await until('the tiles of this step', async () => (await panel.locator('.time-where').textContent())?.includes(String(before + 1)));
    await assertTilesAre('conv2d_1', [3, 12]);
  });

  it('shows gradient, update and change, each with its own legend', async () => {
    const legends = new Set<string>();
    for (const name of ['Weight', 'Gradient', 'Update', 'Change']) {
      await panel.getByRole('radio', { name, exact: true }).click();
      await until(`${name} is chosen`, async () => panel.getByRole('radio', { name, exact: true, checked: true }).isVisible());
      legends.add((await panel.locator('.kernels .legend').getAttribute('aria-label')) ?? '');
      await workbench.shot(`view-${name.toLowerCase()}`);
    }
    assert.equal(legends.size, 4, [...legends].join('\n'));
    await panel.getByRole('radio', { name: 'Weight', exact: true }).click();
  });

  it('writes a weight’s last step out in numbers when its kernel is clicked', async () => {
    await panel.locator('.kernels .atlas-cells [aria-posinset="6"]').click();
    const inspector = panel.locator('.inspector');
    await inspector.waitFor();
    await until('numbers', async () => (await inspector.locator('.number-grid [role=gridcell]').count()) >= 9);
    const text = (await inspector.textContent()) ?? '';
    assert.match(text, /Adam|β|beta/i);
    await workbench.shot('inspector');
  });

  it('hovers over a layer’s line with the kernels of the run', async () => {
    const hover = await hoverText(workbench.page, 'layers.Conv2D(32', 'Conv2D');
    const text = (await hover.textContent()) ?? '';
    assert.match(text, /32 kernels of 3 × 3 × 1/);
    assert.match(text, /After step \d+ of/);
    assert.equal(await hover.locator('img').count(), 1);
    await workbench.shot('hover');
    await workbench.page.mouse.move(5, 5);
  });

  it('lists the layers and the kernels in the side bar', async () => {
    await activityBar(workbench.page, 'Kernelscope');
    const tree = workbench.page.locator('.pane-body .monaco-list-row').filter({ hasText: 'conv2d_2' });
    await tree.waitFor();
    assert.match((await tree.textContent()) ?? '', /18,496 params/);
    const gallery = await webviewFrame(workbench.page, '.gallery');
    await until('tiles in the gallery', async () => (await gallery.locator('canvas').count()) > 0);
    await workbench.shot('side-bar');
  });

  it('rewinds to the same initialisation, and goes on to the end', async () => {
    await panel.getByRole('button', { name: 'Rewind to the same initial weights' }).click();
    await until('step 0', async () => (await phase()) === 'paused' && (await step()) === 0);
    await panel.getByRole('button', { name: 'Continue', exact: true }).click();
    await until('finished', async () => (await phase()) === 'finished', 120_000);
    const manifest = JSON.parse(fs.readFileSync(path.join(workbench.runFolder(), 'run.json'), 'utf8')) as RunManifest;
    assert.equal(manifest.phase, 'finished');
    assert.ok((manifest.test?.accuracy ?? 0) > 0.9, `test accuracy ${manifest.test?.accuracy}`);
    await workbench.shot('finished');
  });

  it('goes back in time over the run’s frames', async () => {
    const slider = panel.locator('.time-slider');
    await slider.focus();
    await workbench.page.keyboard.press('Home');
    await until('the first frame', async () => (await panel.locator('.time-where').textContent())?.includes('step 0'));
    await workbench.shot('time-zero');
    await workbench.page.keyboard.press('End');
  });

  it('restarts with another seed', async () => {
    const before = workbench.runFolder();
    await runCommand(workbench.page, 'Kernelscope: Restart with a New Seed');
    await until('another run', async () => workbench.runFolder() !== before && (await phase()) === 'running');
    const read = (folder: string) => JSON.parse(fs.readFileSync(path.join(folder, 'run.json'), 'utf8')) as RunManifest;
    await until('its manifest', async () => fs.existsSync(path.join(workbench.runFolder(), 'run.json')));
    assert.equal(read(workbench.runFolder()).options.seed, read(before).options.seed + 1);
    await panel.getByRole('button', { name: 'Stop the run' }).click();
    await until('stopped', async () => (await phase()) === 'stopped');
  });
});
