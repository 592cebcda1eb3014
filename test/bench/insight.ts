/**
 * How long the analysis of a layer's kernels takes, as a whole in a fresh thread (which is how people wait for it) and part by part:
 *   npx tsx test/bench/insight.ts [kh,kw,cin,filters …]
 */
import { performance } from 'node:perf_hooks';
import { Worker } from 'node:worker_threads';
import { assetPath } from '../../src/base/assets';
import { Channel } from '../../src/base/channel';
import { Random } from '../../src/common/random';
import { cosines, effectiveKernels, kernelRows, sparsity, varianceEntropy } from '../../src/insight/distinctiveness';
import { layerInsight } from '../../src/insight/layerInsight';
import type { InsightCalls } from '../../src/training/insightThread';

const SHAPES = ['3,3,512,512', '3,3,64,64', '7,7,3,64'];
const ROUNDS = 5;

async function main(): Promise<void> {
  const given = process.argv.slice(2);
  for (const text of given.length > 0 ? given : SHAPES) {
    const shape = text.split(',').map(Number);
    const random = new Random(1);
    const values = Float32Array.from({ length: shape.reduce((a, b) => a * b) }, () => random.uniform(-0.02, 0.02));
    const [first, second] = await inThread(values, shape);
    console.log(`${text}: a fresh thread answers after ${ms(first)}, then after ${ms(second)}`);
    const rows = kernelRows(values, shape);
    const cosine = cosines(rows);
    const parts: [string, () => unknown][] = [
      ['rows', () => kernelRows(values, shape)],
      ['cosines', () => cosines(rows)],
      ['effective number', () => effectiveKernels(cosine, rows.n)],
      ['sparsity', () => sparsity(values, shape)],
      ['variance entropy', () => varianceEntropy(values, shape)],
      ['all', () => layerInsight(values, shape)],
    ];
    for (const [name, run] of parts) console.log(`  ${name.padEnd(18)} ${ms(median(run))}`);
  }
}

/** Milliseconds of two analyses in a thread that was just started. */
async function inThread(values: Float32Array, shape: number[]): Promise<number[]> {
  const begin = performance.now();
  const worker = new Worker(assetPath('insight-worker.js'));
  const channel = new Channel<Record<never, never>, InsightCalls, Record<never, never>, Record<never, never>>(
    {
      post: (message, transfer) => worker.postMessage(message, transfer ?? []),
      onMessage(listener) {
        worker.on('message', listener);
        return { dispose: () => void worker.off('message', listener) };
      },
    },
    {},
  );
  await channel.call('analyse', { values: values.slice().buffer, shape });
  const between = performance.now();
  await channel.call('analyse', { values: values.slice().buffer, shape });
  const end = performance.now();
  await worker.terminate();
  return [between - begin, end - between];
}

function median(run: () => unknown): number {
  const times = Array.from({ length: ROUNDS }, () => {
    const begin = performance.now();
    run();
    return performance.now() - begin;
  });
  return times.sort((a, b) => a - b)[ROUNDS >> 1];
}

function ms(time: number): string {
  return `${time.toFixed(0)} ms`;
}

void main();
