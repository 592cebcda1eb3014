// One step of training on the GPU beside our own kernels: npm run bench:gpu -- [--models a,b,c] [--batches 32,128,512] [--seconds 2].
// Prints the adapter, how far losses and weights of small models are apart, milliseconds per step, and memory. KERNELSCOPE_THREADS limits
// the threads of our kernels. Where a GPU is looked for: see gpuFolders.ts.
import * as fs from 'node:fs';
import * as path from 'node:path';
import { parseArgs } from 'node:util';
import * as tfc from '@tensorflow/tfjs-core';
import { useBackend } from '../../src/engine/activeBackend';
import { startBackend } from '../../src/engine/backend';
import { TrainStep } from '../../src/engine/trainStep';
import { useGpu } from '../../src/engine/webgpu/chooseEngine';
import { openGpu, type Gpu } from '../../src/engine/webgpu/gpu';
import { GpuTrainStep } from '../../src/engine/webgpu/gpuTrainStep';
import { gpuFolders } from '../../src/training/gpuFolders';
import { trainedModels } from '../unit/engine/trainedModels';
import { networkFrom, randomBatch } from './networkFrom';

const { values: options } = parseArgs({
  options: {
    models: { type: 'string', default: 'a,b,c' },
    batches: { type: 'string', default: '32,128,512' },
    seconds: { type: 'string', default: '2' },
    /** Where a.py, b.py, … are. */
    sources: { type: 'string', default: path.join(__dirname, 'models') },
  },
});

/** A step on one of the engines, and what it is called with. */
async function stepOn(text: string, gpu: Gpu | null) {
  useBackend('wasm');
  const ready = await networkFrom(text);
  if (!gpu) return { ready, step: new TrainStep(ready.network, ready.optimizer) };
  await useGpu(ready.network, gpu);
  return { ready, step: new GpuTrainStep(ready.network, ready.optimizer, ready.spec.training.optimizer!, gpu.backend) };
}

/** Largest difference of losses and weights after three steps, as a share of the largest value. */
async function difference(text: string, gpu: Gpu): Promise<number> {
  const results: Float32Array[][] = [];
  for (const on of [null, gpu]) {
    const { ready, step } = await stepOn(text, on);
    const losses: number[] = [];
    for (let i = 1; i <= 3; i++)
      losses.push((await step.take(randomBatch(ready, 5, `batch ${i}`), ready.optimizer.learningRateAt(i - 1), i, () => 'nothing')).loss);
    results.push([Float32Array.from(losses), ...(await step.weights())]);
    step.dispose();
  }
  const [ours, theirs] = results;
  return Math.max(
    ...ours.map((values, k) => {
      const scale = values.reduce((m, v) => Math.max(m, Math.abs(v)), 1e-3);
      return values.reduce((m, v, i) => Math.max(m, Math.abs(v - theirs[k][i])), 0) / scale;
    }),
  );
}

async function time(text: string, count: number, gpu: Gpu | null): Promise<{ first: number; ms: number }> {
  const { ready, step } = await stepOn(text, gpu);
  const batch = randomBatch(ready, count);
  if (!gpu) step.prepare(count, batch.inputs.length / count);
  const times: number[] = [];
  const end = performance.now() + 1000 * Number(options.seconds);
  for (let i = 1; i < 6 || performance.now() < end; i++) {
    const from = performance.now();
    await step.take(batch, 0.001, i, () => 'nothing');
    times.push(performance.now() - from);
  }
  step.dispose();
  const [first, ...rest] = times;
  rest.sort((a, b) => a - b);
  return { first, ms: rest[rest.length >> 1] };
}

async function main(): Promise<void> {
  const { name: wasm } = await startBackend('wasm');
  const gpu = await openGpu(gpuFolders([process.cwd()]));
  console.log(
    `${gpu.name}${gpu.isSoftware ? ', a program' : ''}; ${wasm}, ${process.env.KERNELSCOPE_THREADS ?? 'all'} threads; Node ${process.version}`,
  );
  for (const [name, text] of Object.entries(trainedModels))
    console.log(`largest difference ${(await difference(text, gpu)).toExponential(1)}: ${name}`);
  console.log(['model', 'batch', 'WASM ms', 'GPU ms', 'ratio', 'GPU first ms', 'GPU MB'].map((t) => t.padStart(14)).join(''));
  for (const model of options.models.split(','))
    for (const batch of options.batches.split(',').map(Number)) {
      const text = fs.readFileSync(path.join(options.sources, `${model}.py`), 'utf8');
      const own = await time(text, batch, null);
      const theirs = await time(text, batch, gpu);
      const cells = [own.ms.toFixed(1), theirs.ms.toFixed(1), (own.ms / theirs.ms).toFixed(2), theirs.first.toFixed(0)];
      const bytes = gpu.backend.memory().numBytesAllocatedInGPU;
      console.log([model, batch, ...cells, (bytes / 2 ** 20).toFixed(0)].map((t) => String(t).padStart(14)).join(''));
    }
  console.log(
    `tensors ${tfc.memory().numTensors}, resident ${(process.memoryUsage().rss / 2 ** 20).toFixed(0)} MB, GPU ${gpu.failure ?? 'well'}`,
  );
  process.exit(gpu.failure ? 1 : 0);
}

void main();
