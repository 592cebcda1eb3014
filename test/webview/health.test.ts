import assert from 'node:assert/strict';
import { healthSample } from '../../src/insight/healthSample';
import type { Snapshot } from '../../src/common/panelProtocol';
import { closeBrowser, keepScreenshot } from './page';
import { withView, type OpenView } from './openView';
import { frameOf, recordRun, snapshotAt, type RecordedRun } from './recordRun';
import { sharedRun } from './sharedRun';

describe('health in the panel', function () {
  this.timeout(120_000);
  let healthy: RecordedRun;
  let dead: RecordedRun;

  before(async function () {
    this.timeout(240_000);
    healthy = await sharedRun();
    dead = await recordRun({
      python: `
from keras import Sequential, layers, initializers
model = Sequential([
    layers.Conv2D(6, 3, activation="relu", bias_initializer=initializers.Constant(-20.0), input_shape=(12, 12, 1), name="first"),
    layers.Flatten(),
    layers.Dense(10, activation="softmax", name="scores"),
])
model.compile("sgd", "sparse_categorical_crossentropy", metrics=["accuracy"])
`,
      options: { epochs: 1, batchSize: 16, limit: 200, seed: 3, backend: 'cpu' },
    });
  });
  after(closeBrowser);

  const open = (
    run: RecordedRun,
    theme: 'vscode-dark' | 'vscode-light',
    use: (v: OpenView) => Promise<void>,
    change: Partial<Snapshot> = {},
  ) => withView({ view: 'panel', theme, width: 1300, height: 1000 }, run, snapshotAt(run, undefined, change), use);
  const unfold = async (v: OpenView) => {
    await v.page.locator('.health summary').click();
    await v.settle();
  };

  it('is one quiet line when nothing is out of the ordinary, with every layer’s numbers behind it', () =>
    open(healthy, 'vscode-dark', async (v) => {
      const last = frameOf(healthy, healthy.storedSteps.at(-1) ?? 0);
      await v.page.locator('.health .answer-short:has-text("Nothing out of the ordinary")').waitFor();
      await unfold(v);
      const rows = await v.page.locator('.health-table tr:has(td)').allInnerTexts();
      const samples = healthSample(last, healthy.spec.layers).layers;
      assert.deepEqual(
        rows.map((r) => r.split('\t')[0].trim()),
        samples.map((s) => s.layer),
      );
      samples.forEach((s, i) => {
        assert.ok(rows[i].includes(`${s.silent?.length} of ${s.units}`), rows[i]);
        assert.ok(rows[i].includes(`${Number((100 * (s.updateRatio ?? 0)).toPrecision(2))} %`), rows[i]);
      });
      assert.equal(await v.page.locator('.health-finding').count(), 0);
      // The run has ended; what its layers give out is asked for once.
      const asked = (await v.calls()).filter((c) => c.type === 'sampleOutputs').map((c) => c.params);
      assert.deepEqual(asked, [{ layers: ['re_lu', 'second'] }]);
      await v.page.locator('.health .link:text-is("second")').click();
      await v.settle();
      assert.equal(await v.page.locator('.kernel-title').innerText(), 'second');
      await keepScreenshot(v.page, 'health-fine-dark');
    }));

  for (const theme of ['vscode-dark', 'vscode-light'] as const)
    it(`says in plain words that a layer is dead, and what people do about it (${theme})`, () =>
      open(dead, theme, async (v) => {
        await v.page.locator('.health .answer-short:has-text("No gradient reaches first")').waitFor();
        await unfold(v);
        const texts = await v.page.locator('.health-finding').allInnerTexts();
        assert.match(texts[0], /problem/);
        assert.match(texts[0], /gradient of all 6 units is exactly 0 in \d recorded batches/);
        assert.match(texts[0], /What people usually do: .*learning rate/);
        await v.page.locator('.health').scrollIntoViewIfNeeded();
        await keepScreenshot(v.page, `health-dead-${theme}`);
      }));

  it('does not call the same finding new once it was seen', () =>
    open(dead, 'vscode-dark', async (v) => {
      await unfold(v);
      await v.page.locator('.health summary').click();
      await v.settle();
      assert.doesNotMatch(await v.page.locator('.health .answer-short').innerText(), /new/);
    }));
});
