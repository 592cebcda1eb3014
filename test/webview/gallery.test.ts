import assert from 'node:assert/strict';
import { frameKey } from '../../src/common/frame';
import { closeBrowser, keepScreenshot } from './page';
import { withView, type OpenView } from './openView';
import { assertTile, legendScale, Pixels, tileBoxes } from './pixels';
import { frameOf, recordRun, snapshotAt, type RecordedRun } from './recordRun';
import { sharedRun } from './sharedRun';
import type { ThemeName } from './themes';

describe('gallery', function () {
  this.timeout(60_000);
  let run: RecordedRun;
  const step = 20;
  before(async function () {
    // It is trained on the reference backend, which a busy machine slows down a lot.
    this.timeout(240_000);
    run = await sharedRun();
  });
  after(() => closeBrowser());

  const open = (use: (view: OpenView) => Promise<void>, options: { theme?: ThemeName; width?: number; height?: number } = {}) =>
    withView({ view: 'gallery', width: 300, height: 700, ...options }, run, snapshotAt(run, step), use);
  const card = ({ page }: OpenView, layer: string) => page.locator(`.layer-card[data-layer="${layer}"]`);
  const weights = (at: number, layer: string) => {
    const tensor = frameOf(run, at).tensors.get(frameKey('weight', layer, 'kernel'));
    assert.ok(tensor);
    return tensor.values;
  };

  /** Every tile of the first layer against the numbers of a step. */
  async function assertFirst(v: OpenView, values: Float32Array, theme: 'dark' | 'light' = 'dark'): Promise<void> {
    const root = card(v, 'first');
    const scale = await legendScale(root.locator('.legend'));
    const boxes = await tileBoxes(root.locator('.atlas'));
    assert.equal(boxes.size, 8);
    const pixelsPerWeight = Number(await root.locator('.atlas canvas').getAttribute('data-pixels-per-weight'));
    const pixels = await Pixels.of(v.page);
    for (const [f, box] of boxes) {
      const value = (r: number, c: number) => values[(r * 3 + c) * 8 + f];
      assertTile(pixels, box, { rows: 3, columns: 3, channels: 1, pixelsPerWeight }, value, scale, theme, `kernel ${f}`);
    }
  }

  it('shows the kernels of every convolution, each layer on its own scale', () =>
    open(async (v) => {
      assert.deepEqual(await v.page.locator('.layer-card .layer-name').allInnerTexts(), ['first', 'second']);
      await assertFirst(v, weights(step, 'first'));
      assert.equal((await tileBoxes(card(v, 'second').locator('.atlas'))).size, 12);
      assert.match(await card(v, 'second').innerText(), /12 kernels, 3 × 3 × 8/);
      assert.match(await card(v, 'second').innerText(), /strongest channel/);
    }));

  it('shows of a deep kernel the channel with the largest norm', () =>
    open(async (v) => {
      const values = weights(step, 'second');
      const root = card(v, 'second');
      const scale = await legendScale(root.locator('.legend'));
      const boxes = await tileBoxes(root.locator('.atlas'));
      const pixelsPerWeight = Number(await root.locator('.atlas canvas').getAttribute('data-pixels-per-weight'));
      const pixels = await Pixels.of(v.page);
      for (const [f, box] of boxes) {
        const at = (p: number, c: number) => values[(p * 8 + c) * 12 + f];
        const norm = (c: number) => Math.hypot(...Array.from({ length: 9 }, (_, p) => at(p, c)));
        const strongest = [0, 1, 2, 3, 4, 5, 6, 7].sort((a, b) => norm(b) - norm(a))[0];
        const picture = { rows: 3, columns: 3, channels: 1, pixelsPerWeight };
        assertTile(pixels, box, picture, (r, c) => at(r * 3 + c, strongest), scale, 'dark', `kernel ${f}`);
      }
    }));

  it('follows the run', () =>
    open(async (v) => {
      await v.page.evaluate((next) => window.fakeHost.sendFrame(next), 30);
      await v.page.waitForFunction(() =>
        window.fakeHost.calls.some((c) => c.type === 'acknowledgeFrame' && (c.params as { step: number }).step === 30),
      );
      await v.settle();
      await assertFirst(v, weights(30, 'first'));
      assert.match(await v.page.locator('.gallery-where').innerText(), /Step 30 of 30 · seed 3/);
    }));

  it('switches between weight, gradient, update and change', () =>
    open(async (v) => {
      for (const field of ['Gradient', 'Update'] as const) {
        await v.page.locator(`.segment:text-is("${field}")`).click();
        await v.settle();
        const tensor = frameOf(run, step).tensors.get(frameKey(field.toLowerCase() as 'gradient' | 'update', 'first', 'kernel'));
        assert.ok(tensor);
        await assertFirst(v, tensor.values);
      }
      await v.page.locator('.segment:text-is("Change")').click();
      await v.settle();
      const start = weights(0, 'first');
      await assertFirst(
        v,
        weights(step, 'first').map((w, i) => w - start[i]),
      );
    }));

  it('opens a kernel in the panel, with the pointer and with the keyboard', () =>
    open(async (v) => {
      const opened = [
        { type: 'selectLayer', params: { layer: 'first', filter: 6 } },
        { type: 'runCommand', params: { command: 'kernelscope.openPanel' } },
      ];
      await card(v, 'first').locator('.cell[data-filter="6"]').click();
      await v.settle();
      assert.deepEqual((await v.calls()).slice(-2), opened);
      assert.equal(await card(v, 'first').getAttribute('data-selected'), '');
      assert.equal(await card(v, 'first').locator('.tile-mark.selected').isVisible(), true);
      await card(v, 'first').locator('.cell[data-filter="6"]').focus();
      await v.page.keyboard.press('ArrowLeft');
      await v.page.keyboard.press('Enter');
      await v.settle();
      assert.deepEqual((await v.calls()).at(-2), { type: 'selectLayer', params: { layer: 'first', filter: 5 } });
      await card(v, 'second').locator('.card-head').focus();
      await v.page.keyboard.press('Enter');
      await v.settle();
      assert.deepEqual((await v.calls()).at(-2), { type: 'selectLayer', params: { layer: 'second', filter: null } });
    }));

  it('follows the editor’s cursor to a layer', () =>
    open(
      async (v) => {
        const isInSight = () =>
          card(v, 'second').evaluate((e) => e.getBoundingClientRect().top >= 0 && e.getBoundingClientRect().bottom <= innerHeight + 1);
        assert.equal(await isInSight(), false);
        await v.page.evaluate(() => window.fakeHost.fire('didSelectLayer', { layer: 'second', filter: null }));
        await v.settle();
        assert.equal(await card(v, 'second').getAttribute('data-selected'), '');
        assert.equal(await card(v, 'first').getAttribute('data-selected'), null);
        assert.equal(await isInSight(), true);
      },
      { height: 380 },
    ));

  it('sorts the tiles', () =>
    open(async (v) => {
      await v.page.locator('select').selectOption('norm');
      await v.settle();
      const values = weights(step, 'first');
      const norm = (f: number) => Math.hypot(...Array.from({ length: 9 }, (_, p) => values[p * 8 + f]));
      const boxes = await tileBoxes(card(v, 'first').locator('.atlas'));
      const drawn = [...boxes].sort(([, a], [, b]) => a.y - b.y || a.x - b.x).map(([f]) => f);
      assert.deepEqual(
        drawn,
        [0, 1, 2, 3, 4, 5, 6, 7].sort((a, b) => norm(b) - norm(a)),
      );
      await assertFirst(v, values);
    }));

  it('shows the first draw and a Train CNN button before training', () =>
    withView({ view: 'gallery', width: 300 }, run, snapshotAt(run, 0, { runId: null, status: null, storedSteps: [] }), async (v) => {
      await assertFirst(v, weights(0, 'first'));
      assert.match(await v.page.locator('.gallery-where').innerText(), /Not trained yet.*drawn by seed 3/s);
      await v.page.locator('.gallery-train button').click();
      assert.deepEqual((await v.calls()).at(-1), { type: 'runCommand', params: { command: 'kernelscope.trainCnn' } });
    }));

  it('is empty without a model, with a way on', () =>
    withView({ view: 'gallery', width: 300 }, null, null, async (v) => {
      assert.match(await v.page.locator('.gallery-empty').innerText(), /press Train CNN/);
      for (const [label, command] of [
        ['Train CNN', 'trainCnn'],
        ['sample', 'openSample'],
        ['Open a run', 'openRun'],
      ]) {
        await v.page.locator(`.gallery-empty button:has-text("${label}")`).click();
        assert.deepEqual((await v.calls()).at(-1), { type: 'runCommand', params: { command: `kernelscope.${command}` } });
      }
      await keepScreenshot(v.page, 'gallery-empty');
    }));

  it('says of a model without convolutions that it has no kernels', async () => {
    const dense = await recordRun({
      python: `
from keras import Input, Sequential, layers
flat = Sequential([Input((8, 8, 1)), layers.Flatten(), layers.Dense(10, activation="softmax")])
flat.compile("sgd", "sparse_categorical_crossentropy")
`,
      options: { epochs: 1, batchSize: 16, limit: 32, maxSteps: 1, backend: 'cpu' },
    });
    await withView({ view: 'gallery', width: 300 }, dense, snapshotAt(dense), async (v) => {
      assert.match(await v.page.locator('.gallery-empty').innerText(), /flat has no convolutional layers/);
      assert.equal(await v.page.locator('.layer-card').count(), 0);
    });
  });

  for (const theme of ['vscode-dark', 'vscode-light', 'vscode-high-contrast', 'vscode-high-contrast-light'] as const) {
    for (const width of [180, 300, 600]) {
      it(`fits into ${width} px in ${theme}`, () =>
        open(
          async (v) => {
            const wide = await v.page.evaluate(() =>
              [...document.querySelectorAll('#root *')]
                .filter((e) => e.getBoundingClientRect().right > innerWidth + 1)
                .map((e) => `${e.tagName}.${e.className}`),
            );
            assert.deepEqual(wide, []);
            if (theme === 'vscode-light') await assertFirst(v, weights(step, 'first'), 'light');
            await keepScreenshot(v.page, `gallery-${theme}-${width}`);
          },
          { theme, width },
        ));
    }
  }

  it('draws nothing that is out of sight, and nothing while nothing happens', () =>
    open(
      async (v) => {
        const drawn = await v.page.evaluate(async () => {
          const layers: string[] = [];
          const original = CanvasRenderingContext2D.prototype.putImageData;
          CanvasRenderingContext2D.prototype.putImageData = function (...args: unknown[]) {
            const card = this.canvas.closest<HTMLElement>('.layer-card');
            if (card && this.canvas.closest('.atlas')) layers.push(card.dataset.layer ?? '');
            return (original as (...a: unknown[]) => void).apply(this, args);
          };
          document.querySelector<HTMLElement>('.layer-card')!.style.marginBottom = '900px';
          await window.fakeHost.rest();
          layers.length = 0;
          window.fakeHost.sendFrame(30);
          await window.fakeHost.rest();
          CanvasRenderingContext2D.prototype.putImageData = original;
          return layers;
        });
        assert.deepEqual(drawn, ['first']);
      },
      { height: 300 },
    ));
});
