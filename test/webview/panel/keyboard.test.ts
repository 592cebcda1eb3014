import assert from 'node:assert/strict';
import { panelSuite, text } from './panelView';

describe('panel: keyboard', function () {
  const panel = panelSuite(this);

  it('reaches a kernel, opens it, walks its numbers and comes back', () =>
    panel.open(async (v) => {
      const { keyboard } = v.page;
      for (let i = 0; i < 40; i++) {
        await keyboard.press('Tab');
        if (await v.page.evaluate(() => document.activeElement?.classList.contains('cell'))) break;
      }
      const focused = () => v.page.evaluate(() => (document.activeElement as HTMLElement).dataset.filter);
      assert.equal(await focused(), '0');
      await keyboard.press('ArrowRight');
      await keyboard.press('ArrowRight');
      assert.equal(await focused(), '2');
      const label = await v.page.evaluate(() => document.activeElement?.getAttribute('aria-label'));
      assert.match(label ?? '', /kernel 2, weight, L2 norm [\d.]+, range /);
      await keyboard.press('Enter');
      await v.settle();
      assert.match(await text(v, '.inspector h2'), /kernel 2 of first/);
      for (let i = 0; i < 20; i++) {
        await keyboard.press('Tab');
        if (await v.page.evaluate(() => document.activeElement?.classList.contains('number'))) break;
      }
      await keyboard.press('ArrowDown');
      await v.settle();
      assert.match(await text(v, '.inspector [aria-label="One weight’s last step"] h3'), /row 1, column 0/);
      await keyboard.press('Escape');
      await v.settle();
      assert.equal(await v.page.locator('.inspector').isVisible(), false);
      assert.equal(await focused(), '2');
    }));

  it('walks the layers and the views with arrow keys', () =>
    panel.open(async (v) => {
      await v.page.locator('.layer-row[aria-selected="true"]').focus();
      await v.page.keyboard.press('End');
      await v.settle();
      assert.equal(await text(v, '.kernel-title'), 'scores');
      await v.page.locator('.kernel-controls .segment[aria-checked="true"]').first().focus();
      await v.page.keyboard.press('ArrowRight');
      await v.settle();
      assert.match(await text(v, '.kernels .explain'), /how steeply the loss/);
    }));
});
