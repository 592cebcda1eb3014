import assert from 'node:assert/strict';
import type { DifferenceCheck, Excitement, GradientSum, LossSlice } from '../../src/common/probeProtocol';
import { signedColor } from '../../src/common/colorMap';
import { frameKey } from '../../src/common/frame';
import { niceCeiling } from '../../webview/run/niceScale';
import { withView, type OpenView } from './openView';
import { closeBrowser } from './page';
import { frameOf, probeKey, snapshotAt, type ProbeRequest, type RecordedRun } from './recordRun';
import { sharedRun } from './sharedRun';
import type { ThemeName } from './themes';

const PLACE = { layer: 'first', weight: 'kernel', offset: 2 };
const section = (id: string): string => `.probe[data-answer="${id}"]`;

describe('looking into one weight', function () {
  this.timeout(60_000);
  let run: RecordedRun;
  before(async function () {
    this.timeout(240_000);
    run = await sharedRun();
  });
  after(() => closeBrowser());

  const recorded = <T>(request: ProbeRequest): T => run.probes.get(probeKey(request)) as T;
  /** Opens the panel at the run's end, kernel 2 of the first layer and a section of its inspector. */
  const open = (id: string, use: (view: OpenView) => Promise<void>, theme?: ThemeName) =>
    withView({ view: 'panel', height: 1000, width: 1300, theme }, run, snapshotAt(run), async (v) => {
      await v.page.locator('.kernels > .atlas .cell[data-filter="2"]').click();
      await v.page.locator(`${section(id)} summary`).click();
      await use(v);
    });
  const answered = (v: OpenView, id: string) => v.page.waitForSelector(`${section(id)} .probe-content:not([hidden])`);
  const words = (v: OpenView, selector: string) => v.page.locator(selector).first().innerText();
  const numbers = (text: string): number[] =>
    [...text.matchAll(/[+−]?\d+(?:\.\d+)?(?:e−?\d+)?/g)].map((m) => Number(m[0].replaceAll('−', '-').replace('+', '')));

  for (const theme of ['vscode-dark', 'vscode-light', 'vscode-high-contrast'] as const)
    it(`shows a gradient as the sum it is, with the pictures that made it: ${theme}`, () =>
      open(
        'gradient',
        async (v) => {
          await answered(v, 'gradient');
          await v.settle();
          const sum = recorded<GradientSum>({ type: 'gradientSum', params: PLACE });
          const text = await words(v, `${section('gradient')} .probe-content > p`);
          assert.ok(
            numbers(text).some((n) => Math.abs(n - sum.sum) <= 1e-6 * Math.abs(sum.sum)),
            `${text} lacks ${sum.sum}`,
          );
          assert.match(text, /Training computed/);
          assert.match(await words(v, `${section('gradient')} code`), /X\[n, i \+ a, j \+ b, c\] · dY\[n, i, j, f\]/);
          const figures = v.page.locator(`${section('gradient')} .picture-pair`);
          assert.equal(await figures.count(), sum.images.length);
          const shares = await figures.locator('strong').allInnerTexts();
          shares.forEach((s, i) =>
            assert.ok(Math.abs(numbers(s)[0] / sum.images[i].share - 1) < 0.01, `${s} is not ${sum.images[i].share}`),
          );
          // The products' pixels have the colours of their values.
          const { products } = sum.images[0];
          const scale = niceCeiling(sum.images.reduce((m, i) => i.products.reduce((n, p) => Math.max(n, Math.abs(p)), m), 0));
          const pixels = await figures
            .first()
            .locator('canvas')
            .nth(1)
            .evaluate((node) => {
              const canvas = node as HTMLCanvasElement;
              return [...(canvas.getContext('2d')?.getImageData(0, 0, canvas.width, canvas.height).data ?? [])];
            });
          assert.equal(pixels.length, products.length * 4);
          const kind = theme === 'vscode-dark' ? 'dark' : theme === 'vscode-light' ? 'light' : 'high-contrast';
          products.forEach((p, i) => assert.deepEqual(pixels.slice(i * 4, i * 4 + 3), signedColor(p, scale, kind), `product ${i}`));
          const bars = await v.page.locator(`${section('gradient')} canvas.shares`).evaluate((c) => (c as HTMLCanvasElement).width);
          assert.ok(bars > 100, `the bars are ${bars} pixels wide`);
        },
        theme,
      ));

  it('checks the gradient by finite differences only when asked to', () =>
    open('check', async (v) => {
      await v.page.waitForTimeout(200);
      assert.equal((await v.calls()).filter((c) => c.type === 'checkGradient').length, 0);
      await v.page.locator(`${section('check')} vscode-button`).click();
      await answered(v, 'check');
      const check = recorded<DifferenceCheck>({ type: 'checkGradient', params: PLACE });
      const row = await v.page.locator(`${section('check')} tr.chosen td`).allInnerTexts();
      const { h, difference, relativeError } = check.trials[check.chosen];
      [h, difference, relativeError].forEach((expected, i) =>
        assert.ok(Math.abs(numbers(row[i])[0] - expected) <= 0.06 * Math.abs(expected), `${row[i]}, expected ${expected}`),
      );
      assert.equal(await v.page.locator(`${section('check')} tr`).count(), check.trials.length + 1);
    }));

  it('puts the earlier places of the weight on the curve, and looks as near as the step when told to', () =>
    open('downhill', async (v) => {
      await answered(v, 'downhill');
      const slice = recorded<LossSlice>({ type: 'lossSlice', params: { ...PLACE, halfWidth: null } });
      const start = numbers(await words(v, `${section('downhill')} .hint:last-of-type`)).at(-1);
      const drawn = frameOf(run, 0).tensors.get(frameKey('weight', 'first', 'kernel'))?.values[2] ?? NaN;
      assert.ok(Math.abs((start ?? NaN) / drawn - 1) < 1e-3, `it says ${start}, it began at ${drawn}`);
      await v.page.locator(`${section('downhill')} .segment:text-is("The step")`).click();
      await v.page.waitForFunction((count) => window.fakeHost.calls.filter((c) => c.type === 'lossSlice').length > count, 1);
      const asked = (await v.calls())
        .filter((c) => c.type === 'lossSlice')
        .map((c) => (c.params as { halfWidth: number | null }).halfWidth);
      assert.equal(asked[0], null);
      const step = Math.abs((slice.after ?? NaN) - slice.value);
      assert.ok(Math.abs((asked[1] ?? NaN) - 6 * step) < 1e-9, `${asked[1]} is not six steps of ${step}`);
    }));

  it('looks into an earlier step where one is shown, and takes back what a button asked for at another', () =>
    withView({ view: 'panel', height: 1000, width: 1300 }, run, snapshotAt(run), async (v) => {
      await v.page.locator('.kernels > .atlas .cell[data-filter="2"]').click();
      await v.page.locator(`${section('knockout')} summary`).click();
      await v.page.locator(`${section('knockout')} vscode-button`).click();
      await answered(v, 'knockout');
      await v.page.locator('.time-slider').evaluate((slider, at) => {
        (slider as HTMLInputElement).value = String(at);
        slider.dispatchEvent(new Event('input', { bubbles: true }));
        slider.dispatchEvent(new Event('change', { bubbles: true }));
      }, run.storedSteps.indexOf(3));
      await v.page.waitForSelector(`${section('knockout')} .probe-content[hidden]`, { state: 'attached' });
      await v.page.locator(`${section('gradient')} summary`).click();
      await answered(v, 'gradient');
      const sum = recorded<GradientSum>({ type: 'gradientSum', params: { ...PLACE, step: 3 } });
      assert.equal(sum.about.step, 3);
      const text = await words(v, `${section('gradient')} .probe-content > p`);
      assert.match(text, /^In step 3 /);
      assert.ok(numbers(text).some((n) => Math.abs(n - sum.sum) <= 1e-6 * Math.abs(sum.sum)));
      // The optimiser's own numbers of that step lead to exactly the weight that its frame holds.
      assert.match(await words(v, '.inspector [aria-label="One weight’s last step"] .explain'), /exactly the number the frame holds/);
    }));

  it('shows what excites a kernel, where reasons lie, how often it answers, and what merging does', () =>
    withView({ view: 'panel', height: 1000, width: 1300 }, run, snapshotAt(run), async (v) => {
      await v.page.locator('.kernels > .atlas .cell[data-filter="2"]').click();
      for (const id of ['excitement', 'active', 'twin']) {
        await v.page.locator(`${section(id)} summary`).click();
        await v.page
          .locator(`${section(id)} vscode-button`)
          .last()
          .click();
        await answered(v, id);
      }
      const found = recorded<Excitement>({ type: 'excitement', params: { layer: 'first', filter: 2 } });
      const values = await v.page.locator(`${section('excitement')} figure strong`).allInnerTexts();
      values.forEach((text, i) => assert.ok(Math.abs(numbers(text)[0] - found.images[i].value) <= 0.01 * found.images[i].value, text));
      assert.match(await words(v, `${section('active')} .probe-content > p`), /stored steps/);
      assert.match(
        await words(v, `${section('twin')} .probe-content > p`),
        /^With the weights of kernel 2 replaced by those of kernel \d+/,
      );
      await v.page.locator(`${section('reasons')} summary`).click();
      await answered(v, 'reasons');
      assert.match(await words(v, `${section('reasons')} .probe-content > p`), /^Image 0 of the \d+/);
      assert.equal(await v.page.locator(`${section('reasons')} canvas`).count(), 3);
    }));

  it('plays the convolution and stops where it is told', () =>
    open('sight', async (v) => {
      await answered(v, 'sight');
      const note = () => v.page.locator('.arithmetic .large-picture figcaption').last().innerText();
      await v.page.locator('.arithmetic vscode-button:has-text("Slide over the image")').click();
      await v.page.waitForFunction(() => {
        const at = /row (\d+), column (\d+)/.exec([...document.querySelectorAll('.arithmetic figcaption')].at(-1)?.textContent ?? '');
        return Number(at?.[1]) + Number(at?.[2]) >= 2;
      });
      await v.page.locator('.arithmetic vscode-button:has-text("Stop")').click();
      const where = await note();
      await v.page.waitForTimeout(500);
      assert.equal(await note(), where);
      await v.page.locator('.arithmetic vscode-button:has-text("Add up one by one")').click();
      const sum = await v.page.waitForFunction(() => {
        const { length } = document.querySelectorAll('.term.later');
        return length > 0 && length < 8 && document.querySelector<HTMLElement>('.running-sum')?.innerText;
      });
      const sums = numbers(String(await sum.jsonValue()));
      assert.ok(Math.abs(sums[0] + sums[1] - sums[2]) < 2e-3, String(sums));
    }));

  it('frames the part of the image that an output of a deeper layer is made of', () =>
    withView({ view: 'panel', height: 1000, width: 1300 }, run, snapshotAt(run), async (v) => {
      await v.page.locator('.layer-row[data-layer="second"]').click();
      await v.settle();
      await v.page.locator('.kernels > .atlas .cell[data-filter="7"]').click();
      await v.page.locator(`${section('sight')} summary`).click();
      await answered(v, 'sight');
      const figures = v.page.locator('.arithmetic .large-picture');
      // 3 × 3 over 2 × 2 pooling over 3 × 3: 2 (3 - 1) + 2 + 2 = 8.
      assert.match(await figures.first().innerText(), /8 × 8 pixels/);
      const [row, column] = numbers(await figures.last().locator('figcaption').innerText());
      const frame = await figures
        .first()
        .locator('.receptive-field')
        .evaluate((n) => [n.style.top, n.style.left, n.style.height].map((t) => Number(t.replace('%', ''))));
      [(100 * 2 * row) / 20, (100 * 2 * column) / 20, 40].forEach((expected, i) =>
        assert.ok(Math.abs(frame[i] - expected) < 0.01, `${frame[i]} is not ${expected}`),
      );
    }));

  it('looks at the image whose number is typed, and back at one of each class', () =>
    open('sight', async (v) => {
      await answered(v, 'sight');
      const pictures = v.page.locator('.sight-image');
      const all = await pictures.count();
      assert.ok(all > 1);
      const field = v.page.locator(`${section('sight')} vscode-text-field`);
      await field.locator('input').fill('100000');
      await field.locator('input').press('Enter');
      assert.match(await words(v, `${section('sight')} .field-message`), /^From 0 to \d+\.$/);
      await field.locator('input').fill('7');
      await field.locator('input').press('Enter');
      await v.page.waitForFunction(() => document.querySelectorAll('.sight-image').length === 1);
      assert.match(await words(v, `${section('sight')} .probe-content > p`), /^Image 7 of the \d+/);
      await v.page.locator(`${section('sight')} vscode-button:has-text("One of each class")`).click();
      await v.page.waitForFunction((n) => document.querySelectorAll('.sight-image').length === n, all);
    }));

  it('draws the pictures anew in another theme', () =>
    open('gradient', async (v) => {
      await answered(v, 'gradient');
      const background = () =>
        v.page
          .locator(`${section('gradient')} .picture-pair canvas`)
          .nth(1)
          .evaluate((node) => [...((node as HTMLCanvasElement).getContext('2d')?.getImageData(0, 0, 1, 1).data ?? [])]);
      const dark = await background();
      await v.page.evaluate(() => document.body.classList.replace('vscode-dark', 'vscode-light'));
      await v.settle();
      const light = await background();
      assert.ok(light[0] > dark[0] + 100, `${dark} became ${light}`);
    }));
});
