import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { PNG } from 'pngjs';
import { Random } from '../../src/common/random';
import type { RunManifest } from '../../src/common/run';
import { runCommand } from '../harness/vscode.mjs';
import { RunPanel } from './runPanel';
import { sampleText, trainAtStart } from './samples';
import { Workbench } from './workbench';

/** Photographs of two classes, drawn here: bright stripes across or down on a noisy ground. */
function writeImages(folder: string, count: number): void {
  const random = new Random(1);
  for (const part of ['training_set', 'test_set'])
    for (const name of ['cats', 'dogs']) {
      const target = path.join(folder, 'dataset', part, name);
      fs.mkdirSync(target, { recursive: true });
      for (let i = 0; i < count; i++) {
        const png = new PNG({ width: 40, height: 36 });
        const period = 4 + random.integer(6);
        for (let y = 0; y < 36; y++)
          for (let x = 0; x < 40; x++) {
            const stripe = Math.floor((name === 'cats' ? x : y) / period) % 2 === 0 ? 160 : 60;
            for (let c = 0; c < 3; c++) png.data[(y * 40 + x) * 4 + c] = stripe + random.integer(60);
            png.data[(y * 40 + x) * 4 + 3] = 255;
          }
        fs.writeFileSync(path.join(target, `${name}.${i}.png`), PNG.sync.write(png));
      }
    }
}

const writeSample = (folder: string, epochs: number) => fs.writeFileSync(path.join(folder, 'cnn.py'), sampleText('cnn.py', epochs));
const manifestOf = (workbench: Workbench) =>
  JSON.parse(fs.readFileSync(path.join(workbench.runFolder(), 'run.json'), 'utf8')) as RunManifest;

describe('data in the workbench', function () {
  this.timeout(300_000);
  let workbench: Workbench | null = null;
  afterEach(async () => {
    await workbench?.close('data-last');
    workbench = null;
  });

  it('asks what to train on when the file’s photos are not there, and takes the embedded shapes', async () => {
    workbench = await Workbench.open({ file: 'cnn.py', fill: (folder) => writeSample(folder, 1000) });
    const { page } = workbench;
    await page.locator('.codelens-decoration a', { hasText: 'Train CNN' }).click();
    const pick = page.locator('.quick-input-widget');
    await pick.locator('.monaco-list-row', { hasText: 'Embedded shapes' }).waitFor();
    assert.match((await pick.locator('.quick-input-title').textContent()) ?? '', /classifier/);
    assert.ok(await pick.locator('.monaco-list-row', { hasText: 'Pick a folder' }).isVisible());
    await workbench.shot('data-choice');
    // By keyboard: the first of the list that matches.
    await page.keyboard.type('shapes');
    await page.keyboard.press('Enter');
    const panel = await RunPanel.find(page);
    await panel.isBeyond(0);
    assert.equal(manifestOf(workbench).dataset.isSynthetic, true);
    await workbench.shot('data-embedded-shapes');
  });

  it('trains on the folders of photos that the file names, resized to its input', async () => {
    workbench = await Workbench.open({
      file: 'cnn.py',
      fill(folder) {
        writeSample(folder, 10);
        writeImages(folder, 60);
      },
    });
    const { page } = workbench;
    await page.locator('.codelens-decoration a', { hasText: 'Train CNN' }).waitFor();
    await runCommand(page, 'Kernelscope: Train CNN');
    const panel = await RunPanel.find(page);
    await panel.isIn('finished');
    const { dataset, test, options } = manifestOf(workbench);
    assert.deepEqual(
      [dataset.isSynthetic, dataset.trainCount, dataset.validationCount, dataset.classNames],
      [false, 120, 120, ['cats', 'dogs']],
    );
    assert.deepEqual([dataset.inputShape, options.epochs], [[64, 64, 3], 10]);
    assert.equal(test, null, 'the file validates on its test folder');
    const accuracy =
      (await panel.frame.locator('.chart', { hasText: 'accuracy' }).locator('.metric-value.validation').first().textContent()) ?? '';
    assert.ok(Number(/validation ([\d.]+)/.exec(accuracy)?.[1]) > 90, `stripes across and down are easy to tell apart: ${accuracy}`);
    await workbench.shot('data-photos');
  });

  it('stops when the loss is no number any more, says so, and keeps the last good kernels', async () => {
    workbench = await Workbench.open({ file: 'mnist_cnn.py', fill: trainAtStart });
    const panel = await RunPanel.find(workbench.page);
    const { frame } = panel;
    await panel.isBeyond(0);
    const rate = frame.locator('.field', { hasText: 'Learning rate' }).locator('input');
    await rate.fill('1e20');
    await rate.press('Enter');
    await panel.isIn('failed');
    assert.match((await frame.locator('.run-message').textContent()) ?? '', /at step \d+.*lower it/s);
    const tiles = await frame.locator('.kernels .atlas-cells [role=option]').count();
    assert.equal(tiles, 32, 'the last good kernels stay on the screen');
    await workbench.page.locator('.codelens-decoration a', { hasText: 'Train CNN' }).waitFor();
    await workbench.shot('failed');
  });
});
