import assert from 'node:assert/strict';
import type { KernelSight, KnockOut, LossSlice } from '../../../src/common/probeProtocol';
import { type OpenView } from '../openView';
import { probeKey, type ProbeRequest } from '../recordRun';
import { chooseLayer, panelSuite, text } from './panelView';

describe('panel: looking into the network', function () {
  const panel = panelSuite(this);

  const end = () => panel.run.storedSteps.at(-1) as number;
  const unfold = async (v: OpenView, id: string) => {
    await v.page.locator('.kernels > .atlas .cell[data-filter="2"]').click();
    await v.page.locator(`.probe[data-answer="${id}"] summary`).click();
  };
  const answered = (v: OpenView, id: string) => v.page.waitForSelector(`.probe[data-answer="${id}"] .probe-content:not([hidden])`);
  const recorded = <T>(request: ProbeRequest): T => panel.run.probes.get(probeKey(request)) as T;
  const sight = (detail: number): KernelSight =>
    recorded({ type: 'kernelSight', params: { layer: 'first', filter: 2, split: null, indices: null, detail } });

  it('shows what a kernel makes of an image of each class, and the arithmetic of one output', () =>
    panel.open(async (v) => {
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
      // The picture in words says where and how strong.
      const words = (await v.page.locator('.arithmetic canvas[tabindex]').getAttribute('aria-label')) ?? '';
      const said = /strongest ([+−][\d.]+(?:e−?\d+)?) at row (\d+), column (\d+)/.exec(words);
      assert.ok(said, words);
      const strongest = values[Number(said[2]) * map[1] + Number(said[3])];
      assert.ok(Math.abs(Math.abs(strongest) - largest) < tolerance, words);
      assert.equal(said[1][0], strongest < 0 ? '−' : '+');
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
    panel.open(async (v) => {
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
    panel.open(async (v) => {
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
    panel.open(async (v) => {
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
    panel.open(async (v) => {
      await unfold(v, 'sight');
      await answered(v, 'sight');
      await v.page.locator('.time-slider').focus();
      await v.page.keyboard.press('Home');
      await v.page.waitForFunction(() =>
        window.fakeHost.calls.some((c) => c.type === 'kernelSight' && (c.params as { step?: number }).step === 0),
      );
    }, end()));
});
