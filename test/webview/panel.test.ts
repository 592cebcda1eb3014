import assert from 'node:assert/strict';
import { encodeFrame, frameKey, type FrameField } from '../../src/common/frame';
import { statistics } from '../../src/common/stats';
import { layerInsight } from '../../src/insight/layerInsight';
import { PNG } from 'pngjs';
import { signedColor, type ColorTheme } from '../../src/common/colorMap';
import { niceCeiling } from '../../webview/run/niceScale';
import { closeBrowser, keepScreenshot } from './page';
import { withView, type OpenView } from './openView';
import { assertTile, legendScale, Pixels, tileBoxes } from './pixels';
import type { KernelSight, KnockOut, LossSlice } from '../../src/common/probeProtocol';
import { frameOf, probeKey, snapshotAt, type ProbeRequest, type RecordedRun } from './recordRun';
import { sharedRun } from './sharedRun';
import type { ThemeName } from './themes';

type View = 'Weight' | 'Gradient' | 'Update' | 'Change';

/** The numbers that a view is to show, straight from the recorded frame. */
function valuesOf(run: RecordedRun, view: View, step: number, layer: string, weight = 'kernel'): Float32Array {
  const get = (s: number, field: FrameField): Float32Array => {
    const tensor = frameOf(run, s).tensors.get(frameKey(field, layer, weight));
    assert.ok(tensor, `${field} of ${layer}/${weight} at step ${s}`);
    return tensor.values;
  };
  if (view !== 'Change') return get(step, view.toLowerCase() as FrameField);
  const start = get(0, 'weight');
  return get(step, 'weight').map((v, i) => v - start[i]);
}

/** Checks every pixel square of every kernel on screen against the numbers. */
async function assertKernels(
  { page }: OpenView,
  values: Float32Array,
  shape: [number, number, number, number],
  theme: ColorTheme = 'dark',
): Promise<void> {
  const [rows, columns, channels, filters] = shape;
  const atlas = page.locator('.kernels > .atlas');
  const scale = await legendScale(page.locator('.kernels .legend'));
  const largest = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  assert.ok(scale >= largest * 0.999 && scale < largest * 2.3, `legend ±${scale} for values up to ${largest}`);
  const pixelsPerWeight = Number(await atlas.locator('canvas').getAttribute('data-pixels-per-weight'));
  const boxes = await tileBoxes(atlas);
  assert.equal(boxes.size, filters);
  const pixels = await Pixels.of(page);
  for (const [f, box] of boxes) {
    const value = (r: number, c: number, ch: number) => values[((r * columns + c) * channels + ch) * filters + f];
    assertTile(pixels, box, { rows, columns, channels, pixelsPerWeight }, value, scale, theme, `kernel ${f}`);
  }
}

const chooseLayer = ({ page }: OpenView, name: string) => page.locator(`.layer-row[data-layer="${name}"]`).click();
const chooseView = ({ page }: OpenView, view: View) => page.locator(`.kernel-controls .segment:text-is("${view}")`).click();
const text = ({ page }: OpenView, selector: string) => page.locator(selector).innerText();

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

