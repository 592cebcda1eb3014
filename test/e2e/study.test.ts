import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as path from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { runCommand, webviewFrame } from '../harness/vscode.mjs';
import { until, Workbench } from './workbench';

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
    this.timeout(240_000);
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
    after(async () => {
      await workbench?.shot(`study-last-${theme.toLowerCase()}`);
      await workbench?.close();
    });
    const shot = (name: string) => workbench.shot(`study-${name}-${theme.toLowerCase()}`);

    async function compare(count: number, isFirst: boolean): Promise<void> {
      await ask(page, 'Kernelscope: Compare Seeds...');
      const title = page.locator('.quick-input-titlebar', { hasText: 'Compare Seeds of model' });
      await title.waitFor();
      await page.locator('.quick-input-widget input.input').fill(String(count));
      await page.keyboard.press('Enter');
      if (!isFirst) return;
      await page.locator('.quick-input-list .monaco-list-row', { hasText: 'Embedded digits' }).waitFor();
      await page.keyboard.type('digits');
      await page.keyboard.press('Enter');
    }
    const phase = () => seeds.locator('.phase').getAttribute('data-phase');

    it('asks how many seeds, trains them beside the code and compares their kernels', async () => {
      await ask(page, 'Kernelscope: Compare Seeds...');
      const input = page.locator('.quick-input-widget input.input');
      await page.locator('.quick-input-titlebar', { hasText: 'Compare Seeds of model' }).waitFor();
      await input.fill('1');
      await page.locator('.quick-input-widget', { hasText: 'whole number from 2' }).waitFor();
      await page.keyboard.press('Escape');
      await compare(3, true);
      seeds = await webviewFrame(page, '.seeds .run');
      await until('a run in training', async () => (await seeds.locator('.run[data-phase="training"]').count()) > 0);
      await shot('seeds-training');
      await until('compared', async () => (await phase()) === 'done', 120_000);
      assert.equal(await seeds.locator('.run[data-phase="finished"]').count(), 3);
      assert.match((await seeds.locator('.quote').textContent()) ?? '', /3 runs reach .* % accuracy.*random ones would have/);
      assert.deepEqual(await seeds.locator('.layer').evaluateAll((all) => all.map((l) => (l as HTMLElement).dataset.layer)), [
        'first',
        'second',
      ]);
      assert.equal(await seeds.locator('.layer[data-layer="first"] tr[data-kernel]').count(), 8);
      assert.equal(fs.readdirSync(path.join(workbench.folder, '.kernelscope/runs')).length, 3);
      await shot('seeds');
      await seeds.locator('.layer[data-layer="second"]').scrollIntoViewIfNeeded();
      await shot('seeds-second');
    });

    it('can be cancelled', async () => {
      await page.locator('.view-lines').first().click();
      await compare(40, false);
      await until('training again', async () => (await phase()) === 'training' && (await seeds.locator('.run').count()) === 40);
      await seeds.locator('.plain-button:text-is("Cancel")').click();
      await until('cancelled', async () => (await phase()) === 'cancelled', 60_000);
      assert.match((await seeds.locator('.message').textContent()) ?? '', /^Cancelled: /);
    });

    it('opens one of the runs, and says how healthy it was', async () => {
      await page.locator('.view-lines').first().click();
      await compare(2, false);
      await until('compared', async () => (await phase()) === 'done', 120_000);
      await seeds.locator('.run .link').first().click();
      const panel = await webviewFrame(page, '.run-bar');
      await until('the run', async () => (await panel.locator('.phase').getAttribute('data-phase')) === 'finished');
      await panel.locator('.health summary').click();
      await until('every layer', async () => (await panel.locator('.health-table tr').count()) === 4);
      await panel.locator('.health').scrollIntoViewIfNeeded();
      await shot('health');
    });

    it('exports the run as a report', async () => {
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
