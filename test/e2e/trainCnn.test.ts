import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { signedColor } from '../../src/common/colorMap';
import { decodeTensors } from '../../src/common/safetensors';
import type { RunManifest } from '../../src/common/run';
import { activityBar, hoverText, ROOT, runCommand, webviewFrame } from '../harness/vscode.mjs';
import { RunPanel } from './runPanel';
import { sampleText, trainAtStart } from './samples';
import { tilePixels } from './tilePixels';
import { eventually, until } from './until';
import { Workbench } from './workbench';

const readRun = (folder: string) => JSON.parse(fs.readFileSync(path.join(folder, 'run.json'), 'utf8')) as RunManifest;

describe('Train CNN in the workbench', function () {
  this.timeout(300_000);
  let workbench: Workbench;
  let panel: RunPanel;

  before(async () => {
    workbench = await Workbench.open({
      file: 'mnist_cnn.py',
      fill(folder) {
        fs.cpSync(path.join(ROOT, 'media/sample'), folder, { recursive: true });
        trainAtStart(folder);
      },
    });
    panel = await RunPanel.find(workbench.page);
  });
  after(() => workbench?.close('train-last'));

  const weightsNow = () => {
    const file = fs.readFileSync(path.join(workbench.runFolder(), 'checkpoint.safetensors'));
    return decodeTensors(new Uint8Array(file).buffer);
  };

  /** The tile of one kernel on the screen is what the checkpoint's weights look like on the legend's scale. */
  async function assertTilesAre(layer: string, filters: number[]): Promise<void> {
    const high = await panel.frame.locator('.kernels .legend-high').textContent();
    const scale = Number(high?.replace('+', '').replace('−', '-'));
    assert.ok(scale > 0, `legend ${high}`);
    const kernel = weightsNow().tensors.get(`weight:${layer}/kernel`);
    assert.ok(kernel);
    const [rows, columns, , count] = kernel.shape;
    for (const filter of filters) {
      const drawn = await tilePixels(panel.frame, filter, rows, columns);
      drawn.forEach((colour, i) => {
        const expected = signedColor(kernel.values[i * count + filter], scale, 'dark');
        const distance = Math.max(...colour.map((c, k) => Math.abs(c - expected[k])));
        assert.ok(distance <= 2, `${layer} kernel ${filter} cell ${i}: drawn ${colour}, weights say ${expected}`);
      });
    }
  }

  it('opens the panel beside the code and trains when the window opens', async () => {
    await panel.isBeyond(3);
    assert.match((await panel.frame.locator('.data-line').textContent()) ?? '', /synthetic/i);
    await workbench.shot('train-running');
  });

  it('pauses, and shows the kernels of that very step', async () => {
    const paused = await panel.pause();
    assert.ok(paused > 0);
    const checkpoint = JSON.parse(weightsNow().metadata.progress) as { step: number };
    assert.equal(checkpoint.step, paused);
    await panel.chooseLayer('conv2d_1');
    await eventually(() => assertTilesAre('conv2d_1', [0, 1, 7, 31]));
  });

  it('trains one batch when asked to', async () => {
    const before = await panel.pause();
    await panel.press('Train one batch, then pause');
    await until('one step more', async () => (await panel.phase()) === 'paused' && (await panel.step()) === before + 1);
    await until('the tiles of this step', async () => (await panel.shownStep()) === before + 1);
    await eventually(() => assertTilesAre('conv2d_1', [3, 12]));
  });

  it('shows gradient, update and change, each with its own legend', async () => {
    const legends = new Set<string>();
    const legend = async () => (await panel.frame.locator('.kernels .legend').getAttribute('aria-label')) ?? '';
    const radio = (name: string) => panel.frame.getByRole('radio', { name, exact: true });
    await radio('Weight').click();
    for (const name of ['Gradient', 'Update', 'Change', 'Weight']) {
      const before = await legend();
      await radio(name).click();
      await until(`${name} is chosen`, () => panel.frame.getByRole('radio', { name, exact: true, checked: true }).isVisible());
      legends.add(await until(`the legend of ${name}`, async () => (await legend()) !== before && legend()));
      await workbench.shot(`view-${name.toLowerCase()}`);
    }
    assert.equal(legends.size, 4, [...legends].join('\n'));
  });

  it('writes a weight’s last step out in numbers when its kernel is clicked', async () => {
    await panel.openKernel(5);
    const inspector = panel.frame.locator('.inspector');
    await until('numbers', async () => (await inspector.locator('.number-grid [role=gridcell]').count()) >= 9);
    await eventually(async () => assert.match((await inspector.textContent()) ?? '', /Adam|β|beta/i));
    await workbench.shot('inspector');
  });

  it('hovers over a layer’s line with the kernels of the run', async () => {
    await workbench.page.mouse.move(5, 5);
    const hover = await hoverText(workbench.page, 'layers.Conv2D(32', 'Conv2D');
    await eventually(async () => {
      const text = (await hover.textContent()) ?? '';
      assert.match(text, /32 kernels of 3 × 3 × 1/);
      assert.match(text, /After step \d+ of/);
      assert.equal(await hover.locator('img').count(), 1);
    });
    await workbench.shot('hover');
    await workbench.page.mouse.move(5, 5);
  });

  it('lists the layers and the kernels in the side bar', async () => {
    const gallery = workbench.page.locator('.pane-header', { hasText: 'Layers' });
    if (!(await gallery.isVisible())) await activityBar(workbench.page, 'Kernelscope');
    const tree = workbench.page.locator('.pane-body .monaco-list-row').filter({ hasText: 'conv2d_2' });
    await tree.waitFor();
    await eventually(async () => assert.match((await tree.textContent()) ?? '', /18,496 params/));
    const view = await webviewFrame(workbench.page, '.gallery');
    await until('tiles in the gallery', async () => (await view.locator('canvas').count()) > 0);
    await workbench.shot('side-bar');
  });

  it('rewinds to the same initialisation, and goes on from there', async () => {
    await panel.press('Rewind to the same initial weights');
    await until('step 0', async () => (await panel.phase()) === 'paused' && (await panel.step()) === 0);
    await panel.press('Continue');
    await panel.isBeyond(12);
  });

  it('goes back in time over the run’s frames', async () => {
    await panel.pause();
    await panel.frame.locator('.time-slider').focus();
    await workbench.page.keyboard.press('Home');
    await until('the first frame', async () => (await panel.shownStep()) === 0);
    await workbench.shot('time-zero');
    await workbench.page.keyboard.press('End');
    await until('the newest frame', async () => (await panel.shownStep()) > 0);
  });

  it('restarts with another seed', async () => {
    const before = workbench.runFolder();
    await runCommand(workbench.page, 'Kernelscope: Restart with a New Seed');
    await until('another run', async () => workbench.runFolder() !== before && fs.existsSync(path.join(workbench.runFolder(), 'run.json')));
    assert.equal(readRun(workbench.runFolder()).options.seed, readRun(before).options.seed + 1);
    await panel.isBeyond(0);
    await panel.press('Stop the run');
    await panel.isIn('stopped');
  });

  it('trains what the file says to its end, and has learned it', async () => {
    const { page } = workbench;
    fs.writeFileSync(path.join(workbench.folder, 'mnist_cnn.py'), sampleText('mnist_cnn.py'));
    const lenses = page.locator('.codelens-decoration', { hasText: '5 epochs' });
    await lenses.waitFor();
    await lenses.locator('a', { hasText: 'Train CNN' }).click();
    // MNIST is not here.
    await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Embedded digits' }).waitFor();
    await page.keyboard.type('digits');
    await page.keyboard.press('Enter');
    await panel.isIn('finished');
    const manifest = readRun(workbench.runFolder());
    assert.equal(manifest.phase, 'finished');
    assert.equal(manifest.options.epochs, 5);
    assert.ok((manifest.test?.accuracy ?? 0) > 0.9, `test accuracy ${manifest.test?.accuracy}`);
    await workbench.shot('finished');
  });
});
