// Takes the pictures of the walkthrough from the real product: npx tsx test/harness/takeWalkthroughPictures.ts [run] [seeds]
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Frame, Locator, Page } from 'playwright-core';
import { sampleText } from '../e2e/samples';
import { until } from '../e2e/until';
import { Workbench } from '../e2e/workbench';
import { hoverText, ROOT, webviewFrame } from './vscode.mjs';

const OUT = path.join(ROOT, 'media/walkthrough');
/** Far enough into training that the kernels have left their random start. */
const STEP = 120;
const SEEDS = 3;
/** As shipped, so that the run goes on while it is pictured, and fewer for every seed. */
const EPOCHS = { run: undefined, seeds: 2 };
/** Around what is pictured, in pixels. */
const MARGIN = 10;

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  for (const what of ['run', 'seeds'] as const) if (given.length === 0 || given.includes(what)) await take(what);
}

async function take(what: keyof typeof EPOCHS): Promise<void> {
  const workbench = await Workbench.open({
    file: 'mnist_cnn.py',
    settings: { 'workbench.colorTheme': 'Default Dark Modern', 'editor.fontSize': 12, 'breadcrumbs.enabled': false },
    // Wide enough that the panel shows its parts side by side.
    viewport: { width: 1900, height: 1000 },
    fill(folder) {
      fs.cpSync(path.join(ROOT, 'media/sample'), folder, { recursive: true });
      fs.writeFileSync(path.join(folder, 'mnist_cnn.py'), sampleText('mnist_cnn.py', EPOCHS[what]));
    },
  });
  try {
    const { page } = workbench;
    await page.keyboard.press('Control+B');
    const train = page.locator('.codelens-decoration a', { hasText: 'Train CNN' });
    await train.waitFor();
    if (what === 'seeds') return await seedsPicture(page);
    await hoverPicture(page);
    await train.click();
    await chooseDigits(page);
    await runPictures(page, await webviewFrame(page, '.run-bar'));
  } finally {
    await workbench.close();
  }
}

async function chooseDigits(page: Page): Promise<void> {
  await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Embedded digits' }).waitFor();
  await page.keyboard.type('digits');
  await page.keyboard.press('Enter');
}

async function hoverPicture(page: Page): Promise<void> {
  const hover = await hoverText(page, 'layers.Conv2D(32', 'Conv2D');
  await hover.screenshot({ path: path.join(OUT, 'hover.png'), animations: 'disabled' });
  await page.mouse.move(5, 5);
}

async function runPictures(page: Page, panel: Frame): Promise<void> {
  const step = async (): Promise<number> => Number(/step (\d+) of/.exec((await panel.locator('.run-numbers').textContent()) ?? '')?.[1]);
  await until(`step ${STEP}`, async () => (await step()) >= STEP, 180_000);
  await keep(panel.locator('.panel'), 'training', 620, 0);
  await panel.getByRole('button', { name: 'Pause', exact: true }).click();
  await until('paused', async () => (await panel.locator('.phase').getAttribute('data-phase')) === 'paused');
  await panel.locator('.kernels .atlas-cells [aria-posinset="6"]').click();
  const inspector = panel.locator('.inspector');
  await inspector.locator('.number-grid [role=gridcell]').first().waitFor();
  await keep(inspector, 'step', 560);
  await panel.locator('.answer[data-answer="edges"] summary').click();
  await panel.locator('.answer[data-answer="edges"] table').first().waitFor();
  await keep(panel.locator('.answers'), 'answers', 462);
  await panel.getByRole('button', { name: 'Stop the run' }).click();
  await page.keyboard.press('Escape');
}

async function seedsPicture(page: Page): Promise<void> {
  const input = page.locator('.quick-input-widget input.input');
  await page.keyboard.press('F1');
  await input.waitFor({ state: 'visible' });
  await input.fill('>Kernelscope: Compare Seeds...');
  await page.locator('.quick-input-list .monaco-list-row').filter({ hasText: 'Compare Seeds' }).first().click();
  await page.locator('.quick-input-titlebar', { hasText: 'Compare Seeds of model' }).waitFor();
  await input.fill(String(SEEDS));
  await page.keyboard.press('Enter');
  await page.waitForTimeout(1500);
  if (await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Embedded digits' }).isVisible()) await chooseDigits(page);
  const seeds = await webviewFrame(page, '.seeds .run');
  await until('compared', async () => (await seeds.locator('.phase').getAttribute('data-phase')) === 'done', 400_000);
  await keep(seeds.locator('.layer[data-layer="conv2d_1"]'), 'seeds', 760);
}

/** The upper part of something, as a picture. */
async function keep(what: Locator, name: string, height: number, margin = MARGIN): Promise<void> {
  await what.scrollIntoViewIfNeeded();
  const box = await what.boundingBox();
  if (!box) throw new Error(`${name} is not on the screen`);
  const page = what.page();
  const view = page.viewportSize() ?? { width: 0, height: 0 };
  const [left, top] = [Math.max(0, box.x - margin), Math.max(0, box.y - margin)];
  const bottom = Math.min(top + height, box.y + box.height, view.height);
  const clip = { x: left, y: top, width: Math.min(box.width + 2 * margin, view.width - left), height: bottom - top };
  // No tooltip of what the pointer was left on.
  await page.mouse.move(view.width / 4, view.height - 60);
  await page.waitForTimeout(600);
  await page.screenshot({ path: path.join(OUT, `${name}.png`), clip, animations: 'disabled' });
}

void main();
