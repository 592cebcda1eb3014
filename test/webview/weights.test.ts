import assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { signedColor } from '../../src/common/colorMap';
import { encodeTensors, type NamedTensor } from '../../src/common/safetensors';
import { eventually } from '../e2e/until';
import { closeBrowser, keepScreenshot, settle } from './page';
import { openWeightsPage, type WeightsPage } from './weightsPage';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-weights-'));

function tensor(name: string, shape: number[], value: (i: number) => number): NamedTensor {
  return { name, shape, values: Float32Array.from({ length: shape.reduce((a, b) => a * b, 1) }, (_, i) => value(i)) };
}

function write(name: string, tensors: NamedTensor[]): string {
  const file = path.join(folder, name);
  fs.writeFileSync(file, Buffer.from(encodeTensors(tensors, { format: 'pt' })));
  return file;
}

const wave = (k: number) => (i: number) => Math.sin(i * k) / 4;
const model = (change = 0): NamedTensor[] => [
  // Out, in, height, width: as PyTorch stores kernels.
  tensor('conv1.weight', [6, 2, 3, 3], (i) => wave(0.7)(i) + (i >= 36 && i < 54 ? change : 0)),
  tensor('conv1.bias', [6], wave(1.3)),
  tensor('fc.weight', [40, 30], (i) => (i === 41 ? 0.5 + change : wave(0.31)(i))),
  tensor('cube', [2, 5, 7, 3, 2, 2], wave(0.11)),
  tensor('strange', [5], (i) => [NaN, Infinity, 0, 0, 1.5][i]),
];

/** Colours of a canvas at some points. */
function pixelsAt(page: WeightsPage['page'], canvas: string, points: number[][]): Promise<number[][]> {
  return page
    .locator(canvas)
    .first()
    .evaluate((c: HTMLCanvasElement, at) => {
      const { data } = c.getContext('2d')?.getImageData(0, 0, c.width, c.height) as ImageData;
      return at.map(([x, y]) => [
        ...data.subarray((Math.floor(y) * c.width + Math.floor(x)) * 4, (Math.floor(y) * c.width + Math.floor(x)) * 4 + 3),
      ]);
    }, points);
}

