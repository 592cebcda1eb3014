import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Frame } from 'playwright-core';
import { signedColor } from '../../src/common/colorMap';
import { encodeTensors } from '../../src/common/safetensors';
import { hoverText, openFile, runCommand, webviewFrame } from '../harness/vscode.mjs';
import { tilePixels } from './tilePixels';
import { eventually, until } from './until';
import { Workbench } from './workbench';

/** Eight kernels of 3 × 3, as PyTorch stores them; kernel 2 is another one when `change` is not 0. */
function kernels(change: number): Float32Array {
  return Float32Array.from({ length: 72 }, (_, i) => Math.sin(i * 1.7) / 2 + (i >= 18 && i < 27 ? change : 0));
}

function write(file: string, change = 0): void {
  fs.mkdirSync(path.dirname(file), { recursive: true });
  const dense = Float32Array.from({ length: 64 * 20 }, (_, i) => Math.cos(i) / 9);
  const tensors = [
    { name: 'conv1.weight', shape: [8, 1, 3, 3], values: kernels(change) },
    { name: 'fc.weight', shape: [20, 64], values: dense },
  ];
  fs.writeFileSync(file, Buffer.from(encodeTensors(tensors, { format: 'pt' })));
}

describe('Weight files in the workbench', function () {
  this.timeout(300_000);
  let workbench: Workbench;

  before(async () => {
    workbench = await Workbench.open({
      fill(folder) {
        write(path.join(folder, 'cat.safetensors'));
        write(path.join(folder, 'dog.safetensors'), 0.3);
        for (const n of [1, 2, 3]) write(path.join(folder, `film/epoch-${n}.safetensors`), n / 10);
        fs.writeFileSync(path.join(folder, 'use.py'), "weights = load_file('cat.safetensors')\n");
      },
    });
  });
  after(() => workbench?.close('weights-last'));
  // Each test opens what it looks at, so that it can be tried again.
  beforeEach(async () => {
    await runCommand(workbench.page, 'View: Close All Editors');
    await until('no editor', async () => (await workbench.page.locator('.tabs-container .tab').count()) === 0);
  });

  const explorer = () => workbench.page.locator('.explorer-folders-view');
  const view = (mode: string): Promise<Frame> => webviewFrame(workbench.page, `.weights[data-mode="${mode}"]`);
  async function menu(file: string, item: string): Promise<void> {
    await explorer().getByText(file, { exact: true }).click({ button: 'right' });
    const action = workbench.page.locator('.monaco-menu .action-label').filter({ hasText: item }).first();
    await action.waitFor();
    // A menu that has just opened takes no clicks yet.
    await until('the menu to close', async () => {
      if (!(await action.isVisible())) return true;
      await action.click({ timeout: 2_000 }).catch(() => {});
      await workbench.page.waitForTimeout(300);
      return !(await action.isVisible());
    });
  }

  /** The values of a file arrive after its name and its statistics: they are waited for. */
  const assertTileIs = (page: Frame, filter: number, change: number) => eventually(() => assertTileIsNow(page, filter, change));

  async function assertTileIsNow(page: Frame, filter: number, change: number): Promise<void> {
    const scale = Number((await page.locator('.legend-high').first().textContent())?.replace('+', ''));
    const drawn = await tilePixels(page, filter, 3, 3);
    drawn.forEach((colour, i) => {
      const expected = signedColor(kernels(change)[filter * 9 + i], scale, 'dark');
      const distance = Math.max(...colour.map((c, k) => Math.abs(c - expected[k])));
      assert.ok(distance <= 2, `kernel ${filter} cell ${i}: drawn ${colour}, weights say ${expected}`);
    });
  }

  /** What has the focus inside of a page, as a screen reader names it. */
  const focused = (page: Frame): Promise<string> =>
    page.evaluate(() => {
      const at = document.activeElement;
      return at?.getAttribute('aria-label') ?? at?.textContent?.trim() ?? '';
    });

  /** Goes on with the Tab key until something of that name has the focus. */
  async function tabTo(page: Frame, name: RegExp): Promise<void> {
    const seen: string[] = [];
    for (let i = 0; i < 60; i++) {
      const label = await focused(page);
      if (name.test(label)) return;
      seen.push(label);
      await workbench.page.keyboard.press('Tab');
    }
    assert.fail(`${name} is not reached: ${seen.join(' | ')}`);
  }

  const title = (page: Frame): Promise<string | null> => page.locator('.kernel-title').textContent();
  async function chooseByKey(page: Frame, key: string, tensor: string): Promise<void> {
    await tabTo(page, /^Tensors$/);
    await workbench.page.keyboard.press('Home');
    await workbench.page.keyboard.press(key);
    await until(`${tensor}`, async () => (await title(page)) === tensor);
  }

  async function openByName(name: string): Promise<Frame> {
    await workbench.page.keyboard.press('Control+P');
    const box = workbench.page.locator('.quick-input-widget input.input');
    await box.fill(name);
    await workbench.page.locator('.quick-input-list .monaco-list-row.focused').filter({ hasText: name }).waitFor();
    await box.press('Enter');
    const page = await view('file');
    await until('its name', async () => (await page.locator('.file-title').textContent()) === name);
    await until('the focus', () => page.evaluate(() => document.hasFocus()));
    return page;
  }

  async function openFilm(): Promise<Frame> {
    await menu('film', 'as Film');
    const page = await view('film');
    await page.locator('.atlas-canvas').first().waitFor();
    return page;
  }

  async function openComparison(): Promise<Frame> {
    await explorer().getByText('cat.safetensors').click();
    await explorer()
      .getByText('dog.safetensors')
      .click({ modifiers: ['Control'] });
    await menu('dog.safetensors', 'Compare Weights With');
    const page = await view('compare');
    await page.locator('.file-head .verdict', { hasText: '1 tensor differs, 1 is identical' }).waitFor();
    return page;
  }

  it('opens a weight file on its kernels', async () => {
    await explorer().getByText('cat.safetensors').dblclick();
    const page = await view('file');
    await page.locator('.atlas-canvas').first().waitFor();
    assert.equal(await page.locator('.kernel-title').textContent(), 'conv1.weight');
    await until('statistics', async () => (await page.locator('.statistics td').count()) > 5);
    await assertTileIs(page, 0, 0);
    await assertTileIs(page, 7, 0);
    await workbench.shot('weights-file');
  });

  it('shows the file as it is after it changed on disk', async () => {
    const cat = path.join(workbench.folder, 'cat.safetensors');
    const page = await openByName('cat.safetensors');
    try {
      write(cat, -0.4);
      await until('the new minimum', async () =>
        (await page.locator('.statistics tr').allTextContents()).some((row) => /^min−0\.[89]/.test(row)),
      );
      await assertTileIs(page, 2, -0.4);
    } finally {
      write(cat);
    }
  });

  it('compares two files that are selected in the explorer', async () => {
    const page = await openComparison();
    assert.match((await page.locator('.tensor-head .verdict').textContent()) ?? '', /9 of 72 values differ/);
    await page.locator('.atlas-canvas').nth(2).waitFor();
    await workbench.shot('weights-compare');
  });

  it('runs a folder of checkpoints as a film', async () => {
    const page = await openFilm();
    await page.locator('.time-slider').focus();
    await workbench.page.keyboard.press('End');
    await until('the last file', async () => (await page.locator('.time-where').textContent())?.includes('epoch-3.safetensors · 3 of 3'));
    await until('its statistics', async () => (await page.locator('.statistics td').count()) > 5);
    await assertTileIs(page, 2, 0.3);
    await workbench.shot('weights-film');
  });

  it('is used by keyboard alone: from the list to a kernel and back', async () => {
    const { keyboard } = workbench.page;
    const page = await openByName('cat.safetensors');
    await chooseByKey(page, 'End', 'fc.weight');
    await chooseByKey(page, 'Home', 'conv1.weight');
    await tabTo(page, /^kernel \d+/);
    for (const key of ['Home', 'ArrowRight', 'ArrowRight', 'Enter']) await keyboard.press(key);
    await page.locator('.inspector', { hasText: 'kernel 2 of 8' }).waitFor();
    await workbench.shot('weights-keyboard');
    await tabTo(page, /^Close$/);
    await keyboard.press('Enter');
    await page.locator('.inspector').waitFor({ state: 'hidden' });
    assert.match(await focused(page), /^kernel 2\b/, 'the focus is back on the kernel');
  });

  it('plays a film by keyboard', async () => {
    const { keyboard } = workbench.page;
    const page = await openFilm();
    const isAt = (n: number) => until(`file ${n}`, async () => (await page.locator('.time-where').textContent())?.endsWith(`${n} of 3`));
    await tabTo(page, /^Files of the film$/);
    await keyboard.press('Home');
    await isAt(1);
    await keyboard.press('ArrowRight');
    await isAt(2);
    await keyboard.press('Home');
    await isAt(1);
    await keyboard.press('Shift+Tab');
    assert.equal(await focused(page), 'Play the film');
    await keyboard.press('Enter');
    await isAt(3);
    await assertTileIs(page, 2, 0.3);
  });

  it('brings a file, a comparison and a film back where they were left when the window is reloaded', async () => {
    // The page's memory lies in the window's as JSON in JSON.
    const tensor = /tensor\\*":\\*"fc\.weight/;
    await chooseByKey(await openByName('dog.safetensors'), 'End', 'fc.weight');
    await workbench.remembers(/dog\.safetensors/, tensor);
    await workbench.reload();
    let page = await view('file');
    await until('the file', async () => (await page.locator('.file-title').textContent()) === 'dog.safetensors');
    await until('its tensor', async () => (await title(page)) === 'fc.weight');

    await chooseByKey(await openComparison(), 'End', 'fc.weight');
    await workbench.remembers(/mode\\*":\\*"compare/, tensor);
    await workbench.reload();
    page = await view('compare');
    await page.locator('.file-head .verdict', { hasText: '1 tensor differs, 1 is identical' }).waitFor();
    await until('its tensor', async () => (await title(page)) === 'fc.weight');

    await (await openFilm()).locator('.time-slider').press('End');
    await workbench.remembers(/mode\\*":\\*"film/, /file\\*":2\b/);
    await workbench.reload();
    page = await view('film');
    await until('its file', async () => (await page.locator('.time-where').textContent())?.includes('epoch-3.safetensors · 3 of 3'));
    await assertTileIs(page, 2, 0.3);
    await workbench.shot('weights-reloaded');
  });

  it('compares anew, and shows a film anew, when a file changes under them', async () => {
    const film = path.join(workbench.folder, 'film/epoch-3.safetensors');
    const dog = path.join(workbench.folder, 'dog.safetensors');
    try {
      let page = await openComparison();
      fs.copyFileSync(path.join(workbench.folder, 'cat.safetensors'), dog);
      await page.locator('.file-head .verdict', { hasText: 'exactly the same: all 2 tensors are identical' }).waitFor();
      page = await openFilm();
      await page.locator('.time-slider').press('End');
      await assertTileIs(page, 2, 0.3);
      write(film, -0.2);
      await assertTileIs(page, 2, -0.2);
      fs.rmSync(film);
      await page.locator('.file-error', { hasText: 'the file is not there' }).waitFor();
      await workbench.shot('weights-film-gone');
    } finally {
      write(film, 0.3);
      write(dog, 0.3);
    }
  });

  it('shows the first kernels of a file over its path in code', async () => {
    await openFile(workbench.page, 'use.py');
    const hover = await hoverText(workbench.page, 'load_file', 'cat.safetensors');
    await until('the picture', async () => (await hover.locator('img').count()) > 0);
    assert.match((await hover.textContent()) ?? '', /8 kernels of 3 × 3 × 1/);
    await workbench.shot('weights-hover');
  });
});
