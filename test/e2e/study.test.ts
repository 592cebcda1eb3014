import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { runCommand, webviewFrame } from '../harness/vscode.mjs';
import { RunPanel } from './runPanel';
import { until } from './until';
import { Workbench } from './workbench';

/** A network that a run of takes seconds. */
const MODEL = `from keras import Sequential, layers

model = Sequential([
    layers.Conv2D(8, (5, 5), activation="relu", input_shape=(28, 28, 1), name="first"),
    layers.MaxPooling2D(2),
    layers.Conv2D(12, (3, 3), activation="relu", name="second"),
    layers.MaxPooling2D(2),
    layers.Flatten(),
    layers.Dense(10, activation="softmax", name="scores"),
])
model.compile("adam", "sparse_categorical_crossentropy", metrics=["accuracy"])
model.fit(x, y, epochs=1, batch_size=32, steps_per_epoch=40)
`;

/** Starts a command that asks something next. */
async function ask(page: Page, title: string): Promise<void> {
  const input = page.locator('.quick-input-widget input.input');
  const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
  // The list is made when the box opens: a command whose turn comes a moment later is only in the next one.
  await until(`${title} is offered`, async () => {
    await page.keyboard.press('F1');
    await input.waitFor({ state: 'visible' });
    await input.fill(`>${title}`);
    if (
      await row.waitFor({ timeout: 2000 }).then(
        () => true,
        () => false,
      )
    )
      return true;
    await page.keyboard.press('Escape');
    return false;
  });
  await row.click();
}

for (const theme of ['Dark', 'Light'])
  describe(`studies in the workbench, ${theme.toLowerCase()}`, function () {
    this.timeout(300_000);
    let workbench: Workbench;
    let page: Page;
    let seeds: Frame;

    before(async () => {
      workbench = await Workbench.open({
        file: 'net.py',
        settings: { 'workbench.colorTheme': `Default ${theme} Modern`, 'files.simpleDialog.enable': true },
        fill: (folder) => fs.writeFileSync(path.join(folder, 'net.py'), MODEL),
      });
      page = workbench.page;
      await page.locator('.codelens-decoration a', { hasText: 'Train CNN' }).waitFor();
    });
    after(() => workbench?.close(`study-last-${theme.toLowerCase()}`));
    const shot = (name: string) => workbench.shot(`study-${name}-${theme.toLowerCase()}`);

    /** Compares as many seeds; what to train on is asked for the first time only. Resolves when the study has begun. */
    async function compare(count: number): Promise<void> {
      await page.keyboard.press('Escape');
      await page.locator('.view-lines').first().click();
      await ask(page, 'Kernelscope: Compare Seeds...');
      const title = page.locator('.quick-input-titlebar', { hasText: 'Compare Seeds of model' });
      await title.waitFor();
      await page.locator('.quick-input-widget input.input').fill(String(count));
      const before = runs().length;
      await page.keyboard.press('Enter');
      const digits = page.locator('.quick-input-list .monaco-list-row', { hasText: 'Embedded digits' });
      await until('the data or the first run', async () => (await digits.isVisible()) || runs().length > before);
      if (runs().length === before) {
        await page.keyboard.type('digits');
        await page.keyboard.press('Enter');
      }
      seeds = await webviewFrame(page, '.seeds .run');
      await until(`${count} seeds are shown`, async () => (await seeds.locator('.run').count()) === count);
    }
    const phase = () => seeds.locator('.phase').getAttribute('data-phase');
    const runs = () => {
      const folder = path.join(workbench.folder, '.kernelscope/runs');
      return fs.existsSync(folder) ? fs.readdirSync(folder) : [];
    };

    it('asks how many seeds, trains them beside the code and compares their kernels', async () => {
      await ask(page, 'Kernelscope: Compare Seeds...');
      const input = page.locator('.quick-input-widget input.input');
      await page.locator('.quick-input-titlebar', { hasText: 'Compare Seeds of model' }).waitFor();
      await input.fill('1');
      await page.locator('.quick-input-widget', { hasText: 'whole number from 2' }).waitFor();
      const before = runs().length;
      await compare(3);
      await shot('seeds-training');
      await until('compared', async () => (await phase()) === 'done');
      assert.equal(await seeds.locator('.run[data-phase="finished"]').count(), 3);
      assert.match((await seeds.locator('.quote').textContent()) ?? '', /3 runs reach .* % accuracy.*random ones would have/);
      assert.deepEqual(await seeds.locator('.layer').evaluateAll((all) => all.map((l) => (l as HTMLElement).dataset.layer)), [
        'first',
        'second',
      ]);
      assert.equal(await seeds.locator('.layer[data-layer="first"] tr[data-kernel]').count(), 8);
      assert.equal(runs().length, before + 3);
      await shot('seeds');
      await seeds.locator('.layer[data-layer="second"]').scrollIntoViewIfNeeded();
      await shot('seeds-second');
    });

    it('can be cancelled', async () => {
      await compare(40);
      await until('training again', async () => (await phase()) === 'training');
      await seeds.locator('.plain-button:text-is("Cancel")').click();
      await until('cancelled', async () => (await phase()) === 'cancelled');
      assert.match((await seeds.locator('.message').textContent()) ?? '', /^Cancelled: /);
    });

    it('opens one of the runs, and says how healthy it was', async () => {
      await compare(2);
      await until('compared', async () => (await phase()) === 'done');
      await seeds.locator('.run .link').first().click();
      const panel = await RunPanel.find(page);
      await panel.isIn('finished');
      await panel.unfold('health');
      await until('every layer', async () => (await panel.frame.locator('.health-table tr').count()) === 4);
      await panel.frame.locator('.health').scrollIntoViewIfNeeded();
      await shot('health');
    });

    it('exports the run as a report', async () => {
      for (const file of fs.readdirSync(workbench.folder)) if (file.endsWith('.html')) fs.rmSync(path.join(workbench.folder, file));
      await ask(page, 'Kernelscope: Export Report...');
      const input = page.locator('.quick-input-widget input.input');
      await until('where to save it', async () => (await input.inputValue().catch(() => '')).endsWith('.html'));
      const file = await input.inputValue();
      await page.keyboard.press('Enter');
      await page.locator('.notification-toast', { hasText: 'The report is in' }).waitFor();
      const html = fs.readFileSync(path.join(workbench.folder, path.basename(file)), 'utf8');
      assert.match(html, /<h1>model<\/h1>/);
      assert.match(html, /kernelscope train net.py/);
      assert.ok(html.length < 5_000_000);
      const other = await page
        .context()
        .browser()
        ?.newPage({ colorScheme: theme === 'Dark' ? 'dark' : 'light' });
      assert.ok(other);
      await other.setContent(html);
      await other.screenshot({ path: `out/shots/study-report-${theme.toLowerCase()}.png`, fullPage: true });
      await other.close();
    });

    it('opens the glossary', async () => {
      await runCommand(page, 'Kernelscope: Open Glossary');
      const glossary = await webviewFrame(page, 'h1:has-text("Glossary")');
      assert.ok((await glossary.locator('strong:has-text("Receptive field")').count()) > 0);
      await shot('glossary');
    });

    it('teaches in a walkthrough', async () => {
      await ask(page, 'Welcome: Open Walkthrough...');
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Watch kernels learn' }).click();
      await page.locator('.gettingStartedContainer .step-title', { hasText: 'Is an edge filter guaranteed?' }).click();
      await shot('walkthrough');
    });
  });
