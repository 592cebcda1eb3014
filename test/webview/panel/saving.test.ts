import assert from 'node:assert/strict';
import { PNG } from 'pngjs';
import { signedColor } from '../../../src/common/colorMap';
import { niceCeiling } from '../../../webview/run/niceScale';
import { type OpenView } from '../openView';
import { legendScale } from '../pixels';
import { chooseLayer, MIDDLE, panelSuite, valuesOf } from './panelView';

describe('panel: saving', function () {
  const panel = panelSuite(this);

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
    panel.open(async (v) => {
      const { name, bytes } = await saved(v, 'CSV');
      assert.equal(name, 'first-kernel-weight-step-20.csv');
      const [head, ...rows] = bytes.toString('utf8').trim().split('\n');
      assert.equal(head, 'kernel,row,column,channel,weight,gradient,update,change');
      assert.equal(rows.length, 72);
      const columns = (['Weight', 'Gradient', 'Update', 'Change'] as const).map((view) => valuesOf(panel.run, view, MIDDLE, 'first'));
      for (const row of rows) {
        const [kernel, y, x, channel, ...numbers] = row.split(',').map(Number);
        assert.equal(channel, 0);
        numbers.forEach((n, i) => assert.equal(Math.fround(n), columns[i][(y * 3 + x) * 8 + kernel]));
      }
    }));

  it('saves what is shown for NumPy', () =>
    panel.open(async (v) => {
      await chooseLayer(v, 'second');
      await v.settle();
      const { name, bytes } = await saved(v, 'npy');
      assert.equal(name, 'second-kernel-weight-step-20.npy');
      assert.equal(bytes.toString('latin1', 1, 6), 'NUMPY');
      const start = 10 + bytes.readUInt16LE(8);
      assert.equal(start % 64, 0);
      assert.match(bytes.toString('latin1', 10, start), /'descr': '<f4', 'fortran_order': False, 'shape': \(3, 3, 8, 12\)/);
      const values = valuesOf(panel.run, 'Weight', MIDDLE, 'second');
      assert.equal(bytes.length, start + values.length * 4);
      values.forEach((value, i) => assert.equal(bytes.readFloatLE(start + i * 4), value));
    }));

  it('saves the same picture as PNG and as SVG', () =>
    panel.open(async (v) => {
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
      const values = valuesOf(panel.run, 'Weight', MIDDLE, 'second');
      const scale = await legendScale(v.page.locator('.kernels .legend'));
      const n = Number(await v.page.locator('.kernels > .atlas canvas').getAttribute('data-pixels-per-weight'));
      for (let p = 0; p < 9; p++) {
        const [x, y] = [16 + ((p % 3) + 0.5) * n, 94 + (Math.floor(p / 3) + 0.5) * n].map(Math.floor);
        const at = (y * png.width + x) * 4;
        assert.deepEqual([...png.data.subarray(at, at + 3)], signedColor(values[p * 96], scale, 'dark'));
      }
    }));

  it('saves a film of all stored steps, each frame its numbers', () =>
    panel.open(async (v) => {
      const { name, bytes } = await saved(v, 'GIF');
      assert.equal(name, 'first-kernel-weight-step-20.gif');
      assert.equal(bytes.toString('latin1', 0, 6), 'GIF89a');
      const steps = panel.run.storedSteps.filter((s) => s <= MIDDLE);
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
      const largest = Math.max(
        ...steps.map((s) => valuesOf(panel.run, 'Weight', s, 'first').reduce((m, w) => Math.max(m, Math.abs(w)), 0)),
      );
      const scale = niceCeiling(largest);
      const n = Number(await v.page.locator('.kernels > .atlas canvas').getAttribute('data-pixels-per-weight'));
      for (const [frame, step] of [
        [0, steps[0]],
        [1, steps[steps.length - 1]],
      ]) {
        const { width, rgba } = decoded.frames[frame];
        const values = valuesOf(panel.run, 'Weight', step, 'first');
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
    panel.open(async (v) => {
      await v.page.locator('.charts .export-row button:text-is("CSV")').click();
      const table = await v.page.evaluate(() =>
        new TextDecoder().decode(
          (window.fakeHost.calls.filter((c) => c.type === 'saveFile').at(-1)?.params as { bytes: ArrayBuffer }).bytes,
        ),
      );
      const [head, ...rows] = table.trim().split('\n');
      assert.equal(head, 'step,epoch,seconds,learning_rate,loss,accuracy,val_loss,val_accuracy');
      assert.equal(rows.length, MIDDLE);
      assert.equal(Number(rows[4].split(',')[4]), panel.run.steps[4].values.loss);
      await v.page.locator('.charts .export-row button:text-is("PNG")').click();
      await v.page.waitForFunction(() => window.fakeHost.calls.some((c) => (c.params as { name?: string } | null)?.name === 'metrics.png'));
    }));
});
