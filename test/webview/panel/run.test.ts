import assert from 'node:assert/strict';
import { withView } from '../openView';
import { snapshotAt } from '../recordRun';
import { assertKernels, chooseLayer, MIDDLE, panelSuite, text, valuesOf } from './panelView';

describe('panel: run', function () {
  const panel = panelSuite(this);

  it('lists the layers with shape, parameters and how much a step changes them', () =>
    panel.open(async (v) => {
      const rows = await v.page.locator('.layer-row').allInnerTexts();
      assert.equal(rows.length, panel.run.spec.layers.length);
      const first = rows.find((r) => r.startsWith('first'));
      assert.match(first ?? '', /Conv2D · 18 × 18 × 8\s+80 parameters/);
      const mean = (values: Float32Array) => values.reduce((a, b) => a + Math.abs(b), 0) / values.length;
      const ratio = mean(valuesOf(panel.run, 'Update', MIDDLE, 'first')) / mean(valuesOf(panel.run, 'Weight', MIDDLE, 'first'));
      await v.page.locator('.layer-row[data-layer="first"] .layer-state', { hasText: 'a step' }).waitFor();
      const state = await text(v, '.layer-row[data-layer="first"] .layer-state');
      const shown = Number(/^moves ([\d.]+) % a step$/.exec(state)?.[1]);
      assert.ok(Math.abs(shown - ratio * 100) < ratio * 6, `${state} for ${ratio}`);
      await chooseLayer(v, 'second');
      assert.deepEqual((await v.calls()).at(-1), { type: 'selectLayer', params: { layer: 'second' } });
    }));

  it('sends what the run bar’s buttons say', () =>
    panel.open(async (v) => {
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
    panel.open(async (v) => {
      await v.page.locator('.run-bar vscode-button:has-text("Train again")').click();
      assert.deepEqual((await v.calls()).at(-1), { type: 'runCommand', params: { command: 'kernelscope.trainCnn' } });
    }, panel.run.storedSteps.at(-1)));

  it('tells the host which layer it shows, unless another view has chosen one', async () => {
    await panel.open(async (v) =>
      assert.deepEqual((await v.calls())[0], { type: 'selectLayer', params: { layer: 'first', filter: null } }),
    );
    const chosen = snapshotAt(panel.run, MIDDLE, { selectedLayer: 'second', selectedFilter: 3 });
    await withView({ view: 'panel' }, panel.run, chosen, async (v) => {
      assert.equal(await text(v, '.kernel-title'), 'second');
      assert.match(await text(v, '.inspector h2'), /kernel 3 of second/);
      assert.deepEqual(
        (await v.calls()).filter((c) => c.type === 'selectLayer'),
        [],
      );
    });
  });

  it('changes the learning rate and the seed, and refuses what is no such thing', () =>
    panel.open(async (v) => {
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
    panel.open(async (v) => {
      await v.page.evaluate((step) => window.fakeHost.sendFrame(step), 30);
      const rows = panel.run.steps.filter((r) => r.step > MIDDLE && r.step <= 30);
      await v.page.evaluate((more) => window.fakeHost.fire('didRecordMetrics', more), rows as never);
      await v.page.waitForFunction(() =>
        window.fakeHost.calls.some((c) => c.type === 'acknowledgeFrame' && (c.params as { step: number }).step === 30),
      );
      await v.settle();
      await assertKernels(v, valuesOf(panel.run, 'Weight', 30, 'first'), [3, 3, 1, 8]);
      const summary = await v.page.locator('.charts .chart-canvas').first().getAttribute('aria-label');
      assert.match(summary ?? '', /^Training loss over 30 steps: from /);
    }));

  it('goes back in time with the slider, and to now again', () =>
    panel.open(async (v) => {
      const slider = v.page.locator('.time-slider');
      await slider.focus();
      await slider.press('Home');
      await slider.press('ArrowRight');
      await v.page.waitForFunction(() => document.querySelector('.time-where')?.textContent?.includes('step 1'));
      await v.settle();
      await assertKernels(v, valuesOf(panel.run, 'Weight', 1, 'first'), [3, 3, 1, 8]);
      await v.page.evaluate((step) => window.fakeHost.sendFrame(step), 30);
      await v.settle();
      await assertKernels(v, valuesOf(panel.run, 'Weight', 1, 'first'), [3, 3, 1, 8]);
      await v.page.locator('.timeline vscode-button:has-text("Newest")').click();
      await v.settle();
      assert.match(await text(v, '.time-where'), /Live: step 30/);
      await assertKernels(v, valuesOf(panel.run, 'Weight', 30, 'first'), [3, 3, 1, 8]);
    }));

  it('shows the end of a run with its test result', () =>
    panel.open(async (v) => {
      assert.equal(await text(v, '.run-bar .phase'), 'Finished');
      assert.match(await text(v, '.run-numbers'), /test loss \d\.\d+ · test accuracy \d+\.\d %/);
    }, panel.run.storedSteps.at(-1)));

  it('says what went wrong and keeps the last frame', () =>
    withView(
      { view: 'panel', height: 1000 },
      panel.run,
      snapshotAt(panel.run, MIDDLE, {
        status: { ...snapshotAt(panel.run, MIDDLE).status!, phase: 'failed', message: 'The loss is not a number (NaN) at step 21.' },
      }),
      async (v) => {
        assert.match(await text(v, '.run-message'), /NaN/);
        assert.equal(await v.page.locator('.run-message').getAttribute('role'), 'alert');
        await assertKernels(v, valuesOf(panel.run, 'Weight', MIDDLE, 'first'), [3, 3, 1, 8]);
        await v.page.locator('.run-bar vscode-button:has-text("Choose data")').click();
        assert.deepEqual((await v.calls()).at(-1), { type: 'runCommand', params: { command: 'kernelscope.chooseData' } });
      },
    ));

  it('shows the host’s refusal, until it is dismissed', () =>
    panel.open(async (v) => {
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
