import assert from 'node:assert/strict';
import { encodeFrame, frameKey } from '../../../src/common/frame';
import { statistics } from '../../../src/common/stats';
import { layerInsight } from '../../../src/insight/layerInsight';
import { withView, type OpenView } from '../openView';
import { snapshotAt, type RecordedRun } from '../recordRun';
import { MIDDLE, panelSuite, text, valuesOf } from './panelView';

describe('panel: answers', function () {
  const panel = panelSuite(this);

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
    panel.open(async (v) => {
      await v.page.locator('.answers').scrollIntoViewIfNeeded();
      await v.page.waitForFunction(() =>
        document.querySelector('[data-answer="difference"] .answer-short')?.textContent?.includes('different'),
      );
      const now = layerInsight(valuesOf(panel.run, 'Weight', MIDDLE, 'first'), [3, 3, 1, 8]).summary;
      const start = layerInsight(valuesOf(panel.run, 'Weight', 0, 'first'), [3, 3, 1, 8]).summary;
      assert.match(await shortOf(v, 'origin'), /^Nobody by hand: GlorotUniform in ±0\.2722; then training moved them\.$/);
      // 1.2 % of uniform 3 × 3 draws are counted as edges (simulated: methods of the edge score).
      assert.match(await shortOf(v, 'edges'), new RegExp(`: ${now.edges} of 8; chance alone would give 0\\.096\\.$`));
      const difference = await shortOf(v, 'difference');
      const [effective, before] = [...difference.matchAll(/\d+\.\d+/g)].map((m) => Number(m[0]));
      assert.ok(Math.abs(effective - now.effectiveKernels) < 0.006, difference);
      assert.ok(Math.abs(before - start.effectiveKernels) < 0.006, difference);
    }));

  it('writes the initialiser out beside what it drew', () =>
    panel.open(async (v) => {
      await unfold(v, 'origin');
      const body = await text(v, '.answer[data-answer="origin"] .answer-body');
      assert.match(body, /limit = √\(6 \/ \(fan_in \+ fan_out\)\)\s+= √\(6 \/ \(9 \+ 72\)\) = 0\.272166/);
      const drawn = statistics(valuesOf(panel.run, 'Weight', 0, 'first'));
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
    const made = structuredClone(snapshotAt(panel.run, MIDDLE));
    const first = made.model?.layers.find((l) => l.name === 'first');
    assert.ok(first && made.frame);
    const values = Float32Array.from({ length: 36 }, (_, i) => known[i % 4][Math.floor(i / 4)] * 0.1);
    first.weights[0].shape = [3, 3, 1, 4];
    const tensors = [{ name: frameKey('weight', 'first', 'kernel'), shape: [3, 3, 1, 4], values }];
    const frame = encodeFrame({ step: MIDDLE, epoch: 0, loss: 1, learningRate: 0.001, tensors });
    const other: RecordedRun = { ...panel.run, frames: new Map([[MIDDLE, frame]]), storedSteps: [MIDDLE] };
    await withView({ view: 'panel', height: 1000 }, other, { ...made, frame, firstFrame: null, storedSteps: [MIDDLE] }, async (v) => {
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
    panel.open(
      async (v) => {
        await v.page.evaluate(() => (window.fakeHost.failures.analyseKernels = 'these are too many weights'));
        await v.page.locator('.answers').scrollIntoViewIfNeeded();
        await v.page.waitForFunction(() => window.fakeHost.calls.filter((c) => c.type === 'analyseKernels').length >= 2);
        await v.settle();
        // The start's analysis came first and failed; the answers do without it.
        assert.doesNotMatch(await text(v, '.answers'), /random start/);
        assert.match(await text(v, '.answers'), /count as/);
      },
      MIDDLE,
      { width: 300, height: 500 },
    ));

  it('asks for no analysis while it is out of sight', () =>
    panel.open(
      async (v) => {
        await v.page.waitForTimeout(300);
        assert.equal(await v.page.evaluate(() => window.fakeHost.calls.filter((c) => c.type === 'analyseKernels').length), 0);
      },
      MIDDLE,
      { width: 300, height: 400 },
    ));
});
