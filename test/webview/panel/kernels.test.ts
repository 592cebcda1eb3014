import assert from 'node:assert/strict';
import { withView } from '../openView';
import { keepScreenshot } from '../page';
import { snapshotAt } from '../recordRun';
import { assertKernels, chooseLayer, chooseView, MIDDLE, panelSuite, text, valuesOf } from './panelView';

/** WCAG 2.2's contrast ratio of two colours, channels 0 … 255. */
function contrastRatio(...colours: [number[], number[]]): number {
  const [dark, light] = colours
    .map((rgb) => {
      const [r, g, b] = rgb.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * r + 0.7152 * g + 0.0722 * b;
    })
    .sort((a, b) => a - b);
  return (light + 0.05) / (dark + 0.05);
}

describe('panel: kernels', function () {
  const panel = panelSuite(this);

  for (const view of ['Weight', 'Gradient', 'Update', 'Change'] as const) {
    it(`draws the ${view.toLowerCase()} of every kernel in exactly its colours`, () =>
      panel.open(async (v) => {
        await chooseView(v, view);
        await v.settle();
        await assertKernels(v, valuesOf(panel.run, view, MIDDLE, 'first'), [3, 3, 1, 8]);
        assert.match(await text(v, '.kernels .explain'), /^8 kernels of 3 × 3 × 1 weights/);
      }));
  }

  it('draws all channels of deep kernels side by side', () =>
    panel.open(async (v) => {
      await chooseLayer(v, 'second');
      await v.settle();
      await assertKernels(v, valuesOf(panel.run, 'Weight', MIDDLE, 'second'), [3, 3, 8, 12]);
      assert.match(await text(v, '.kernels .tile-text'), /8 input channels as slices of 3 × 3/);
    }));

  for (const [theme, colors] of [
    ['vscode-light', 'light'],
    ['vscode-high-contrast', 'high-contrast'],
    ['vscode-high-contrast-light', 'high-contrast-light'],
  ] as const) {
    it(`uses the colours of ${theme}`, () =>
      panel.open(
        async (v) => {
          await assertKernels(v, valuesOf(panel.run, 'Weight', MIDDLE, 'first'), [3, 3, 1, 8], colors);
          await keepScreenshot(v.page, `panel-${theme}`);
        },
        MIDDLE,
        { theme },
      ));
  }

  for (const theme of ['vscode-dark', 'vscode-light', 'vscode-high-contrast', 'vscode-high-contrast-light'] as const) {
    it(`keeps the selected layer readable in ${theme}`, () =>
      panel.open(
        async (v) => {
          const row = v.page.locator('.layer-row[aria-selected="true"]');
          const [surface, back, text] = await row.evaluate((e) =>
            [getComputedStyle(document.body).backgroundColor, getComputedStyle(e).backgroundColor, getComputedStyle(e).color].map((color) =>
              (color.match(/[\d.]+/g) ?? []).map(Number),
            ),
          );
          const opacity = back[3] ?? 1;
          const behind = back.slice(0, 3).map((c, i) => c * opacity + surface[i] * (1 - opacity));
          const contrast = contrastRatio(behind, text);
          // WCAG AA for text of ordinary size.
          assert.ok(contrast >= 4.5, `contrast ${contrast}`);
        },
        MIDDLE,
        { theme },
      ));
  }

  it('says where the numbers come from before training', () =>
    withView({ view: 'panel' }, panel.run, snapshotAt(panel.run, 0, { runId: null, status: null, storedSteps: [] }), async (v) => {
      await assertKernels(v, valuesOf(panel.run, 'Weight', 0, 'first'), [3, 3, 1, 8]);
      assert.match(await text(v, '.kernels .explain'), /drawn at random from GlorotUniform in ±0\.2722, seed 3, before any image was seen/);
      await chooseView(v, 'Gradient');
      await v.settle();
      assert.match(await text(v, '.kernels > .empty-text'), /no gradient at step 0/);
      await v.page.locator('.empty vscode-button:has-text("Train CNN")').click();
      assert.deepEqual((await v.calls()).at(-1), { type: 'runCommand', params: { command: 'kernelscope.trainCnn' } });
    }));

  it('offers no training of a model that can’t be trained, and says why', () => {
    const untrained = snapshotAt(panel.run, 0, { runId: null, status: null, storedSteps: [] });
    const problem = 'Lambda "cut" runs Python; use a layer.';
    return withView({ view: 'panel' }, panel.run, { ...untrained, model: { ...untrained.model!, problem } }, async (v) => {
      assert.match(await text(v, '.empty'), /can be looked at but not trained: Lambda "cut" runs Python; use a layer\./i);
      assert.equal(await v.page.locator('.empty vscode-button:has-text("Train CNN")').isVisible(), false);
      await assertKernels(v, valuesOf(panel.run, 'Weight', 0, 'first'), [3, 3, 1, 8]);
    });
  });

  it('names the weight file that a run started from', () => {
    const snapshot = snapshotAt(panel.run, MIDDLE);
    return withView({ view: 'panel' }, panel.run, { ...snapshot, model: { ...snapshot.model!, loadedFrom: 'digits.h5' } }, async (v) => {
      assert.match(await text(v, '.kernels .explain'), /loaded from digits\.h5; 20 steps moved a weight by/);
      assert.doesNotMatch(await text(v, '.kernels .explain'), /drawn at random/);
    });
  });

  it('sorts and filters by what the frame holds', () =>
    panel.open(async (v) => {
      await v.page.locator('.field:has-text("Sort by") vscode-dropdown').click();
      await v.page.locator('vscode-option:has-text("Size (L2 norm)")').click();
      await v.settle();
      const weights = valuesOf(panel.run, 'Weight', MIDDLE, 'first');
      const norm = (f: number) => Math.hypot(...Array.from({ length: 9 }, (_, i) => weights[i * 8 + f]));
      const expected = [0, 1, 2, 3, 4, 5, 6, 7].sort((a, b) => norm(b) - norm(a));
      const drawn = await v.page.locator('.kernels > .atlas .cell').evaluateAll((cells) =>
        cells
          .map((c) => [Number((c as HTMLElement).dataset.item), Number((c as HTMLElement).dataset.filter)])
          .sort((a, b) => a[0] - b[0])
          .map(([, filter]) => filter),
      );
      assert.deepEqual(drawn, expected);
      await assertKernels(v, weights, [3, 3, 1, 8]);
    }));
});
