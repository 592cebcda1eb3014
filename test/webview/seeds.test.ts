import assert from 'node:assert/strict';
import type { Page } from 'playwright-core';
import { signedColor } from '../../src/common/colorMap';
import type { ModelSpec } from '../../src/common/modelSpec';
import { Random } from '../../src/common/random';
import type { SeedsState } from '../../src/common/seedsProtocol';
import type { LayerActivity } from '../../src/common/trainingProtocol';
import { channelSources, compareAcrossSeeds, type SeedRun } from '../../src/insight/acrossSeeds';
import { lineUpKernels } from '../../src/insight/lineUpKernels';
import { closeBrowser, keepScreenshot, openWebview, settle } from './page';
import { Pixels } from './pixels';

const SHAPE = [3, 3, 1, 8];
const DEEP = [3, 3, 8, 30];
const conv = (name: string, inputs: string[], shape: number[]) => ({
  name,
  className: 'Conv2D',
  inputs,
  weights: [{ name: 'kernel', shape }],
});
const spec = { layers: [conv('first', [], SHAPE), conv('second', ['first'], DEEP)] } as unknown as ModelSpec;
const random = new Random(77);
const normals = (length: number) => Float32Array.from({ length }, () => random.normal());
const SHARED = 3;

function activity(layer: string, units: number): LayerActivity {
  const images = 12;
  const samples = normals(images * units);
  const gram = new Float32Array(images * images);
  for (let a = 0; a < images; a++)
    for (let b = 0; b < images; b++)
      for (let u = 0; u < units; u++) gram[a * images + b] += samples[a * units + u] * samples[b * units + u];
  return { layer, units, gram, samples };
}

/** Runs whose first layers share exactly three kernels, each at another place. */
function runs(): SeedRun[] {
  const shared = normals(9 * SHARED);
  return [4, 5, 6].map((seed, r) => {
    const first = normals(72);
    for (let s = 0; s < SHARED; s++) for (let p = 0; p < 9; p++) first[p * 8 + ((s + r * 2) % 8)] = shared[s * 9 + p];
    const layers = (units: [number, number]) =>
      new Map([
        ['first', activity('first', units[0])],
        ['second', activity('second', units[1])],
      ]);
    return {
      seed,
      accuracy: 0.97 + r * 0.004,
      kernels: new Map([
        ['first', first],
        ['second', normals(9 * 8 * 30)],
      ]),
      activity: layers([8, 30]),
      untrained: layers([8, 30]),
    };
  });
}

const trained = runs();
const result = compareAcrossSeeds(spec, trained, 12);
const kernels = lineUpKernels(result.layers, trained, channelSources(spec));

const finished: Omit<SeedsState, 'comparison'> = {
  modelName: 'model',
  sourceFile: 'cnn.py',
  conditions: 'embedded digits · 2 epochs, batches of 32 · Adam',
  phase: 'done',
  message: null,
  runs: trained.map(({ seed, accuracy }) => ({ seed, phase: 'finished', step: 40, totalSteps: 40, loss: 0.1, accuracy })),
};

/** Gives the page's host a comparison to answer from. */
async function fill(page: Page, state: object, withComparison: boolean): Promise<void> {
  const comparison = withComparison
    ? {
        seeds: [4, 5, 6],
        result,
        kernels: kernels.map(({ name, shape, kernels: per }) => ({ name, shape, values: per.flatMap((k) => [...k]) })),
      }
    : null;
  await page.evaluate(
    (text) => {
      const given = JSON.parse(text) as { comparison: { kernels: { values: unknown }[] } | null };
      for (const k of given.comparison?.kernels ?? []) k.values = new Float32Array(k.values as number[]).buffer;
      Object.assign(window.fakeHost, { snapshot: given });
    },
    JSON.stringify({ ...state, comparison }),
  );
}

async function open(
  state: object,
  withComparison: boolean,
  use: (page: Page) => Promise<void>,
  theme: 'vscode-dark' | 'vscode-light' | 'vscode-high-contrast' = 'vscode-dark',
): Promise<void> {
  const { page, problems, close } = await openWebview({ view: 'seeds', theme, width: 900, height: 1600 }, (p) =>
    fill(p, state, withComparison),
  );
  try {
    await page.locator('.run').first().waitFor();
    await settle(page);
    await use(page);
    assert.deepEqual(await problems(), []);
  } finally {
    await close();
  }
}

