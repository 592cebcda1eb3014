/**
 * How long a live frame takes in the webviews, from the message to the picture, in a real Chromium without a GPU:
 *   npx tsx test/bench/webviewFrames.ts [--frames N]
 * `latency`: from the message to the acknowledgement after drawing, so it includes waiting for the next screen refresh (up to 16.7 ms).
 * `busy`: time of the page's main thread per frame, of that `script` and `layout`, as Chromium counts them.
 */
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { encodeFrame, frameKey } from '../../src/common/frame';
import type { ModelSpec } from '../../src/common/modelSpec';
import type { Snapshot } from '../../src/common/panelProtocol';
import { Random } from '../../src/common/random';
import type { NamedTensor } from '../../src/common/safetensors';
import { drawWeight } from '../../src/insight/initializers';
import { readModelSource } from '../../src/model/readModelSource';
import { snapshotOf } from '../../src/views/snapshot';
import { addFrame, closeBrowser, openWebview } from '../webview/page';

const { values: args } = parseArgs({ options: { frames: { type: 'string', default: '60' } } });
const FRAMES = Number(args.frames);

const layers = (shape: string, ...convolutions: string[]) => `
from keras import Input, Sequential, layers
model = Sequential([Input(${shape}), ${convolutions.map((c) => `layers.Conv2D(${c}, padding="same")`).join(', ')}, layers.GlobalAveragePooling2D(), layers.Dense(10)])
model.compile("adam", "mse")
`;

const MODELS: { name: string; python: string; layer: number }[] = [
  { name: '32 kernels 3×3×1', python: layers('(28, 28, 1)', '32, 3'), layer: 0 },
  { name: '64 kernels 3×3×32', python: layers('(28, 28, 1)', '32, 3', '64, 3'), layer: 1 },
  { name: '96 kernels 11×11×3', python: layers('(64, 64, 3)', '96, 11'), layer: 0 },
  { name: '256 kernels 3×3×256', python: layers('(32, 32, 3)', '256, 3', '256, 3'), layer: 1 },
  { name: '512 kernels 3×3×512', python: layers('(32, 32, 3)', '512, 3', '512, 3'), layer: 1 },
];

/** As drawn at step 0; later, weights that take small random steps, with gradient and update as a run's frames have them. */
function frames(spec: ModelSpec, count: number): ArrayBuffer[] {
  const random = Random.stream(1, 'bench');
  const weights = spec.layers.flatMap((l) => l.weights.map((w) => ({ layer: l.name, spec: w, values: drawWeight(w, 1, l.name) })));
  return Array.from({ length: count }, (_, step) => {
    const tensors: NamedTensor[] = [];
    for (const w of weights) {
      const { shape, name } = w.spec;
      if (step > 0) {
        const gradient = w.values.map(() => random.uniform(-0.01, 0.01));
        const before = w.values;
        w.values = before.map((v, i) => v - 0.1 * gradient[i]);
        tensors.push({ name: frameKey('gradient', w.layer, name), shape, values: gradient });
        tensors.push({ name: frameKey('update', w.layer, name), shape, values: w.values.map((v, i) => v - before[i]) });
      }
      tensors.push({ name: frameKey('weight', w.layer, name), shape, values: w.values });
    }
    return encodeFrame({ step, epoch: 0, loss: 1, learningRate: 0.1, tensors });
  });
}

interface Timing {
  latencies: number[];
  busy: number;
  script: number;
  layout: number;
}

async function time(page: Page, count: number): Promise<Timing> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable');
  const totals = async () => {
    const { metrics } = await session.send('Performance.getMetrics');
    const of = (name: string) => metrics.find((m) => m.name === name)?.value ?? NaN;
    return { busy: of('TaskDuration'), script: of('ScriptDuration'), layout: of('LayoutDuration') + of('RecalcStyleDuration') };
  };
  const run = (total: number) =>
    page.evaluate(
      async ({ total, stored }) => {
        const { fakeHost } = window;
        const latencies: number[] = [];
        for (let i = 0; i < total; i++) {
          const acknowledged = new Promise<void>((resolve) => {
            const original = fakeHost.api.postMessage;
            fakeHost.api.postMessage = (message) => {
              original(message);
              if (message.type !== 'acknowledgeFrame') return;
              fakeHost.api.postMessage = original;
              resolve();
            };
          });
          const started = performance.now();
          fakeHost.sendFrame(1 + (i % stored));
          await acknowledged;
          latencies.push(performance.now() - started);
        }
        return latencies;
      },
      { total, stored: count },
    );
  await run(5);
  const before = await totals();
  const latencies = await run(FRAMES);
  const after = await totals();
  const per = (key: keyof typeof before) => ((after[key] - before[key]) * 1000) / FRAMES;
  return { latencies: latencies.sort((a, b) => a - b), busy: per('busy'), script: per('script'), layout: per('layout') };
}

async function main(): Promise<void> {
  const rows: string[][] = [['model', 'frame', 'view', 'latency median', '95 %', 'busy', 'script', 'layout']];
  for (const { name, python, layer } of MODELS) {
    const spec = (await readModelSource({ path: 'model.py', text: python })).models[0];
    const recorded = frames(spec, 4);
    const selected = spec.layers.filter((l) => l.className === 'Conv2D')[layer].name;
    const empty: Snapshot = snapshotOf({ uri: null, model: spec, seed: 1, session: null }, null, null);
    const snapshot: Partial<Snapshot> = {
      ...empty,
      runId: 'bench',
      selectedLayer: selected,
      status: {
        phase: 'running',
        step: 0,
        totalSteps: 100,
        epoch: 0,
        epochs: 1,
        stepsPerEpoch: 100,
        imagesPerSecond: 1000,
        secondsLeft: 1,
        learningRate: 0.1,
        seed: 1,
        backend: 'wasm',
        message: null,
      },
    };
    for (const view of ['panel', 'gallery'] as const) {
      const { page, close } = await openWebview({ view, width: view === 'panel' ? 900 : 300, height: 900 }, async (p) => {
        for (const frame of recorded) await addFrame(p, frame);
        await p.evaluate((text) => window.fakeHost.prepare(JSON.parse(text) as Partial<Snapshot>, 0, 0), JSON.stringify(snapshot));
      });
      await page.waitForTimeout(500);
      const { latencies, busy, script, layout } = await time(page, recorded.length - 1);
      const at = (share: number) => latencies[Math.min(latencies.length - 1, Math.floor(share * latencies.length))];
      const megabytes = `${(recorded[1].byteLength / 1e6).toFixed(2)} MB`;
      rows.push([name, megabytes, view, ...[at(0.5), at(0.95), busy, script, layout].map((ms) => `${ms.toFixed(1)} ms`)]);
      await close();
    }
  }
  await closeBrowser();
  const widths = rows[0].map((_, c) => Math.max(...rows.map((r) => r[c].length)));
  for (const row of rows) console.log(row.map((cell, c) => (c === 0 ? cell.padEnd(widths[c]) : cell.padStart(widths[c]))).join('  '));
}

void main();
