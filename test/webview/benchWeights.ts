// How smoothly very large layers scroll and zoom: npx tsx test/webview/benchWeights.ts [width height]
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Page } from 'playwright-core';
import { encodeTensors } from '../../src/common/safetensors';
import { closeBrowser, keepScreenshot, settle } from './page';
import { openWeightsPage } from './weightsPage';

interface Timing {
  frames: number;
  /** Milliseconds from one animation frame to the next. */
  median: number;
  p95: number;
  worst: number;
  /** Milliseconds that the page's script ran per frame, the median and the worst. */
  script: number;
  worstScript: number;
}

/** Scrolls by some pixels in every animation frame and measures. */
function scrollThrough(page: Page, selector: string, frames: number, pixels: number): Promise<Timing> {
  return page.evaluate(
    async ([sel, count, by]) => {
      const scroller = document.querySelector(sel) as HTMLElement;
      const times: number[] = [];
      const work: number[] = [];
      let last = performance.now();
      for (let i = 0; i < count; i++) {
        scroller.scrollTop += by;
        await new Promise(requestAnimationFrame);
        const begin = performance.now();
        times.push(begin - last);
        last = begin;
        // Whatever else runs in this frame (the drawing) has run when the next task begins.
        await new Promise<void>((done) => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => done();
          channel.port2.postMessage(null);
        });
        work.push(performance.now() - begin);
      }
      const sort = (list: number[]): number[] => [...list].sort((a, b) => a - b);
      const [t, w] = [sort(times.slice(2)), sort(work.slice(2))];
      const at = (list: number[], share: number): number => list[Math.min(list.length - 1, Math.floor(list.length * share))];
      return { frames: t.length, median: at(t, 0.5), p95: at(t, 0.95), worst: at(t, 1), script: at(w, 0.5), worstScript: at(w, 1) };
    },
    [selector, frames, pixels] as const,
  );
}

/** Milliseconds from a click on Larger (or Smaller) until it is drawn. */
async function zoom(page: Page, label: string): Promise<number> {
  return page.evaluate(async (name) => {
    const button = [...document.querySelectorAll<HTMLElement>(`[aria-label="${name}"]`)].find((b) => b.offsetParent !== null);
    const begin = performance.now();
    button?.click();
    await new Promise(requestAnimationFrame);
    await new Promise<void>((done) => setTimeout(done, 0));
    return performance.now() - begin;
  }, label);
}

async function main(): Promise<void> {
  const [width, height] = [Number(process.argv[2] ?? 1920), Number(process.argv[3] ?? 1080)];
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'kernelscope-bench-'));
  const file = path.join(folder, 'large.safetensors');
  const random = (n: number): Float32Array => Float32Array.from({ length: n }, () => Math.random() - 0.5);
  const tensors = [
    { name: 'conv.weight', shape: [512, 512, 3, 3], values: random(512 * 512 * 9) },
    { name: 'depthwise.weight', shape: [262144, 1, 3, 3], values: random(262144 * 9) },
    { name: 'fc.weight', shape: [4096, 4096], values: random(4096 * 4096) },
  ];
  fs.writeFileSync(file, Buffer.from(encodeTensors(tensors, { format: 'pt' })));
  const { page, close } = await openWeightsPage({ width, height }, 'file', [file]);
  const print = (what: string, t: Timing): void =>
    console.log(
      `${what}: ${t.frames} frames, ${t.median.toFixed(1)} ms between frames (95 %: ${t.p95.toFixed(1)}, worst ${t.worst.toFixed(1)}); script ${t.script.toFixed(1)} ms (worst ${t.worstScript.toFixed(1)})`,
    );
  try {
    for (const mode of ['norm', 'channels']) {
      await page.locator('.list-row[data-name="conv.weight"]').click();
      await page.getByLabel('Channels').selectOption(mode);
      await page.locator('.atlas-canvas').waitFor();
      await settle(page);
      print(`512 × 512 kernels of 3 × 3, ${mode}, scrolling`, await scrollThrough(page, '.atlas', 120, 23));
      const zooms: number[] = [];
      for (const label of ['Larger tiles', 'Larger tiles', 'Smaller tiles', 'Smaller tiles']) zooms.push(await zoom(page, label));
      console.log(`  zooming: ${zooms.map((z) => z.toFixed(1)).join(', ')} ms until drawn`);
    }
    await keepScreenshot(page, 'weights-bench', false);
    await page.locator('.list-row[data-name="depthwise.weight"]').click();
    await page.waitForTimeout(500);
    await settle(page);
    print('262,144 kernels of 3 × 3 × 1, scrolling', await scrollThrough(page, '.atlas', 120, 200));
    const zooms: number[] = [];
    for (const label of ['Larger tiles', 'Larger tiles', 'Smaller tiles']) zooms.push(await zoom(page, label));
    console.log(`  zooming: ${zooms.map((z) => z.toFixed(1)).join(', ')} ms until drawn`);
    await page.locator('.list-row[data-name="fc.weight"]').click();
    await page.waitForTimeout(2500);
    print('4096 × 4096 matrix, scrolling', await scrollThrough(page, '.plane-scroller', 120, 17));
  } finally {
    await close();
    await closeBrowser();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

void main();
