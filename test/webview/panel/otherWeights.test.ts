import assert from 'node:assert/strict';
import { assertTile, legendScale, Pixels, tileBoxes } from '../pixels';
import { assertKernels, chooseLayer, chooseView, MIDDLE, panelSuite, text, valuesOf } from './panelView';

describe('panel: other weights', function () {
  const panel = panelSuite(this);

  it('shows batch normalisation’s vectors with their values', () =>
    panel.open(async (v) => {
      await chooseLayer(v, 'norm');
      await v.settle();
      for (const weight of ['gamma', 'beta', 'moving mean', 'moving variance']) {
        await v.page.locator(`.kernel-controls .segment:text-is("${weight}")`).click();
        await v.settle();
        const values = valuesOf(panel.run, 'Weight', MIDDLE, 'norm', weight.replace(' ', '_'));
        const boxes = await tileBoxes(v.page.locator('.kernels > .atlas'));
        assert.equal(boxes.size, 8);
        const scale = await legendScale(v.page.locator('.kernels .legend'));
        const pixels = await Pixels.of(v.page);
        const n = Number(await v.page.locator('.kernels > .atlas canvas').getAttribute('data-pixels-per-weight'));
        for (const [f, box] of boxes) {
          assertTile(
            pixels,
            box,
            { rows: 1, columns: 1, channels: 1, pixelsPerWeight: n },
            () => values[f],
            scale,
            'dark',
            `${weight} ${f}`,
          );
        }
      }
      await chooseView(v, 'Gradient');
      await v.settle();
      assert.match(await text(v, '.kernels > .empty-text'), /moving_variance is not trained by gradients/);
    }));

  it('unfolds a dense kernel over the map that was made flat, and shows it flat as well', () =>
    panel.open(async (v) => {
      await chooseLayer(v, 'scores');
      await v.settle();
      const values = valuesOf(panel.run, 'Weight', MIDDLE, 'scores');
      // 20 − 2 = 18, pooled 9, − 2 = 7, pooled 3: a map of 3 × 3 × 12.
      await assertKernels(v, values, [3, 3, 12, 10]);
      await v.page.locator('vscode-checkbox:has-text("Unfold")').click();
      await v.settle();
      assert.match(await text(v, '.kernels .explain'), /108 inputs × 10 units of scores/);
      const scale = await legendScale(v.page.locator('.kernels .legend'));
      const canvas = v.page.locator('.kernels > .atlas canvas');
      const n = Number(await canvas.getAttribute('data-pixels-per-weight'));
      const box = await canvas.boundingBox();
      assert.ok(box);
      const pixels = await Pixels.of(v.page);
      const inputs = Math.min(108, Math.floor(box.width / n));
      const at = (input: number, unit: number) => values[input * 10 + unit];
      const picture = { rows: 10, columns: inputs, channels: 1, pixelsPerWeight: n };
      assertTile(pixels, { ...box, width: inputs * n }, picture, (unit, input) => at(input, unit), scale, 'dark', 'dense');
    }));

  it('says of a layer without weights that it has none', () =>
    panel.open(async (v) => {
      await v.page.locator('.layer-row.no-weights').nth(1).click();
      await v.settle();
      assert.match(await text(v, '.kernels > .empty-text'), /has no weights: nothing in it is learned/);
    }));
});