describe('panel', function () {
  this.timeout(60_000);
  let run: RecordedRun;
  const middle = 20;
  before(async function () {
    // It is trained on the reference backend, which a busy machine slows down a lot.
    this.timeout(240_000);
    run = await sharedRun();
  });
  after(() => closeBrowser());

  const open = (
    use: (view: OpenView) => Promise<void>,
    step = middle,
    options: { theme?: ThemeName; width?: number; height?: number } = {},
  ) => withView({ view: 'panel', height: 1000, ...options }, run, snapshotAt(run, step), use);

  describe('kernels', () => {
    for (const view of ['Weight', 'Gradient', 'Update', 'Change'] as const) {
      it(`draws the ${view.toLowerCase()} of every kernel in exactly its colours`, () =>
        open(async (v) => {
          await chooseView(v, view);
          await v.settle();
          await assertKernels(v, valuesOf(run, view, middle, 'first'), [3, 3, 1, 8]);
          assert.match(await text(v, '.kernels .explain'), /^8 kernels of 3 × 3 × 1 weights/);
        }));
    }

    it('draws all channels of deep kernels side by side', () =>
      open(async (v) => {
        await chooseLayer(v, 'second');
        await v.settle();
        await assertKernels(v, valuesOf(run, 'Weight', middle, 'second'), [3, 3, 8, 12]);
        assert.match(await text(v, '.kernels .tile-text'), /8 input channels as slices of 3 × 3/);
      }));

    for (const [theme, colors] of [
      ['vscode-light', 'light'],
      ['vscode-high-contrast', 'high-contrast'],
      ['vscode-high-contrast-light', 'high-contrast-light'],
    ] as const) {
      it(`uses the colours of ${theme}`, () =>
        open(
          async (v) => {
            await assertKernels(v, valuesOf(run, 'Weight', middle, 'first'), [3, 3, 1, 8], colors);
            await keepScreenshot(v.page, `panel-${theme}`);
          },
          middle,
          { theme },
        ));
    }

    for (const theme of ['vscode-dark', 'vscode-light', 'vscode-high-contrast', 'vscode-high-contrast-light'] as const) {
      it(`keeps the selected layer readable in ${theme}`, () =>
        open(
          async (v) => {
            const row = v.page.locator('.layer-row[aria-selected="true"]');
            const [surface, back, text] = await row.evaluate((e) =>
              [getComputedStyle(document.body).backgroundColor, getComputedStyle(e).backgroundColor, getComputedStyle(e).color].map(
                (color) => (color.match(/[\d.]+/g) ?? []).map(Number),
              ),
            );
            const opacity = back[3] ?? 1;
            const behind = back.slice(0, 3).map((c, i) => c * opacity + surface[i] * (1 - opacity));
            const contrast = contrastRatio(behind, text);
            // WCAG AA for text of ordinary size.
            assert.ok(contrast >= 4.5, `contrast ${contrast}`);
          },
          middle,
          { theme },
        ));
    }

    it('says where the numbers come from before training', () =>
      withView({ view: 'panel' }, run, snapshotAt(run, 0, { runId: null, status: null, storedSteps: [] }), async (v) => {
        await assertKernels(v, valuesOf(run, 'Weight', 0, 'first'), [3, 3, 1, 8]);
        assert.match(
          await text(v, '.kernels .explain'),
          /drawn at random from GlorotUniform in ±0\.2722, seed 3, before any image was seen/,
        );
        await chooseView(v, 'Gradient');
        await v.settle();
        assert.match(await text(v, '.kernels > .empty-text'), /no gradient at step 0/);
        await v.page.locator('.empty vscode-button:has-text("Train CNN")').click();
        assert.deepEqual((await v.calls()).at(-1), { type: 'runCommand', params: { command: 'kernelscope.trainCnn' } });
      }));

    it('offers no training of a model that can’t be trained, and says why', () => {
      const untrained = snapshotAt(run, 0, { runId: null, status: null, storedSteps: [] });
      const problem = 'Lambda "cut" runs Python; use a layer.';
      return withView({ view: 'panel' }, run, { ...untrained, model: { ...untrained.model!, problem } }, async (v) => {
        assert.match(await text(v, '.empty'), /can be looked at but not trained: Lambda "cut" runs Python; use a layer\./i);
        assert.equal(await v.page.locator('.empty vscode-button:has-text("Train CNN")').isVisible(), false);
        await assertKernels(v, valuesOf(run, 'Weight', 0, 'first'), [3, 3, 1, 8]);
      });
    });

    it('names the weight file that a run started from', () => {
      const snapshot = snapshotAt(run, middle);
      return withView({ view: 'panel' }, run, { ...snapshot, model: { ...snapshot.model!, loadedFrom: 'digits.h5' } }, async (v) => {
        assert.match(await text(v, '.kernels .explain'), /loaded from digits\.h5; 20 steps moved a weight by/);
        assert.doesNotMatch(await text(v, '.kernels .explain'), /drawn at random/);
      });
    });

    it('sorts and filters by what the frame holds', () =>
      open(async (v) => {
        await v.page.locator('.field:has-text("Sort by") vscode-dropdown').click();
        await v.page.locator('vscode-option:has-text("Size (L2 norm)")').click();
        await v.settle();
        const weights = valuesOf(run, 'Weight', middle, 'first');
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

  describe('other weights', () => {
    it('shows batch normalisation’s vectors with their values', () =>
      open(async (v) => {
        await chooseLayer(v, 'norm');
        await v.settle();
        for (const weight of ['gamma', 'beta', 'moving mean', 'moving variance']) {
          await v.page.locator(`.kernel-controls .segment:text-is("${weight}")`).click();
          await v.settle();
          const values = valuesOf(run, 'Weight', middle, 'norm', weight.replace(' ', '_'));
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
      open(async (v) => {
        await chooseLayer(v, 'scores');
        await v.settle();
        const values = valuesOf(run, 'Weight', middle, 'scores');
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
      open(async (v) => {
        await v.page.locator('.layer-row.no-weights').nth(1).click();
        await v.settle();
        assert.match(await text(v, '.kernels > .empty-text'), /has no weights: nothing in it is learned/);
      }));
  });

  describe('run', () => {
    it('lists the layers with shape, parameters and how much a step changes them', () =>
      open(async (v) => {
        const rows = await v.page.locator('.layer-row').allInnerTexts();
        assert.equal(rows.length, run.spec.layers.length);
        const first = rows.find((r) => r.startsWith('first'));
        assert.match(first ?? '', /Conv2D · 18 × 18 × 8\s+80 parameters/);
        const mean = (values: Float32Array) => values.reduce((a, b) => a + Math.abs(b), 0) / values.length;
        const ratio = mean(valuesOf(run, 'Update', middle, 'first')) / mean(valuesOf(run, 'Weight', middle, 'first'));
        await v.page.locator('.layer-row[data-layer="first"] .layer-state', { hasText: 'a step' }).waitFor();
        const state = await text(v, '.layer-row[data-layer="first"] .layer-state');
        const shown = Number(/^moves ([\d.]+) % a step$/.exec(state)?.[1]);
        assert.ok(Math.abs(shown - ratio * 100) < ratio * 6, `${state} for ${ratio}`);
        await chooseLayer(v, 'second');
        assert.deepEqual((await v.calls()).at(-1), { type: 'selectLayer', params: { layer: 'second' } });
      }));

    it('sends what the run bar’s buttons say', () =>
      open(async (v) => {
        const press = (label: string) => v.page.locator(`.run-bar vscode-button[aria-label^="${label}"]`).click();
        const expected: [string, string][] = [
          ['Pause', 'pause'],
          ['Train one batch', 'stepOnce'],
          ['Stop', 'stop'],
          ['Rewind', 'rewind'],
          ['Restart with a new seed', 'restartWithNewSeed'],
        ];
        const before = (await v.calls()).length;
        for (const [label] of expected) await press(label);
        const calls = (await v.calls()).slice(before);
        assert.deepEqual(
          calls.map((c) => c.type),
          expected.map(([, type]) => type),
        );
        await v.page.evaluate(() => {
          const { status } = window.fakeHost.snapshot;
          if (status) window.fakeHost.fire('didChangeStatus', { ...status, phase: 'paused' });
        });
        await v.settle();
        assert.equal(await text(v, '.run-bar .phase'), 'Paused');
        await press('Continue');
        assert.equal((await v.calls()).at(-1)?.type, 'resume');
      }));

    it('offers another run when one has ended', () =>
      open(async (v) => {
        await v.page.locator('.run-bar vscode-button:has-text("Train again")').click();
        assert.deepEqual((await v.calls()).at(-1), { type: 'runCommand', params: { command: 'kernelscope.trainCnn' } });
      }, run.storedSteps.at(-1)));

    it('tells the host which layer it shows, unless another view has chosen one', async () => {
      await open(async (v) => assert.deepEqual((await v.calls())[0], { type: 'selectLayer', params: { layer: 'first', filter: null } }));
      const chosen = snapshotAt(run, middle, { selectedLayer: 'second', selectedFilter: 3 });
      await withView({ view: 'panel' }, run, chosen, async (v) => {
        assert.equal(await text(v, '.kernel-title'), 'second');
        assert.match(await text(v, '.inspector h2'), /kernel 3 of second/);
        assert.deepEqual(
          (await v.calls()).filter((c) => c.type === 'selectLayer'),
          [],
        );
      });
    });

    it('changes the learning rate and the seed, and refuses what is no such thing', () =>
      open(async (v) => {
        const rate = v.page.locator('.run-bar .field:has-text("Learning rate") input');
        await rate.fill('-1');
        await rate.press('Enter');
        assert.match(await text(v, '.run-bar .field:has-text("Learning rate") .field-message'), /greater than 0/);
        const before = (await v.calls()).length;
        await rate.fill('0.01');
        await rate.press('Enter');
        const seed = v.page.locator('.run-bar .field:has-text("Seed") input');
        await seed.fill('42');
        await seed.press('Enter');
        assert.deepEqual((await v.calls()).slice(before), [
          { type: 'setLearningRate', params: { learningRate: 0.01 } },
          { type: 'restartWithNewSeed', params: { seed: 42 } },
        ]);
      }));

    it('draws a live frame, acknowledges it, and adds metrics', () =>
      open(async (v) => {
        await v.page.evaluate((step) => window.fakeHost.sendFrame(step), 30);
        const rows = run.steps.filter((r) => r.step > middle && r.step <= 30);
        await v.page.evaluate((more) => window.fakeHost.fire('didRecordMetrics', more), rows as never);
        await v.page.waitForFunction(() =>
          window.fakeHost.calls.some((c) => c.type === 'acknowledgeFrame' && (c.params as { step: number }).step === 30),
        );
        await v.settle();
        await assertKernels(v, valuesOf(run, 'Weight', 30, 'first'), [3, 3, 1, 8]);
        const summary = await v.page.locator('.charts .chart-canvas').first().getAttribute('aria-label');
        assert.match(summary ?? '', /^Training loss over 30 steps: from /);
      }));

    it('goes back in time with the slider, and to now again', () =>
      open(async (v) => {
        const slider = v.page.locator('.time-slider');
        await slider.focus();
        await slider.press('Home');
        await slider.press('ArrowRight');
        await v.page.waitForFunction(() => document.querySelector('.time-where')?.textContent?.includes('step 1'));
        await v.settle();
        await assertKernels(v, valuesOf(run, 'Weight', 1, 'first'), [3, 3, 1, 8]);
        await v.page.evaluate((step) => window.fakeHost.sendFrame(step), 30);
        await v.settle();
        await assertKernels(v, valuesOf(run, 'Weight', 1, 'first'), [3, 3, 1, 8]);
        await v.page.locator('.timeline vscode-button:has-text("Newest")').click();
        await v.settle();
        assert.match(await text(v, '.time-where'), /Live: step 30/);
        await assertKernels(v, valuesOf(run, 'Weight', 30, 'first'), [3, 3, 1, 8]);
      }));

    it('shows the end of a run with its test result', () =>
      open(async (v) => {
        assert.equal(await text(v, '.run-bar .phase'), 'Finished');
        assert.match(await text(v, '.run-numbers'), /test loss \d\.\d+ · test accuracy \d+\.\d %/);
      }, run.storedSteps.at(-1)));

    it('says what went wrong and keeps the last frame', () =>
      withView(
        { view: 'panel', height: 1000 },
        run,
        snapshotAt(run, middle, {
          status: { ...snapshotAt(run, middle).status!, phase: 'failed', message: 'The loss is not a number (NaN) at step 21.' },
        }),
        async (v) => {
          assert.match(await text(v, '.run-message'), /NaN/);
          assert.equal(await v.page.locator('.run-message').getAttribute('role'), 'alert');
          await assertKernels(v, valuesOf(run, 'Weight', middle, 'first'), [3, 3, 1, 8]);
          await v.page.locator('.run-bar vscode-button:has-text("Choose data")').click();
          assert.deepEqual((await v.calls()).at(-1), { type: 'runCommand', params: { command: 'kernelscope.chooseData' } });
        },
      ));

    it('shows the host’s refusal, until it is dismissed', () =>
      open(async (v) => {
        await v.page.evaluate(() => (window.fakeHost.failures.pause = 'The worker is busy.'));
        await v.page.locator('.run-bar vscode-button[aria-label="Pause"]').click();
        await v.page.waitForSelector('.complaint:not([hidden])');
        assert.match(await text(v, '.complaint'), /The worker is busy\./);
        await v.page.locator('.complaint vscode-button').click();
        assert.equal(await v.page.locator('.complaint').isVisible(), false);
      }));

    it('offers a way on where there is no model', () =>
      withView({ view: 'panel' }, null, null, async (v) => {
        assert.match(await text(v, '.empty'), /No model here yet/);
        await v.page.locator('.empty vscode-button:has-text("sample")').click();
        assert.deepEqual((await v.calls()).at(-1), { type: 'runCommand', params: { command: 'kernelscope.openSample' } });
        assert.equal(await v.page.locator('.panel-body').isVisible(), false);
      }));
  });

  describe('inspector', () => {
    const openKernel = (v: OpenView, filter: number) => v.page.locator(`.kernels > .atlas .cell[data-filter="${filter}"]`).click();
    const numbers = async (v: OpenView, table: number) =>
      (await v.page.locator('.inspector .number-table').nth(table).locator('.number').allInnerTexts()).map((t) =>
        Number(t.replace('−', '-').replace('+', '')),
      );

    it('shows a kernel’s own numbers', () =>
      open(async (v) => {
        await openKernel(v, 5);
        await v.settle();
        assert.match(await text(v, '.inspector h2'), /kernel 5 of first/);
        for (const [i, view] of (['Weight', 'Gradient', 'Update'] as const).entries()) {
          const caption = await v.page.locator('.inspector .number-table figcaption').nth(i).innerText();
          const superscript = /10([⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)/.exec(caption)?.[1] ?? '⁰';
          const power = Number(superscript.replace(/[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]/g, (c) => (c === '⁻' ? '-' : String('⁰¹²³⁴⁵⁶⁷⁸⁹'.indexOf(c)))));
          const values = valuesOf(run, view, middle, 'first');
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
      open(async (v) => {
        await openKernel(v, 2);
        await v.settle();
        await v.page.locator('.inspector .number-table').first().locator('.number').nth(4).click();
        await v.settle();
        assert.match(await text(v, '.inspector [aria-label="One weight’s last step"] h3'), /row 1, column 1/);
        const after = valuesOf(run, 'Weight', middle, 'first')[4 * 8 + 2];
        const before = valuesOf(run, 'Weight', middle, 'first')[4 * 8 + 2] - valuesOf(run, 'Update', middle, 'first')[4 * 8 + 2];
        const sum = (await text(v, '.step-sum')).replaceAll('−', '-');
        const [from, to] = [parseFloat(sum), parseFloat(sum.split('=')[1])];
        assert.ok(Math.abs(from - before) < 1e-5 && Math.abs(to - after) < 1e-5, sum);
        const verdict = await text(v, '.inspector [aria-label="One weight’s last step"] .explain');
        assert.match(verdict, /Adam, step t = 20, lr = 0\.001/);
        assert.match(verdict, /exactly the number the frame holds/);
        assert.match(await text(v, '.step-lines'), /√\(1 − 0\.999²⁰\) \/ \(1 − 0\.9²⁰\)/);
      }));

    it('shows the kernel’s history and where its values came from', () =>
      open(async (v) => {
        await openKernel(v, 0);
        await v.page.waitForFunction(() =>
          /stored frames, from step 0 to 20/.test(document.querySelector('.inspector')?.textContent ?? ''),
        );
        const stored = run.storedSteps.filter((s) => s <= middle).length;
        assert.equal(await v.page.locator('.inspector .film .cell').count(), stored);
        assert.match(await text(v, '.inspector [aria-label="Distribution"]'), /limit = √\(6 \/ \(9 \+ 72\)\) = 0\.272166/);
        await v.page.locator('.inspector .film .cell').nth(3).click();
        await v.settle();
        assert.match(await text(v, '.time-where'), /step 3/);
      }));

    it('says what the kernel is, beside chance, and which other is most like it', () =>
      open(async (v) => {
        await openKernel(v, 5);
        await v.page.waitForFunction(() => /A tilted plane explains/.test(document.querySelector('.inspector')?.textContent ?? ''));
        const { kernels } = layerInsight(valuesOf(run, 'Weight', middle, 'first'), [3, 3, 1, 8]);
        const words = await text(v, '.inspector');
        const share = Number(/A tilted plane explains ([\d.]+) %/.exec(words)?.[1]);
        assert.ok(Math.abs(share - kernels[5].edgeScore * 100) < 1, words);
        assert.ok(words.includes(`Of the others kernel ${kernels[5].nearest?.index} is most alike`), words);
      }));

    it('pages through a deep kernel’s channels', () =>
      open(async (v) => {
        await chooseLayer(v, 'second');
        await v.settle();
        await openKernel(v, 7);
        await v.settle();
        await v.page.locator('.inspector .pager vscode-button[aria-label="Next channel"]').click();
        await v.settle();
        assert.match(await text(v, '.inspector .pager'), /channel 1 of 8/);
        const values = valuesOf(run, 'Weight', middle, 'second');
        const shown = await numbers(v, 0);
        shown.forEach((n, p) => assert.ok(Math.abs(n - values[(p * 8 + 1) * 12 + 7]) < 0.006, `${n}`));
      }));
  });

  describe('answers', () => {
    const unfold = async (v: OpenView, id: string) => {
      await v.page.locator('.answers').scrollIntoViewIfNeeded();
      await v.page.locator(`.answer[data-answer="${id}"] summary`).click();
      await v.page.waitForFunction(
        (card) => (document.querySelector(`.answer[data-answer="${card}"] .answer-body`)?.textContent ?? '').length > 80,
        id,
      );
      await v.settle();
    };
    const shortOf = (v: OpenView, id: string) => text(v, `.answer[data-answer="${id}"] > summary .answer-short`);

    it('says in one line each who chose the numbers, whether there are edges, how different they are', () =>
      open(async (v) => {
        await v.page.locator('.answers').scrollIntoViewIfNeeded();
        await v.page.waitForFunction(() =>
          document.querySelector('[data-answer="difference"] .answer-short')?.textContent?.includes('different'),
        );
        const now = layerInsight(valuesOf(run, 'Weight', middle, 'first'), [3, 3, 1, 8]).summary;
        const start = layerInsight(valuesOf(run, 'Weight', 0, 'first'), [3, 3, 1, 8]).summary;
        assert.match(await shortOf(v, 'origin'), /^Nobody by hand: GlorotUniform in ±0\.2722; then training moved them\.$/);
        // 1.2 % of uniform 3 × 3 draws are counted as edges (simulated: methods of the edge score).
        assert.match(await shortOf(v, 'edges'), new RegExp(`: ${now.edges} of 8; chance alone would give 0\\.096\\.$`));
        const difference = await shortOf(v, 'difference');
        const [effective, before] = [...difference.matchAll(/\d+\.\d+/g)].map((m) => Number(m[0]));
        assert.ok(Math.abs(effective - now.effectiveKernels) < 0.006, difference);
        assert.ok(Math.abs(before - start.effectiveKernels) < 0.006, difference);
      }));

    it('writes the initialiser out beside what it drew', () =>
      open(async (v) => {
        await unfold(v, 'origin');
        const body = await text(v, '.answer[data-answer="origin"] .answer-body');
        assert.match(body, /limit = √\(6 \/ \(fan_in \+ fan_out\)\)\s+= √\(6 \/ \(9 \+ 72\)\) = 0\.272166/);
        const drawn = statistics(valuesOf(run, 'Weight', 0, 'first'));
        const std = Number(/standard deviation ([\d.]+)\. The formula/.exec(body)?.[1]);
        assert.ok(Math.abs(std - drawn.std) < 0.0006, `${std} for ${drawn.std}`);
        assert.match(body, /bias \[8\]: Zeros/);
        await v.page.locator('.answer vscode-button:has-text("Rewind")').click();
        assert.equal((await v.calls()).at(-1)?.type, 'rewind');
      }));

    it('counts edges beside chance, and opens one', async () => {
      // Kernels that are known to be what they are: two edges, a box, a Laplacian.
      const known = [
        [1, 0, -1, 2, 0, -2, 1, 0, -1],
        [1, 1, 1, 0, 0, 0, -1, -1, -1],
        [1, 1, 1, 1, 1, 1, 1, 1, 1],
        [0, 1, 0, 1, -4, 1, 0, 1, 0],
      ];
      const made = structuredClone(snapshotAt(run, middle));
      const first = made.model?.layers.find((l) => l.name === 'first');
      assert.ok(first && made.frame);
      const values = Float32Array.from({ length: 36 }, (_, i) => known[i % 4][Math.floor(i / 4)] * 0.1);
      first.weights[0].shape = [3, 3, 1, 4];
      const tensors = [{ name: frameKey('weight', 'first', 'kernel'), shape: [3, 3, 1, 4], values }];
      const frame = encodeFrame({ step: middle, epoch: 0, loss: 1, learningRate: 0.001, tensors });
      const other: RecordedRun = { ...run, frames: new Map([[middle, frame]]), storedSteps: [middle] };
      await withView({ view: 'panel', height: 1000 }, other, { ...made, frame, firstFrame: null, storedSteps: [middle] }, async (v) => {
        await unfold(v, 'edges');
        const body = await text(v, '.answer[data-answer="edges"] .answer-body');
        assert.match(body, /2 of 4 kernels are edge filters; 4 random ones would give 0\.05 on average/);
        const row = (name: string) => v.page.locator(`.answer-table tr:has(th:text("${name}")) td`).first().innerText();
        assert.deepEqual(await Promise.all(['edge', 'line', 'blob', 'none'].map(row)), ['2', '1', '1', '0']);
        const cells = v.page.locator('.answer[data-answer="edges"] .cell');
        assert.deepEqual((await cells.evaluateAll((all) => all.map((c) => (c as HTMLElement).dataset.filter))).sort(), ['0', '1']);
        await v.page.locator('.answer[data-answer="edges"] .cell[data-filter="1"]').click();
        await v.settle();
        assert.match(await text(v, '.inspector h2'), /kernel 1 of first/);
      });
    });

    it('says what is wrong when the analysis fails', () =>
      open(
        async (v) => {
          await v.page.evaluate(() => (window.fakeHost.failures.analyseKernels = 'these are too many weights'));
          await v.page.locator('.answers').scrollIntoViewIfNeeded();
          await v.page.waitForFunction(() => window.fakeHost.calls.filter((c) => c.type === 'analyseKernels').length >= 2);
          await v.settle();
          // The start's analysis came first and failed; the answers do without it.
          assert.doesNotMatch(await text(v, '.answers'), /random start/);
          assert.match(await text(v, '.answers'), /count as/);
        },
        middle,
        { width: 300, height: 500 },
      ));

    it('asks for no analysis while it is out of sight', () =>
      open(
        async (v) => {
          await v.page.waitForTimeout(300);
          assert.equal(await v.page.evaluate(() => window.fakeHost.calls.filter((c) => c.type === 'analyseKernels').length), 0);
        },
        middle,
        { width: 300, height: 400 },
      ));
  });

  describe('looking into the network', () => {
    const end = () => run.storedSteps.at(-1) as number;
    const unfold = async (v: OpenView, id: string) => {
      await v.page.locator('.kernels > .atlas .cell[data-filter="2"]').click();
      await v.page.locator(`.probe[data-answer="${id}"] summary`).click();
    };
    const answered = (v: OpenView, id: string) => v.page.waitForSelector(`.probe[data-answer="${id}"] .probe-content:not([hidden])`);
    const recorded = <T>(request: ProbeRequest): T => run.probes.get(probeKey(request)) as T;
    const sight = (detail: number): KernelSight =>
      recorded({ type: 'kernelSight', params: { layer: 'first', filter: 2, split: null, indices: null, detail } });

    it('shows what a kernel makes of an image of each class, and the arithmetic of one output', () =>
      open(async (v) => {
        await unfold(v, 'sight');
        await answered(v, 'sight');
        const { images, map, detail } = sight(0);
        assert.ok(detail);
        assert.equal(await v.page.locator('.sight-image').count(), images.length);
        assert.match(await v.page.locator('.sight-image').nth(1).innerText(), /^1 [✓✗]/);
        const shown = async () => {
          const words = await text(v, '.arithmetic > p:not(.running-sum)');
          const place = await v.page.locator('.arithmetic figcaption').last().innerText();
          const [row, column] = [...place.matchAll(/\d+/g)].map((m) => Number(m[0]));
          const together = Number(/together ([+−]?\d+(?:\.\d+)?(?:e−?\d+)?)/.exec(words)?.[1].replaceAll('−', '-').replace('+', ''));
          return { row, column, together };
        };
        const first = await shown();
        const values = images[0].values;
        const largest = values.reduce((m, x) => Math.max(m, Math.abs(x)), 0);
        const tolerance = 1e-3 * largest;
        assert.ok(Math.abs(Math.abs(values[first.row * map[1] + first.column]) - largest) < tolerance, 'it begins at the strongest answer');
        assert.ok(Math.abs(first.together - values[first.row * map[1] + first.column]) < tolerance, 'the products add up to the output');
        await v.page.locator('.arithmetic canvas[tabindex]').focus();
        await v.page.keyboard.press(first.row > 0 ? 'ArrowUp' : 'ArrowDown');
        const next = await shown();
        assert.equal(Math.abs(next.row - first.row), 1);
        assert.ok(Math.abs(next.together - values[next.row * map[1] + next.column]) < tolerance);
        await v.page.locator('.sight-image').nth(3).click();
        await v.page.waitForFunction(() => document.querySelectorAll('.sight-image')[3].classList.contains('chosen'));
        const other = await shown();
        assert.ok(Math.abs(other.together - sight(3).images[3].values[other.row * map[1] + other.column]) < tolerance);
      }, end()));

    it('draws the loss over one weight with the step taken', () =>
      open(async (v) => {
        await unfold(v, 'downhill');
        await answered(v, 'downhill');
        const slice = recorded<LossSlice>({ type: 'lossSlice', params: { layer: 'first', weight: 'kernel', offset: 2, halfWidth: null } });
        const words = await text(v, '.probe[data-answer="downhill"] .probe-content > p:not(.hint)');
        const number = (pattern: RegExp) => Number(pattern.exec(words)?.[1].replaceAll('−', '-').replace('+', ''));
        assert.ok(Math.abs(number(/is the gradient, ([+−][\d.e−]+\d)/) / slice.gradient - 1) < 0.01, words);
        assert.ok(Math.abs(number(/ to ([−\d.e]+\d)\./) - (slice.after ?? NaN)) < 1e-4, words);
        assert.match(words, new RegExp(`^The loss of step ${end()} `));
        assert.ok(await v.page.locator('.probe[data-answer="downhill"] .u-wrap canvas').isVisible());
      }, end()));

    it('counts what is lost without a kernel only when asked to', () =>
      open(async (v) => {
        await unfold(v, 'knockout');
        await v.page.waitForTimeout(200);
        assert.equal(await v.page.evaluate(() => window.fakeHost.calls.filter((c) => c.type === 'knockOut').length), 0);
        await v.page.locator('.probe[data-answer="knockout"] vscode-button').click();
        await answered(v, 'knockout');
        const found = recorded<KnockOut>({ type: 'knockOut', params: { layer: 'first', filter: 2 } });
        const words = await text(v, '.probe[data-answer="knockout"] .probe-content');
        assert.match(
          words,
          new RegExp(`${found.lost} images? that w[a-z]+ right turns? wrong and ${found.gained} images? that w[a-z]+ wrong turns? right`),
        );
        assert.ok(words.includes(`${(found.without.accuracy * 100).toFixed(1)}\u00a0%`));
      }, end()));

    it('says why an answer can’t be had, and asks again for another kernel', () =>
      open(async (v) => {
        await v.page.evaluate(() => (window.fakeHost.failures.kernelSight = 'This run is no longer in a training thread.'));
        await unfold(v, 'sight');
        await v.page.waitForFunction(() =>
          /no longer in a training thread/.test(document.querySelector('.probe[data-answer="sight"]')?.textContent ?? ''),
        );
        await chooseLayer(v, 'second');
        await v.settle();
        await v.page.locator('.kernels > .atlas .cell[data-filter="7"]').click();
        await answered(v, 'sight');
        assert.match(await text(v, '.arithmetic'), /channel \d of 8 that come in/);
      }, end()));

    it('asks for the step that is shown in the past', () =>
      open(async (v) => {
        await unfold(v, 'sight');
        await answered(v, 'sight');
        await v.page.locator('.time-slider').focus();
        await v.page.keyboard.press('Home');
        await v.page.waitForFunction(() =>
          window.fakeHost.calls.some((c) => c.type === 'kernelSight' && (c.params as { step?: number }).step === 0),
        );
      }, end()));
  });

  describe('saving', () => {
    /** What the page gave the host to save. */
    const saved = async (v: OpenView, label: string): Promise<{ name: string; bytes: Buffer }> => {
      const before = (await v.calls()).filter((c) => c.type === 'saveFile').length;
      await v.page.locator(`.kernels .export-row button:text-is("${label}")`).click();
      await v.page.waitForFunction((n) => window.fakeHost.calls.filter((c) => c.type === 'saveFile').length > n, before);
      const { name, base64 } = await v.page.evaluate(() => {
        const params = window.fakeHost.calls.filter((c) => c.type === 'saveFile').at(-1)?.params as { name: string; bytes: ArrayBuffer };
        return { name: params.name, base64: btoa(Array.from(new Uint8Array(params.bytes), (b) => String.fromCharCode(b)).join('')) };
      });
      return { name, bytes: Buffer.from(base64, 'base64') };
    };

    it('saves every number as CSV, without losing a bit', () =>
      open(async (v) => {
        const { name, bytes } = await saved(v, 'CSV');
        assert.equal(name, 'first-kernel-weight-step-20.csv');
        const [head, ...rows] = bytes.toString('utf8').trim().split('\n');
        assert.equal(head, 'kernel,row,column,channel,weight,gradient,update,change');
        assert.equal(rows.length, 72);
        const columns = (['Weight', 'Gradient', 'Update', 'Change'] as const).map((view) => valuesOf(run, view, middle, 'first'));
        for (const row of rows) {
          const [kernel, y, x, channel, ...numbers] = row.split(',').map(Number);
          assert.equal(channel, 0);
          numbers.forEach((n, i) => assert.equal(Math.fround(n), columns[i][(y * 3 + x) * 8 + kernel]));
        }
      }));

    it('saves what is shown for NumPy', () =>
      open(async (v) => {
        await chooseLayer(v, 'second');
        await v.settle();
        const { name, bytes } = await saved(v, 'npy');
        assert.equal(name, 'second-kernel-weight-step-20.npy');
        assert.equal(bytes.toString('latin1', 1, 6), 'NUMPY');
        const start = 10 + bytes.readUInt16LE(8);
        assert.equal(start % 64, 0);
        assert.match(bytes.toString('latin1', 10, start), /'descr': '<f4', 'fortran_order': False, 'shape': \(3, 3, 8, 12\)/);
        const values = valuesOf(run, 'Weight', middle, 'second');
        assert.equal(bytes.length, start + values.length * 4);
        values.forEach((value, i) => assert.equal(bytes.readFloatLE(start + i * 4), value));
      }));

    it('saves the same picture as PNG and as SVG', () =>
      open(async (v) => {
        await chooseLayer(v, 'second');
        await v.settle();
        const png = PNG.sync.read((await saved(v, 'PNG')).bytes);
        const svg = (await saved(v, 'SVG')).bytes.toString('utf8');
        assert.match(svg, /second\/kernel: weight at step 20/);
        // Drawn by the browser, the vectors are the picture; text is left out, it is smoothed differently.
        const drawn = await v.page.evaluate(
          async ([text, width, height]) => {
            const image = new Image();
            image.src = `data:image/svg+xml;base64,${btoa(unescape(encodeURIComponent(text)))}`;
            await image.decode();
            const canvas = document.createElement('canvas');
            canvas.width = width;
            canvas.height = height;
            const context = canvas.getContext('2d')!;
            context.drawImage(image, 0, 0);
            return [...context.getImageData(0, 0, width, height).data];
          },
          [svg.replace(/<text.*?<\/text>/g, ''), png.width, png.height] as const,
        );
        let different = 0;
        for (let i = 94 * png.width * 4; i < drawn.length; i++) if (drawn[i] !== png.data[i]) different++;
        assert.equal(different, 0);
        // Colours of the first kernel's first channel, below title and colour bar.
        const values = valuesOf(run, 'Weight', middle, 'second');
        const scale = await legendScale(v.page.locator('.kernels .legend'));
        const n = Number(await v.page.locator('.kernels > .atlas canvas').getAttribute('data-pixels-per-weight'));
        for (let p = 0; p < 9; p++) {
          const [x, y] = [16 + ((p % 3) + 0.5) * n, 94 + (Math.floor(p / 3) + 0.5) * n].map(Math.floor);
          const at = (y * png.width + x) * 4;
          assert.deepEqual([...png.data.subarray(at, at + 3)], signedColor(values[p * 96], scale, 'dark'));
        }
      }));

    it('saves a film of all stored steps, each frame its numbers', () =>
      open(async (v) => {
        const { name, bytes } = await saved(v, 'GIF');
        assert.equal(name, 'first-kernel-weight-step-20.gif');
        assert.equal(bytes.toString('latin1', 0, 6), 'GIF89a');
        const steps = run.storedSteps.filter((s) => s <= middle);
        const decoded = await v.page.evaluate(
          async ([base64, wanted]) => {
            const data = Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
            const decoder = new ImageDecoder({ data, type: 'image/gif' });
            await decoder.tracks.ready;
            await decoder.completed;
            const frames: { width: number; rgba: number[] }[] = [];
            for (const frameIndex of wanted) {
              const { image } = await decoder.decode({ frameIndex });
              const canvas = new OffscreenCanvas(image.displayWidth, image.displayHeight);
              const context = canvas.getContext('2d')!;
              context.drawImage(image, 0, 0);
              frames.push({ width: canvas.width, rgba: [...context.getImageData(0, 0, canvas.width, canvas.height).data] });
            }
            return { count: decoder.tracks.selectedTrack?.frameCount, repeats: decoder.tracks.selectedTrack?.repetitionCount, frames };
          },
          [bytes.toString('base64'), [0, steps.length - 1]] as const,
        );
        assert.equal(decoded.count, steps.length);
        assert.equal(decoded.repeats, Infinity);
        // One scale for the whole film: the largest weight of all its steps, rounded up.
        const largest = Math.max(...steps.map((s) => valuesOf(run, 'Weight', s, 'first').reduce((m, w) => Math.max(m, Math.abs(w)), 0)));
        const scale = niceCeiling(largest);
        const n = Number(await v.page.locator('.kernels > .atlas canvas').getAttribute('data-pixels-per-weight'));
        for (const [frame, step] of [
          [0, steps[0]],
          [1, steps[steps.length - 1]],
        ]) {
          const { width, rgba } = decoded.frames[frame];
          const values = valuesOf(run, 'Weight', step, 'first');
          for (let p = 0; p < 9; p++) {
            const [x, y] = [16 + ((p % 3) + 0.5) * n, 94 + (Math.floor(p / 3) + 0.5) * n].map(Math.floor);
            const expected = signedColor(values[p * 8], scale, 'dark');
            const drawn = rgba.slice((y * width + x) * 4, (y * width + x) * 4 + 3);
            const distance = Math.max(...drawn.map((c, k) => Math.abs(c - expected[k])));
            assert.ok(distance <= 6, `step ${step}, weight ${p}: ${drawn} for ${expected}`);
          }
        }
      }));

    it('saves the curves as a table and as a picture', () =>
      open(async (v) => {
        await v.page.locator('.charts .export-row button:text-is("CSV")').click();
        const table = await v.page.evaluate(() =>
          new TextDecoder().decode(
            (window.fakeHost.calls.filter((c) => c.type === 'saveFile').at(-1)?.params as { bytes: ArrayBuffer }).bytes,
          ),
        );
        const [head, ...rows] = table.trim().split('\n');
        assert.equal(head, 'step,epoch,seconds,learning_rate,loss,accuracy,val_loss,val_accuracy');
        assert.equal(rows.length, middle);
        assert.equal(Number(rows[4].split(',')[4]), run.steps[4].values.loss);
        await v.page.locator('.charts .export-row button:text-is("PNG")').click();
        await v.page.waitForFunction(() =>
          window.fakeHost.calls.some((c) => (c.params as { name?: string } | null)?.name === 'metrics.png'),
        );
      }));
  });

  describe('keyboard', () => {
    it('reaches a kernel, opens it, walks its numbers and comes back', () =>
      open(async (v) => {
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
      open(async (v) => {
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

  describe('manners', () => {
    it('does nothing while nothing happens', () =>
      open(async (v) => {
        const workIn = (ms: number) =>
          v.page.evaluate(async (wait) => {
            let frames = 0;
            const before = window.fakeHost.calls.length;
            const original = window.requestAnimationFrame;
            window.requestAnimationFrame = (callback) => {
              frames++;
              return original(callback);
            };
            await new Promise((done) => setTimeout(done, wait));
            window.requestAnimationFrame = original;
            return { frames, calls: window.fakeHost.calls.length - before };
          }, ms);
        // What began when the page was opened comes to its end, however slow the machine; then there is silence.
        let work = await workIn(800);
        for (let i = 0; i < 20 && work.frames + work.calls > 0; i++) work = await workIn(800);
        assert.deepEqual(work, { frames: 0, calls: 0 });
      }));

    it('draws once for many messages that come at once', () =>
      open(async (v) => {
        const drawn = await v.page.evaluate(async (status) => {
          let puts = 0;
          const original = CanvasRenderingContext2D.prototype.putImageData;
          CanvasRenderingContext2D.prototype.putImageData = function (...args: unknown[]) {
            if (this.canvas.closest('.kernels > .atlas')) puts++;
            return (original as (...a: unknown[]) => void).apply(this, args);
          };
          const { fakeHost } = window;
          // All of it comes before the next animation frame, however long the page takes to read it.
          const frames = window.requestAnimationFrame;
          const waiting: FrameRequestCallback[] = [];
          window.requestAnimationFrame = (callback) => waiting.push(callback);
          for (let i = 0; i < 10; i++) fakeHost.fire('didChangeStatus', { ...fakeHost.snapshot.status!, step: status + i });
          for (let i = 0; i < 5; i++) fakeHost.sendFrame(30);
          await new Promise<void>((read) => {
            window.addEventListener('message', (e) => e.data === 'read' && read());
            window.postMessage('read', '*');
          });
          window.requestAnimationFrame = frames;
          for (const callback of waiting) frames(callback);
          await fakeHost.rest();
          CanvasRenderingContext2D.prototype.putImageData = original;
          return puts;
        }, middle);
        assert.equal(drawn, 1);
      }));

    it('keeps what the person set up when the page comes back', () =>
      open(async (v) => {
        await chooseLayer(v, 'second');
        await chooseView(v, 'Update');
        await v.settle();
        const state = await v.page.evaluate(() => window.fakeHost.state);
        assert.equal((state as { layer: string }).layer, 'second');
        assert.equal((state as { field: string }).field, 'update');
        assert.ok(JSON.stringify(state).length < 2000, 'no run data in the state');
      }));

    for (const width of [260, 300, 560, 820, 1080, 1600]) {
      it(`fits into ${width} px`, () =>
        open(
          async (v) => {
            await v.page.locator('.kernels > .atlas .cell').first().click();
            await v.settle();
            const overflow = await v.page.evaluate(() => {
              const wide: string[] = [];
              for (const e of document.querySelectorAll('#root *')) {
                const box = e.getBoundingClientRect();
                // What its parent scrolls or cuts off on purpose is not in the way.
                const isScrolled = e.closest('.layer-rows, .number-table, .atlas, .u-wrap, svg');
                if (box.width > 0 && box.right > innerWidth + 1 && !isScrolled) wide.push(`${e.tagName}.${e.className}`);
              }
              return { wide, page: document.documentElement.scrollWidth - innerWidth };
            });
            assert.deepEqual(overflow, { wide: [], page: 0 });
            await keepScreenshot(v.page, `panel-${width}px`);
          },
          middle,
          { width },
        ));
    }
  });
});
