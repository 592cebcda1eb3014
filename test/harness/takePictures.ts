// Takes the pictures of the README from the real product: npx tsx test/harness/takePictures.ts [dark] [light]
import * as fs from 'node:fs';
import * as path from 'node:path';
import { until } from '../e2e/until';
import { Workbench } from '../e2e/workbench';
import { activityBar, hoverText, ROOT, webviewFrame } from './vscode.mjs';

const OUT = path.join(ROOT, 'media/pictures');
/** Far enough into training that the kernels have left their random start. */
const STEP = 120;

async function takePictures(name: string, theme: string): Promise<void> {
  const workbench = await Workbench.open({
    file: 'mnist_cnn.py',
    settings: { 'workbench.colorTheme': theme, 'editor.fontSize': 12, 'breadcrumbs.enabled': false, 'files.exclude': { '**/.*': true } },
    viewport: { width: 1480, height: 920 },
    fill(folder) {
      fs.cpSync(path.join(ROOT, 'media/sample'), folder, { recursive: true });
      fs.mkdirSync(path.join(folder, '.vscode'));
      fs.writeFileSync(path.join(folder, '.vscode/settings.json'), JSON.stringify({ 'kernelscope.trainOnStartup': 'mnist_cnn.py' }));
    },
  });
  try {
    const { page } = workbench;
    const panel = await webviewFrame(page, '.run-bar');
    await activityBar(page, 'Kernelscope');
    await page.locator('.view-lines').first().click();
    const step = async (): Promise<number> => Number(/step (\d+) of/.exec((await panel.locator('.run-numbers').textContent()) ?? '')?.[1]);
    await until(`step ${STEP}`, async () => (await step()) >= STEP, 120_000);
    await page.screenshot({ path: path.join(OUT, `training-${name}.png`) });
    await panel.getByRole('button', { name: 'Pause', exact: true }).click();
    await until('paused', async () => (await panel.locator('.phase').getAttribute('data-phase')) === 'paused');
    await panel.locator('.kernels .atlas-cells [aria-posinset="6"]').click();
    await panel.locator('.inspector .number-grid [role=gridcell]').first().waitFor();
    await page.screenshot({ path: path.join(OUT, `kernel-${name}.png`) });
    await hoverText(page, 'layers.Conv2D(32', 'Conv2D');
    await page.screenshot({ path: path.join(OUT, `hover-${name}.png`) });
  } finally {
    await workbench.close();
  }
}

async function main(): Promise<void> {
  fs.mkdirSync(OUT, { recursive: true });
  const wanted = process.argv.slice(2);
  for (const name of ['dark', 'light']) {
    if (wanted.length === 0 || wanted.includes(name)) await takePictures(name, `Default ${name === 'dark' ? 'Dark' : 'Light'} Modern`);
  }
}

void main();
