// How smoothly very large layers scroll and zoom, drawn by the processor alone: npx tsx test/webview/benchWeights.ts [width height]
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import type { Page } from 'playwright-core';
import { encodeTensors } from '../../src/common/safetensors';
import { closeBrowser, keepScreenshot, openBrowser, settle } from './page';
import { openWeightsPage } from './weightsPage';

interface Timing {
  /** Milliseconds from one animation frame to the next. */
  intervals: number[];
  /** Milliseconds that the page's script ran per frame. */
  script: number[];
}

/** Does something in every animation frame, and measures what follows. */
async function inEveryFrame(page: Page, frames: number, act: { scroll: string; by: number } | { press: string[] }): Promise<Timing> {
  return page.evaluate(
    async ([count, what]) => {
      const find = (label: string): HTMLElement | undefined =>
        [...document.querySelectorAll<HTMLElement>(`[aria-label="${label}"]`)].find((b) => b.offsetParent !== null);
      const buttons = 'press' in what ? what.press.map(find) : [];
      const scroller = 'scroll' in what ? document.querySelector(what.scroll) : null;
      const intervals: number[] = [];
      const script: number[] = [];
      let last = performance.now();
      for (let i = 0; i < count; i++) {
        if (scroller && 'by' in what) scroller.scrollTop += what.by;
        else buttons[i % buttons.length]?.click();
        await new Promise(requestAnimationFrame);
        const begin = performance.now();
        intervals.push(begin - last);
        last = begin;
        // Whatever else runs in this frame (the drawing) has run when the next task begins.
        await new Promise<void>((done) => {
          const channel = new MessageChannel();
          channel.port1.onmessage = () => done();
          channel.port2.postMessage(null);
        });
        script.push(performance.now() - begin);
      }
      return { intervals: intervals.slice(2), script: script.slice(2) };
    },
    [frames, act] as const,
  );
}

/** What the browser's main thread did besides, from its own trace: milliseconds per frame. */
async function traced(page: Page, act: () => Promise<Timing>): Promise<{ timing: Timing; phases: string }> {
  const browser = await openBrowser();
  await browser.startTracing(page, { categories: ['devtools.timeline'] });
  const timing = await act();
  interface TraceEvent {
    name: string;
    pid: number;
    tid: number;
    dur?: number;
  }
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const main = traceEvents.find((e) => e.name === 'FireAnimationFrame');
  const phases = Object.entries({
    script: ['FireAnimationFrame'],
    style: ['UpdateLayoutTree'],
    layout: ['Layout'],
    paint: ['PrePaint', 'Paint', 'Layerize', 'Commit'],
  }).map(([phase, names]) => {
    const due = traceEvents.filter((e) => names.includes(e.name) && e.pid === main?.pid && e.tid === main.tid);
    return `${phase} ${(due.reduce((a, e) => a + (e.dur ?? 0), 0) / 1000 / timing.intervals.length).toFixed(1)}`;
  });
  return { timing, phases: phases.join(', ') };
}

async function measure(page: Page, what: string, act: () => Promise<Timing>): Promise<void> {
  const { timing, phases } = await traced(page, act);
  const sorted = (list: number[]): number[] => [...list].sort((x, y) => x - y);
  const at = (list: number[], share: number): string => sorted(list)[Math.min(list.length - 1, Math.floor(list.length * share))].toFixed(1);
  const spread = (list: number[]): string => `${at(list, 0.5)} ms (95 %: ${at(list, 0.95)}, worst ${at(list, 1)})`;
  console.log(`${what}: ${timing.intervals.length} frames, ${spread(timing.intervals)} between frames, script ${spread(timing.script)}`);
  console.log(`  of the main thread per frame, in ms: ${phases}`);
}

const LARGER_AND_SMALLER = ['Larger tiles', 'Larger tiles', 'Smaller tiles', 'Smaller tiles'];

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
  const scroll = (selector: string, by: number) => () => inEveryFrame(page, 120, { scroll: selector, by });
  const zoom = () => inEveryFrame(page, 60, { press: LARGER_AND_SMALLER });
  try {
    for (const mode of ['norm', 'channels']) {
      await page.locator('.list-row[data-name="conv.weight"]').click();
      await page.getByLabel('Channels').selectOption(mode);
      await page.locator('.atlas-canvas').waitFor();
      await settle(page);
      await measure(page, `512 × 512 kernels of 3 × 3, ${mode}, scrolling`, scroll('.atlas', 23));
      await measure(page, `512 × 512 kernels of 3 × 3, ${mode}, zooming`, zoom);
    }
    await keepScreenshot(page, 'weights-bench', false);
    await page.locator('.list-row[data-name="depthwise.weight"]').click();
    await page.waitForTimeout(500);
    await settle(page);
    await measure(page, '262,144 kernels of 3 × 3 × 1, scrolling', scroll('.atlas', 200));
    await measure(page, '262,144 kernels of 3 × 3 × 1, zooming', zoom);
    await page.locator('.list-row[data-name="fc.weight"]').click();
    await page.waitForTimeout(2500);
    await measure(page, '4096 × 4096 matrix, scrolling', scroll('.plane-scroller', 17));
  } finally {
    await close();
    await closeBrowser();
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

void main();
