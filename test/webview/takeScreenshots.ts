/**
 * Pictures of the webviews in many states, for people to look at, from a real run of the sample model:
 *   npx tsx test/webview/takeScreenshots.ts [--data PATH] [--only TEXT]
 * They land in out/screenshots. The run is kept in out/recorded-run.bin and used again.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import { deserialize, serialize } from 'node:v8';
import type { Page } from 'playwright-core';
import type { Snapshot } from '../../src/common/panelProtocol';
import { closeBrowser, keepScreenshot, openWebview, type WebviewPageOptions } from './page';
import { fillHost } from './fillHost';
import { recordRun, snapshotAt, type RecordedRun } from './recordRun';
import { spread } from '../../webview/sight/activePart';
import type { ThemeName } from './themes';

const ROOT = path.resolve(__dirname, '../..');
const { values } = parseArgs({ options: { data: { type: 'string' }, only: { type: 'string' } } });

async function record(): Promise<RecordedRun> {
  const kept = path.join(ROOT, 'out/recorded-run.bin');
  if (fs.existsSync(kept)) return deserialize(fs.readFileSync(kept)) as RecordedRun;
  const run = await recordRun({
    python: fs.readFileSync(path.join(ROOT, 'media/sample/mnist_cnn.py'), 'utf8'),
    data: values.data ? { kind: 'path', path: values.data } : { kind: 'embedded', name: 'digits' },
    options: { epochs: 2, limit: 12_000, backend: 'auto' },
    probes: (stored) => [
      { type: 'kernelSight', params: { layer: 'conv2d_1', filter: 5, split: null, indices: null, detail: 0 } },
      { type: 'kernelSight', params: { layer: 'conv2d_2', filter: 5, split: null, indices: null, detail: 0 } },
      { type: 'gradientSum', params: { layer: 'conv2d_1', weight: 'kernel', offset: 5 } },
      { type: 'checkGradient', params: { layer: 'conv2d_1', weight: 'kernel', offset: 5 } },
      { type: 'lossSlice', params: { layer: 'conv2d_1', weight: 'kernel', offset: 5, halfWidth: null } },
      { type: 'knockOut', params: { layer: 'conv2d_1', filter: 5 } },
      { type: 'excitement', params: { layer: 'conv2d_1', filter: 5 } },
      { type: 'excitement', params: { layer: 'conv2d_2', filter: 5 } },
      { type: 'classActivation', params: { layer: 'conv2d_1', index: 0, label: null } },
      { type: 'classActivation', params: { layer: 'conv2d_2', index: 0, label: null } },
      { type: 'activeShare', params: { layer: 'conv2d_1', filter: 5, steps: spread(stored) } },
      { type: 'gradientSum', params: { layer: 'conv2d_1', weight: 'kernel', offset: 5, step: 5 } },
    ],
  });
  fs.mkdirSync(path.dirname(kept), { recursive: true });
  fs.writeFileSync(kept, serialize(run));
  return run;
}

interface Shot {
  name: string;
  view: WebviewPageOptions['view'];
  width: number;
  height?: number;
  theme?: ThemeName;
  snapshot: Snapshot | null;
  act?(page: Page): Promise<void>;
}

async function main(): Promise<void> {
  const run = await record();
  const stored = run.storedSteps;
  const middle = stored[Math.floor(stored.length * 0.8)];
  const press = (selector: string) => async (page: Page) => {
    await page.locator(selector).first().click();
    await page.waitForTimeout(500);
  };
  const openKernel = (page: Page) => press('.kernels .cell[data-filter="5"]')(page);
  const field = (label: string) => press(`.kernels .segment:has-text("${label}")`);
  const answers = async (page: Page) => {
    await page.waitForTimeout(300);
    for (const id of ['origin', 'edges', 'difference', 'reasons', 'health'])
      await page.locator(`.answer[data-answer="${id}"] summary`).click();
    await page.waitForTimeout(700);
  };
  const probes = async (page: Page) => {
    await openKernel(page);
    for (const id of ['sight', 'gradient', 'check', 'downhill', 'knockout', 'excitement', 'active'])
      await page.locator(`.probe[data-answer="${id}"] summary`).click();
    for (const id of ['check', 'knockout', 'excitement', 'active']) await page.locator(`.probe[data-answer="${id}"] vscode-button`).click();
    await page.waitForTimeout(800);
  };
  const layer = (name: string) => press(`.layer-row[data-layer="${name}"]`);
  const names = run.spec.layers.map((l) => l.name);
  const conv2 = names.filter((n) => n.startsWith('conv2d'))[1];
  const dense = names.filter((n) => n.startsWith('dense'))[0];
  const before = snapshotAt(run, 0, { runId: null, status: null, storedSteps: [], metrics: { steps: [], epochs: [] } });
  const running = snapshotAt(run, middle);
  const end = snapshotAt(run);
  const failed = snapshotAt(run, middle, {
    status: {
      ...(running.status as NonNullable<Snapshot['status']>),
      phase: 'failed',
      message: 'The loss is not a number (NaN) at step 81. The learning rate 10 is probably too large: lower it to 1 and train again.',
    },
  });
  const paused = snapshotAt(run, middle, { status: { ...(running.status as NonNullable<Snapshot['status']>), phase: 'paused' } });
  const shots: Shot[] = [
    { name: 'panel-empty', view: 'panel', width: 900, height: 500, snapshot: null },
    { name: 'panel-before', view: 'panel', width: 900, snapshot: before },
    { name: 'panel-running-wide', view: 'panel', width: 1300, snapshot: running },
    { name: 'panel-running', view: 'panel', width: 820, snapshot: running },
    { name: 'panel-running-narrow', view: 'panel', width: 300, snapshot: running },
    { name: 'panel-running-light', view: 'panel', width: 1300, theme: 'vscode-light', snapshot: running },
    { name: 'panel-running-hc', view: 'panel', width: 1300, theme: 'vscode-high-contrast', snapshot: running },
    { name: 'panel-running-hclight', view: 'panel', width: 820, theme: 'vscode-high-contrast-light', snapshot: running },
    { name: 'panel-gradient', view: 'panel', width: 820, snapshot: running, act: field('Gradient') },
    { name: 'panel-update', view: 'panel', width: 820, snapshot: running, act: field('Update') },
    { name: 'panel-change', view: 'panel', width: 820, snapshot: running, act: field('Change') },
    { name: 'panel-deep', view: 'panel', width: 1300, snapshot: running, act: layer(conv2) },
    { name: 'panel-dense', view: 'panel', width: 1300, snapshot: running, act: layer(dense) },
    { name: 'panel-open', view: 'panel', width: 1300, snapshot: running, act: openKernel },
    { name: 'panel-open-820', view: 'panel', width: 820, snapshot: running, act: openKernel },
    { name: 'panel-open-narrow', view: 'panel', width: 300, snapshot: running, act: openKernel },
    { name: 'panel-open-light', view: 'panel', width: 1300, theme: 'vscode-light', snapshot: paused, act: openKernel },
    { name: 'panel-answers', view: 'panel', width: 1300, height: 1500, snapshot: end, act: answers },
    { name: 'panel-answers-820', view: 'panel', width: 820, height: 2100, snapshot: end, act: answers },
    { name: 'panel-answers-narrow', view: 'panel', width: 300, height: 2600, theme: 'vscode-light', snapshot: end, act: answers },
    { name: 'panel-probes', view: 'panel', width: 1300, height: 2800, snapshot: end, act: probes },
    { name: 'panel-probes-narrow', view: 'panel', width: 300, height: 3600, theme: 'vscode-light', snapshot: end, act: probes },
    { name: 'panel-failed', view: 'panel', width: 820, snapshot: failed },
    { name: 'panel-finished', view: 'panel', width: 1300, snapshot: end },
    { name: 'gallery-empty', view: 'gallery', width: 300, height: 500, snapshot: null },
    { name: 'gallery-before', view: 'gallery', width: 300, snapshot: before },
    { name: 'gallery-running', view: 'gallery', width: 300, snapshot: { ...running, selectedLayer: conv2, selectedFilter: 7 } },
    { name: 'gallery-running-200', view: 'gallery', width: 200, snapshot: running },
    { name: 'gallery-running-480', view: 'gallery', width: 480, snapshot: running },
    { name: 'gallery-light', view: 'gallery', width: 300, theme: 'vscode-light', snapshot: running },
    { name: 'gallery-hc', view: 'gallery', width: 300, theme: 'vscode-high-contrast', snapshot: running },
    { name: 'gallery-failed', view: 'gallery', width: 300, snapshot: failed },
  ];
  for (const shot of shots) {
    if (values.only && !shot.name.includes(values.only)) continue;
    const { view, width, height = 860, theme } = shot;
    const { page, problems, close } = await openWebview({ view, width, height, theme, deviceScaleFactor: 1 }, (p) =>
      shot.snapshot ? fillHost(p, run, shot.snapshot) : Promise.resolve(),
    );
    await page.waitForTimeout(400);
    if (shot.snapshot && shot.act) await shot.act(page);
    await page.waitForTimeout(300);
    await keepScreenshot(page, shot.name, view === 'gallery');
    for (const problem of await problems()) console.log(`${shot.name}: ${problem}`);
    await close();
  }
  await closeBrowser();
}

void main();
