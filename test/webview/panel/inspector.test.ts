import assert from 'node:assert/strict';
import { layerInsight } from '../../../src/insight/layerInsight';
import { type OpenView } from '../openView';
import { chooseLayer, MIDDLE, panelSuite, text, valuesOf } from './panelView';

describe('panel: inspector', function () {
  const panel = panelSuite(this);

  const openKernel = (v: OpenView, filter: number) => v.page.locator(`.kernels > .atlas .cell[data-filter="${filter}"]`).click();
  const numbers = async (v: OpenView, table: number) =>
    (await v.page.locator('.inspector .number-table').nth(table).locator('.number').allInnerTexts()).map((t) =>
      Number(t.replace('−', '-').replace('+', '')),
    );

  it('shows a kernel’s own numbers', () =>
    panel.open(async (v) => {
      await openKernel(v, 5);
      await v.settle();
      assert.match(await text(v, '.inspector h2'), /kernel 5 of first/);
      for (const [i, view] of (['Weight', 'Gradient', 'Update'] as const).entries()) {
        const caption = await v.page.locator('.inspector .number-table figcaption').nth(i).innerText();
        const superscript = /10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/.exec(caption)?.[1] ?? '⁰';
        const power = Number(superscript.replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (c) => (c === '⁻' ? '-' : String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c)))));
        const values = valuesOf(panel.run, view, MIDDLE, 'first');
        const shown = await numbers(v, i);
        assert.equal(shown.length, 9);
        const largest = Math.max(...Array.from({ length: 9 }, (_, p) => Math.abs(values[p * 8 + 5])));
        shown.forEach((n, p) =>
          assert.ok(Math.abs(n * 10 ** power - values[p * 8 + 5]) <= largest * 0.01, `${view} ${p}: ${n} × 10^${power}`),
        );
      }
      assert.deepEqual((await v.calls()).at(-1), { type: 'selectLayer', params: { layer: 'first', filter: 5 } });
    }));

  it('writes out the chosen weight’s step, ending in the very number of the frame', () =>
    panel.open(async (v) => {
      await openKernel(v, 2);
      await v.settle();
      await v.page.locator('.inspector .number-table').first().locator('.number').nth(4).click();
      await v.settle();
      assert.match(await text(v, '.inspector [aria-label="One weight’s last step"] h3'), /row 1, column 1/);
      const after = valuesOf(panel.run, 'Weight', MIDDLE, 'first')[4 * 8 + 2];
      const before = valuesOf(panel.run, 'Weight', MIDDLE, 'first')[4 * 8 + 2] - valuesOf(panel.run, 'Update', MIDDLE, 'first')[4 * 8 + 2];
      const sum = (await text(v, '.step-sum')).replaceAll('−', '-');
      const [from, to] = [parseFloat(sum), parseFloat(sum.split('=')[1])];
      assert.ok(Math.abs(from - before) < 1e-5 && Math.abs(to - after) < 1e-5, sum);
      const verdict = await text(v, '.inspector [aria-label="One weight’s last step"] .explain');
      assert.match(verdict, /Adam, step t = 20, lr = 0\.001/);
      assert.match(verdict, /exactly the number the frame holds/);
      assert.match(await text(v, '.step-lines'), /√\(1 − 0\.999²⁰\) \/ \(1 − 0\.9²⁰\)/);
    }));

  it('shows the kernel’s history and where its values came from', () =>
    panel.open(async (v) => {
      await openKernel(v, 0);
      await v.page.waitForFunction(() => /stored frames, from step 0 to 20/.test(document.querySelector('.inspector')?.textContent ?? ''));
      const stored = panel.run.storedSteps.filter((s) => s <= MIDDLE).length;
      assert.equal(await v.page.locator('.inspector .film .cell').count(), stored);
      assert.match(await text(v, '.inspector [aria-label="Distribution"]'), /limit = √\(6 \/ \(9 \+ 72\)\) = 0\.272166/);
      await v.page.locator('.inspector .film .cell').nth(3).click();
      await v.settle();
      assert.match(await text(v, '.time-where'), /step 3/);
    }));

  it('says what the kernel is, beside chance, and which other is most like it', () =>
    panel.open(async (v) => {
      await openKernel(v, 5);
      await v.page.waitForFunction(() => /A tilted plane explains/.test(document.querySelector('.inspector')?.textContent ?? ''));
      const { kernels } = layerInsight(valuesOf(panel.run, 'Weight', MIDDLE, 'first'), [3, 3, 1, 8]);
      const words = await text(v, '.inspector');
      const share = Number(/A tilted plane explains ([\d.]+) %/.exec(words)?.[1]);
      assert.ok(Math.abs(share - kernels[5].edgeScore * 100) < 1, words);
      assert.ok(words.includes(`Of the others kernel ${kernels[5].nearest?.index} is most alike`), words);
    }));

  it('pages through a deep kernel’s channels', () =>
    panel.open(async (v) => {
      await chooseLayer(v, 'second');
      await v.settle();
      await openKernel(v, 7);
      await v.settle();
      await v.page.locator('.inspector .pager vscode-button[aria-label="Next channel"]').click();
      await v.settle();
      assert.match(await text(v, '.inspector .pager'), /channel 1 of 8/);
      const values = valuesOf(panel.run, 'Weight', MIDDLE, 'second');
      const shown = await numbers(v, 0);
      shown.forEach((n, p) => assert.ok(Math.abs(n - values[(p * 8 + 1) * 12 + 7]) < 0.006, `${n}`));
    }));
});