describe('seeds compared', function () {
  this.timeout(60_000);
  after(closeBrowser);

  it('shows how every run goes, and can be cancelled', () =>
    open(
      {
        ...finished,
        phase: 'training',
        runs: [
          { seed: 4, phase: 'finished', step: 40, totalSteps: 40, loss: 0.1, accuracy: 0.975 },
          { seed: 5, phase: 'training', step: 10, totalSteps: 40, loss: 1.25, accuracy: null },
          { seed: 6, phase: 'waiting', step: 0, totalSteps: 0, loss: null, accuracy: null },
        ],
      },
      false,
      async (page) => {
        assert.deepEqual(await page.locator('.run-text').allInnerTexts(), ['accuracy 97.50 %', 'step 10 of 40, loss 1.25', 'waiting']);
        assert.equal(await page.locator('.phase').innerText(), 'Training: 1 of 3 runs finished');
        assert.equal(await page.locator('.bar').nth(1).getAttribute('aria-valuenow'), '25');
        await page.evaluate(() =>
          window.postMessage(
            {
              kind: 'event',
              type: 'didProgress',
              payload: {
                phase: 'training',
                message: null,
                runs: [{ seed: 4, phase: 'training', step: 20, totalSteps: 40, loss: 1, accuracy: null }],
              },
            },
            '*',
          ),
        );
        await page.locator('.run-text:has-text("step 20 of 40")').waitFor();
        await page.locator('.plain-button:text-is("Cancel")').click();
        assert.ok(await page.evaluate(() => window.fakeHost.calls.some((c) => c.type === 'cancel')));
        await keepScreenshot(page, 'seeds-training');
      },
    ));

  for (const theme of ['vscode-dark', 'vscode-light', 'vscode-high-contrast'] as const)
    it(`puts matched kernels side by side, beside chance (${theme})`, () =>
      open(
        finished,
        true,
        async (page) => {
          const first = page.locator('.layer[data-layer="first"]');
          // The shared kernels were found by every run, and stand first.
          const found = await first.locator('.found').allInnerTexts();
          assert.equal(found.filter((t) => t === 'every run').length >= SHARED, true, found.join());
          const rows = await first
            .locator('tr[data-kernel]')
            .evaluateAll((all) => all.map((r) => Number((r as HTMLElement).dataset.kernel)));
          assert.deepEqual(rows.slice(0, SHARED).sort(), [0, 1, 2]);
          const cosines = await first.locator(`tr[data-kernel="1"] .cosine`).allInnerTexts();
          assert.deepEqual(cosines, ['1.00', '1.00']);
          assert.match(
            await first.locator('.verdict').innerText(),
            /of 8 kernels of the first run were found again by every other run \(of runs with nothing in common, .+ would seem to be\)/,
          );
          assert.match(await first.locator('.measures caption').innerText(), /3 pairs of runs, on 12 images/);
          assert.ok((await page.locator('.quote').innerText()).includes('With 3 runs only large differences show'));
          assert.match(await page.locator('.accuracy .hint').innerText(), /Accuracy 97\.40 % on average/);
          await keepScreenshot(page, `seeds-${theme}`);
        },
        theme,
      ));

  it('draws each tile as its weights are', () =>
    open(finished, true, async (page) => {
      const pixels = await Pixels.of(page);
      const scale = Math.max(...kernels[0].kernels.flatMap((k) => [...k]).map(Math.abs));
      for (const [row, run] of [
        [0, 0],
        [0, 1],
        [2, 2],
      ]) {
        const box = await page.locator(`.layer[data-layer="first"] tr[data-kernel="${row}"] canvas`).nth(run).boundingBox();
        assert.ok(box);
        for (let p = 0; p < 9; p++) {
          const at: [number, number] = [box.x + ((p % 3) + 0.5) * (box.width / 3), box.y + (Math.floor(p / 3) + 0.5) * (box.height / 3)];
          const drawn = pixels.at(...at);
          const expected = signedColor(kernels[0].kernels[run][p * 8 + row], scale, 'dark');
          assert.ok(
            expected.every((c, k) => Math.abs(c - drawn[k]) <= 2),
            `row ${row} run ${run} weight ${p}: ${drawn} for ${expected}`,
          );
        }
      }
    }));

  it('shows the first kernels of a large layer, and all when asked to', () =>
    open(finished, true, async (page) => {
      const second = page.locator('.layer[data-layer="second"]');
      assert.equal(await second.locator('tr[data-kernel]').count(), 24);
      await second.getByRole('button', { name: 'Show all 30 kernels' }).click();
      assert.equal(await second.locator('tr[data-kernel]').count(), 30);
    }));

  it('opens a run and copies the summary', () =>
    open(finished, true, async (page) => {
      await page.locator('.run .link').nth(1).click();
      await page.locator('.plain-button:text-is("Copy")').click();
      const calls = await page.evaluate(() => window.fakeHost.calls.slice(1).map((c) => [c.type, JSON.stringify(c.params)]));
      assert.deepEqual(calls[0], ['openRun', '{"seed":5}']);
      assert.equal(calls[1][0], 'copyText');
      assert.ok(calls[1][1].includes('3 runs reach 97.4 % accuracy'));
    }));

  it('says what went wrong', () =>
    open({ ...finished, phase: 'failed', message: 'The loss is not a number (NaN) at step 4.' }, false, async (page) => {
      assert.equal(await page.locator('.message').innerText(), 'The loss is not a number (NaN) at step 4.');
      assert.ok(await page.locator('.plain-button:has-text("Compare again")').isVisible());
    }));
});