describe('the weights page', function () {
  this.timeout(60_000);
  let one: string;
  let other: string;
  before(() => {
    one = write('one.safetensors', model());
    other = write('other.safetensors', model(0.25));
  });
  after(async () => {
    await closeBrowser();
    fs.rmSync(folder, { recursive: true, force: true });
  });

  async function withPage(
    mode: 'file' | 'compare' | 'film',
    paths: string[],
    use: (p: WeightsPage) => Promise<void>,
    size = {},
  ): Promise<void> {
    const opened = await openWeightsPage({ width: 1300, height: 800, ...size }, mode, paths);
    try {
      await opened.page.locator('.list-row, .file-error:not([hidden])').first().waitFor();
      await settle(opened.page);
      await use(opened);
      assert.deepEqual(await opened.problems(), []);
    } finally {
      await opened.close();
    }
  }
  const choose = async ({ page }: WeightsPage, name: string): Promise<void> => {
    await page.locator(`.list-row[data-name="${name}"]`).click();
    await settle(page);
  };

  it('draws PyTorch kernels with every weight in its place and colour', () =>
    withPage('file', [one], async ({ page }) => {
      await page.locator('.atlas-canvas').waitFor();
      assert.equal(await page.locator('.kernel-title').textContent(), 'conv1.weight');
      const canvas = page.locator('.atlas-canvas');
      const [n, scale] = await Promise.all([canvas.getAttribute('data-pixels-per-weight'), canvas.getAttribute('data-scale')]);
      const pixels = Number(n);
      const cell = page.locator('.cell[data-filter="2"]');
      const box = await cell.evaluate((c: HTMLElement) => [parseFloat(c.style.left), parseFloat(c.style.top)]);
      const slice = 3 * pixels + Math.max(1, Math.round(pixels / 3));
      const { values } = model()[0];
      const places = [
        [0, 0, 0],
        [1, 2, 1],
        [0, 1, 2],
        [1, 0, 2],
      ];
      const drawn = await pixelsAt(
        page,
        '.atlas-canvas',
        places.map(([channel, row, column]) => [box[0] + channel * slice + (column + 0.5) * pixels, box[1] + (row + 0.5) * pixels]),
      );
      places.forEach(([channel, row, column], i) => {
        const expected = signedColor(values[((2 * 2 + channel) * 3 + row) * 3 + column], Number(scale), 'dark');
        assert.deepEqual(drawn[i], expected, `channel ${channel}, row ${row}, column ${column}`);
      });
      await keepScreenshot(page, 'weights-kernels');
    }));

  it('counts what is not a number, and says so', () =>
    withPage('file', [one], async (opened) => {
      await choose(opened, 'strange');
      const rows = await opened.page.locator('.statistics tr').allTextContents();
      assert.ok(rows.includes('NaN1') && rows.includes('infinite1'), rows.join());
      assert.ok(
        rows.some((r) => r.startsWith('zeros2')),
        rows.join(),
      );
      assert.ok(rows.includes('max+1.5'));
      assert.equal(await opened.page.locator('.statistics .alarming').count(), 2);
    }));

  it('shows a matrix with the number under the pointer, and goes on with the keys', () =>
    withPage('file', [one], async (opened) => {
      const { page } = opened;
      await choose(opened, 'fc.weight');
      const scroller = page.locator('.plane-scroller');
      await scroller.waitFor();
      await settle(page);
      await scroller.focus();
      await page.keyboard.press('ArrowRight');
      for (const key of ['ArrowRight', 'ArrowDown']) await page.keyboard.press(key);
      await settle(page);
      // Out 1, in 1 is value 31 of the file.
      const expected = model()[2].values[31];
      const text = (await page.locator('.readout').textContent()) ?? '';
      assert.match(text, /out 1, in 1/);
      assert.ok(Math.abs(Number(text.split(':')[1].replace('−', '-')) - expected) < 1e-6, `${text}, not ${expected}`);
      await keepScreenshot(page, 'weights-matrix');
    }));

  it('shows in an overview every value that stands out, and says what a pixel stands for', async () => {
    // No multiple of any step: sampling would pass it over.
    const [row, column] = [1337, 2001];
    const large = write('large.safetensors', [
      tensor('fc.weight', [2000, 3000], (i) => (i === row * 3000 + column ? 1 : wave(0.31)(i) / 100)),
    ]);
    await withPage('file', [large], async ({ page }) => {
      const note = page.locator('.plane-section .order-note');
      await note.filter({ hasText: 'stands for 4 × 4 values and shows the one largest in size' }).waitFor();
      await note.filter({ hasText: '99.5 % of the values lie within ±0.00' }).waitFor();
      await settle(page);
      // All blocks have come when nothing is being read.
      await page.locator('.plane-column .empty-text').waitFor({ state: 'hidden' });
      await settle(page);
      const at = { x: Math.floor(column / 4), y: Math.floor(row / 4) };
      assert.deepEqual(await pixelsAt(page, '.plane-canvas', [[at.x, at.y]]), [signedColor(1, 1, 'dark').slice(0, 3)]);
      // A click is a pixel or two off at most, a pixel four rows.
      await page.locator('.plane-canvas').click({ position: at });
      await page.locator('.plane-scroller').focus();
      for (let i = 0; i < 3; i++) await page.keyboard.press('ArrowDown');
      const readout = page.locator('.readout');
      await readout.filter({ hasText: /out 133[6-9], in 200[0-3]: \+1 \(largest of 4 × 4\)/ }).waitFor();
      await page.getByLabel('Overview').selectOption('mean');
      await note.filter({ hasText: 'shows their mean' }).waitFor();
      await readout.filter({ hasText: /\+0\.06\d* \(mean of 4 × 4\)/ }).waitFor();
    });
  });

  it('says that a matrix without any colour holds zeros', () => {
    const zeros = write('zeros.safetensors', [tensor('blank', [6, 9], () => 0), tensor('fc', [6, 9], wave(0.3))]);
    return withPage('file', [zeros], async ({ page }) => {
      const note = page.getByText('All values in sight are 0.');
      await page.locator('.list-row[data-name="blank"]').click();
      await note.waitFor();
      await page.locator('.list-row[data-name="fc"]').click();
      await note.waitFor({ state: 'hidden' });
    });
  });

  it('shows slices of tensors with many axes', () =>
    withPage('file', [one], async (opened) => {
      const { page, calls } = opened;
      await choose(opened, 'cube');
      await page.locator('.plane-scroller').waitFor();
      await settle(page);
      await page.locator('.axis-fields input[aria-label="axis 1"]').fill('3');
      await settle(page);
      await page.getByLabel('Down', { exact: true }).selectOption('2');
      await settle(page);
      const last = calls.filter((c) => c.type === 'plane').at(-1)?.params as { rowAxis: number; columnAxis: number; at: number[] };
      assert.deepEqual([last.rowAxis, last.columnAxis, last.at[1]], [2, 5, 3]);
      await page.locator('.plane-scroller').focus();
      await page.keyboard.press('ArrowRight');
      await settle(page);
      const at = ((((0 * 5 + 3) * 7 + 0) * 3 + 0) * 2 + 0) * 2 + 0;
      const text = (await page.locator('.readout').textContent()) ?? '';
      assert.ok(Math.abs(Number(text.split(':')[1].replace('−', '-')) - model()[3].values[at]) < 1e-6, text);
    }));

  it('takes the order of axes from the person', () =>
    withPage('file', [one], async (opened) => {
      const { page } = opened;
      assert.match((await page.locator('.layout-reason').textContent()) ?? '', /PyTorch/);
      await page.getByLabel('Order of axes').selectOption('HWIO');
      await settle(page);
      assert.equal(await page.locator('.layout-reason').textContent(), 'chosen by you');
      assert.equal(
        await page
          .locator('.atlas-cells')
          .getAttribute('aria-label')
          .then((l) => /3 kernels/.test(l ?? '')),
        true,
      );
      await page.getByLabel('Order of axes').selectOption('matrix');
      await settle(page);
      assert.equal(await page.locator('.plane-scroller').isVisible(), true);
    }));

  it('filters by name, role, dtype and shape', () =>
    withPage('file', [one], async ({ page }) => {
      const names = () => page.locator('.list-row').evaluateAll((rows) => rows.map((r) => (r as HTMLElement).dataset.name));
      await page.locator('.filter').fill('3x3');
      await settle(page);
      assert.deepEqual(await names(), ['conv1.weight']);
      await page.locator('.filter').fill('bias');
      await settle(page);
      assert.deepEqual(await names(), ['conv1.bias']);
      await page.locator('.filter').fill('nothing like it');
      await settle(page);
      assert.equal(await page.locator('.tensors .empty-text').isVisible(), true);
    }));

  it('opens a kernel with its numbers', () =>
    withPage('file', [one], async ({ page }) => {
      await page.locator('.cell[data-filter="0"]').focus();
      for (const key of ['ArrowRight', 'ArrowRight', 'End', 'ArrowLeft', 'Enter']) await page.keyboard.press(key);
      await settle(page);
      assert.equal(await page.locator('.inspector .section-title').textContent(), 'kernel 4 of 6');
      const first = Number((await page.locator('.number').first().textContent())?.replace('−', '-'));
      assert.ok(Math.abs(first - model()[0].values[4 * 18]) < 5e-4);
      await page.keyboard.press('Escape');
    }));

  it('compares two files: sorted by change, with the difference as a picture', () =>
    withPage('compare', [one, other], async (opened) => {
      const { page } = opened;
      await page.locator('.file-head .verdict', { hasText: '2 tensors differ, 3 are identical' }).waitFor();
      await settle(page);
      const order = await page
        .locator('.list-row')
        .evaluateAll((rows) =>
          rows
            .sort((a, b) => Number((a as HTMLElement).dataset.index) - Number((b as HTMLElement).dataset.index))
            .map((r) => (r as HTMLElement).dataset.name),
        );
      assert.deepEqual(order.slice(0, 2).sort(), ['conv1.weight', 'fc.weight']);
      await choose(opened, 'conv1.weight');
      assert.match((await page.locator('.tensor-head .verdict').textContent()) ?? '', /18 of 108 values differ .*at most by 0\.25/);
      await page.locator('.atlas-canvas').nth(2).waitFor();
      await page.getByLabel('Sort by').nth(1).selectOption('change');
      await settle(page);
      const first = await page.locator('.tile-column').nth(2).locator('.cell[data-item="0"]').getAttribute('data-filter');
      assert.equal(first, '2');
      await keepScreenshot(page, 'weights-compare');
      await choose(opened, 'fc.weight');
      const difference = page.locator('.plane-column').nth(2);
      await difference.locator('.plane-canvas[data-scale="0.25"]').waitFor();
      assert.equal(await difference.locator('.legend').isVisible(), true);
      await choose(opened, 'conv1.bias');
      assert.equal(await page.locator('.tensor-head .verdict').textContent(), 'Identical: all 6 values are exactly the same.');
    }));

  it('says when two files hold the same', () =>
    withPage('compare', [one, write('copy.safetensors', model().slice(0, 4))], async ({ page }) => {
      await page.locator('.file-head .verdict', { hasText: '4 are identical, 1 only in the first file' }).waitFor();
    }));

  it('runs through a film and keeps the tensor', () =>
    withPage('film', [one, other, write('third.safetensors', model(-0.1))], async ({ page }) => {
      await page.locator('.time-slider').focus();
      await page.keyboard.press('End');
      await settle(page);
      assert.match((await page.locator('.time-where').textContent()) ?? '', /third\.safetensors · 3 of 3/);
      await page.getByRole('radio', { name: 'Change since the first' }).click();
      await settle(page);
      await page.locator('.cell[data-filter="0"]').focus();
      for (const key of ['ArrowRight', 'ArrowRight', 'Enter']) await page.keyboard.press(key);
      await page.locator('.film-frame').nth(2).waitFor();
      const first = Number((await page.locator('.number').first().textContent())?.replace('−', '-'));
      assert.ok(Math.abs(first + 0.1) < 1e-6, String(first));
      await keepScreenshot(page, 'weights-film');
    }));

  it('keeps the tensor of a film when a file changes', () => {
    const last = write('last.safetensors', model());
    return withPage('film', [one, other, last], async ({ page, change }) => {
      await page.locator('.list-row[data-name="conv1.bias"]').click();
      await page.locator('.time-slider').press('End');
      await page.locator('.kernel-title', { hasText: 'conv1.bias' }).waitFor();
      write('last.safetensors', [tensor('conv1.bias', [6], () => 3)]);
      await change();
      await page.locator('.statistics td', { hasText: '+3' }).first().waitFor();
      assert.equal(await page.locator('.kernel-title').textContent(), 'conv1.bias');
      assert.match((await page.locator('.time-where').textContent()) ?? '', /last\.safetensors · 3 of 3/);
    });
  });

  it('stops a long reading, and takes it up again when asked', () =>
    withPage('file', [one], async ({ page, held, progress }) => {
      held.add('summarise');
      await page.locator('.list-row[data-name="fc.weight"]').click();
      await page.locator('.kernel-title', { hasText: 'fc.weight' }).waitFor();
      const stop = page.getByRole('button', { name: 'Stop reading' });
      await eventually(async () => {
        await progress('summarise', 1, 4);
        assert.match((await page.locator('.summary').innerText()) ?? '', /Reading … 25 %/);
      });
      await keepScreenshot(page, 'weights-reading');
      held.clear();
      await stop.click();
      await stop.waitFor({ state: 'hidden' });
      await page.getByRole('button', { name: 'Compute statistics' }).click();
      await page.locator('.statistics td').nth(5).waitFor();
    }));

  it('stops a comparison that takes long, and goes on with it', () =>
    withPage('compare', [one, other], async ({ page, held, progress, change }) => {
      const verdict = page.locator('.file-head .verdict');
      await verdict.filter({ hasText: '2 tensors differ, 3 are identical' }).waitFor();
      held.add('difference');
      await change();
      await verdict.filter({ hasText: 'Comparing … 0 of 5 tensors' }).waitFor();
      const stop = page.getByRole('button', { name: 'Stop comparing' });
      await eventually(async () => {
        await progress('difference', 1, 4);
        assert.ok(await stop.isVisible());
      });
      await stop.click();
      await verdict.filter({ hasText: 'Stopped: 0 of 5 tensors' }).waitFor();
      assert.match((await page.locator('.list-row').first().textContent()) ?? '', /not compared/);
      held.clear();
      await page.getByRole('button', { name: 'Go on comparing' }).click();
      await verdict.filter({ hasText: '2 tensors differ, 3 are identical' }).waitFor();
    }));

  it('shows a changed file as it is now', () => {
    const file = write('changing.safetensors', model());
    return withPage('file', [file], async ({ page, change }) => {
      write('changing.safetensors', [tensor('conv1.weight', [6, 2, 3, 3], () => 2)]);
      await change();
      await page.locator('.statistics td', { hasText: '+2' }).first().waitFor();
      assert.equal(await page.locator('.list-row').count(), 1);
    });
  });

  it('says what is wrong with a file', () => {
    const file = path.join(folder, 'broken.safetensors');
    fs.writeFileSync(file, Buffer.from(encodeTensors(model())).subarray(0, 2000));
    return withPage('file', [file], async ({ page }) => {
      const text = (await page.locator('.file-error').textContent()) ?? '';
      assert.match(text, /broken\.safetensors can’t be shown/);
      assert.match(text, /byte/);
      assert.equal(await page.getByRole('button', { name: 'Try Again' }).isVisible(), true);
    });
  });

  it('works in a narrow editor and in high contrast', () =>
    withPage(
      'file',
      [one],
      async ({ page }) => {
        const widths = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
        assert.ok(widths[0] <= widths[1], widths.join(' > '));
        const [atlas, side] = await Promise.all([page.locator('.atlas').boundingBox(), page.locator('.statistics').boundingBox()]);
        assert.ok(atlas && side && atlas.y + atlas.height <= side.y, 'the statistics stand below the picture');
        await keepScreenshot(page, 'weights-narrow');
      },
      { width: 480, height: 900, theme: 'vscode-high-contrast' },
    ));
});
